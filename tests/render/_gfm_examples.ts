import { fileURLToPath } from "node:url";

/** Markdown, what it means, and the word beside it: an extension of GFM, or "" where it needs none. */
export type Example = { name: string; markdown: string; html: string; needs: string };

type Sections = Record<string, Example[]>;

const FENCE = "`".repeat(32);
const EXAMPLE_OR_HEADING = new RegExp(
  `^${FENCE} example ?(.*)\n([^]*?)^\\.\n([^]*?)^${FENCE}$|^#+ (.*)$`,
  "gm",
);

/** By section: the examples of GFM's specification, which extends CommonMark 0.28, and GitHub's own tests. */
export function readGfm(): { specification: Sections; githubTests: Sections } {
  // The package wants a compiler's worth of others; this project of its own locks it alone.
  const config = fileURLToPath(new URL("_gfm_spec.json", import.meta.url));
  const code = `
    import specification from "cmark-gfm/cmark/test/spec.txt" with { type: "text" };
    import githubTests from "cmark-gfm/cmark/test/extensions.txt" with { type: "text" };
    console.log(JSON.stringify({ specification, githubTests }));`;
  const args = ["eval", "--config", config, code];
  const { success, stdout, stderr } = new Deno.Command(Deno.execPath(), { args }).outputSync();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  const { specification, githubTests } = JSON.parse(new TextDecoder().decode(stdout));
  return { specification: examplesIn(specification), githubTests: examplesIn(githubTests) };
}

function examplesIn(text: string): Sections {
  const sections: Sections = {};
  let section = "";
  let number = 0;
  for (const [, needs, markdown, html, heading] of text.matchAll(EXAMPLE_OR_HEADING)) {
    if (heading !== undefined) section = heading;
    else {
      const name = `${++number}`;
      // GitHub names the class of task lists in a test, the specification does not.
      const stated = tabbed(html).replaceAll(' class="task-list-item"', "");
      const example = { name, markdown: tabbed(markdown), html: stated, needs };
      (sections[section] ??= []).push(example);
    }
  }
  return sections;
}

/** Text in which the specifications write an arrow for a tab. */
export function tabbed(text: string): string {
  return text.replaceAll("→", "\t");
}

/** Markdown for each rule of GFM's five extensions, by extension; another parser says what it means. */
export const GFM_EXAMPLES: Record<string, string[]> = {
  "tables": [
    "|a|b|\n|-|-|\n|c|d|\n",
    "a|b\n-|-\nc|d\n",
    "|a|b|\n|:-|-:|\n|c|d|e|\n|f|\n\ntext",
    "|a|\n|:-:|\n|x\\|y `p\\|q`|\n",
    "|a|b|\n|-|\n|c|d|\n",
    "|a|\n|-|\n",
    "|a|b|\n|-|-|\n|c|d|\n> quote\n",
    "|a|b|\n|-|-|\n|*c*|**d**|\n",
    "text\n|a|b|\n|-|-|\n|c|d|\n",
    "|a|b|\n|-|-|\nbar\nbaz\n\nfoo",
    "- |a|b|\n  |-|-|\n  |c|d|\n",
    "> |a|b|\n> |-|-|\n> |c|d|\n",
    "| a | b |\n| :--- | ---: |\n| c | d |\n",
    "||a|\n|-|-|\n||b|\n",
    "|[a](b)|`c`|\n|-|-|\n|![d](e)|<b>f</b>|\n",
  ],
  "task lists": [
    "- [ ] a\n- [x] b\n",
    "- [X] c\n",
    "1. [ ] d\n",
    "- [x] a\n  - [ ] b\n  - [x] c\n- [ ] d\n",
    "- [ ]e\n",
    "- [x]\n",
    "- [ ] \n",
    "[ ] a\n",
    "* [ ] a\n\n  b\n",
    "- [-] a\n",
  ],
  "strikethrough": [
    "~~a~~",
    "~a~",
    "a ~~b~~ c",
    "~~~~a~~~~",
    "~~a\n\nb~~",
    "~~a *b* c~~",
    "*a ~~b~~ c*",
    "~~a~ b",
    "a~~b~~c",
    "\\~~a~~",
    "`~~a~~`",
    "~~ a ~~",
  ],
  "autolinks": [
    "www.example.com",
    "www.example.com/a_b_c",
    "http://example.com",
    "https://example.com?q=(a)&b=c",
    "(https://example.com/a)",
    "See www.example.com/help for more.",
    "See www.example.com.",
    "www.example.com/search?q=(x)",
    "www.example.com/search?q=(x))+ok",
    "(www.example.com/search?q=(x)",
    "www.example.com/search?q=x&hl=en",
    "www.example.com/search?q=x&hl;",
    "www.example.com/he<lp",
    "https://example.org/a(b(c)d",
    "me@example.com",
    "me@mail+xyz.example is none, but me+xyz@mail.example is.",
    "a.b-c@d.e a.b-c@d.e. a.b-c@d.e- a.b-c@d.e_",
    "mailto:me@example.com",
    "<https://example.com>",
    "[a](https://example.com)",
    "`https://example.com`",
    "https://example.com/*a*",
    "**https://example.com**",
    "https://example.com/~a~",
    "http://localhost",
    "xhttp://example.com",
    "_www.example.com_",
    "https://example.com/한글",
    "https://example.com/a'b\"c",
    "ftp://example.com",
    "https://example.com\nhttps://example.org",
    "www.",
    "http://",
    "a@b",
    "@example.com",
  ],
  "raw HTML": [
    "<b>a</b> <!-- c -->",
    "<details><summary>a</summary>\n\nb\n\n</details>",
    "<strong> <title> <style> <em>\n\n<blockquote>\n  <xmp> is not shown.</xmp>\n</blockquote>\n",
    "a <script>b</script> c",
    "<iframe src='https://example.com'></iframe>",
  ],
};
