import { parseArgs } from "node:util";
import { request as httpRequest } from "node:http";
import { runAdmin, startServer } from "../support/server.ts";
import { type Load, median, runWrk } from "./wrk.ts";

/**
 * Measures this service and a Ghost that runs already, one after the other in each row, with the same posts.
 * A Ghost that nobody has set up is set up. `--ghost-pid` is for its memory.
 * deno run --frozen -A tests/bench/peer.ts --ghost http://localhost:2368 --ghost-pid 123 [--posts 200] [--seconds 5]
 */
const { values } = parseArgs({
  options: {
    ghost: { type: "string", default: "http://localhost:2368" },
    "ghost-pid": { type: "string" },
    posts: { type: "string", default: "200" },
    seconds: { type: "string", default: "5" },
  },
});
const POSTS = Number(values.posts);
const SECONDS = Number(values.seconds);
const RUNS = 3;
const OWNER = { email: "owner@example.com", password: "kestrel-Marble-97-tundra" };
const WORDS = "deno publish fast blog quiet river stone paper light north kernel index query".split(
  " ",
);
const HTML = `<p>${
  "It publishes what people write: one request, and the post is there. ".repeat(30)
}</p>`;

type Row =
  | "page of a post"
  | "front page"
  | "feed"
  | "read a post by the API"
  | "search"
  | "create a post";
type Peer = {
  name: string;
  create: (n: number) => Promise<void>;
  loads: Record<Row, Load>;
  memory: () => Promise<number>;
};

function titleOf(n: number): string {
  return `${WORDS[n % WORDS.length]} ${WORDS[(n * 7 + 3) % WORDS.length]} ${n}`;
}

async function json(url: string, init: RequestInit & { headers: Record<string, string> }) {
  const answer = await fetch(url, init);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${init.method} ${url}: ${answer.status} ${text.slice(0, 300)}`);
  return { body: text ? JSON.parse(text) : null, headers: answer.headers };
}

async function ghostOf(url: string): Promise<Peer> {
  const admin = `${url}/ghost/api/admin`;
  const headers: Record<string, string> = { "content-type": "application/json", origin: url };
  const post = async (path: string, body: unknown) =>
    await json(admin + path, { method: "POST", headers, body: JSON.stringify(body) });
  const owner = { ...OWNER, name: "Owner", blogTitle: "Peer" };
  // Refused where it was set up before.
  await post("/authentication/setup/", { setup: [owner] }).catch(() => {});
  const session = await fetch(`${admin}/session/`, {
    method: "POST",
    headers,
    body: JSON.stringify({ username: OWNER.email, password: OWNER.password }),
  });
  if (!session.ok) throw new Error(`Ghost's session: ${session.status} ${await session.text()}`);
  headers.cookie = session.headers.get("set-cookie")!.split(";")[0];
  const made = await post("/integrations/?include=api_keys", {
    integrations: [{ name: `bench ${Date.now()}` }],
  });
  const keys: { type: string; secret: string }[] = made.body.integrations[0].api_keys;
  const key = keys.find(({ type }) => type === "content")!.secret;
  const content = `${url}/ghost/api/content/posts`;
  const bodyOf = (title: string) => ({ posts: [{ title, html: HTML, status: "published" }] });
  const sample = JSON.stringify(bodyOf("TITLE")).replaceAll("'", "");
  return {
    name: "Ghost",
    create: async (n) => void await post("/posts/?source=html", bodyOf(titleOf(n))),
    memory: () => rssOf(Number(values["ghost-pid"])),
    loads: {
      "page of a post": { url: `${url}/${slugOf(1)}/`, headers: {} },
      "front page": { url: `${url}/`, headers: {} },
      "feed": { url: `${url}/rss/`, headers: {} },
      "read a post by the API": { url: `${content}/slug/${slugOf(1)}/?key=${key}`, headers: {} },
      "search": {
        url: `${content}/?key=${key}&limit=15&filter=${encodeURIComponent("title:~'river'")}`,
        headers: {},
      },
      "create a post": creating(`${admin}/posts/?source=html`, headers, sample),
    },
  };
}

