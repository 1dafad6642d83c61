import assert from "node:assert/strict";
import { type Service, setup } from "../_setup.ts";
import { planKey } from "../../lib/metering/plans.ts";
import { changePlan, graceAndFreeze, settleAccount } from "../../lib/account/plan_changes.ts";
import { checkStore } from "../../lib/operator/check/mod.ts";
import type { Hooks } from "../support/hooked_kv.ts";
import { atOnce } from "../support/pair.ts";
import { openStore } from "../support/store.ts";

const DAY = 86_400_000;
const post = { title: "Hello", content: "Text.", status: "published" };

/** An account with blogs `names`, made a minute apart, and its token. */
async function owner(t: Service, plan: "creator" | "scale" | "enterprise", names: string[]) {
  const tenant = await t.tenant(plan, names[0]);
  const ids = [tenant.blog.id];
  for (const slug of names.slice(1)) {
    t.advance(60_000);
    const got = await t.api("POST", "/blogs", { key: tenant.token, body: { slug, name: slug } });
    assert.equal(got.status, 201);
    ids.push(got.body.id);
  }
  return { ...tenant, ids };
}

function inBlog(key: string, blog: string, body?: unknown) {
  return { key, body, headers: { "x-blog-id": blog } };
}

/** Which of an account's blogs are frozen, oldest first. */
async function frozen(t: Service, key: string): Promise<boolean[]> {
  const { body } = await t.api("GET", "/blogs", { key });
  return body.data.map((blog: { frozen: boolean }) => blog.frozen).reverse();
}

Deno.test("a downgrade closes gates at once, shows by the former plan for thirty days, then by the new one", async () => {
  using t = await setup();
  const { id, blog, key, token } = await owner(t, "creator", ["one"]);
  await t.api("PUT", `/blogs/${blog.id}`, {
    key: token,
    body: { theme_config: { headerHtml: "<p>Mine</p>" } },
  });
  const made = await t.api("POST", "/posts", { key, body: post });
  await changePlan(t.deps, id, { plan: "free" });
  const scheduled_at = "2026-05-01T00:00:00Z";
  const refused = await t.api("POST", "/posts", {
    key,
    body: { ...post, status: "draft", scheduled_at },
  });
  assert.equal(refused.status, 403);
  const header = { theme_config: { headerHtml: "<p>New</p>" } };
  assert.equal(
    (await t.api("PUT", `/blogs/${blog.id}`, { key: token, body: header })).body.reason,
    "plan_required",
  );
  const usage = (await t.api("GET", "/account/usage", { key: token })).body;
  assert.equal(usage.plan, "free");
  assert.deepEqual(usage.grace, { plan: "creator", until: "2026-04-23T10:00:00.000Z" });
  const page = async () => (await t.send("GET", made.body.url)).text;
  assert.match(await page(), /Mine/);
  assert.doesNotMatch(await page(), /noindex/);
  t.advance(30 * DAY - 2000);
  assert.deepEqual(await t.runJob("grace_and_freeze"), { settled: 0, failed: 0 });
  assert.match(await page(), /Mine/);
  t.advance(2000);
  assert.deepEqual(await t.runJob("grace_and_freeze"), { settled: 1, failed: 0 });
  assert.deepEqual(await t.runJob("grace_and_freeze"), { settled: 0, failed: 0 });
  assert.doesNotMatch(await page(), /Mine/);
  assert.match(await page(), /noindex/);
  assert.equal((await t.api("GET", "/account/usage", { key: token })).body.grace, null);
  assert.deepEqual((await checkStore(t.deps, 0)).differences, []);
});

