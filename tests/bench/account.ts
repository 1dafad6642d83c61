import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { strFromU8, unzipSync } from "fflate";
import { Random } from "../support/random.ts";
import { runAdmin, type Server, startServer } from "../support/server.ts";
import { rowsThatName } from "../support/stray_rows.ts";

const BLOGS = 5;
const POSTS = 5000;
const KILLS = 20;
const BULK = 100;
const EMAIL = "leaving@example.com";
// In every post of the account, and nowhere else.
const MARK = "zyzzyva";
const WORDS =
  ("post blog write tool page feed index search reader markdown publish request answer server store " +
    "night river letter window garden summer winter paper morning coffee engine planet signal harbour")
    .split(" ");

type Place = { dir: string; env: Record<string, string>; token: string; names: string[] };
type Post = { slug: string; title: string };

const random = new Random(Number(Deno.args[0]) || 20_261_121);

/** About 4 kB of Markdown. */
function content(): string {
  const sentence = () => Array.from({ length: 12 }, () => random.pick(WORDS)).join(" ");
  const paragraph = () => `${Array.from({ length: 5 }, sentence).join(". ")}, *${MARK}*.\n\n`;
  const code = "```ts\nconst post = await fetch(url);\n```\n\n";
  return `## ${sentence()}\n\n${Array.from({ length: 9 }, paragraph).join("")}${code}`;
}

async function call(server: Server, token: string, method: string, path: string, sent: {
  body?: unknown;
  blog?: string;
} = {}): Promise<Response> {
  const headers: Record<string, string> = {
    "authorization": `Bearer ${token}`,
    "content-type": "application/json",
  };
  if (sent.blog) headers["x-blog-id"] = sent.blog;
  const body = sent.body === undefined ? undefined : JSON.stringify(sent.body);
  const response = await fetch(`${server.origin}/v1${path}`, { method, headers, body });
  if (response.ok) return response;
  throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
}

async function admin(env: Record<string, string>, ...args: string[]) {
  const { code, stdout, stderr } = await runAdmin(env, ...args);
  if (code !== 0) throw new Error(`${args.join(" ")}: ${stdout}${stderr}`);
  return JSON.parse(stdout);
}

/** An account on Enterprise with a token of all its blogs. */
async function makeAccount(env: Record<string, string>, email: string, blog?: string) {
  const slug = blog ? ["--blog", blog] : [];
  await admin(env, "user", "create", "--email", email, "--plan", "enterprise", ...slug);
  return (await admin(env, "key", "create", "--email", email)).key as string;
}

/** The store that is measured: the account, and a neighbour of one blog. */
async function load(dir: string): Promise<Place> {
  const env = { POSTLARK_KV: `${dir}/kv.db`, POSTLARK_LIMIT_ENTERPRISE: "1000000000" };
  const token = await makeAccount(env, EMAIL);
  const neighbour = await makeAccount(env, "neighbour@example.com", "neighbour");
  const server = await startServer(env);
  const names = [EMAIL, MARK];
  try {
    const started = performance.now();
    for (let n = 1; n <= BLOGS; n++) {
      const body = { slug: `leaving-${n}`, name: `Leaving ${n}` };
      const { id } = await (await call(server, token, "POST", "/blogs", { body })).json();
      names.push(id);
      for (let from = 0; from < POSTS / BLOGS; from += BULK) {
        const posts = Array.from({ length: BULK }, (_, i) => (
          {
            title: `Post ${from + i} of ${n}`,
            content: content(),
            tags: ["a", `t${i}`],
            status: "published",
          }
        ));
        const made = await call(server, token, "POST", "/posts/bulk", {
          body: { posts },
          blog: id,
        });
        const { failed, results } = await made.json();
        assert.equal(failed, 0);
        names.push(...results.map(({ post }: { post: { id: string } }) => post.id));
      }
    }
    const body = { title: "Staying", slug: "staying", content: "Still here.", status: "published" };
    await call(server, neighbour, "POST", "/posts", { body });
    const { id } = await (await call(server, token, "GET", "/account/profile")).json();
    names.push(id);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`${POSTS} posts in ${BLOGS} blogs, made by the bulk endpoint in ${seconds} s`);
  } finally {
    await server.stop();
  }
  await mergeAll(env);
  return { dir, env, token, names };
}

async function mergeAll(env: Record<string, string>): Promise<void> {
  while ((await countRows(env, "ftslog")) > 0) await admin(env, "job", "run", "merge_search");
}

async function countRows(env: Record<string, string>, noun: string): Promise<number> {
  using kv = await Deno.openKv(env.POSTLARK_KV);
  return (await Array.fromAsync(kv.list({ prefix: [noun] }))).length;
}

