import { request } from "node:http";
import { fileURLToPath } from "node:url";
import { drawOgImage, type OgPicture } from "../../render/og_image/mod.ts";
import { runAdmin, type Server, startServer } from "../support/server.ts";

/**
 * `deno run --frozen -A tests/bench/og_image.ts`: first pictures in processes of their own, by the
 * library and asked of a server, then many in one.
 */
const FIRST_RUNS = 9;
const PICTURES = 600;
/** longer than a server waits before it warms up, and takes for it */
const WARM = 4_000;
const SELF = fileURLToPath(import.meta.url);

const TITLES: Record<string, string> = {
  "Latin, short": "Hello, edge world",
  "Latin, 300 characters": "A title that goes on for as long as a title may go on ".repeat(6).slice(
    0,
    300,
  ),
  Cyrillic: "Как мы перенесли платформу на край сети",
  Korean: "안녕하세요 세계 — 데노로 만드는 블로그 플랫폼",
  Japanese: "日本語のタイトル、エッジで画像を作る",
  "simplified Chinese": "简体中文标题：在边缘渲染分享图片",
  "traditional Chinese": "繁體中文標題：在邊緣算繪分享圖片",
  Arabic: "مرحبا بالعالم: كيف نبني منصة تدوين سريعة",
  emoji: "Ship it 🚀🎉 with ❤️ from 👩‍💻",
};

function picture(title: string): OgPicture {
  return { title, tags: ["deno", "edge", "release"], blog: "Notebook", brand: true };
}

function rss(): string {
  return `${(Deno.memoryUsage().rss / 2 ** 20).toFixed(0)} MB`;
}

function quantile(times: number[], share: number): string {
  return times.toSorted((a, b) => a - b)[Math.floor((times.length - 1) * share)].toFixed(1);
}

async function timeOne(title: string): Promise<number> {
  const started = performance.now();
  await drawOgImage(picture(title));
  return performance.now() - started;
}

async function timeFirst(title: string): Promise<number> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--frozen", "-A", SELF, title],
  }).output();
  return Number(new TextDecoder().decode(stdout));
}

async function benchFirst(): Promise<void> {
  console.log("| first picture of a process | least ms | median ms |\n| --- | ---: | ---: |");
  for (const [name, title] of Object.entries(TITLES)) {
    const times: number[] = [];
    for (let i = 0; i < FIRST_RUNS; i++) times.push(await timeFirst(title));
    console.log(`| ${name} | ${quantile(times, 0)} | ${quantile(times, 0.5)} |`);
  }
}

/** Milliseconds from the request to the last byte of the answer, on a connection of its own. */
function timeRequest({ port }: Server, path: string): Promise<number> {
  const started = performance.now();
  const headers = { host: `shelf.localhost:${port}` };
  return new Promise((resolve, reject) => {
    request({ host: "127.0.0.1", port, path, headers, agent: false }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`${response.statusCode} for ${path}`));
      response.resume().on("end", () => resolve(performance.now() - started));
    }).on("error", reject).end();
  });
}

/** Posts without pictures, on an Enterprise blog, in a store that outlives its servers. */
async function makePosts(env: Record<string, string>, titles: string[]): Promise<void> {
  const user = ["--email", "bench@example.com", "--plan", "enterprise", "--blog", "shelf"];
  const { stdout } = await runAdmin(env, "user", "create", ...user);
  const headers = { authorization: `Bearer ${JSON.parse(stdout).key}` };
  const server = await startServer(env);
  for (const [i, title] of titles.entries()) {
    const post = {
      title,
      slug: `post-${i}`,
      content: "Text.",
      tags: ["deno"],
      status: "published",
    };
    const response = await fetch(`${server.origin}/v1/posts`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify(post),
    });
    if (response.status !== 201) throw new Error(await response.text());
    await response.body?.cancel();
  }
  await server.stop();
}

async function benchServers(): Promise<void> {
  const dir = await Deno.makeTempDir();
  const env = { POSTLARK_KV: `${dir}/kv.db`, POSTLARK_LIMIT_ENTERPRISE: "1000000" };
  const waits = { "as soon as it listens": 0, [`${WARM / 1_000} s after that`]: WARM };
  const kinds = Object.entries(waits).flatMap(([when, wait]) =>
    ["Latin, short", "Korean"].map((name) => ({ name: `${name}, ${when}`, title: name, wait }))
  );
  const titles = kinds.flatMap(({ title }) => Array<string>(FIRST_RUNS).fill(TITLES[title]));
  await makePosts(env, titles.map((title, i) => `${title} ${i}`));
  console.log("\n| first picture of a server, over HTTP | least ms | median ms | again |");
  console.log("| --- | ---: | ---: | ---: |");
  for (const [kind, { name, wait }] of kinds.entries()) {
    const [first, again]: number[][] = [[], []];
    for (let run = 0; run < FIRST_RUNS; run++) {
      const server = await startServer(env);
      await new Promise((resolve) => setTimeout(resolve, wait));
      const path = `/post-${kind * FIRST_RUNS + run}/og.png`;
      first.push(await timeRequest(server, path));
      again.push(await timeRequest(server, path));
      await server.stop();
    }
    const cells = [name, quantile(first, 0), quantile(first, 0.5), quantile(again, 0.5)];
    console.log(`| ${cells.join(" | ")} |`);
  }
  await Deno.remove(dir, { recursive: true });
}

async function benchLater(): Promise<void> {
  console.log(`\nRSS ${rss()} before`);
  for (const title of Object.values(TITLES)) await timeOne(title);
  console.log(`RSS ${rss()} with all faces loaded\n`);
  console.log("| later pictures | p50 ms | p95 ms |\n| --- | ---: | ---: |");
  const entries = Object.entries(TITLES);
  for (const [name, title] of entries) {
    const times: number[] = [];
    for (let i = 0; i < PICTURES / entries.length; i++) times.push(await timeOne(`${title} ${i}`));
    console.log(`| ${name} | ${quantile(times, 0.5)} | ${quantile(times, 0.95)} |`);
  }
  console.log(`\nRSS ${rss()} after ${PICTURES} more`);
  await Promise.all(
    entries.flatMap(([, title]) => Array.from({ length: 20 }, () => timeOne(title))),
  );
  console.log(`RSS ${rss()} after ${entries.length * 20} at once`);
}

if (Deno.args[0]) console.log(await timeOne(Deno.args[0]));
else {
  await benchFirst();
  await benchServers();
  await benchLater();
}
