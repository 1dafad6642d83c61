import { fileURLToPath } from "node:url";
import { request as httpRequest } from "node:http";
import { freePort, runAdmin, type Server, startServer } from "../support/server.ts";
import { countRoutes } from "./rounds.ts";
import { benchSearch } from "./search.ts";
import { type Load, type Measured, median, runWrk } from "./wrk.ts";

const SIZES = [1000, 10_000];
const SECONDS = 2;
const RUNS = 3;
const BARE = fileURLToPath(new URL("bare.ts", import.meta.url));

type Bench = {
  name: string;
  path: string;
  blog?: boolean;
  headers?: Record<string, string>;
  connections?: number;
  /** Lua: the body of wrk's request() */
  lua?: string;
  /** a body to show the bare server's answer with */
  body?: string;
};
type Place = { server: Server; key: string; posts: number; dir: string };

const PARAGRAPH =
  "Postlark publishes what people write with *their* tools: one request, and the post is **there**, with " +
  "its page, its feeds and its [index](https://example.com/).\n\n";
const CONTENT = `## Why\n\n${
  PARAGRAPH.repeat(12)
}\n\`\`\`ts\nconst post = await fetch(url);\n\`\`\`\n\n${PARAGRAPH.repeat(12)}`;

function benches(posts: number, cursor: string, etag: string): Bench[] {
  const pages = Math.ceil(posts / 20);
  const gzip = { "accept-encoding": "gzip" };
  const create = (status: string) =>
    `local b = '{"title":"Bench ' .. math.random(1, 1e9) .. '","content":' .. content .. ',"status":"${status}"}'
     return wrk.format("POST", "/v1/posts", nil, b)`;
  const body = (status: string) =>
    JSON.stringify({ title: `Shown ${status} ${posts}`, content: CONTENT, status });
  return [
    { name: "public page, one", path: "/post-1", blog: true, headers: gzip },
    {
      name: "public page, spread",
      path: "/post-1",
      blog: true,
      headers: gzip,
      lua: `return wrk.format("GET", "/post-" .. math.random(1, ${posts}))`,
    },
    { name: "public page, 304", path: "/post-1", blog: true, headers: { "if-none-match": etag } },
    { name: "blog index", path: "/", blog: true, headers: gzip },
    { name: "GET post", path: "/v1/posts/post-1" },
    { name: "list, page 1", path: "/v1/posts" },
    // Walks half of the index: with 64 at once each would wait for all.
    {
      name: "list, middle page (4 connections)",
      path: `/v1/posts?page=${Math.ceil(pages / 2)}`,
      connections: 4,
    },
    { name: "list, last page", path: `/v1/posts?page=${pages}` },
    { name: "list, first cursor", path: "/v1/posts?limit=20" },
    { name: "list, cursor in the middle", path: `/v1/posts?limit=20&cursor=${cursor}` },
    { name: "create draft", path: "/v1/posts", lua: create("draft"), body: body("draft") },
    {
      name: "create published",
      path: "/v1/posts",
      lua: create("published"),
      body: body("published"),
    },
  ];
}

/** Makes the store that is measured, through the API. */
async function load(place: Place): Promise<void> {
  let next = 1;
  await Promise.all(Array.from({ length: 16 }, async () => {
    while (next <= place.posts) {
      const n = next++;
      const post = { title: `Post ${n}`, slug: `post-${n}`, content: CONTENT, status: "published" };
      const response = await callApi(place, "POST", "/v1/posts", JSON.stringify(post));
      if (response.status !== 201) throw new Error(await response.text());
      await response.body?.cancel();
    }
  }));
}

function callApi(place: Place, method: string, path: string, body?: string): Promise<Response> {
  return fetch(place.server.origin + path, {
    method,
    body,
    headers: { "authorization": `Bearer ${place.key}`, "content-type": "application/json" },
  });
}

function headersOf(place: Place, bench: Bench): Record<string, string> {
  const host = `${bench.blog ? "bench." : ""}localhost:${place.server.port}`;
  const api = { authorization: `Bearer ${place.key}`, "content-type": "application/json" };
  // wrk adds a second one where the name is not written like this.
  return { Host: host, ...bench.blog ? {} : api, ...bench.headers };
}

