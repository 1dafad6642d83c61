import assert from "node:assert/strict";
import { under } from "../../lib/kit/kv.ts";
import type { PlanName } from "../../lib/kit/config.ts";
import { checkStore } from "../../lib/operator/check/mod.ts";
import { type Service, setup, type Tenant } from "../_setup.ts";
import type { Hooks } from "../support/hooked_kv.ts";
import { setupPair } from "../support/pair.ts";
import { openStore } from "../support/store.ts";

const HOUR = 3_600_000;
const post = { title: "Wombats", content: "Text.", slug: "wombats", status: "published" };

// deno-lint-ignore no-explicit-any
type Result = any;

async function publish(
  t: Service,
  fields: Record<string, unknown> = {},
  plan: PlanName = "scale",
): Promise<Tenant> {
  const tenant = await t.tenant(plan);
  const made = await t.api("POST", "/posts", { key: tenant.key, body: { ...post, ...fields } });
  assert.equal(made.status, 201, made.text);
  return tenant;
}

/** Titles of what is found, after the total was compared with their number. */
async function discover(t: Service, query: string): Promise<string[]> {
  const got = await t.api("GET", `/discover?${query}`);
  assert.equal(got.status, 200, got.text);
  assert.equal(got.body.pagination.total, got.body.data.length);
  return got.body.data.map(({ title }: Result) => title);
}

