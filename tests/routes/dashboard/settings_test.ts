import assert from "node:assert/strict";
import { setup } from "../../_setup.ts";
import { changePlan } from "../../../lib/account/plan_changes.ts";
import { setupSignedIn, signedIn } from "./_dashboard.ts";

type At = Pick<Awaited<ReturnType<typeof signedIn>>, "browser" | "blog" | "token">;

async function storedOf({ browser, blog, token }: At) {
  return (await browser.t.api("GET", `/blogs/${blog.id}`, { key: token })).body;
}

Deno.test("a blog's name and description are changed, and hostile ones are text", async () => {
  using at = await setupSignedIn();
  const name = `<b>"Kites" & more`;
  const seen = await at.browser.post(`${at.home}/settings`, {
    name,
    description: "</textarea><i>",
  });
  assert.match(seen.text, /Saved\./);
  assert.doesNotMatch(seen.text, /<b>|<i>/);
  const stored = await storedOf(at);
  assert.deepEqual([stored.name, stored.description], [name, "</textarea><i>"]);
});

Deno.test("a field that will not do says why, and nothing of the form is stored", async () => {
  using at = await setupSignedIn();
  const before = await storedOf(at);
  const seen = await at.browser.post(`${at.home}/settings`, {
    name: " ",
    description: "x".repeat(1001),
  });
  assert.equal(seen.status, 400);
  const faults = [...seen.text.matchAll(/id="fault-(\w+)"/g)].map(([, field]) => field);
  assert.deepEqual(faults, ["name", "description"]);
  assert.deepEqual(await storedOf(at), before);
});

Deno.test("a form of a blog that was changed meanwhile puts nothing back, says so, and is taken the second time", async () => {
  using at = await setupSignedIn();
  const etagOf = (html: string) => /name="etag" value="([^"]+)"/.exec(html)![1];
  const { name, description } = await storedOf(at);
  const etag = etagOf((await at.browser.open(`${at.home}/settings`)).text);
  const body = { description: "Of the other window" };
  await at.browser.t.api("PUT", `/blogs/${at.blog.id}`, { key: at.token, body });
  const mine = { name: `${name}, renamed`, description };
  const late = await at.browser.post(`${at.home}/settings`, { ...mine, etag });
  assert.equal(late.status, 412);
  assert.match(late.text, /the blog was changed elsewhere/);
  assert.match(late.text, new RegExp(`value="${mine.name}"`));
  assert.equal((await storedOf(at)).description, "Of the other window");
  await at.browser.post(`${at.home}/settings`, { ...mine, etag: etagOf(late.text) });
  const stored = await storedOf(at);
  assert.deepEqual([stored.name, stored.description], [mine.name, description]);
});

Deno.test("patterns of titles are written one a line, and a line that is gone is taken away", async () => {
  using t = await setup();
  const at = await signedIn(t, "scale");
  const save = (title_pattern: string, tag_title_patterns: string) =>
    at.browser.post(`${at.home}/settings`, { title_pattern, tag_title_patterns });
  await save("{title} on {blog}", "Recipes: {title}, a recipe\r\nc:d: {title} in c:d");
  const stored = await storedOf(at);
  assert.equal(stored.title_pattern, "{title} on {blog}");
  assert.deepEqual(stored.tag_title_patterns, {
    "recipes": "{title}, a recipe",
    "c:d": "{title} in c:d",
  });
  const page = await at.browser.open(`${at.home}/settings`);
  assert.match(page.text, /recipes: \{title\}, a recipe/);
  await save("", "recipes: {title}!");
  const after = await storedOf(at);
  assert.equal(after.title_pattern, null);
  assert.deepEqual(after.tag_title_patterns, { recipes: "{title}!" });
  for (const bad of ["no colon", ": {title}", "recipes: {nothing}"]) {
    const seen = await save("", bad);
    assert.equal(seen.status, 400, bad);
    assert.match(seen.text, /id="fault-tag_title_patterns"/, bad);
  }
  assert.deepEqual((await storedOf(at)).tag_title_patterns, { recipes: "{title}!" });
});

Deno.test("a plan without patterns is told which has them, and sent ones are refused", async () => {
  using at = await setupSignedIn();
  const page = await at.browser.open(`${at.home}/settings`);
  assert.match(page.text, /name="title_pattern"[^>]* disabled/);
  assert.match(page.text, /Requires the Scale plan/);
  const seen = await at.browser.post(`${at.home}/settings`, { title_pattern: "{title}" });
  assert.equal(seen.status, 403);
  assert.match(seen.text, /title_pattern requires the Scale plan/);
});

Deno.test("a blog is deleted only by its name, typed; then its pages and its place in the dashboard are gone", async () => {
  using at = await setupSignedIn();
  const path = `${at.home}/settings/delete`;
  for (const confirm of ["", "yes", `${at.blog.slug}x`]) {
    const seen = await at.browser.post(path, { confirm });
    assert.equal(seen.status, 400, confirm);
    assert.match(seen.text, /id="fault-confirm"/);
  }
  assert.equal((await storedOf(at)).id, at.blog.id);
  const seen = await at.browser.post(path, { confirm: at.blog.slug });
  assert.equal(new URL(seen.url).pathname, "/app");
  assert.match(seen.text, /The blog was deleted/);
  assert.equal((await at.browser.open(at.home)).status, 404);
  const { status } = await at.t.api("GET", `/blogs/${at.blog.id}`, { key: at.token });
  assert.equal(status, 404);
});

Deno.test("a frozen blog can be deleted but offers no other change, and takes none", async () => {
  using at = await setupSignedIn();
  const { kv } = at.t.deps.store;
  const { value } = await kv.get<object>(["blog", at.blog.id]);
  await kv.set(["blog", at.blog.id], { ...value, frozenAt: at.t.now() });
  for (const page of ["/settings", "/theme", "/domain", "/media"]) {
    const { text, status } = await at.browser.open(at.home + page);
    assert.equal(status, 200, page);
    assert.doesNotMatch(text, />(Save|Save the theme|Add the domain|Upload)<\/button>/, page);
  }
  assert.equal((await at.browser.post(`${at.home}/settings`, { name: "New" })).status, 403);
  assert.equal((await at.browser.post(`${at.home}/theme`, { theme: "ink" })).status, 403);
  assert.equal((await at.browser.post(`${at.home}/domain`, { hostname: "a.example" })).status, 403);
  const seen = await at.browser.post(`${at.home}/settings/delete`, { confirm: at.blog.slug });
  assert.match(seen.text, /The blog was deleted/);
});

Deno.test("a frozen blog is changed in place of another, which is frozen, at the press of a button", async () => {
  using t = await setup();
  const at = await signedIn(t, "creator");
  t.advance(1);
  const made = await t.api("POST", "/blogs", { key: at.token, body: { name: "Two", slug: "two" } });
  assert.equal(made.status, 201);
  await changePlan(t.deps, at.id, { plan: "free" });
  t.advance(31 * 86_400_000);
  await t.runJob("grace_and_freeze");
  await at.browser.signInTo(at.id);
  const button = />Change this blog in place of another<\/button>/;
  const frozen = async (home: string) => button.test((await at.browser.open(home)).text);
  assert.deepEqual([await frozen(at.home), await frozen("/app/blogs/two")], [false, true]);
  await at.browser.post("/app/blogs/two/activate");
  assert.deepEqual([await frozen(at.home), await frozen("/app/blogs/two")], [true, false]);
  const stranger = await signedIn(t);
  assert.equal((await stranger.browser.post("/app/blogs/two/activate")).status, 404);
});
