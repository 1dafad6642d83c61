// Each pattern is written to be quadratic or worse in some rule of marked, sanitize-html or
// highlight.js, or to make much output of little input.

export type Hostile = { source: string; verdict: string };

/** Sources of about `size` characters by the name of what they do; verdict is "ok" or the bound passed. */
export function hostileSources(size: number): Record<string, Hostile> {
  function of(verdict: string, unit: string, around = { before: "", after: "" }) {
    const source = around.before + unit.repeat(Math.floor(size / unit.length)) + around.after;
    return { source, verdict };
  }
  function after(before: string, verdict: string, unit: string, end = "") {
    return of(verdict, unit, { before, after: end });
  }
  function steps(verdict: string, line: (step: number) => string) {
    const lines: string[] = [];
    for (let length = 0, step = 0; length < size; step++) {
      lines.push(line(step));
      length += lines[step].length;
    }
    return { source: lines.join(""), verdict };
  }
  const columns = Math.floor(Math.sqrt(size / 3));
  return {
    "open brackets": of("inline_work", "["),
    "stars": of("ok", "*"),
    "underscores in a word": of("inline_work", "_a"),
    "strong that opens": of("inline_work", "**x* "),
    "nested emphasis": of("ok", "*a **b ", {
      before: "",
      after: "c** d* ".repeat(5),
    }),
    "strong in a word": of("inline_work", "a**b"),
    "tildes in a word": of("inline_work", "a~b"),
    "stars that end nothing": of("inline_work", "a*"),
    "lazy lines of an item": after("- a\n", "item_lines", "b\n"),
    "items of many lazy lines": of("blocks", "- a\n" + "b\n".repeat(999)),
    "one line of quote marks": of("block_work", ">"),
    "one line of quote marks and spaces": of("block_work", "> "),
    "stairs of quotes": steps("block_work", (step) => "> ".repeat(step + 1) + "a\n"),
    "low stairs of quotes": steps("lazy_quotes", (step) => "> ".repeat(step % 28 + 1) + "a\n"),
    "stairs of lists": steps("block_work", (step) => "  ".repeat(step) + "- a\n"),
    "low stairs of lists": steps("ok", (step) => "  ".repeat(step % 28) + "- a\n"),
    "lazy quotes": of("lazy_quotes", "> a\nb\n"),
    "lazy quotes of quotes": of("lazy_quotes", "> > a\nb\n"),
    "lazy lists in quotes": of("lazy_quotes", "> - a\nb\n"),
    "dots before an @": after("", "ok", "a.", "@"),
    "a word before an @": after("", "ok", "a", "@b"),
    "stops before an @": after("", "inline_work", "a*", "@b"),
    "exclamation marks": of("inline_work", "a!"),
    "addresses": of("ok", "a@b.c "),
    "closing marks of a URL": after("http://a", "inline_work", "?!."),
    "closing brackets of a URL": after("http://a", "ok", ")"),
    "URLs with closing marks": of("inline_work", "http://a" + "?!.".repeat(600) + " "),
    "URLs": of("ok", "http://a.b "),
    "URLs with open brackets": of("inline_work", "http://a("),
    "open comments": of("inline_work", "a <!-- a"),
    "open instructions": of("inline_work", "a <?"),
    "open CDATA": of("inline_work", "a <![CDATA["),
    "open declarations": of("inline_work", "a <!a "),
    "open tags": of("inline_work", "a <a b"),
    "a wide table of short rows": {
      source: `|${"a|".repeat(columns)}\n|${"-|".repeat(columns)}\n${"|\n".repeat(columns)}`,
      verdict: "table_columns",
    },
    "a long table of short rows": after(
      `|${"a|".repeat(150)}\n|${"-|".repeat(150)}\n`,
      "table_cells",
      "|\n",
    ),
    "tables with too wide a delimiter row": of("table_cells", "a\n|-|-|\n"),
    "tables with too short a delimiter row": of("table_cells", "a|b\n:-\n" + "c\n".repeat(200)),
    "short setext headings": of("blocks", "a\n--\n"),
    "definitions that look like tables": of("paragraph_lines", "[a]: b\n|-|-\n"),
    "lists on one line": after("", "block_work", "- ", "a"),
    "lists on one line before a lazy line": after("", "block_work", "- ", "a\nlazy"),
    "lists in lists in lists": of("blocks", "- - - a\n"),
    "empty items": of("ok", "1.\n"),
    "blank items": of("ok", "-\n\n"),
    "paragraphs": of("blocks", "a\n\n"),
    "headings": of("blocks", "# a\n"),
    "tags": of("raw_tags", "<div>"),
    "tags in prose": of("raw_tags", "a<b>"),
    "inputs": of("raw_tags", "<input>"),
    "iframes": of("raw_tags", "<iframe>"),
    "one line": of("ok", "word "),
    "one word": of("ok", "a"),
    "backticks": of("ok", "`"),
    "runs of backticks": steps("inline_work", (step) => "`".repeat(step % 500 + 1) + "a"),
    "fences": of("blocks", "```\n"),
    "escaped brackets in code": of("inline_work", "`" + "\\[".repeat(1_900) + "` *\n"),
    "escaped brackets": of("inline_work", "[" + "\\[".repeat(1_900) + " *\n"),
    "open images": of("inline_work", "!["),
    "half links": of("ok", "]("),
    "open links": after("", "inline_work", "[a](b", ")"),
    "links": of("inline_work", "[a](b) "),
    "links in links": of("inline_work", "[[a](b)](c) "),
    "links in emphasis in links": of("inline_work", "[*[*[a](b)*](b)*](b)"),
    "definitions": of("blocks", "[a]: b\n"),
    "open titles of definitions": of("ok", '[a]: b "\n\n'),
    "definitions in an item": after("- a\n", "item_lines", "  [a]: b\n"),
    "references": after("[a]: b\n\n", "inline_work", "[a] "),
    "references to a long URL": after(`[a]: ${"b".repeat(10_000)}\n\n`, "inline_work", "[a] "),
    "images of a long URL": after(`[a]: ${"b".repeat(10_000)}\n\n`, "inline_work", "![a] "),
    "a huge attribute": after('<a title="', "ok", "x ", '">a</a>'),
    "a URL of comments": after('<a href="', "ok", `<!--${"x".repeat(100)}-->`, '">a</a>'),
    "many attributes": after("<a ", "ok", "b ", ">a</a>"),
    "many classes": after('<code class="', "ok", "language-a ", '">'),
    "ampersands": of("ok", "&"),
    "entities": of("ok", "&amp;&nbsp;&#60;"),
    "half entities": of("ok", "&#"),
    "quotes": of("ok", '"'),
    "backslashes": of("ok", "\\"),
    "spaces": after("a", "ok", " ", "b"),
    "empty lines": of("ok", "\n"),
    "NUL characters": of("ok", "\0"),
    "lone surrogates": of("ok", "\uD800"),
    "emphasised emoji": of("inline_work", "😀*a"),
    "csharp identifiers": of(
      "ok",
      "```csharp\n" + ("a b ".repeat(240) + "\n").repeat(20) + "```\n",
    ),
    "java dollars": of("ok", "```java\n" + ("$".repeat(290) + "\n").repeat(68) + "```\n"),
    "xml tags": of("ok", "```xml\n" + ("<a ".repeat(300) + "\n").repeat(22) + "```\n"),
  };
}