Deno.test("the newest blogs over the limit freeze when the grace is over: readable, no writes but deletes and revocations", async () => {
  using t = await setup();
  const { id, ids, token, key } = await owner(t, "creator", ["one", "two", "three"]);
  const [, two, three] = ids;
  const made = await t.api("POST", "/posts", inBlog(token, three, post));
  await t.api("POST", "/posts", inBlog(token, three, { ...post, slug: "draft", status: "draft" }));
  const bound = await t.api("POST", `/blogs/${three}/api-keys`, { key: token, body: {} });
  await changePlan(t.deps, id, { plan: "starter" });
  assert.deepEqual(await frozen(t, token), [false, false, false]);
  t.advance(30 * DAY);
  await t.runJob("grace_and_freeze");
  assert.deepEqual(await frozen(t, token), [false, true, true]);
  assert.equal((await t.send("GET", made.body.url)).status, 200);
  const refused: [string, string, unknown?][] = [
    ["POST", "/posts", post],
    ["PUT", "/posts/hello", { title: "New" }],
    ["POST", "/posts/draft/publish"],
    ["POST", "/posts/hello/unpublish"],
    ["PUT", `/blogs/${three}`, { name: "New" }],
    ["POST", `/blogs/${three}/api-keys`, {}],
    ["POST", "/account/tokens", { name: "New", blog_id: three }],
  ];
  for (const [method, path, body] of refused) {
    const got = await t.api(method, path, inBlog(token, three, body));
    assert.equal(got.status, 403, `${method} ${path}`);
    assert.equal(got.body.reason, "blog_frozen", `${method} ${path}`);
    assert.equal(got.body.upgrade_url, "http://localhost:8000/upgrade");
  }
  assert.equal((await t.api("GET", "/posts/hello", inBlog(token, three))).status, 200);
  assert.equal((await t.api("DELETE", "/posts/hello", inBlog(token, three))).status, 200);
  const revoke = `/blogs/${three}/api-keys/${bound.body.id}`;
  assert.equal((await t.api("DELETE", revoke, { key: token })).status, 200);
  assert.equal((await t.api("DELETE", `/blogs/${two}`, { key: token })).status, 200);
  assert.equal((await t.api("POST", "/posts", { key, body: post })).status, 201);
});

Deno.test("activating a frozen blog freezes the newest other one, and an upgrade thaws what fits", async () => {
  using t = await setup();
  const { id, ids, token } = await owner(t, "scale", ["one", "two", "three", "four"]);
  await changePlan(t.deps, id, { plan: "creator" });
  t.advance(30 * DAY);
  await t.runJob("grace_and_freeze");
  assert.deepEqual(await frozen(t, token), [false, false, false, true]);
  const got = await t.api("POST", `/blogs/${ids[3]}/activate`, { key: token });
  assert.equal(got.status, 200);
  assert.equal(got.body.frozen, false);
  assert.deepEqual(await frozen(t, token), [false, false, true, false]);
  t.advance(1000);
  await t.api("POST", `/blogs/${ids[2]}/activate`, { key: token });
  assert.deepEqual(await frozen(t, token), [false, true, false, false]);
  await t.api("DELETE", `/blogs/${ids[0]}`, { key: token });
  assert.deepEqual(await frozen(t, token), [false, false, false]);
  await changePlan(t.deps, id, { plan: "starter" });
  t.advance(30 * DAY);
  await t.runJob("grace_and_freeze");
  assert.deepEqual(await frozen(t, token), [true, false, true]);
  await changePlan(t.deps, id, { plan: "scale" });
  assert.deepEqual(await frozen(t, token), [false, false, false]);
});

Deno.test("a blog that its owner chose in the grace is kept when it ends", async () => {
  using t = await setup();
  const { id, ids, token } = await owner(t, "creator", ["one", "two"]);
  await changePlan(t.deps, id, { plan: "starter" });
  await t.api("POST", `/blogs/${ids[1]}/activate`, { key: token });
  assert.deepEqual(await frozen(t, token), [false, false]);
  t.advance(30 * DAY);
  await t.runJob("grace_and_freeze");
  assert.deepEqual(await frozen(t, token), [true, false]);
});

Deno.test("an upgrade within the grace ends it, and a further downgrade does not prolong it", async () => {
  using t = await setup();
  const { id, token } = await owner(t, "creator", ["one"]);
  const grace = async () => (await t.api("GET", "/account/usage", { key: token })).body.grace;
  await changePlan(t.deps, id, { plan: "starter" });
  t.advance(10 * DAY);
  await changePlan(t.deps, id, { plan: "free" });
  assert.deepEqual(await grace(), { plan: "creator", until: "2026-04-23T10:00:00.000Z" });
  await changePlan(t.deps, id, { plan: "creator" });
  assert.equal(await grace(), null);
  t.advance(30 * DAY);
  await t.runJob("grace_and_freeze");
  assert.deepEqual(await frozen(t, token), [false]);
});

