import assert from "node:assert/strict";
import { type Service, setup } from "../../_setup.ts";
import { setupSignedIn, signedIn } from "./_dashboard.ts";

async function makePost(t: Service, key: string, title: string) {
  const made = await t.api("POST", "/posts", { key, body: { title, content: "Some words." } });
  assert.equal(made.status, 201, made.text);
  return made.body;
}

Deno.test("a post is deleted from its editor, by whatever address it has by then, and the list says so", async () => {
  using at = await setupSignedIn();
  const { t, key, browser, home } = at;
  const post = await makePost(t, key, "<b>First");
  const page = await browser.open(`${home}/posts/${post.id}`);
  const [, action] = /<form[^>]* action="([^"]+\/delete)"/.exec(page.text)!;
  await t.api("PUT", `/posts/${post.slug}`, { key, body: { slug: "renamed" } });
  const seen = await browser.post(action);
  assert.equal(new URL(seen.url).pathname, `${home}/posts`);
  assert.match(seen.text, /role="status">1 post was deleted\./);
  assert.equal((await t.api("GET", "/posts/renamed", { key })).status, 404);
  assert.equal((await browser.post(action)).status, 404);
  assert.doesNotMatch((await browser.open(`${home}/posts/new`)).text, /\/delete"/);
});

Deno.test("nobody deletes another account's post by the editor", async () => {
  using at = await setupSignedIn();
  const { t, key, browser, home } = at;
  const other = await t.tenant("creator");
  const post = await makePost(t, other.key, "First");
  const theirs = `/app/blogs/${other.blog.slug}/posts/${post.id}/delete`;
  assert.equal((await browser.post(`${home}/posts/${post.id}/delete`)).status, 404);
  assert.equal((await browser.post(theirs)).status, 404);
  const own = await makePost(t, key, "First");
  const from = { origin: at.blog.url, "sec-fetch-site": "same-site" };
  assert.equal((await browser.post(`${home}/posts/${own.id}/delete`, {}, from)).status, 403);
  for (const { key } of [at, other]) {
    assert.equal((await t.api("GET", "/posts/first", { key })).status, 200);
  }
});

Deno.test("a plan without schedules cannot choose one, and is told which plan has them", async () => {
  using t = await setup();
  const controls = [
    /<input[^>]*name="scheduled_at"[^>]*>/,
    /<select[^>]*name="zone"[^>]*>/,
    /<button[^>]*value="scheduled"[^>]*>/,
  ];
  for (const plan of ["free", "creator"] as const) {
    const { browser, home } = await signedIn(t, plan);
    const { text } = await browser.open(`${home}/posts/new`);
    for (const one of controls) {
      assert.equal(/ disabled/.test(one.exec(text)![0]), plan === "free", `${plan} ${one}`);
    }
    assert.equal(/Scheduling requires the Creator plan or above/.test(text), plan === "free");
  }
});
