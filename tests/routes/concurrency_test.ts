import assert from "node:assert/strict";
import { type Got, type Service, setup } from "../_setup.ts";
import type { Hooks } from "../support/hooked_kv.ts";
import { atOnce, setupPair, tally } from "../support/pair.ts";
import { openStore } from "../support/store.ts";

const post = { title: "Hello", content: "Text.", slug: "hello" };

for (const instances of [1, 2]) {
  const over = instances === 1 ? "one instance" : "two instances";

  Deno.test(`fifty creates at once with one slug over ${over}: one 201, the rest 409`, async () => {
    using pair = await setupPair();
    const { key } = await pair.one.tenant();
    const got = await atOnce(50, (n) => {
      const t = pair.nth(instances === 1 ? 0 : n);
      return t.api("POST", "/posts", { key, body: post });
    });
    assert.deepEqual(tally(got), { 201: 1, "409 slug_taken": 49 });
    const { body } = await pair.two.api("GET", "/posts", { key });
    assert.equal(body.pagination.total, 1);
    assert.equal(body.data[0].id, got.find(({ status }) => status === 201)!.body.id);
  });

  Deno.test(`fifty creates at once on Free with one place left over ${over}: one 201, the rest 403`, async () => {
    using pair = await setupPair();
    const { key } = await pair.one.tenant("free");
    const create = (t: Service) =>
      t.api("POST", "/posts", { key, body: { title: "Hello", content: "x" } });
    for (let n = 0; n < 9; n++) assert.equal((await create(pair.one)).status, 201);
    const got = await atOnce(50, (n) => create(pair.nth(instances === 1 ? 0 : n)));
    assert.deepEqual(tally(got), { 201: 1, "403 post_limit": 49 });
    assert.equal((await pair.two.api("GET", "/posts", { key })).body.pagination.total, 10);
  });

  Deno.test(`ten updates at once of different fields over ${over} lose nothing`, async () => {
    using pair = await setupPair();
    const { key } = await pair.one.tenant();
    await pair.one.api("POST", "/posts", { key, body: { ...post, tags: ["a"] } });
    const changes = [
      { title: "New title" },
      { content: "New *content*." },
      { tags: ["b", "c"] },
      { slug: "renamed" },
      { meta: { description: "New description." } },
      { meta: { og_image: "https://example.com/new.png" } },
      { meta: { canonical_url: "https://example.com/new" } },
      { meta: { noindex: true } },
    ];
    const put = async (t: Service, body: unknown): Promise<Got> => {
      const got = await t.api("PUT", "/posts/hello", { key, body });
      return got.status === 404 ? await t.api("PUT", "/posts/renamed", { key, body }) : got;
    };
    const got = await Promise.all([
      ...changes.map((body, n) => put(pair.nth(instances === 1 ? 0 : n), body)),
      pair.one.api("POST", "/posts/hello/publish", { key }),
    ]);
    const published = got.pop()!;
    assert.deepEqual(tally(got), { 200: 8 });
    if (published.status === 404) await pair.one.api("POST", "/posts/renamed/publish", { key });
    const { body } = await pair.two.api("GET", "/posts/renamed", { key });
    assert.deepEqual(
      [body.title, body.content_md, body.content_html, body.tags, body.status, body.noindex],
      [
        "New title",
        "New *content*.",
        "<p>New <em>content</em>.</p>\n",
        ["b", "c"],
        "published",
        true,
      ],
    );
    assert.deepEqual([body.meta_description, body.og_image_url, body.canonical_url], [
      "New description.",
      "https://example.com/new.png",
      "https://example.com/new",
    ]);
    const revisions = await pair.one.api("GET", "/posts/renamed/revisions", { key });
    assert.equal(revisions.body.data.length, 9);
  });

  Deno.test(`twenty blogs created at once on Creator over ${over}: as many as there is room for`, async () => {
    using pair = await setupPair();
    const { token } = await pair.one.tenant("creator");
    const got = await atOnce(20, (n) => {
      const body = { slug: `${over.split(" ")[0]}-${n}`, name: "B" };
      return pair.nth(instances === 1 ? 0 : n).api("POST", "/blogs", { key: token, body });
    });
    assert.deepEqual(tally(got), { 201: 2, "403 blog_limit": 18 });
    assert.equal((await pair.two.api("GET", "/blogs", { key: token })).body.data.length, 3);
  });
}

Deno.test("twenty owners who ask for one subdomain at once: one 201, the rest 409", async () => {
  using pair = await setupPair();
  const tokens: string[] = [];
  for (let n = 0; n < 20; n++) tokens.push((await pair.one.tenant()).token);
  const body = { slug: "wanted", name: "Wanted" };
  const got = await atOnce(
    20,
    (n) => pair.nth(n).api("POST", "/blogs", { key: tokens[n], body }),
  );
  assert.deepEqual(tally(got), { 201: 1, "409 slug_taken": 19 });
});