async function ourselves(use: (peer: Peer) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  const env = { POSTLARK_KV: `${dir}/kv.db`, POSTLARK_LIMIT_ENTERPRISE: "1000000000" };
  const server = await startServer(env);
  const options = ["--email", OWNER.email, "--plan", "enterprise", "--blog", "peer"];
  const made = await runAdmin(
    { ...env, POSTLARK_ORIGIN: server.origin },
    "user",
    "create",
    ...options,
  );
  const { key } = JSON.parse(made.stdout);
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const api = `${server.origin}/v1`;
  const onBlog = { Host: `peer.localhost:${server.port}` };
  const bodyOf = (title: string) => ({ title, content: HTML, status: "published" });
  await use({
    name: "Postlark",
    create: async (n) => {
      const body = JSON.stringify(bodyOf(titleOf(n)));
      await json(`${api}/posts`, { method: "POST", headers, body });
    },
    memory: () => rssOf(server.pid),
    loads: {
      "page of a post": { url: `${server.origin}/${slugOf(1)}`, headers: onBlog },
      "front page": { url: `${server.origin}/`, headers: onBlog },
      "feed": { url: `${server.origin}/rss.xml`, headers: onBlog },
      "read a post by the API": { url: `${api}/posts/${slugOf(1)}`, headers },
      "search": { url: `${api}/search?q=river`, headers },
      "create a post": creating(`${api}/posts`, headers, JSON.stringify(bodyOf("TITLE"))),
    },
  }).finally(async () => {
    await server.stop();
    await Deno.remove(dir, { recursive: true });
  });
}

function slugOf(n: number): string {
  return titleOf(n).replaceAll(" ", "-");
}

function creating(url: string, headers: Record<string, string>, body: string): Load {
  const script = `local b = [==[${body}]==]
    request = function() local t = "load " .. math.random(1, 1e9)
      local made = b:gsub("TITLE", t)
      return wrk.format("POST", nil, wrk.headers, made) end`;
  return { url, headers, script, connections: 8 };
}

/** Resident memory of a process, MiB. */
async function rssOf(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024);
}

async function statusOf({ url, headers }: Load): Promise<number> {
  return await new Promise((resolve, reject) => {
    const { hostname, port, pathname, search } = new URL(url);
    const options = { hostname, port, path: pathname + search, headers };
    httpRequest(options, (answer) => {
      answer.resume();
      resolve(answer.statusCode!);
    }).on("error", reject).end();
  });
}

async function measure(peer: Peer): Promise<Record<string, string>> {
  for (let n = 1; n <= POSTS; n++) await peer.create(n);
  const row: Record<string, string> = { "memory with the posts, MiB": String(await peer.memory()) };
  for (const [name, load] of Object.entries(peer.loads)) {
    const path = `${RUNS} runs of ${name}`;
    if (!load.script && await statusOf(load) !== 200) {
      throw new Error(`${peer.name}: no 200 for ${path}`);
    }
    const file = load.script && await Deno.makeTempFile({ suffix: ".lua" });
    if (file) await Deno.writeTextFile(file, load.script!);
    const runs = [];
    for (let i = 0; i < RUNS; i++) runs.push(await runWrk({ ...load, script: file }, SECONDS));
    if (file) await Deno.remove(file);
    const { rate, p50, p99, failed } = median(runs);
    row[name] = `${Math.round(rate)}/s, p50 ${p50} ms, p99 ${p99} ms${
      failed ? `, ${failed} failed` : ""
    }`;
  }
  row["memory after the load, MiB"] = String(await peer.memory());
  return row;
}

const ghost = await measure(await ghostOf(values.ghost));
await ourselves(async (peer) => {
  const ours = await measure(peer);
  console.log("| what | Postlark | Ghost |\n| --- | --- | --- |");
  for (const name of Object.keys(ours)) console.log(`| ${name} | ${ours[name]} | ${ghost[name]} |`);
});