/** The most memory that a process has held, MB. */
async function peakOf(server: Server): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${server.pid}/status`);
  return Math.round(Number(/^VmHWM:\s+(\d+) kB/m.exec(status)![1]) / 1024);
}

async function measureExport(place: Place): Promise<{ json: Uint8Array; zip: Uint8Array }> {
  console.log("\n| export | MB | s | peak RSS before, MB | peak RSS, MB |\n|---|--:|--:|--:|--:|");
  const got: Uint8Array[] = [];
  for (const format of ["json", "zip"]) {
    const server = await startServer(place.env);
    await (await call(server, place.token, "GET", "/account/profile")).body?.cancel();
    // Until it has drawn its first picture.
    await new Promise((resolve) => setTimeout(resolve, 6000));
    const before = await peakOf(server);
    const started = performance.now();
    const path = `/account/export?format=${format}`;
    const bytes = new Uint8Array(
      await (await call(server, place.token, "GET", path)).arrayBuffer(),
    );
    const seconds = ((performance.now() - started) / 1000).toFixed(2);
    const cells = [format, (bytes.length / 1e6).toFixed(1), seconds, before, await peakOf(server)];
    console.log(`| ${cells.join(" | ")} |`);
    got.push(bytes);
    await server.stop();
  }
  return { json: got[0], zip: got[1] };
}

function blogsOf(json: Uint8Array): { blog: unknown; posts: Post[] }[] {
  const { blogs, total_posts, truncated } = JSON.parse(strFromU8(json));
  assert.deepEqual([total_posts, truncated], [POSTS, true]);
  return blogs;
}

function postFiles(zip: Uint8Array): Map<string, string> {
  const files = Object.entries(unzipSync(zip)).filter(([name]) => name.endsWith(".md"));
  assert.equal(files.length, POSTS);
  return new Map(files.map(([name, bytes]) => [name, strFromU8(bytes)]));
}

/** Takes the archive over into an empty store, and exports from there what must be the same. */
async function measureImport(place: Place, exported: { json: Uint8Array; zip: Uint8Array }) {
  const env = { ...place.env, POSTLARK_KV: `${place.dir}/imported.db` };
  const file = `${place.dir}/export.zip`;
  await Deno.writeFile(file, exported.zip);
  const token = await makeAccount(env, EMAIL);
  const started = performance.now();
  const { created, failed } = await admin(env, "user", "import", file, "--email", EMAIL);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  assert.deepEqual([created, failed], [POSTS, []]);
  const server = await startServer(env);
  try {
    const read = async (format: string) => {
      const path = `/account/export?format=${format}`;
      return new Uint8Array(await (await call(server, token, "GET", path)).arrayBuffer());
    };
    assert.deepEqual(blogsOf(await read("json")), blogsOf(exported.json));
    assert.deepEqual(postFiles(await read("zip")), postFiles(exported.zip));
  } finally {
    await server.stop();
  }
  const { ok } = await admin(env, "check");
  console.log(`\nImported in ${seconds} s to equal posts, times among them; admin check: ${ok}.`);
}

/** Which rows of the account are left, its text in packed values among them. */
async function strays({ env, names }: Place): Promise<string[]> {
  using kv = await Deno.openKv(env.POSTLARK_KV);
  const found = await rowsThatName(kv, new RegExp(names.join("|")));
  for await (const { key, value } of kv.list({ prefix: [] })) {
    if (value instanceof Uint8Array && textOf(value).includes(MARK)) {
      found.push(JSON.stringify(key));
    }
  }
  return found;
}

function textOf(bytes: Uint8Array): string {
  try {
    return gunzipSync(bytes).toString();
  } catch {
    return new TextDecoder("latin1").decode(bytes);
  }
}

/** Deletes on a copy of the store, where `killAt` milliseconds are given killed then; gives how long it took, and how it stood. */
async function deleteOnCopy(
  place: Place,
  killAt: number | null,
): Promise<{ took: number; stood: string }> {
  const dir = await Deno.makeTempDir();
  const copy = { ...place, dir, env: { ...place.env, POSTLARK_KV: `${dir}/kv.db` } };
  try {
    await Deno.copyFile(place.env.POSTLARK_KV, copy.env.POSTLARK_KV);
    const took = await deleteOnce(copy, killAt);
    const stood = await stateOf(copy);
    if (stood === "not accepted") await deleteOnce(copy, null);
    await admin(copy.env, "job", "run", "resume_deletions");
    await mergeAll(copy.env);
    assert.deepEqual(await strays(copy), [], `killed after ${killAt} ms`);
    const { ok, counted } = await admin(copy.env, "check");
    assert.deepEqual([ok, counted.user, counted.post], [true, 1, 1]);
    return { took, stood };
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function deleteOnce({ env, token }: Place, killAt: number | null): Promise<number> {
  const server = await startServer(env);
  const started = performance.now();
  const asked = call(server, token, "POST", "/account/delete").then((got) => got.body?.cancel());
  if (killAt === null) await asked;
  else {
    asked.catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, killAt));
  }
  const took = performance.now() - started;
  await (killAt === null ? server.stop() : server.kill());
  return took;
}

async function stateOf({ env }: Place): Promise<string> {
  if (await countRows(env, "leaving")) return "cut short";
  return await countRows(env, "user") > 1 ? "not accepted" : "done";
}

async function measureDeletion(place: Place): Promise<void> {
  const { took } = await deleteOnCopy(place, null);
  console.log(
    `\nDeleted in ${(took / 1000).toFixed(1)} s. Killed at ${KILLS} random points of it:`,
  );
  const stood: Record<string, number> = {};
  for (let n = 0; n < KILLS; n++) {
    const state = (await deleteOnCopy(place, random.next() * took)).stood;
    stood[state] = (stood[state] ?? 0) + 1;
  }
  console.log(
    `${JSON.stringify(stood)}; resumed, no row of the account was left, and check found nothing.`,
  );
}

const dir = await Deno.makeTempDir();
try {
  const place = await load(dir);
  const exported = await measureExport(place);
  await measureImport(place, exported);
  await measureDeletion(place);
} finally {
  await Deno.remove(dir, { recursive: true });
}
