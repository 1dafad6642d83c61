import assert from "node:assert/strict";
import { type Service, setup } from "../_setup.ts";

const KILOBYTE = 1024;

async function refused(t: Service, path: string, sent: { key: string; body: unknown }) {
  const got = await t.api("POST", path, sent);
  assert.equal(got.status, 400, got.text.slice(0, 300));
  assert.ok(got.text.length < 64 * KILOBYTE, `an answer of ${got.text.length} bytes`);
  assert.ok(got.body.issues.length >= 1 && got.body.issues.length <= 100);
  return got.body;
}

Deno.test("however many faults a body has, the answer lists at most a hundred, shortly", async () => {
  using t = await setup();
  const { key, token } = await t.tenant();
  const long = "k".repeat(500_000);
  await refused(t, "/posts", { key, body: { [long]: Array(900).fill("\0") } });
  await refused(t, "/posts", { key, body: { [long]: "\0" } });
  for (const scopes of [Array(1000).fill("x"), Array(1000).fill(1), ["y".repeat(100_000)]]) {
    await refused(t, "/account/tokens", { key: token, body: { name: "n", scopes } });
  }
});

Deno.test("a body of too many items, values or levels is a 400 that says so", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  const many = Object.fromEntries(Array.from({ length: 60_000 }, (_, i) => [i, 1]));
  let deep: unknown = 1;
  for (let i = 0; i < 100; i++) deep = { deep };
  const cases: [unknown, RegExp][] = [
    [{ tags: Array(1001).fill("a") }, /at most 1000 items/],
    [{ many }, /too many values/],
    [{ deep }, /nested too deeply/],
  ];
  for (const [body, message] of cases) {
    assert.match((await refused(t, "/posts", { key, body })).message, message);
  }
});

Deno.test("scopes that are named twice are kept once", async () => {
  using t = await setup();
  const { token } = await t.tenant();
  const body = { name: "n", scopes: ["posts:read", "posts:read", "*"] };
  const got = await t.api("POST", "/account/tokens", { key: token, body });
  assert.deepEqual(got.body.scopes, ["posts:read", "*"]);
});

Deno.test("a blog_id that no blog can have is 404, and its case does not matter", async () => {
  using t = await setup();
  const { token, blog } = await t.tenant();
  const make = (blog_id: string) =>
    t.api("POST", "/account/tokens", { key: token, body: { name: "n", blog_id } });
  for (const id of ["", "x", "a".repeat(3000)]) assert.equal((await make(id)).status, 404);
  const got = await make(blog.id.toUpperCase());
  assert.deepEqual([got.status, got.body.blog_id], [201, blog.id]);
});

Deno.test("validate takes links and warnings of any length, with an Idempotency-Key too", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  const images = Array.from(
    { length: 100 },
    (_, i) => `![](https://a.example/${"x".repeat(1500)}${i})`,
  );
  const content = `[x](/${"a".repeat(2010)})\n\n${images.join("\n\n")}`;
  const sent = { key, body: { title: "T", content }, headers: { "idempotency-key": "v" } };
  const first = await t.api("POST", "/posts/validate", sent);
  assert.equal(first.status, 200, first.text.slice(0, 300));
  assert.equal(first.body.warnings.length, 100);
  const again = await t.api("POST", "/posts/validate", sent);
  assert.equal(again.headers.get("idempotency-replayed"), "true");
  assert.equal(again.text, first.text);
});

Deno.test("no text, however long or whatever it becomes, makes a key that the store refuses", async () => {
  using t = await setup();
  const { key, token, blog } = await t.tenant();
  const body = { title: "Old", content: "Text.", slug: "old", status: "published" };
  await t.api("POST", "/posts", { key, body });
  // Of three bytes a character, longer in lower case, and 18 times as long when it is normalised.
  const texts = ["a".repeat(3000), "€".repeat(255), "€".repeat(3000)];
  for (const text of [...texts, "İ".repeat(50), "\ufdfa".repeat(50), "\ufdfa".repeat(100)]) {
    const part = encodeURIComponent(text);
    const reads = [
      ...["tag", "cursor"].map((name) => `/posts?${name}=${part}`),
      ...["", "/revisions"].map((rest) => `/posts/${part}${rest}`),
      ...[`/posts/old/revisions/${part}`, `/analytics/posts/${part}`, `/blogs/${part}`],
      ...[`/search?q=${part}`, `/discover?q=old&tag=${part}`, `/packs/ledger?cursor=${part}`],
      `/discover?q=old&lang=en${"-abcdefgh".repeat(400)}`,
    ];
    const pages = [`/${part}`, `/tag/${part}`, `/${part}/og.png`, `/search?q=${part}`];
    const answers = [
      ...await Promise.all(reads.map((path) => t.api("GET", path, { key }))),
      ...await Promise.all(pages.map((path) => t.view(blog.slug, path))),
      await t.api("POST", "/posts", { key, body: { title: text.slice(0, 1000), content: text } }),
      await t.api("POST", "/posts", { key, body: { ...body, slug: text, tags: [text] } }),
      await t.api("POST", "/posts", {
        key,
        body: { ...body, slug: "", tags: [text.slice(0, 50)] },
      }),
      await t.api("POST", "/blogs", { key: token, body: { slug: text, name: "n" } }),
      await t.api("GET", "/posts", { key: token, headers: { "x-blog-id": part } }),
      await t.send("GET", `http://localhost:8000/auth/login-link?token=${part}.x`),
      await t.send("GET", "http://localhost:8000/app", {
        headers: { cookie: `postlark=${part}.x` },
      }),
    ];
    assert.deepEqual(answers.filter(({ status }) => status >= 500).map(({ text }) => text), []);
  }
  for (const path of ["/", "/og.png", "/rss.xml"]) {
    assert.equal((await t.view("a".repeat(3000), path)).status, 404);
  }
});
