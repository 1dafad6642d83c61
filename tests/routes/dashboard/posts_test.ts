import assert from "node:assert/strict";
import type { Service } from "../../_setup.ts";
import { setupSignedIn, submit, textsOf } from "./_dashboard.ts";

type Given = { title: string; content?: string; status?: string; tags?: string[] };

async function write(t: Service, key: string, posts: Given[]): Promise<void> {
  for (const post of posts) {
    t.advance(1000);
    const { status, text } = await t.api("POST", "/posts", {
      key,
      body: { content: `About ${post.title}.`, ...post },
    });
    assert.equal(status, 201, text);
  }
}

/** The slugs of the list, in its order. */
function listed(text: string): string[] {
  return [...text.matchAll(/name="slug" value="([^"]+)"/g)].map(([, slug]) => slug);
}

/** Slug → status of all posts. */
async function statuses(t: Service, key: string): Promise<Record<string, string>> {
  const { body } = await t.api("GET", "/posts?per_page=200", { key });
  return Object.fromEntries(
    body.data.map(({ slug, status }: { slug: string; status: string }) => [slug, status]),
  );
}

Deno.test("the list filters by status and tag, and sorts", async () => {
  using at = await setupSignedIn();
  await write(at.t, at.key, [
    { title: "One", tags: ["deno"] },
    { title: "Two", status: "published" },
    { title: "Three", status: "published", tags: ["deno"] },
  ]);
  at.t.advance(1000);
  await at.t.api("PUT", "/posts/one", { key: at.key, body: { title: "One more" } });
  const cases: [string, string[]][] = [
    ["", ["one", "three", "two"]],
    ["?by=newest", ["three", "two", "one"]],
    ["?by=oldest", ["one", "two", "three"]],
    ["?by=published", ["three", "two", "one"]],
    ["?status=published", ["three", "two"]],
    ["?status=scheduled", []],
    ["?tag=Deno", ["one", "three"]],
    ["?status=draft&tag=deno&by=oldest", ["one"]],
    ["?status=x&by=constructor&page=-1&tag=+", ["one", "three", "two"]],
  ];
  for (const [query, slugs] of cases) {
    const { status, text } = await at.browser.open(`${at.home}/posts${query}`);
    assert.deepEqual([status, listed(text)], [200, slugs], query);
  }
});

Deno.test("a search finds posts of every status by title, then published ones by their text, each once", async () => {
  using at = await setupSignedIn();
  await write(at.t, at.key, [
    { title: "Kites for <i>all</i>", status: "published" },
    { title: "Flying a KITE in secret", tags: ["wind"] },
    { title: "Boats", status: "published", content: "No kite here." },
    { title: "Trains", content: "No kite here." },
  ]);
  const { text } = await at.browser.open(`${at.home}/posts?q=%22kite`);
  assert.deepEqual(listed(text), ["flying-a-kite-in-secret", "kites-for-i-all-i", "boats"]);
  assert.deepEqual(textsOf(text, "h2"), [
    "2 titles with “&quot;kite”",
    "In the text of what is published",
  ]);
  assert.match(text, /Kites for &lt;i&gt;all/);
  const cases: [string, string[]][] = [
    ["q=kite&status=draft", ["flying-a-kite-in-secret"]],
    ["q=kite&status=published", ["kites-for-i-all-i", "boats"]],
    ["q=kite&tag=Wind", ["flying-a-kite-in-secret"]],
    ["q=trains", ["trains"]],
    ["q=nowhere", []],
  ];
  for (const [query, slugs] of cases) {
    const { status, text } = await at.browser.open(`${at.home}/posts?${query}`);
    assert.deepEqual([status, listed(text)], [200, slugs], query);
  }
});

Deno.test("what a search finds is published where it stands, and the search stays", async () => {
  using at = await setupSignedIn();
  await write(at.t, at.key, [{ title: "Kites" }]);
  const seen = await submit(at.browser, `${at.home}/posts?q=kites`, [
    ["slug", "kites"],
    ["action", "publish"],
  ]);
  assert.equal(new URL(seen.url).searchParams.get("q"), "kites");
  assert.match(seen.text, /1 post was published\./);
  assert.deepEqual(listed(seen.text), ["kites"]);
  assert.deepEqual(await statuses(at.t, at.key), { kites: "published" });
});

Deno.test("a search that has not looked at every title says so, and leads further back", async () => {
  using at = await setupSignedIn();
  const titles = Array.from({ length: 21 }, (_, n) => ({ title: `Kites ${n}` }));
  await write(at.t, at.key, titles);
  const first = await at.browser.open(`${at.home}/posts?q=kites`);
  assert.equal(listed(first.text).length, 20);
  assert.match(first.text, /Older posts were not looked at yet/);
  const next = /rel="next" href="([^"]+)"/.exec(first.text)![1].replaceAll("&amp;", "&");
  const second = await at.browser.open(next);
  assert.deepEqual(listed(second.text), ["kites-0"]);
  assert.doesNotMatch(second.text, /rel="next"/);
  assert.match(second.text, /From the newest/);
  for (const after of ["x", "%00", next.slice(-9), "WyJkZXNjIiwxXQ"]) {
    const { status, text } = await at.browser.open(`${at.home}/posts?q=kites&after=${after}`);
    assert.deepEqual([status, listed(text).length], [200, 20], after);
  }
});

