import assert from "node:assert/strict";
import { BoundExceeded, renderMarkdown } from "../../render/markdown/mod.ts";
import { hostileKinds } from "./_hostile.ts";

/** Those whose verdict takes the full size, and the slowest; the bench of rendering does all of them. */
const AT_FULL_SIZE = new Set([
  "open brackets",
  "strong in a word",
  "lazy lines of an item",
  "one line of quote marks",
  "stairs of quotes",
  "lazy quotes",
  "addresses",
  "closing marks of a URL",
  "open comments",
  "a wide table of short rows",
  "a long table of short rows",
  "definitions that look like tables",
  "lists on one line",
  "paragraphs",
  "tags in prose",
  "runs of backticks",
  "links",
  "references to a long URL",
  "a huge attribute",
  "ampersands",
  "one line",
  "dollars",
  "formulas",
  "formulas that cannot be read",
  "cells of a matrix",
  "footnotes",
  "references to one footnote",
  "lazy lines of a footnote",
  "emoji",
  "callouts",
  "a title of spaces",
  "contents",
  "contents of 5,000 headings",
  "titles of a fence",
  "numbered empty lines",
  "players",
  "low stairs of lists",
  "quotes that end with code",
  "lists in quotes that end with code",
  "types in C#",
  "long words in C++",
  "dollars in Java",
  "keys in INI",
  "quotes in a tag",
  "strong emphasis",
  "brackets that close escaped",
  "combining marks",
  "stairs of items with blank lines",
  "operators in formulas",
  "Han in formulas",
]);

function verdictOn(source: string): string {
  try {
    const { html } = renderMarkdown(source);
    assert.ok(html.length <= 10_000_000);
    return "ok";
  } catch (error) {
    if (error instanceof BoundExceeded) return error.bound;
    throw error;
  }
}

for (const [name, kind] of Object.entries(hostileKinds(1_000_000))) {
  if (!AT_FULL_SIZE.has(name)) continue;
  Deno.test(`renderMarkdown says of 1 MB of ${name}: ${kind.verdict}`, () => {
    assert.equal(verdictOn(kind.source), kind.verdict);
  });
}

for (const [name, kind] of Object.entries(hostileKinds(15_000))) {
  Deno.test(`renderMarkdown says the same twice of 15 kB of ${name}`, () => {
    assert.equal(verdictOn(kind.source), verdictOn(kind.source));
  });
}

for (
  const [bound, source] of Object.entries({
    source: "a".repeat(1_048_577),
    output: `[a]: ${"b".repeat(100_000)}\n\n${"[a]\n\n".repeat(100)}`,
    output_tags: "~~a~~ ".repeat(130_000),
    block_depth: ">".repeat(31),
    inline_depth: "*a **b ".repeat(20) + "c** d* ".repeat(20),
    blocks: "a\n\n".repeat(50_001),
    block_work: ("> ".repeat(29) + "a".repeat(1_000) + "\n\n").repeat(500),
    inline_work: "_a".repeat(100_000),
    raw_tags: "<b>".repeat(10_100),
    table_columns: `${"|a".repeat(201)}|\n${"|-".repeat(201)}|\n`,
    table_cells: "|a|b|\n|-|-|\n" + "||\n".repeat(25_001),
    broken_tables: "a|b\n:-\n\n".repeat(101),
    item_lines: "- a\n" + "  b\n".repeat(5_001),
    paragraph_lines: "- a\n" + "  b\n".repeat(1_001),
    lazy_quotes: "> a\nb\n".repeat(202),
    math_length: "```math\n" + "x".repeat(4_001) + "\n```",
    math_depth: `$${"{".repeat(201)}x${"}".repeat(201)}$`,
    math_commands: "$\\alpha$ ".repeat(25_001),
    math_errors: "$}$ ".repeat(101),
  })
) {
  Deno.test(`renderMarkdown refuses what passes the bound ${bound}`, () => {
    assert.equal(verdictOn(source), bound);
  });
}

Deno.test("renderMarkdown counts lazy lines in each quote by itself", () => {
  assert.equal(verdictOn("> a\nb\n> c\n\n".repeat(1_000)), "ok");
});

Deno.test("BoundExceeded says which bound was passed and how to mend it", () => {
  assert.throws(() => renderMarkdown(">".repeat(31)), {
    name: "BoundExceeded",
    bound: "block_depth",
    limit: 30,
    message: "Lists and quotes are nested more than 30 levels deep; flatten them.",
  });
});

const PROSE =
  "The quick *brown* fox_trot jumps over the [lazy](http://a.example/b) dog. It is `fun`, **is it** not?\n";

for (
  const [name, source] of Object.entries({
    "1 MB of prose in paragraphs": (PROSE.repeat(4) + "\n").repeat(2_400),
    "1 MB of prose in one paragraph": PROSE.repeat(9_900),
    "1 MB of nested lists":
      "- An item of some length, as they are\n  - Another, one level down\n    - And a third\n\n"
        .repeat(10_000),
    "1 MB of code": "```js\nconst answer = 42; // the answer\n```\n\n".repeat(20_000),
    "200 kB of a log without a fence":
      "2026-11-20T10:10:10Z [info] GET /v1/posts/my_slug 200 12ms <req_id=a_b_c> me@x.example\n"
        .repeat(2_300),
    "a table of 5,000 rows": "|a|b|c|\n|-|-|-|\n" + "|1|2|3|\n".repeat(5_000),
    "9,000 raw tags": "a<br>\n".repeat(9_000),
  })
) {
  Deno.test(`renderMarkdown renders ${name}`, () => {
    assert.equal(verdictOn(source), "ok");
  });
}
