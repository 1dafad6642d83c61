import { runAdmin, startServer } from "../support/server.ts";

const POSTS = Number(Deno.args[0] ?? 5000);
const SAMPLE = 300;
const AT_ONCE = 16;
const PARAGRAPH =
  "What a blog has shown once is kept as bytes, and *read* from the store; what its owner changes for all " +
  "of it at once is **made again** when somebody [asks](https://example.com/) for it.\n\n";
const CODE = '```ts title="main.ts"\nconst page = await fetch(url);\n```\n\n';
const CONTENT = `## Why\n\n${PARAGRAPH.repeat(12)}${CODE}${PARAGRAPH.repeat(12)}`;

type Place = { origin: string; blog: string; id: string; key: string };

async function call(place: Place, method: string, path: string, body: unknown): Promise<void> {
  const response = await fetch(`${place.origin}/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${place.key}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(await response.text());
  await response.body?.cancel();
}

/** Milliseconds until the whole page is there. */
async function view({ origin, blog }: Place, path: string): Promise<number> {
  const start = performance.now();
  const response = await fetch(`${origin}/@${blog}${path}`);
  await response.arrayBuffer();
  if (response.status !== 200) throw new Error(`${response.status} ${path}`);
  return performance.now() - start;
}

async function inTurn(place: Place, paths: string[]): Promise<string> {
  const times: number[] = [];
  for (const path of paths) times.push(await view(place, path));
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor(share * (times.length - 1))].toFixed(2);
  return `${at(0.5)} | ${at(0.99)}`;
}

async function atOnce(count: number, act: (n: number) => Promise<unknown>): Promise<number> {
  const start = performance.now();
  let next = 0;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (next < count) await act(next++);
  }));
  return (performance.now() - start) / 1000;
}

/** Each post's address, in an order in which neighbours are far from each other. */
function scattered(): string[] {
  return Array.from({ length: POSTS }, (_, n) => `/post-${n * 1009 % POSTS}`);
}

async function measure(place: Place): Promise<void> {
  const create = (n: number) =>
    call(place, "POST", "/posts", {
      title: `Post ${n}`,
      slug: `post-${n}`,
      content: CONTENT,
      status: "published",
    });
  const loaded = await atOnce(POSTS, create);
  console.log(`${POSTS} posts, published through the API in ${loaded.toFixed(1)} s\n`);
  const paths = scattered();
  const all = () => atOnce(POSTS, (n) => view(place, paths[n]));
  await inTurn(place, paths.slice(-SAMPLE));

  console.log("| view | p50 ms | p99 ms |\n|---|--:|--:|");
  console.log(`| a page, stored | ${await inTurn(place, paths.slice(0, SAMPLE))} |`);
  const lists = ["/", "/archive", "/rss.xml", "/llms-full.txt", "/sitemap.xml"];
  for (const path of lists) await view(place, path);
  const start = performance.now();
  await call(place, "PUT", `/blogs/${place.id}`, { name: "Renamed" });
  const renamed = performance.now() - start;
  console.log(`| a page, first after a change | ${await inTurn(place, paths.slice(0, SAMPLE))} |`);
  for (const path of lists) {
    const first = await view(place, path);
    console.log(`| ${path}, first after a change, once | ${first.toFixed(2)} | |`);
  }
  await call(place, "PUT", `/blogs/${place.id}`, { name: "Renamed again" });
  const [first, then] = [await all(), await all()];
  console.log(
    `\nThe change itself took ${renamed.toFixed(1)} ms. All ${POSTS} pages, ${AT_ONCE} at once:`,
  );
  console.log(`${first.toFixed(2)} s the first time after it, ${then.toFixed(2)} s the next.`);
}

const dir = await Deno.makeTempDir();
const env = {
  POSTLARK_KV: `${dir}/kv.db`,
  POSTLARK_LIMIT_ENTERPRISE: "1000000000",
  POSTLARK_BLOG_ADDRESS: "path",
};
const server = await startServer(env);
try {
  const user = ["--email", "bench@example.com", "--plan", "enterprise", "--blog", "bench"];
  const { stdout, stderr } = await runAdmin(env, "user", "create", ...user);
  if (!stdout) throw new Error(stderr);
  const { key, blog } = JSON.parse(stdout);
  await measure({ origin: server.origin, blog: blog.slug, id: blog.id, key });
} finally {
  await server.stop();
  await Deno.remove(dir, { recursive: true });
}