/** Asks once, and keeps the very bytes for the bare server. */
async function capture(place: Place, bench: Bench): Promise<void> {
  const { status, headers, body } = await new Promise<{
    status: number;
    headers: [string, string][];
    body: Uint8Array;
  }>((resolve, reject) => {
    const request = httpRequest({
      host: "127.0.0.1",
      port: place.server.port,
      path: bench.path,
      method: bench.body ? "POST" : "GET",
      headers: headersOf(place, bench),
    }, async (response) => {
      const parts: Uint8Array[] = [];
      for await (const part of response) parts.push(part);
      const raw = response.rawHeaders;
      const pairs = raw.flatMap((name, i): [string, string][] =>
        i % 2 || /^(date|content-length|transfer-encoding|connection)$/i.test(name)
          ? []
          : [[name, raw[i + 1]]]
      );
      const bytes = new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
      resolve({ status: response.statusCode!, headers: pairs, body: bytes });
    });
    request.on("error", reject);
    request.end(bench.body);
  });
  await Deno.writeFile(`${place.dir}/body`, body);
  await Deno.writeTextFile(`${place.dir}/head.json`, JSON.stringify({ status, headers }));
}

async function measure(place: Place, bench: Bench): Promise<{ bare: Measured; ours: Measured }> {
  await capture(place, bench);
  const headers = headersOf(place, bench);
  let script: string | undefined;
  if (bench.lua) {
    script = `${place.dir}/load.lua`;
    const content = JSON.stringify(JSON.stringify(CONTENT)).replaceAll("\\\\n", "\\\\n");
    await Deno.writeTextFile(
      script,
      `math.randomseed(${
        Date.now() % 1e9
      })\nlocal content = ${content}\nrequest = function()\n${bench.lua}\nend\n`,
    );
  }
  const port = freePort();
  const bare = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", BARE, String(port), place.dir],
  }).spawn();
  const against = (target: number): Load => ({
    url: `http://127.0.0.1:${target}${bench.path}`,
    headers,
    script,
    connections: bench.connections,
  });
  await new Promise((resolve) => setTimeout(resolve, 500));
  const runs: { bare: Measured[]; ours: Measured[] } = { bare: [], ours: [] };
  for (let i = 0; i < RUNS; i++) {
    runs.bare.push(await runWrk(against(port), SECONDS));
    runs.ours.push(await runWrk(against(place.server.port), SECONDS));
  }
  bare.kill("SIGTERM");
  await bare.status;
  return { bare: median(runs.bare), ours: median(runs.ours) };
}

/** A cursor in the middle of the list, and the ETag of a page. */
async function probe(place: Place): Promise<{ cursor: string; etag: string }> {
  let cursor = "";
  for (let seen = 0; seen < place.posts / 2; seen += 250) {
    const path = `/v1/posts?limit=250${cursor && `&cursor=${cursor}`}`;
    cursor = (await (await callApi(place, "GET", path)).json()).next_cursor;
  }
  const page: Bench = { name: "", path: "/post-1", blog: true };
  await capture(place, page);
  const { headers } = JSON.parse(await Deno.readTextFile(`${place.dir}/head.json`));
  const etag = headers.find(([name]: [string]) => name.toLowerCase() === "etag")[1];
  return { cursor, etag };
}

async function run(posts: number, words: string[]): Promise<void> {
  const dir = await Deno.makeTempDir();
  const env = { POSTLARK_KV: `${dir}/kv.db`, POSTLARK_LIMIT_ENTERPRISE: "1000000000" };
  const server = await startServer(env);
  try {
    const user = ["--email", "bench@example.com", "--plan", "enterprise", "--blog", "bench"];
    const { stdout } = await runAdmin(env, "user", "create", ...user);
    const place: Place = { server, key: JSON.parse(stdout).key, posts, dir };
    const started = performance.now();
    await load(place);
    const seconds = (performance.now() - started) / 1000;
    console.log(`\n${posts} posts, published through the API in ${seconds.toFixed(1)} s\n`);
    console.log("| route | requests/s | p50 ms | p99 ms | bare/s | ratio | KV rounds | failed |");
    console.log("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    const { cursor, etag } = await probe(place);
    const rounds = await countRoutes();
    for (const bench of benches(posts, cursor, etag)) {
      if (words.length && !words.some((word) => bench.name.includes(word))) continue;
      const { bare, ours } = await measure(place, bench);
      const cells = [
        bench.name,
        ours.rate.toFixed(0),
        ours.p50.toFixed(2),
        ours.p99.toFixed(2),
        bare.rate.toFixed(0),
        (ours.rate / bare.rate).toFixed(2),
        rounds[bench.name] ?? "",
        ours.failed + bare.failed,
      ];
      console.log(`| ${cells.join(" | ")} |`);
    }
  } finally {
    await server.stop();
    await Deno.remove(dir, { recursive: true });
  }
}

// Arguments: how many posts, and words that the names of the routes to measure hold; or `search` and its own.
const sizes = Deno.args.map(Number).filter(Boolean);
const words = Deno.args.filter((arg) => !Number(arg));
if (words[0] === "search") await benchSearch(Deno.args.filter((arg) => arg !== "search"));
else for (const posts of sizes.length ? sizes : SIZES) await run(posts, words);
