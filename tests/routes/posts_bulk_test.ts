import assert from "node:assert/strict";
import { setup } from "../_setup.ts";
import { checkStore } from "../../lib/operator/check/mod.ts";
import { Random } from "../support/random.ts";

const post = (n: number) => ({ title: `Post ${n}`, content: `Text *${n}*.` });
type Result = {
  index: number;
  status: number;
  post?: { slug: string };
  failure?: { reason: string; issues?: { path: string }[] };
};

Deno.test("POST /v1/posts/bulk makes a hundred posts, in their order", async () => {
  using t = await setup();
  const { key } = await t.tenant("scale");
  const posts = Array.from({ length: 100 }, (_, n) => post(n));
  const { status, body } = await t.api("POST", "/posts/bulk", { key, body: { posts } });
  assert.equal(status, 200);
  assert.equal(body.created, 100);
  assert.equal(body.failed, 0);
  const slugs = body.results.map((one: Result) => one.post!.slug);
  assert.deepEqual(slugs, posts.map((_, n) => `post-${n}`));
  assert.equal((await t.api("GET", "/posts", { key })).body.pagination.total, 100);
  assert.equal(
    (await t.api("GET", "/posts/post-99", { key })).body.content_html,
    "<p>Text <em>99</em>.</p>\n",
  );
  assert.deepEqual((await checkStore(t.deps, 0)).differences, []);
});

Deno.test("each post of a bulk has its own result, and those that fail leave the others", async () => {
  using t = await setup();
  const { key } = await t.tenant("scale");
  await t.api("POST", "/posts", { key, body: { ...post(0), slug: "taken" } });
  const posts = [
    post(1),
    { title: "", content: "x" },
    { ...post(2), slug: "taken" },
    {},
    { ...post(3), status: "published", tags: ["a"] },
  ];
  const { body } = await t.api("POST", "/posts/bulk", { key, body: { posts } });
  assert.equal(body.created, 2);
  assert.equal(body.failed, 3);
  const seen = body.results.map(({ status, failure }: Result) => [status, failure?.reason]);
  assert.deepEqual(seen, [
    [201, undefined],
    [400, "validation"],
    [409, "slug_taken"],
    [400, "validation"],
    [201, undefined],
  ]);
  assert.deepEqual(body.results[1].failure.issues.map(({ path }: { path: string }) => path), [
    "title",
  ]);
  assert.equal((await t.api("GET", "/posts", { key })).body.pagination.total, 3);
});

Deno.test("a bulk is for Scale and above, and of 1 to 100 posts", async () => {
  using t = await setup();
  const creator = await t.tenant("creator");
  const refused = await t.api("POST", "/posts/bulk", {
    key: creator.key,
    body: { posts: [post(1)] },
  });
  assert.equal(refused.status, 403);
  assert.equal(refused.body.message, "Creating posts in bulk requires the Scale plan or above.");
  const { key } = await t.tenant("scale");
  for (const posts of [[], Array.from({ length: 101 }, (_, n) => post(n)), "all", undefined]) {
    assert.equal((await t.api("POST", "/posts/bulk", { key, body: { posts } })).status, 400);
  }
  assert.equal((await t.api("GET", "/posts", { key })).body.pagination.total, 0);
});

Deno.test("a bulk that was cut short is finished under its Idempotency-Key, without a second copy", async () => {
  let commits = 0;
  let broken = false;
  using t = await setup({
    hooks: {
      before(kind) {
        if (broken && kind === "commit" && ++commits > 12) throw new Error("connection lost");
      },
    },
  });
  const { key } = await t.tenant("scale");
  const posts = Array.from({ length: 30 }, (_, n) => post(n));
  const sent = { key, body: { posts }, headers: { "idempotency-key": "import-1" } };
  broken = true;
  const first = await t.api("POST", "/posts/bulk", sent);
  assert.ok(first.status === 200 ? first.body.failed > 0 : first.status === 503);
  broken = false;
  t.advance(61_000);
  const { status, body } = await t.api("POST", "/posts/bulk", sent);
  assert.equal(status, 200);
  assert.equal(body.created, 30);
  assert.equal((await t.api("GET", "/posts", { key })).body.pagination.total, 30);
  const again = await t.api("POST", "/posts/bulk", sent);
  assert.equal(again.headers.get("idempotency-replayed"), "true");
  assert.deepEqual(again.body, body);
});

Deno.test("a bulk of the longest titles, descriptions and faults is replayed whole", async () => {
  using t = await setup();
  const { key } = await t.tenant("scale");
  const random = new Random(5);
  const text = (length: number) =>
    String.fromCodePoint(...Array.from({ length }, () => 0x4e00 + random.below(20_000)));
  const posts = Array.from({ length: 100 }, (_, n) => (
    n % 4
      ? { title: text(1000), content: "x", meta: { description: text(500) } }
      : { title: "", content: 7, slug: "-", status: "x", tags: Array(10).fill("") }
  ));
  const sent = { key, body: { posts }, headers: { "idempotency-key": "long" } };
  const first = await t.api("POST", "/posts/bulk", sent);
  assert.equal(first.status, 200, first.text.slice(0, 300));
  assert.deepEqual([first.body.created, first.body.failed], [75, 25]);
  assert.equal(first.body.results[0].failure.issues.length, 14);
  const again = await t.api("POST", "/posts/bulk", sent);
  assert.equal(again.headers.get("idempotency-replayed"), "true");
  assert.deepEqual(again.body, first.body);
});