/** Asks from an address of its own. */
async function from(t: Service, hostname: string, headers: Record<string, string> = {}) {
  const remoteAddr: Deno.NetAddr = { transport: "tcp", hostname, port: 1 };
  const request = new Request("http://localhost:8000/v1/discover?q=x", { headers });
  const response = await t.app.fetch(request, { remoteAddr });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

Deno.test("the published posts of all blogs are found, whatever their plan, with what is known of their blogs", async () => {
  using t = await setup();
  const shown: Record<string, unknown> = {};
  for (const plan of ["free", "starter", "creator", "scale", "enterprise"] as const) {
    const { blog } = await publish(t, {}, plan);
    const llms = ["free", "starter"].includes(plan) ? null : `${blog.url}/wombats/llms.txt`;
    shown[blog.slug] = [`${blog.slug}.localhost:8000`, `${blog.url}/wombats`, llms];
  }
  const { body } = await t.api("GET", "/discover?q=wombats");
  assert.equal(body.pagination.total, 5);
  const found = body.data.map((one: Result) => [
    one.blog_name,
    [one.blog_domain, one.url, one.llms_txt_url],
  ]);
  assert.deepEqual(Object.fromEntries(found), shown);
  for (const { llms_txt_url, url } of body.data) {
    assert.equal((await t.send("GET", url)).status, 200);
    if (llms_txt_url) assert.equal((await t.send("GET", llms_txt_url)).status, 200);
  }
});

Deno.test("drafts, scheduled posts and sandboxes are never found", async () => {
  using t = await setup();
  const { key, token, blog } = await publish(t, { status: "draft" });
  const scheduled_at = new Date(t.now() + HOUR).toISOString();
  const body = { ...post, slug: "later", status: undefined, scheduled_at };
  assert.equal((await t.api("POST", "/posts", { key, body })).status, 201);
  const path = `/blogs/${blog.id}/api-keys`;
  const { key: test } = (await t.api("POST", path, { key: token, body: { mode: "test" } })).body;
  await t.api("POST", "/posts", { key: test, body: post });
  assert.deepEqual(await discover(t, "q=wombats"), []);
  await t.runJob("merge_search");
  assert.deepEqual(await discover(t, "q=wombats"), []);
  t.advance(HOUR);
  await t.runJob("publish_scheduled");
  assert.deepEqual(await discover(t, "q=wombats"), ["Wombats"]);
});

for (const merged of [false, true]) {
  const when = merged ? "after the merge" : "before the merge";
  Deno.test(`tag and lang keep what has them, whatever the case and the region, ${when}`, async () => {
    using t = await setup();
    const german =
      "Der Wombat ist ein Beutelsäuger aus Australien, der in Höhlen lebt und Gras isst.";
    await publish(t, { title: "Wombat one", tags: ["CI/CD", "Fauna"] });
    await publish(t, { title: "Wombat two", tags: ["ci/cd"] });
    await publish(t, { title: "Wombat drei", tags: ["fauna"], content: german });
    if (merged) await t.runJob("merge_search");
    const found = {
      "q=wombat": ["Wombat drei", "Wombat one", "Wombat two"],
      "q=wombat&tag=ci%2Fcd": ["Wombat one", "Wombat two"],
      "q=wombat&tag=FAUNA": ["Wombat drei", "Wombat one"],
      "q=wombat&tag=none": [],
      "q=wombat&tag=": ["Wombat drei", "Wombat one", "Wombat two"],
      "q=wombat&lang=de": ["Wombat drei"],
      "q=wombat&lang=DE-at": ["Wombat drei"],
      "q=wombat&lang=en": ["Wombat one", "Wombat two"],
      "q=wombat&lang=en&tag=fauna": ["Wombat one"],
      "q=wombat&lang=fr": [],
      "q=-two&lang=en": ["Wombat one"],
    };
    for (const [query, titles] of Object.entries(found)) {
      assert.deepEqual((await discover(t, query)).sort(), titles, query);
    }
  });
}

Deno.test("a filter that can be none is 400", async () => {
  using t = await setup();
  for (const query of ["lang=german!", "lang=x", `tag=${"x".repeat(51)}`, "lang="]) {
    const got = await t.api("GET", `/discover?q=x&${query}`);
    assert.equal(got.status, 400, query);
    assert.match(got.body.message, /^(tag|lang) must /);
  }
  const got = await t.api("GET", "/discover?lang=en");
  assert.equal(got.body.message, "q parameter is required");
});

Deno.test("each address has 120 searches an hour of its own, beside what its keys have", async () => {
  using t = await setup();
  const { key } = await t.tenant("free");
  for (let n = 119; n >= 0; n--) {
    const headers: Record<string, string> = n % 2 ? {} : { authorization: `Bearer ${key}` };
    const got = await from(t, "192.0.2.1", headers);
    assert.equal(got.status, 200);
    assert.equal(got.headers.get("x-ratelimit-limit"), "120");
    assert.equal(got.headers.get("x-ratelimit-remaining"), String(n));
  }
  for (const headers of [{}, { authorization: `Bearer ${key}` }] as Record<string, string>[]) {
    const refused = await from(t, "192.0.2.1", headers);
    assert.equal(refused.status, 429);
    assert.equal(refused.body.error, "rate_limit_exceeded");
    assert.equal(refused.headers.get("retry-after"), "3600");
    assert.equal(refused.headers.get("x-ratelimit-remaining"), "0");
  }
  assert.equal((await from(t, "192.0.2.2")).status, 200);
  const own = await t.api("GET", "/search?q=x", { key });
  assert.equal(own.headers.get("x-ratelimit-remaining"), "59");
  t.advance(HOUR);
  assert.equal((await from(t, "192.0.2.1")).status, 200);
});

Deno.test("two instances count an address together, and nothing stored names it", async () => {
  using pair = await setupPair({ env: { POSTLARK_LIMIT_DISCOVER: "7" } });
  const got = await Promise.all(
    Array.from({ length: 20 }, (_, n) => from(pair.nth(n), "192.0.2.77")),
  );
  assert.equal(got.filter(({ status }) => status === 200).length, 7);
  for await (const { key } of pair.kv.list({ prefix: [] })) {
    assert.ok(!JSON.stringify(key).includes("192.0.2.77"));
  }
});

Deno.test("a deleted blog is not found from the moment its deletion was accepted, total included, and its documents go", async () => {
  for (const merged of [false, true]) {
    for (const crash of [false, true]) {
      const hooks: Hooks = {};
      using t = await setup({ hooks });
      const mine = await publish(t, { title: "Wombat one", tags: ["a"] });
      for (let n = 0; n < 3; n++) {
        const body = { ...post, title: `Wombat ${n}`, slug: `w-${n}` };
        await t.api("POST", "/posts", { key: mine.key, body });
        if (merged && n === 1) await t.runJob("merge_search");
      }
      await publish(t, { title: "Wombat other" });
      let commits = 0;
      hooks.committed = () => {
        // The deletion's own commit, and the one that counts the request beside it.
        if (crash && ++commits === 2) {
          hooks.before = () => Promise.reject(new Error("the process is gone"));
        }
      };
      await t.api("DELETE", `/blogs/${mine.blog.id}`, { key: mine.token });
      hooks.before = hooks.committed = undefined;
      const what = `merged: ${merged}, crash: ${crash}`;
      const expect = async () => {
        assert.deepEqual(await discover(t, "q=wombat"), ["Wombat other"], what);
        assert.deepEqual(await discover(t, "q=wombat&tag=a"), [], what);
        assert.deepEqual(await discover(t, "q=-none"), ["Wombat other"], what);
      };
      await expect();
      const left = await t.deps.store.list(under(["deletion"]), 1);
      assert.equal(left.length, crash ? 1 : 0, what);
      await t.runJob("merge_search");
      await expect();
      await t.runJob("resume_deletions");
      await expect();
      await t.runJob("merge_search");
      await expect();
      for (const noun of ["ftshide", "ftslog", "deletion"]) {
        assert.deepEqual(await t.deps.store.list(under([noun]), 10), [], `${noun}, ${what}`);
      }
      assert.equal((await t.deps.store.list(under(["ftsdoc"]), 10)).length, 1, what);
      assert.deepEqual((await checkStore(t.deps, 0)).differences, []);
    }
  }
});

Deno.test("a blog that is deleted while its post is being found is left out of the answer", async () => {
  const hooks: Hooks = {};
  using t = await setup({ hooks });
  const { token, blog } = await publish(t);
  const { api } = t;
  let lists = 0;
  hooks.before = async (kind) => {
    // The log was read; the posting lists come after.
    if (kind !== "list" || ++lists !== 2) return;
    hooks.before = undefined;
    await api("DELETE", `/blogs/${blog.id}`, { key: token });
  };
  const { body } = await t.api("GET", "/discover?q=wombats");
  assert.equal(hooks.before, undefined, "the blog was not deleted in between");
  assert.deepEqual(body.data, []);
});

Deno.test("a blog's new name is shown at once where it was changed, and elsewhere a second later", async () => {
  const kv = await openStore();
  const here = await setup({ kv });
  const there = await setup({ kv });
  const { blog, key, token } = await here.tenant("starter");
  await here.api("POST", "/posts", {
    key,
    body: { title: "Ant", content: "x", status: "published" },
  });
  const nameAt = async (t: typeof here) =>
    (await t.api("GET", "/discover?q=ant")).body.data[0].blog_name;
  const [before] = [await nameAt(here), await nameAt(there)];
  const body = { name: "Another name" };
  assert.equal((await here.api("PUT", `/blogs/${blog.id}`, { key: token, body })).status, 200);
  assert.notEqual(before, body.name);
  assert.equal(await nameAt(here), body.name);
  assert.equal(await nameAt(there), before);
  there.advance(1000);
  assert.equal(await nameAt(there), body.name);
  kv.close();
});
