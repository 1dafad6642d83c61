import { fileURLToPath } from "node:url";
import hljs from "highlight.js/lib/common";
import katex from "katex";
import { Marked } from "marked";
import { BoundExceeded, renderMarkdown } from "../../render/markdown/mod.ts";
import { sanitise } from "../../render/markdown/sanitise.ts";
import { hostileKinds } from "../render/_hostile.ts";

const SELF = fileURLToPath(import.meta.url);
const RUNS = 200;
const SECTION = `## How it *works* :rocket:

Postlark publishes what people write with *their* tools: one request, and the post is **there**, with its page[^how],
its feeds and its [index](https://example.com/). The cost is $O(n \\log n)$ for $n$ posts, $5 and $6 are none.

> [!TIP] Try it
> Write \`postlark deploy\`, and see https://example.com/docs.

- [x] written
- [ ] read by someone who has the time

\`\`\`ts title="main.ts" {1,3} showLineNumbers
const post = await fetch("https://example.com/v1/posts", { method: "POST" });
if (!post.ok) throw new Error(\`\${post.status}\`); // [!code --]
console.log(await post.json());
\`\`\`

$$
\\int_0^\\infty e^{-x^2} \\, dx = \\frac{\\sqrt{\\pi}}{2}
$$

| plan | posts | price |
|:-----|------:|:-----:|
| Free | 10 | $0 |
| Starter | 15 | $9 |

![A diagram of the parts](https://media.example.com/a.png)

`;
const POST = `[TOC]\n\n${
  SECTION.repeat(24)
}\n[^how]: By **one** commit.\n\nhttps://youtu.be/dQw4w9WgXcQ\n`;

/** Mean milliseconds of pieces of work that take turns, so that all meet the same load and pay for their garbage. */
function meansOf(works: Record<string, () => unknown>): Record<string, number> {
  const totals = new Map<string, number>();
  for (let run = 0; run < 2 * RUNS; run++) {
    // The first half warms up.
    if (run === RUNS) totals.clear();
    for (const [name, work] of Object.entries(works)) {
      const start = performance.now();
      work();
      totals.set(name, (totals.get(name) ?? 0) + performance.now() - start);
    }
  }
  return Object.fromEntries(Array.from(totals, ([name, total]) => [name, total / RUNS]));
}

function benchPost(): void {
  const marked = new Marked<string, string>();
  const html = marked.parse(POST) as string;
  const codes = Array.from(POST.matchAll(/\`\`\`ts[^\n]*\n(.*?)\`\`\`/gs), ([, code]) => code);
  const formulas = Array.from(
    POST.matchAll(/\$\$\n(.*?)\n\$\$|\$(O[^$]*|n)\$/gs),
    ([, block, inline]) => ({ tex: block ?? inline, displayMode: block !== undefined }),
  );
  const { renderMarkdown: ours, ...parts } = meansOf({
    "bare marked": () => marked.parse(POST),
    "highlight.js": () => codes.map((code) => hljs.highlight(code, { language: "ts" })),
    "KaTeX": () =>
      formulas.map(({ tex, displayMode }) =>
        katex.renderToString(tex, { displayMode, output: "mathml" })
      ),
    "sanitize-html": () => sanitise(html, "data-none"),
    renderMarkdown: () => renderMarkdown(POST),
  });
  const sum = Object.values(parts).reduce((total, ms) => total + ms, 0);
  console.log(`A post of ${POST.length} characters with every extension, means of ${RUNS}:\n`);
  console.log("| part | ms |\n|---|--:|");
  for (const [name, ms] of Object.entries(parts)) console.log(`| ${name} | ${ms.toFixed(2)} |`);
  console.log(`| sum of these | ${sum.toFixed(2)} |`);
  console.log(`| renderMarkdown | ${ours.toFixed(2)} |`);
  console.log(`| ratio | ${(ours / sum).toFixed(2)} |\n`);
}

/** Renders one hostile text in a process of its own and prints how it went. */
function renderKind(name: string): void {
  const { source, verdict } = hostileKinds(1_000_000)[name];
  const start = performance.now();
  let bound = "ok";
  try {
    renderMarkdown(source);
  } catch (error) {
    bound = error instanceof BoundExceeded ? error.bound : String(error);
  }
  const ms = Math.round(performance.now() - start);
  const peak = /VmHWM:\s*(\d+)/.exec(Deno.readTextFileSync("/proc/self/status"))?.[1];
  const said = bound === verdict ? bound : `${bound}, not ${verdict}`;
  console.log(`| ${name} | ${said} | ${ms} | ${Math.round(Number(peak) / 1_000)} |`);
}

async function benchHostile(): Promise<void> {
  console.log("1 MB each, cold, in a process of its own:\n");
  console.log("| text | verdict | ms | peak MB |\n|---|---|--:|--:|");
  for (const name of Object.keys(hostileKinds(1_000_000))) {
    const args = ["run", "--frozen", "-A", SELF, "one", name];
    await new Deno.Command(Deno.execPath(), { args, stdout: "inherit", stderr: "inherit" })
      .output();
  }
}

const [mode, name] = Deno.args;
if (mode === "one") renderKind(name);
else if (mode === "hostile") await benchHostile();
else benchPost();
