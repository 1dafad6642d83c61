import assert from "node:assert/strict";
import { changePlan } from "../../lib/account/plan_changes.ts";
import { setup } from "../_setup.ts";
import { setupPair } from "../support/pair.ts";

const post = { title: "Hello", content: "First text.", slug: "hello", status: "published" };

/** Two instances that have both just shown the post and the index, and what the one's writes make them show. */
async function shown(plan: "creator" | "free" = "creator") {
  const pair = await setupPair();
  const { one, two } = pair;
  const tenant = await one.tenant(plan);
  const { blog, key, token, id } = tenant;
  await one.api("POST", "/posts", { key, body: post });
  for (const t of [one, two]) {
    for (const path of ["/hello", "/hello", "/"]) {
      assert.equal((await t.view(blog.slug, path)).status, 200);
    }
  }
  const look = async (t: typeof one, path: string) => {
    const { status, text } = await t.view(blog.slug, path);
    return `${status} ${text}`;
  };
  /** The instance that took a change shows it at once, the other within a second. */
  const expect = async (pages: Record<string, RegExp>) => {
    for (const [path, text] of Object.entries(pages)) assert.match(await look(one, path), text);
    pair.advance(1000);
    for (const [path, text] of Object.entries(pages)) assert.match(await look(two, path), text);
  };
  return {
    pair,
    one,
    two,
    blog,
    key,
    token,
    id,
    expect,
    [Symbol.dispose]: () => pair[Symbol.dispose](),
  };
}

Deno.test("an edit shows at once on the instance that took it, and within a second on another", async () => {
  using s = await shown();
  await s.one.api("PUT", "/posts/hello", { key: s.key, body: { title: "New title" } });
  await s.expect({ "/hello": /New title/, "/": /New title/ });
});

Deno.test("what is taken down is gone at once here, and within a second on another instance", async () => {
  using s = await shown();
  await s.one.api("POST", "/posts/hello/unpublish", { key: s.key });
  await s.expect({ "/hello": /^410/, "/": /No posts here yet/ });
});

Deno.test("a renamed post's old page is a redirect within a second on another instance", async () => {
  using s = await shown();
  await s.one.api("PUT", "/posts/hello", { key: s.key, body: { slug: "new" } });
  await s.expect({ "/hello": /^301/, "/new": /^200/, "/": /href="\/new"/ });
});

Deno.test("a blog's new name shows on every page at once here, and within a second on another instance", async () => {
  using s = await shown();
  const body = { name: "Renamed blog" };
  await s.one.api("PUT", `/blogs/${s.blog.id}`, { key: s.token, body });
  await s.expect({ "/hello": /Renamed blog/, "/": /Renamed blog/, "/none": /Renamed blog/ });
});

Deno.test("a change of plan shows at once here, and within a second on another instance", async () => {
  using s = await shown("free");
  await changePlan(s.one.deps, s.id, { plan: "creator" });
  const indexed = /^200 (?![\s\S]*noindex)(?![\s\S]*Published with)/;
  await s.expect({ "/hello": indexed, "/": indexed });
});

Deno.test("a deleted blog's pages are gone at once here, and within a second on another instance", async () => {
  using s = await shown();
  await s.one.api("DELETE", `/blogs/${s.blog.id}`, { key: s.token });
  await s.expect({ "/hello": /^404[\s\S]*No blog here/, "/": /^404[\s\S]*No blog here/ });
});

Deno.test("a subdomain that went to another blog leads there, on an instance that knew the old one too", async () => {
  using s = await shown();
  await s.one.api("DELETE", `/blogs/${s.blog.id}`, { key: s.token });
  const body = { slug: s.blog.slug, name: "Second blog" };
  const made = await s.one.api("POST", "/blogs", { key: s.token, body });
  const headers = { "x-blog-id": made.body.id };
  const second = { ...post, title: "Second post" };
  await s.one.api("POST", "/posts", { key: s.token, headers, body: second });
  await s.expect({ "/hello": /Second post/, "/": /Second blog/ });
});

Deno.test("what is published on one instance is found by the other that has just said 404", async () => {
  using s = await shown();
  assert.equal((await s.two.view(s.blog.slug, "/second")).status, 404);
  await s.one.api("POST", "/posts", { key: s.key, body: { ...post, slug: "second" } });
  assert.equal((await s.two.view(s.blog.slug, "/second")).status, 200);
});

Deno.test("blogs live under POSTLARK_BLOG_DOMAIN where the operator has one, and no longer under the origin's", async () => {
  using t = await setup({
    env: { POSTLARK_ORIGIN: "https://postlark.example", POSTLARK_BLOG_DOMAIN: "blogs.example" },
  });
  const { key, blog } = await t.tenant();
  assert.equal(blog.url, `https://${blog.slug}.blogs.example`);
  await t.api("POST", "/posts", { key, body: post });
  assert.equal((await t.send("GET", `${blog.url}/hello`)).status, 200);
  const hosts = [`${blog.slug}.postlark.example`, "blogs.example"];
  for (const host of hosts) {
    assert.equal((await t.send("GET", `https://${host}/hello`)).status, 404);
  }
  for (const host of ["postlark.example", "api.postlark.example", "app.postlark.example"]) {
    assert.equal((await t.send("GET", `https://${host}/v1/posts`, { key })).status, 200);
  }
  assert.equal((await t.send("GET", `${blog.url}/v1/posts`, { key })).status, 404);
});
