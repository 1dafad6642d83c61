import assert from "node:assert/strict";
import { get } from "node:http";
import { Random } from "../support/random.ts";
import { runAdmin, type Server, startServer } from "../support/server.ts";
import { copy, type Knowledge, type Known, nextWrite, settle, type Write } from "./_model.ts";

const WRITERS = ["w1", "w2", "w3", "w4", "w5"];
const KILLS = 10;
const WRITES = 240;
const LONGEST_LIFE = 1200;

type Writer = {
  name: string;
  random: Random;
  knowledge: Knowledge;
  /** sent, and not answered before the end */
  open: Write | null;
  sent: number;
};
type Blog = { id: string; slug: string; key: string };

async function call(server: Server, key: string, write: Omit<Write, "apply">) {
  const response = await fetch(`${server.origin}/v1${write.path}`, {
    method: write.method,
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: write.body === undefined ? undefined : JSON.stringify(write.body),
  });
  return { status: response.status, body: await response.json() };
}

/** Writes until the server is gone; knows of each write whether it was acknowledged. */
async function work(server: Server, blog: Blog, writer: Writer): Promise<void> {
  while (true) {
    const at = { writer: writer.name, n: ++writer.sent, blog: blog.id };
    const write = nextWrite(writer.random, writer.knowledge, at);
    // Only one writer sets the theme, or none would know what it is.
    if (write.path.startsWith("/blogs") && writer.name !== WRITERS[0]) continue;
    writer.open = write;
    let answer;
    try {
      answer = await call(server, blog.key, write);
    } catch {
      return;
    }
    // Not acknowledged: it may have happened.
    if (answer.status === 503) return;
    assert.ok(answer.status < 300, `${write.method} ${write.path}: ${JSON.stringify(answer.body)}`);
    write.apply(writer.knowledge);
    writer.open = null;
  }
}

/** Everything that the service says about a writer's posts. */
async function read(server: Server, blog: Blog, writer: Writer): Promise<Knowledge> {
  const list = await readList(server, blog, writer);
  const posts = new Map(
    await Promise.all(list.map(async ({ slug }): Promise<[string, Known]> => {
      const path = `/posts/${slug}`;
      const { status, body } = await call(server, blog.key, { method: "GET", path });
      assert.equal(status, 200, slug);
      await readPage(server, blog, body);
      const { title, content_md: content, tags } = body;
      return [slug, { title, content, status: body.status, tags }];
    })),
  );
  if (writer.name !== WRITERS[0]) return { posts, css: null };
  const { body } = await call(server, blog.key, { method: "GET", path: `/blogs/${blog.id}` });
  return { posts, css: body.theme_config.customCss ?? null };
}

async function readList(server: Server, blog: Blog, writer: Writer) {
  const found: { slug: string }[] = [];
  for (let page = 1, pages = 1; page <= pages; page++) {
    const path = `/posts?per_page=200&page=${page}`;
    const { body } = await call(server, blog.key, { method: "GET", path });
    pages = body.pagination.total_pages;
    found.push(...body.data.filter((p: { slug: string }) => p.slug.startsWith(`${writer.name}-`)));
  }
  return found;
}

async function readPage(
  server: Server,
  blog: Blog,
  post: { slug: string; status: string; content_html: string },
): Promise<void> {
  const host = `${blog.slug}.${new URL(server.origin).host}`;
  const { status, html } = await getPage(server.port, { host, path: `/${post.slug}` });
  if (post.status !== "published") return assert.notEqual(status, 200, post.slug);
  assert.equal(status, 200, post.slug);
  assert.ok(html.includes(post.content_html), `the page of ${post.slug} shows another version`);
}

/** fetch sets Host itself, and a blog's name resolves only in browsers. */
function getPage(
  port: number,
  at: { host: string; path: string },
): Promise<{ status: number; html: string }> {
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port, path: at.path, headers: { host: at.host } };
    get(options, (response) => {
      let html = "";
      response.setEncoding("utf8").on("data", (text) => html += text);
      response.on("end", () => resolve({ status: response.statusCode!, html }));
    }).on("error", reject);
  });
}

Deno.test("a server that is killed at any moment leaves a clean store with every acknowledged write", async () => {
  const seed = Number(crypto.getRandomValues(new Uint32Array(1))[0]);
  const random = new Random(seed);
  const dir = await Deno.makeTempDir();
  const env = { POSTLARK_KV: `${dir}/kv.db`, POSTLARK_LIMIT_ENTERPRISE: "1000000" };
  const create = ["user", "create", "--email", "crash@example.com", "--blog", "crash"];
  const made = await runAdmin(env, ...create, "--plan", "enterprise");
  assert.equal(made.code, 0, made.stderr);
  const { blog: { id, slug }, key } = JSON.parse(made.stdout);
  const blog: Blog = { id, slug, key };
  const writers: Writer[] = WRITERS.map((name, i) => ({
    name,
    random: new Random(seed + i + 1),
    knowledge: { posts: new Map(), css: null },
    open: null,
    sent: 0,
  }));
  let server = await startServer(env);
  let kills = 0;
  try {
    while (kills < KILLS || writers.reduce((n, { sent }) => n + sent, 0) < WRITES) {
      const working = Promise.all(writers.map((writer) => work(server, blog, writer)));
      await new Promise((resolve) => setTimeout(resolve, random.next() * LONGEST_LIFE));
      await server.kill();
      await working;
      kills++;
      const [check, next] = await Promise.all([runAdmin(env, "check"), startServer(env)]);
      server = next;
      assert.equal(check.code, 0, check.stdout + check.stderr);
      await Promise.all(writers.map(async (writer) => {
        const states = [writer.knowledge];
        if (writer.open) {
          states.push(copy(writer.knowledge));
          writer.open.apply(states[1]);
        }
        writer.knowledge = settle(await read(server, blog, writer), states);
        writer.open = null;
      }));
    }
  } catch (error) {
    throw new Error(`seed ${seed}, after ${kills} kills`, { cause: error });
  } finally {
    await server.kill();
    await Deno.remove(dir, { recursive: true });
  }
});