Deno.test("an upgrade within the grace that falls short of the former plan leaves the grace as it was", async () => {
  using t = await setup();
  const { id, token } = await owner(t, "creator", ["one"]);
  const grace = async () => (await t.api("GET", "/account/usage", { key: token })).body.grace;
  await changePlan(t.deps, id, { plan: "free" });
  t.advance(10 * DAY);
  await changePlan(t.deps, id, { plan: "starter" });
  assert.deepEqual(await grace(), { plan: "creator", until: "2026-04-23T10:00:00.000Z" });
  t.advance(20 * DAY);
  await t.runJob("grace_and_freeze");
  const { body } = await t.api("GET", "/account/usage", { key: token });
  assert.deepEqual([body.plan, body.grace], ["starter", null]);
});

Deno.test("a plan that an account has already changes nothing of it, and has no page made again", async () => {
  using t = await setup();
  const { id } = await t.tenant("scale");
  const read = async () => (await t.deps.store.get(planKey(id))).value;
  for (const plan of ["scale", "starter"] as const) {
    await changePlan(t.deps, id, { plan });
    const before = await read();
    t.advance(DAY);
    await changePlan(t.deps, id, { plan });
    assert.deepEqual(await read(), before);
  }
});

Deno.test("an upgrade shows at the next view, and a change of plan by the operator leaves a subscription's period", async () => {
  using t = await setup();
  const { id, key, token, blog } = await t.tenant("free");
  await t.api("POST", "/posts", { key, body: post });
  const page = async () => (await t.view(blog.slug, "/hello")).text;
  for (let n = 0; n < 3; n++) assert.match(await page(), /noindex/);
  const period = { start: Date.parse("2026-03-20"), end: Date.parse("2026-04-20") };
  await changePlan(t.deps, id, { plan: "starter", period });
  assert.doesNotMatch(await page(), /noindex/);
  const ends = async () =>
    (await t.api("GET", "/account/usage", { key: token })).body.posts.period_end;
  assert.equal(await ends(), "2026-04-20T00:00:00.000Z");
  await changePlan(t.deps, id, { plan: "creator" });
  assert.equal(await ends(), "2026-04-20T00:00:00.000Z");
  await changePlan(t.deps, id, { plan: "creator", period: null });
  assert.equal(await ends(), "2026-04-01T00:00:00.000Z");
});

Deno.test("what was scheduled is published though the plan has fallen, but not on a frozen blog", async () => {
  using t = await setup();
  const { id, ids, token } = await owner(t, "creator", ["one", "two"]);
  for (const blog of ids) {
    const scheduled_at = new Date(t.deps.clock() + 31 * DAY).toISOString();
    const body = { ...post, status: undefined, scheduled_at };
    assert.equal((await t.api("POST", "/posts", inBlog(token, blog, body))).status, 201);
  }
  await changePlan(t.deps, id, { plan: "starter" });
  t.advance(30 * DAY);
  await t.runJob("grace_and_freeze");
  t.advance(DAY);
  await t.runJob("publish_scheduled");
  const status = async (blog: string) =>
    (await t.api("GET", "/posts/hello", inBlog(token, blog))).body.status;
  assert.equal(await status(ids[0]), "published");
  assert.equal(await status(ids[1]), "scheduled");
  await changePlan(t.deps, id, { plan: "creator" });
  await t.runJob("publish_scheduled");
  assert.equal(await status(ids[1]), "published");
});

Deno.test("the job run ten times at once settles an account as once", async () => {
  using t = await setup();
  const { id, token } = await owner(t, "creator", ["one", "two", "three"]);
  await changePlan(t.deps, id, { plan: "starter" });
  t.advance(30 * DAY);
  await atOnce(10, () => graceAndFreeze(t.deps));
  assert.deepEqual(await frozen(t, token), [false, true, true]);
  assert.deepEqual((await checkStore(t.deps, 0)).differences, []);
});

