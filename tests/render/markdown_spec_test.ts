import assert from "node:assert/strict";
// @ts-types="./_commonmark_spec.d.ts"
import { tests } from "commonmark-spec";
import { Marked } from "marked";
import { micromark } from "micromark";
import { gfm, gfmHtml } from "micromark-extension-gfm";
import { renderMarkdown } from "../../render/markdown/mod.ts";
import { sanitise } from "../../render/markdown/sanitise.ts";
import { GFM_EXAMPLES } from "./_gfm_examples.ts";
import { normalise } from "./_same_html.ts";

type Example = { name: string; markdown: string; html?: string };
/** Why HTML differs from what a specification says, and the Markdown that it concerns. */
type Exception = { reason: string; concerns: (markdown: string) => boolean };

const COMMONMARK = new Marked({ gfm: false });
const GFM = new Marked();

const LINE_END_IN_PRE: Exception = {
  reason: "marked leaves out the line end before a paragraph that begins inside an open <pre>",
  concerns: (markdown) => /<pre>\n.*\n\n/.test(markdown),
};
const TAGFILTER: Exception = {
  reason: "marked has no tagfilter: our sanitiser takes out these elements, and more",
  concerns: (markdown) => /<\/?(?:script|style|textarea|title|xmp|iframe)[ >]/.test(markdown),
};
const AUTOLINKS: Exception = {
  reason: "marked links mailto: and ftp: URLs, and URLs that stand right after a letter",
  concerns: (markdown) => /^(?:mailto:|ftp:|xhttp:)/.test(markdown),
};
const LANGUAGES: Exception = {
  reason: "the class that names a language holds only ASCII letters, digits and + # . - _",
  concerns: (markdown) => /^(?:`{3,} ?(?:;|f&ouml;)|~~~+a~)/.test(markdown),
};

const COMMONMARK_EXAMPLES: Record<string, Example[]> = {};
for (const { number, section, markdown, html } of tests) {
  const example = { name: `${number}`, markdown: tabbed(markdown), html: tabbed(html) };
  (COMMONMARK_EXAMPLES[section] ??= []).push(example);
}
const ALL: Record<string, Example[]> = { ...COMMONMARK_EXAMPLES };
for (const [extension, sources] of Object.entries(GFM_EXAMPLES)) {
  ALL[`GFM's ${extension}`] = sources.map((markdown) => ({ name: markdown, markdown }));
}

/** The HTML of an independent parser that follows GitHub's. */
function ofGfm(markdown: string): string {
  return micromark(markdown, {
    allowDangerousHtml: true,
    allowDangerousProtocol: true,
    extensions: [gfm()],
    htmlExtensions: [gfmHtml()],
  });
}

/** What the specification says, and after it our sanitiser and our classes for aligned cells. */
function ofSpecification({ markdown, html }: Example): string {
  const isFiltered = TAGFILTER.concerns(markdown);
  const expected = isFiltered ? html ?? GFM.parse(markdown) as string : ofGfm(markdown);
  const aligned = expected.replace(/<(t[hd]) align="([a-z]+)"/g, '<$1 class="align-$2"');
  return sanitise(aligned, "data-none");
}

/** Our HTML without the figures around code and its colours, the boxes around tables, and heading ids. */
function ofOurs({ markdown }: Example): string {
  return renderMarkdown(markdown).html
    .replace(/<h([1-6]) id="[^"]*"/g, "<h$1")
    .replace(/ <a class="anchor"[^>]*>#<\/a>/g, "")
    .replace(/<figure class="code">(<pre) tabindex="0">(.*?)<\/figure>/gs, (_, pre, code) => {
      const plain = code.replace(/<\/?span[^>]*>/g, "");
      return `${pre}>${plain.replace(/ class="hljs"/, "").replace('"hljs ', '"')}`;
    })
    .replace(/<div class="table" tabindex="0">(<table.*?<\/table>)<\/div>/gs, "$1");
}

function assertSame(
  examples: Example[],
  { read, expected, except }: {
    read: (example: Example) => string;
    expected: (example: Example) => string;
    except: Exception[];
  },
): void {
  for (const example of examples) {
    const actual = normalise(read(example));
    const wanted = normalise(expected(example));
    const exception = except.find(({ concerns }) => concerns(example.markdown));
    // An exception that no longer is one has to go.
    if (exception) assert.notEqual(actual, wanted, `${exception.reason}: ${example.name}`);
    else assert.equal(actual, wanted, example.name);
  }
}

function tabbed(text: string): string {
  return text.replaceAll("→", "\t");
}

Deno.test("all 652 examples of CommonMark 0.31 are there", () => {
  assert.equal(Object.values(COMMONMARK_EXAMPLES).flat().length, 652);
});

for (const [section, examples] of Object.entries(COMMONMARK_EXAMPLES)) {
  Deno.test(`the bare parser reads CommonMark's ${section} as the specification says`, () => {
    assertSame(examples, {
      read: ({ markdown }) => COMMONMARK.parse(markdown) as string,
      expected: ({ html }) => html!,
      except: [LINE_END_IN_PRE],
    });
  });
}

for (const [section, examples] of Object.entries(ALL)) {
  Deno.test(`the bare parser with GFM reads ${section} as another parser of GFM does`, () => {
    assertSame(examples, {
      read: ({ markdown }) => GFM.parse(markdown) as string,
      expected: ({ markdown }) => ofGfm(markdown),
      except: [LINE_END_IN_PRE, TAGFILTER, AUTOLINKS],
    });
  });

  Deno.test(`renderMarkdown changes of ${section} only what the rules say`, () => {
    assertSame(examples, {
      read: ofOurs,
      expected: ofSpecification,
      except: [LINE_END_IN_PRE, AUTOLINKS, LANGUAGES],
    });
  });
}