Deno.test("ten deletes at once of one post give its place back once", async () => {
  using pair = await setupPair();
  const { key } = await pair.one.tenant("free");
  const create = () => pair.one.api("POST", "/posts", { key, body: { title: "T", content: "x" } });
  for (let n = 0; n < 10; n++) await create();
  const got = await atOnce(10, (n) => pair.nth(n).api("DELETE", "/posts/t", { key }));
  assert.deepEqual(tally(got), { 200: 1, "404 post_not_found": 9 });
  assert.equal((await create()).status, 201);
  assert.equal((await create()).status, 403);
});

Deno.test("ten writers with If-Match of one version: one gets through, the rest 412", async () => {
  using pair = await setupPair();
  const { key } = await pair.one.tenant();
  const made = await pair.one.api("POST", "/posts", { key, body: post });
  const headers = { "if-match": made.headers.get("etag")! };
  const got = await atOnce(10, (n) => {
    const body = { title: `Title ${n}` };
    return pair.nth(n).api("PUT", "/posts/hello", { key, body, headers });
  });
  assert.deepEqual(tally(got), { 200: 1, "412 precondition_failed": 9 });
});

Deno.test("two posts that are renamed to one slug at once: one gets it", async () => {
  using pair = await setupPair();
  const { key } = await pair.one.tenant();
  for (let n = 0; n < 10; n++) {
    await pair.one.api("POST", "/posts", { key, body: { ...post, slug: `post-${n}` } });
  }
  const body = { slug: "wanted" };
  const got = await atOnce(10, (n) => pair.nth(n).api("PUT", `/posts/post-${n}`, { key, body }));
  assert.deepEqual(tally(got), { 200: 1, "409 slug_taken": 9 });
});

Deno.test("a post that is created while its blog is deleted is refused, or goes with it", async () => {
  using pair = await setupPair();
  const { id, token, blog } = await pair.one.tenant("free");
  const headers = { "x-blog-id": blog.id };
  const [gone, ...made] = await Promise.all([
    pair.one.api("DELETE", `/blogs/${blog.id}`, { key: token }),
    ...Array.from({ length: 8 }, (_, n) => {
      const body = { ...post, slug: `post-${n}` };
      return pair.nth(n).api("POST", "/posts", { key: token, headers, body });
    }),
  ]);
  assert.equal(gone.status, 200);
  for (const { status } of made) assert.ok([201, 403, 404].includes(status), String(status));
  await pair.one.runJob("resume_deletions");
  const left = await pair.one.deps.store.list({ start: ["post"], end: ["post", true] }, 10);
  assert.deepEqual(left, []);
  const count = await pair.one.deps.store.get<Deno.KvU64>(["count", id, "posts"]);
  assert.equal(count.value?.value ?? 0n, 0n);
});

Deno.test("an edit that another overtakes at any of its calls keeps both", async () => {
  for (let step = 1; step <= 8; step++) {
    const hooks: Hooks = {};
    const kv = await openStore();
    try {
      using slow = await setup({ kv, hooks });
      using fast = await setup({ kv });
      const { key } = await slow.tenant();
      await slow.api("POST", "/posts", { key, body: post });
      let calls = 0;
      hooks.before = async () => {
        if (++calls !== step) return;
        const body = { content: "Fast.", tags: ["fast"] };
        assert.equal((await fast.api("PUT", "/posts/hello", { key, body })).status, 200);
      };
      const body = { title: "Slow" };
      const got = await slow.api("PUT", "/posts/hello", { key, body });
      hooks.before = undefined;
      if (calls < step) await fast.api("PUT", "/posts/hello", { key, body: { tags: ["fast"] } });
      const after = (await fast.api("GET", "/posts/hello", { key })).body;
      assert.deepEqual([after.title, after.tags], ["Slow", ["fast"]], `call ${step}`);
      if (calls >= step) {
        assert.deepEqual(got.body, after);
        assert.equal(after.content_html, "<p>Fast.</p>\n");
      }
    } finally {
      kv.close();
    }
  }
});

Deno.test("a GET that an edit overtakes at any of its calls shows one version whole", async () => {
  const seen = new Set();
  for (let step = 1; step <= 5; step++) {
    const hooks: Hooks = {};
    const kv = await openStore();
    try {
      using slow = await setup({ kv, hooks });
      using fast = await setup({ kv });
      const { key } = await slow.tenant();
      await slow.api("POST", "/posts", { key, body: post });
      let calls = 0;
      hooks.before = async () => {
        if (++calls !== step) return;
        const body = { title: "Two", content: "Two." };
        await fast.api("PUT", "/posts/hello", { key, body });
      };
      const { status, body } = await slow.api("GET", "/posts/hello", { key });
      assert.equal(status, 200);
      const version = [body.title, body.content_md, body.content_html].join("|");
      assert.ok(
        ["Hello|Text.|<p>Text.</p>\n", "Two|Two.|<p>Two.</p>\n"].includes(version),
        version,
      );
      seen.add(version);
    } finally {
      kv.close();
    }
  }
  assert.equal(seen.size, 2);
});
