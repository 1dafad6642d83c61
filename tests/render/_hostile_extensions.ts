import { type Hostile, makersOf } from "./_hostile_makers.ts";

// Each pattern goes for one of our own extensions, or for the library under it.

/** Sources of about `size` characters by the name of what they do; verdict is "ok" or the bound passed. */
export function hostileExtensions(size: number): Record<string, Hostile> {
  const { of } = makersOf(size);
  function each(verdict: string, unit: (index: number) => string, count: number): Hostile {
    const source = Array.from({ length: count }, (_, index) => unit(index)).join("");
    return { source: source.slice(0, 1_048_576), verdict };
  }
  function formula(verdict: string, tex: string) {
    return of(verdict, "```math\n" + tex + "\n```\n\n");
  }
  return {
    "dollars": of("ok", "$"),
    "dollars apart": of("ok", "$ "),
    "dollars that open": of("ok", "$a"),
    "dollars that open and end nothing": of("ok", "$a "),
    "dollars between letters": of("ok", "a$b"),
    "double dollars": of("ok", "$$ "),
    "lines of double dollars": of("ok", "$$\n"),
    "paragraphs of double dollars": of("blocks", "$$\n\n"),
    "double dollars that open": of("output", "$$a\n"),
    "formulas": of("output", "$x$ "),
    "short formulas in emphasis": of("output", "*$x*y$ "),
    "formulas on lines of their own": of("output", "$$x$$\n"),
    "formulas that cannot be read": of("math_errors", "$}$ "),
    "escaped dollars": of("math_commands", "$\\$"),
    "escaped dollars in lines": of("ok", "\\$x\n"),
    "a formula without end": of("ok", "x", { before: "$$\n", after: "" }),
    "a fence of math without end": of("math_length", "x", { before: "```math\n", after: "" }),
    "braces in a formula": formula("math_depth", "{".repeat(1_900) + "x" + "}".repeat(1_900)),
    "declarations in a formula": formula("math_depth", "\\rm".repeat(1_300) + " x"),
    "delimiters in a formula": formula(
      "math_depth",
      "\\left(".repeat(300) + "\\right)".repeat(300),
    ),
    "open braces in formulas": formula("math_errors", "{".repeat(150)),
    "cells of a matrix": formula("output", `\\begin{matrix}${"&".repeat(3_900)}\\end{matrix}`),
    "rows of a matrix": formula(
      "math_commands",
      `\\begin{matrix}${"\\\\".repeat(1_900)}\\end{matrix}`,
    ),
    "primes in formulas": formula("output", `x${"'".repeat(3_900)}`),
    "macros in formulas": formula("math_commands", "\\implies".repeat(490)),
    "macros that double": formula("math_errors", "\\def\\a{\\a\\a}\\a"),
    "short macros in formulas": of("math_commands", "$\\iff$ "),
    "footnotes": each("blocks", (n) => `[^${n}]\n\n[^${n}]: a\n\n`, size / 23),
    "definitions of footnotes": each(
      "blocks",
      (n) => `[^${n}]: a\n\n`,
      Math.min(size / 13, 49_000),
    ),
    "definitions of one footnote": of("blocks", "[^a]: b\n"),
    "definitions in a paragraph": of("blocks", "a\n[^a]: b\n"),
    "references to one footnote": of("inline_work", "[^a] ", { before: "[^a]: b\n\n", after: "" }),
    "references without a definition": of("inline_work", "[^a] "),
    "footnotes in a ring": each("blocks", (n) => `[^${n}]: [^${n + 1}][^0]\n\n`, size / 20),
    "lines of a footnote": of("ok", "    b\n", { before: "[^a]\n\n[^a]: b\n", after: "" }),
    "lazy lines of a footnote": of("ok", "b\n", { before: "[^a]\n\n[^a]: b\n", after: "" }),
    "blank lines after footnotes": of("ok", "[^a]: b\n" + "\n".repeat(500)),
    "footnotes in footnotes": {
      source: Array.from({ length: 40 }, (_, n) => `${"    ".repeat(n)}[^${n}]: a\n\n`).join(""),
      verdict: "block_depth",
    },
    "open footnotes": of("inline_work", "[^"),
    "footnotes of long names": of("ok", `[^${"a".repeat(99)}`),
    "emoji": of("ok", ":tada: "),
    "emoji without spaces": of("ok", ":+1:"),
    "unknown emoji": of("ok", ":nosuch: "),
    "colons": of("ok", ":"),
    "words between colons": of("ok", ":a"),
    "callouts": of("block_work", ":::note\n"),
    "closed callouts": of("blocks", ":::note\na\n:::\n\n"),
    "closed callouts in a paragraph": of("blocks", "a\n:::note\n:::\n"),
    "closings of callouts": of("ok", ":::\n", { before: "a\n", after: "" }),
    "callouts of unknown kinds": of("ok", ":::nosuch\n"),
    "nested callouts that are closed": of(
      "block_work",
      ":::note\n".repeat(25) + ":::\n".repeat(25) + "\n",
    ),
    "a callout of fences": of("blocks", "```\n:::\n```\n", { before: ":::note\n", after: "" }),
    "a title of spaces": of("ok", " ", { before: ":::note a", after: "b" }),
    "callouts in quotes": of("blocks", "> [!NOTE]\n> a\n\n"),
    "a quote of callouts": of("inline_work", "> [!NOTE]\n"),
    "lazy callouts": of("block_work", "> [!NOTE]\n> > a\nb\n"),
    "callouts in callouts": of("block_work", "> ".repeat(40) + "[!NOTE]\n"),
    "contents": of("output_tags", "[TOC]\n"),
    "contents in paragraphs": of("blocks", "[TOC]\n\n"),
    "contents of 5,000 headings": {
      source: "[TOC]\n\n".repeat(5_000) +
        "## A *heading* of some [length](/b)\n\n".repeat(Math.min(5_000, size / 40)),
      verdict: "ok",
    },
    "headings that are numbered": each("ok", (n) => `# a-${n % 9}\n# a\n\n`, size / 40),
    "a long heading": of("ok", "a ", { before: "# ", after: "" }),
    "stairs of headings": of("ok", "## a\n\n#### b\n\n### c\n\n" + "d ".repeat(200) + "\n\n"),
    "a range of lines": of("ok", "```ts {1-99999999}\na\n```\n" + "text ".repeat(20) + "\n\n"),
    "many ranges of lines": of("ok", "1-9,", { before: "```ts {", after: "}\na\n```" }),
    "a fence of marked lines": of("ok", "let a\n", {
      before: `\`\`\`ts {${"1-9,".repeat(200)}1} showLineNumbers\n`,
      after: "```",
    }),
    "numbered empty lines": of("output", "\n", { before: "``` showLineNumbers\n", after: "```" }),
    "titles of a fence": of("ok", 'title="', { before: "```ts ", after: "\na\n```" }),
    "titles of fences": of("ok", '```ts title="' + "a".repeat(900) + '"\n```\n'),
    "open titles of fences": of("blocks", '```ts title="\n```\n'),
    "notes in code": of("ok", "// [!code ++]\n", { before: "```ts\n", after: "```" }),
    "half notes in code": of("ok", "[!code ", { before: "```ts\n", after: "\n```" }),
    "spaces before a note": of("ok", " ", { before: "```ts\n//", after: "[!code ++]\n```" }),
    "a diff": of("output", "+ a\n- b\n", { before: "```diff-ts\n", after: "```" }),
    "diagrams": of("ok", "```mermaid\n" + "a-->b\n".repeat(30) + "```\n"),
    "players": of("output", "https://youtu.be/dQw4w9WgXcQ\n"),
    "parameters of a player": of("ok", "a=b&", {
      before: "https://www.youtube.com/watch?",
      after: "v=dQw4w9WgXcQ",
    }),
    "half players": of("ok", "youtu.be/\n"),
  };
}