Deno.test("a search that is too long says what is wrong", async () => {
  using at = await setupSignedIn();
  const long = await at.browser.open(`${at.home}/posts?q=${"x".repeat(101)}`);
  assert.equal(long.status, 400);
  assert.match(long.text, /aria-describedby="fault-q"/);
  assert.match(textsOf(long.text, "span").join("\n"), /q must have at most 100 characters/);
  const nul = await at.browser.open(`${at.home}/posts?q=a%00b&tag=a%00`);
  assert.equal(nul.status, 400);
});

Deno.test("pages follow each other with the filter kept, and one beyond the last says so", async () => {
  using at = await setupSignedIn();
  const titles = Array.from({ length: 21 }, (_, n) => ({ title: `Post ${n + 1}`, tags: ["a&b"] }));
  await write(at.t, at.key, titles);
  const first = await at.browser.open(`${at.home}/posts?tag=a%26b&by=oldest`);
  assert.equal(listed(first.text).length, 20);
  assert.match(first.text, /Page 1 of 2/);
  const next = /rel="next" href="([^"]+)"/.exec(first.text)![1].replaceAll("&amp;", "&");
  const second = await at.browser.open(next);
  assert.deepEqual(listed(second.text), ["post-21"]);
  assert.match(second.text, /rel="prev"/);
  assert.doesNotMatch(second.text, /rel="next"/);
  const beyond = await at.browser.open(`${at.home}/posts?page=999999999`);
  assert.match(beyond.text, /No post is here/);
});

Deno.test("what is ticked is published, made a draft and deleted; the rest stays, and so does the filter", async () => {
  using at = await setupSignedIn();
  await write(at.t, at.key, [{ title: "One" }, { title: "Two" }, { title: "Three" }]);
  const act = (action: string, ...slugs: string[]) =>
    submit(at.browser, `${at.home}/posts?by=oldest`, [
      ...slugs.map((slug): [string, string] => ["slug", slug]),
      ["action", action],
    ]);
  const published = await act("publish", "one", "two", "two");
  assert.match(published.text, /2 posts were published\./);
  assert.equal(new URL(published.url).searchParams.get("by"), "oldest");
  assert.deepEqual(await statuses(at.t, at.key), {
    one: "published",
    two: "published",
    three: "draft",
  });
  assert.match((await act("unpublish", "one")).text, /1 post was made a draft\./);
  assert.match((await act("delete", "two", "three")).text, /2 posts were deleted\./);
  assert.deepEqual(await statuses(at.t, at.key), { one: "draft" });
});

Deno.test("a bulk action says of which posts it failed, and does the others", async () => {
  using at = await setupSignedIn();
  await write(at.t, at.key, [{ title: "One" }]);
  const seen = await submit(at.browser, `${at.home}/posts`, [
    ["slug", "gone"],
    ["slug", "one"],
    ["slug", "a\0b"],
    ["action", "publish"],
  ]);
  assert.equal(seen.status, 404);
  assert.match(seen.text, /1 post was published\./);
  assert.match(seen.text, /<code>gone<\/code>/);
  assert.deepEqual(await statuses(at.t, at.key), { one: "published" });
});

Deno.test("an action that is none, or with nothing ticked, changes nothing and says what to do", async () => {
  using at = await setupSignedIn();
  await write(at.t, at.key, [{ title: "One" }]);
  for (
    const fields of [
      [["action", "delete"]],
      [["slug", "one"]],
      [["slug", "one"], ["action", "constructor"]],
      [],
    ] as [string, string][][]
  ) {
    const seen = await submit(at.browser, `${at.home}/posts`, fields);
    assert.equal(seen.status, 400);
    assert.match(seen.text, /Tick the posts that you mean/);
  }
  assert.deepEqual(await statuses(at.t, at.key), { one: "draft" });
});

Deno.test("another blog's posts are neither listed nor changed", async () => {
  using at = await setupSignedIn();
  const stranger = await at.t.tenant();
  await write(at.t, stranger.key, [{ title: "Theirs", status: "published" }]);
  assert.deepEqual(listed((await at.browser.open(`${at.home}/posts`)).text), []);
  assert.deepEqual(listed((await at.browser.open(`${at.home}/posts?q=theirs`)).text), []);
  const seen = await submit(at.browser, `${at.home}/posts`, [
    ["slug", "theirs"],
    ["action", "delete"],
  ]);
  assert.equal(seen.status, 404);
  assert.deepEqual(await statuses(at.t, stranger.key), { theirs: "published" });
});

Deno.test("only an action's own redirect is told of, in words of ours", async () => {
  using at = await setupSignedIn();
  for (
    const query of ["done=x&n=1", "done=delete&n=<b>", "done=delete&n=21", "done=toString&n=1"]
  ) {
    const { text } = await at.browser.open(`${at.home}/posts?${query}`);
    assert.doesNotMatch(text, /role="status"/, query);
  }
});

Deno.test("why a post was not changed is one sentence with one full stop", async () => {
  using at = await setupSignedIn();
  await write(at.t, at.key, [{ title: "Kites" }]);
  const { kv } = at.t.deps.store;
  const { value } = await kv.get<object>(["blog", at.blog.id]);
  await kv.set(["blog", at.blog.id], { ...value, frozenAt: at.t.now() });
  const fields: [string, string][] = [["action", "publish"], ["slug", "kites"]];
  const seen = await submit(at.browser, `${at.home}/posts`, fields);
  assert.equal(seen.status, 403);
  const [why] = textsOf(seen.text, "li").filter((text) => text.startsWith("kites :"));
  assert.match(why, /[^.]\.$/);
});