Deno.test("of blogs that are activated at once one is kept, and the last one to be, whatever its clock", async () => {
  using t = await setup();
  const { id, ids, token } = await owner(t, "creator", ["one", "two", "three"]);
  await changePlan(t.deps, id, { plan: "starter" });
  t.advance(30 * DAY);
  await t.runJob("grace_and_freeze");
  const activate = (n: number) => t.api("POST", `/blogs/${ids[n]}/activate`, { key: token });
  const answers = await atOnce(8, (n) => activate(1 + n % 2));
  assert.deepEqual(
    answers.map(({ status, body }) => [status, body.frozen]),
    Array(8).fill([200, false]),
  );
  const seen = await frozen(t, token);
  assert.equal(seen.filter((one) => !one).length, 1, JSON.stringify(seen));
  assert.equal(seen[0], true);
  t.advance(-60_000);
  await activate(0);
  assert.deepEqual(await frozen(t, token), [false, true, true], "a clock that is behind");
  assert.deepEqual(await t.deps.store.list({ start: ["settle"], end: ["settle", true] }, 9), []);
});

Deno.test("a blog that its owner activates while the job freezes is the one that is kept", async () => {
  for (let point = 1; point <= 3; point++) {
    const kv = await openStore();
    const hooks: Hooks = {};
    const job = await setup({ kv, hooks });
    const { id, ids, token } = await owner(job, "creator", ["one", "two", "three"]);
    await changePlan(job.deps, id, { plan: "starter" });
    job.advance(30 * DAY);
    const api = await setup({ kv });
    api.advance(job.now() - api.now());
    const chosen = async () => (await kv.get(["blog", ids[2]])).value;
    let commits = 0;
    let activated: unknown;
    hooks.before = async (kind) => {
      if (kind !== "commit" || ++commits !== point) return;
      const got = await api.api("POST", `/blogs/${ids[2]}/activate`, { key: token });
      assert.equal(got.status, 200);
      activated = await chosen();
    };
    await settleAccount(job.deps, id);
    assert.ok(commits >= point, String(commits));
    assert.deepEqual(await frozen(api, token), [true, true, false], `at commit ${point}`);
    assert.deepEqual(await chosen(), activated, `frozen in between, at commit ${point}`);
    kv.close();
  }
});

Deno.test("of two choices of one moment, the one that is committed last is kept", async () => {
  const kv = await openStore();
  const hooks: Hooks = {};
  const slow = await setup({ kv, hooks });
  const { id, ids, token } = await owner(slow, "creator", ["one", "two"]);
  await changePlan(slow.deps, id, { plan: "starter" });
  const t = await setup({ kv });
  t.advance(slow.now() - t.now());
  let commits = 0;
  hooks.before = async (kind) => {
    // The count goes first, then the choice.
    if (kind !== "commit" || ++commits !== 2) return;
    assert.equal((await t.api("POST", `/blogs/${ids[0]}/activate`, { key: token })).status, 200);
  };
  const got = await slow.api("POST", `/blogs/${ids[1]}/activate`, { key: token });
  assert.equal(got.status, 200);
  hooks.before = undefined;
  t.advance(30 * DAY);
  await t.runJob("grace_and_freeze");
  assert.deepEqual(await frozen(t, token), [true, false]);
  kv.close();
});

Deno.test("a blog can be activated though the freezing of many others was cut short", async () => {
  const kv = await openStore();
  const hooks: Hooks = {};
  const job = await setup({ kv, hooks });
  const names = Array.from({ length: 15 }, (_, n) => `blog-no-${n}`);
  const { id, ids, token } = await owner(job, "enterprise", names);
  await changePlan(job.deps, id, { plan: "starter" });
  job.advance(30 * DAY);
  let commits = 0;
  hooks.before = (kind) => {
    if (kind === "commit") commits++;
    if (commits > 1) throw new Error("killed");
  };
  assert.equal((await graceAndFreeze(job.deps)).failed, 1);
  const t = await setup({ kv });
  t.advance(job.now() - t.now());
  assert.equal((await frozen(t, token)).filter(Boolean).length, 0);
  const got = await t.api("POST", `/blogs/${ids[14]}/activate`, { key: token });
  assert.equal(got.status, 200, got.text);
  assert.deepEqual(await frozen(t, token), [...Array(14).fill(true), false]);
  kv.close();
});
