import assert from "node:assert/strict";
// @ts-types="./_commonmark_spec.d.ts"
import { tests } from "commonmark-spec";
import { Marked } from "marked";
import { micromark } from "micromark";
import { gfm, gfmHtml } from "micromark-extension-gfm";
import type { Rendering } from "../../render/markdown/extension.ts";
import { renderMarkdown } from "../../render/markdown/mod.ts";
import { rawHtml } from "../../render/markdown/raw_html.ts";
import { sanitise } from "../../render/markdown/sanitise.ts";
import { type Example, GFM_EXAMPLES, readGfm, tabbed } from "./_gfm_examples.ts";
import { normalise } from "./_same_html.ts";

/** Why HTML differs from what a specification says, and the Markdown that it concerns. */
type Exception = { reason: string; concerns: (markdown: string) => boolean };

// marked drops the line end after a block of raw HTML; this rule of ours keeps it.
const { rules: LINE_ENDS } = rawHtml({} as Rendering);
const COMMONMARK = new Marked<string, string>({ gfm: false }, LINE_ENDS!);
const GFM = new Marked<string, string>(LINE_ENDS!);

const TAGFILTER: Exception = {
  reason: "marked has no tagfilter: our sanitiser takes out these elements, and more",
  concerns: (markdown) => /<\/?(?:script|style|textarea|title|xmp|iframe)[ >]/.test(markdown),
};
const AUTOLINKS: Exception = {
  reason: "marked links mailto: and ftp: URLs, and URLs that stand right after a letter",
  concerns: (markdown) => /^(?:mailto:|ftp:|xhttp:)/.test(markdown),
};
const HOSTS: Exception = {
  reason: "marked links no bare URL whose host begins with a character beyond ASCII",
  concerns: (markdown) => /https?:\/\/[^\0-\x7f]/.test(markdown),
};
const NEWER_COMMONMARK: Exception = {
  reason: "since the CommonMark that GFM's specification extends, a comment may hold -- and be " +
    "<!-->, and a code span of spaces keeps them",
  concerns: (markdown) => /<!--.* -- .*-->|<!-->|^``` ```$/m.test(markdown),
};
const FOOTNOTES: Exception = {
  reason: "footnotes are an extension of ours, with HTML of its own",
  concerns: (markdown) => /^\[\^/m.test(markdown),
};
const LANGUAGES: Exception = {
  reason: "the class that names a language holds only ASCII letters, digits and + # . - _",
  concerns: (markdown) => /^(?:`{3,} ?(?:;|f&ouml;)|~~~+a~)/.test(markdown),
};

const COMMONMARK_EXAMPLES: Record<string, Example[]> = {};
for (const { number, section, markdown, html } of tests) {
  const example = {
    name: `${number}`,
    markdown: tabbed(markdown),
    html: tabbed(html),
    needs: "",
  };
  (COMMONMARK_EXAMPLES[section] ??= []).push(example);
}
const { specification: GFM_SPECIFICATION, githubTests: GITHUB_TESTS } = readGfm();
/** What GFM adds to CommonMark: its specification's examples, GitHub's own tests, and ours. */
const EXTENSIONS: Record<string, Example[]> = {};
for (const [section, examples] of Object.entries(GFM_SPECIFICATION)) {
  const needing = examples.filter(({ needs }) => needs);
  if (needing.length > 0) EXTENSIONS[`GFM's ${section}`] = needing;
}
for (const [section, examples] of Object.entries(GITHUB_TESTS)) {
  // On some, GitHub's parser has only to come to an end.
  const stated = examples.filter(({ html }) => html !== "<IGNORE>\n");
  EXTENSIONS[`GitHub's tests of ${section}`] = stated.map((one) => ({ ...one, needs: section }));
}
for (const [extension, sources] of Object.entries(GFM_EXAMPLES)) {
  EXTENSIONS[`our examples of ${extension}`] = sources.map((markdown) => (
    { name: markdown, markdown, html: ofGfm(markdown), needs: extension }
  ));
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
function ofSpecification({ markdown, html, needs }: Example): string {
  // GFM is always on with us: it links the bare URLs of CommonMark's examples.
  const stated = needs ? html : ofGfm(markdown);
  const unfiltered = needs ? GFM.parse(markdown) as string : html;
  const expected = TAGFILTER.concerns(markdown) ? unfiltered : stated;
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

function count(sections: Record<string, Example[]>): number {
  return Object.values(sections).flat().length;
}

Deno.test("all examples of CommonMark 0.31, of GFM and of GitHub's own tests are there", () => {
  assert.equal(count(COMMONMARK_EXAMPLES), 652);
  assert.equal(count(GFM_SPECIFICATION), 656);
  assert.equal(count(GITHUB_TESTS), 26);
});

for (const [section, examples] of Object.entries(COMMONMARK_EXAMPLES)) {
  Deno.test(`the bare parser reads CommonMark's ${section} as the specification says`, () => {
    assertSame(examples, {
      read: ({ markdown }) => COMMONMARK.parse(markdown) as string,
      expected: ({ html }) => html,
      except: [],
    });
  });

  Deno.test(`the bare parser with GFM reads CommonMark's ${section} as another parser of GFM does`, () => {
    assertSame(examples, {
      read: ({ markdown }) => GFM.parse(markdown) as string,
      expected: ({ markdown }) => ofGfm(markdown),
      except: [TAGFILTER],
    });
  });
}

for (const [section, examples] of Object.entries(GFM_SPECIFICATION)) {
  const plain = examples.filter(({ needs }) => !needs);
  if (plain.length === 0) continue;
  Deno.test(`the bare parser reads ${section} as GFM's specification says`, () => {
    assertSame(plain, {
      read: ({ markdown }) => COMMONMARK.parse(markdown) as string,
      expected: ({ html }) => html,
      except: [NEWER_COMMONMARK],
    });
  });
}

for (const [section, examples] of Object.entries(EXTENSIONS)) {
  Deno.test(`the bare parser with GFM reads ${section} as GitHub's does`, () => {
    assertSame(examples, {
      read: ({ markdown }) => GFM.parse(markdown) as string,
      expected: ({ html }) => html,
      except: [TAGFILTER, AUTOLINKS, HOSTS, FOOTNOTES],
    });
  });
}

for (
  const [section, examples] of Object.entries({ ...COMMONMARK_EXAMPLES, ...EXTENSIONS })
) {
  Deno.test(`renderMarkdown changes of ${section} only what the rules say`, () => {
    assertSame(examples, {
      read: ofOurs,
      expected: ofSpecification,
      except: [AUTOLINKS, HOSTS, FOOTNOTES, LANGUAGES],
    });
  });
}
