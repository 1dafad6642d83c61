import assert from "node:assert/strict";
import { setup, type Tenant } from "../_setup.ts";
import { transact } from "../../lib/kit/kv.ts";
import { accountOfIdentity } from "../../lib/account/accounts.ts";
import { stagePackGrant } from "../../lib/metering/packs.ts";
import { checkStore } from "../../lib/operator/check/mod.ts";
import { readFixture } from "../support/images.ts";
import { PADDLE_ENV, startPaddle } from "../support/paddle.ts";
import { Random } from "../support/random.ts";

const DAY = 86_400_000;
type Service = Awaited<ReturnType<typeof setup>>;

/** An account with something in every place that an account has. */
async function fill(t: Service, plan: "creator" | "scale" = "creator"): Promise<Tenant> {
  const tenant = await t.tenant(plan);
  const { token, key, blog, id } = tenant;
  await transact(
    t.deps.store,
    (tx) => stagePackGrant(tx, { user: id, size: 100, ref: `txn_${id}`, now: t.deps.clock() }),
  );
  t.advance(1000);
  const second = await t.api("POST", "/blogs", {
    key: token,
    body: { slug: `${blog.slug}-b`, name: "Second" },
  });
  const test = await t.api("POST", `/blogs/${blog.id}/api-keys`, {
    key: token,
    body: { mode: "test" },
  });
  await t.api("PUT", `/blogs/${blog.id}`, {
    key: token,
    body: { theme_config: { customCss: "p {}" } },
  });
  for (const slug of ["one", "two", "three"]) {
    const body = {
      title: slug,
      slug,
      content: "Wonderful text.",
      tags: ["a"],
      status: "published",
    };
    const headers = { "x-blog-id": second.body.id };
    for (
      const sent of [{ key, body }, { key: test.body.key, body }, { key: token, body, headers }]
    ) {
      assert.equal((await t.api("POST", "/posts", sent)).status, 201);
    }
    await t.view(blog.slug, `/${slug}`);
  }
  const { bytes, type } = readFixture("gif-still.gif");
  const image = { data: bytes.toBase64(), content_type: type };
  for (const credential of [key, test.body.key]) {
    assert.equal((await t.api("POST", "/upload", { key: credential, body: image })).status, 201);
  }
  await t.api("PUT", "/posts/one", { key, body: { slug: "uno", content: "New." } });
  const scheduled_at = "2030-01-01T00:00:00Z";
  await t.api("POST", "/posts", { key, body: { title: "Later", content: "x", scheduled_at } });
  await t.api("POST", "/account/tokens", { key: token, body: { name: "another" } });
  await t.session(id);
  await t.view(blog.slug, "/rss.xml");
  return tenant;
}

/** Every row of the store that names one of `ids`, in its key or its value. */
async function rowsThatName(t: Service, ids: string[]): Promise<string[]> {
  const found: string[] = [];
  for await (const { key, value } of t.deps.store.kv.list({ prefix: [] })) {
    const text = Deno.inspect([key, value], {
      depth: 9,
      strAbbreviateSize: 1e6,
      iterableLimit: 1e4,
    });
    if (ids.some((id) => text.includes(id))) found.push(JSON.stringify(key));
  }
  return found;
}

async function idsOf(t: Service, { id, token, email, blog }: Tenant): Promise<string[]> {
  const { body } = await t.api("GET", "/blogs", { key: token });
  const blogs = body.data.map((one: { id: string }) => one.id);
  const rows = await t.deps.store.getMany<{ sandbox: string }>(
    blogs.map((one: string) => ["blog", one]),
  );
  return [id, email, `txn_${id}`, ...blogs, ...rows.map(({ value }) => value!.sandbox), blog.id];
}

/** Once everything that waits for its time is over. */
async function settle(t: Service) {
  await t.runJob("resume_deletions");
  await t.runJob("merge_search");
  t.advance(2 * DAY);
  for (const job of ["sweep", "merge_search", "grace_and_freeze"]) await t.runJob(job);
}

Deno.test("POST /v1/account/delete ends all of the account at once, and leaves no row that names it", async () => {
  using t = await setup();
  const other = await fill(t);
  const tenant = await fill(t);
  const { key, token, blog, id } = tenant;
  const issuer = "https://issuer.example";
  const identity = { issuer, subject: "7", email: "", verified: false, name: "" };
  await accountOfIdentity(t.deps, identity);
  const jwt = await t.session(id);
  const ids = await idsOf(t, tenant);
  const got = await t.api("POST", "/account/delete", { key: token });
  assert.equal(got.status, 200);
  assert.equal(got.body.deleted, true);
  assert.equal(typeof got.body.message, "string");
  for (const credential of [key, token, jwt]) {
    assert.equal((await t.api("GET", "/account/profile", { key: credential })).status, 401);
  }
  for (const slug of [blog.slug, `${blog.slug}-b`]) {
    for (const path of ["/", "/two", "/rss.xml"]) {
      assert.equal((await t.view(slug, path)).status, 404, path);
    }
  }
  const found = await t.api("GET", "/discover?q=wonderful");
  assert.equal(found.body.pagination.total, 5);
  await settle(t);
  assert.deepEqual(await rowsThatName(t, ids), []);
  assert.deepEqual((await checkStore(t.deps, 0)).differences, []);
  assert.equal((await t.api("GET", "/posts/uno", { key: other.key })).status, 200);
  const again = await t.tenant("free", "newcomer");
  const taken = await t.api("POST", "/blogs", {
    key: again.token,
    body: { slug: blog.slug, name: "Mine" },
  });
  assert.ok([403, 409].includes(taken.status));
});

Deno.test("the subdomains of a deleted account are held for nobody for 90 days", async () => {
  using t = await setup();
  const { token, blog } = await t.tenant();
  const newcomer = await t.tenant("creator");
  await t.api("POST", "/account/delete", { key: token });
  const take = () =>
    t.api("POST", "/blogs", { key: newcomer.token, body: { slug: blog.slug, name: "Mine" } });
  assert.equal((await take()).status, 409);
  t.advance(90 * DAY + 1);
  assert.equal((await take()).status, 201);
});

Deno.test("a deletion of an account that is killed at any of twenty points shows nothing, and is finished by the job", async () => {
  const random = new Random(7);
  let commits = 0;
  const whole = await (async () => {
    using t = await setup({ hooks: { before: (kind) => void (kind === "commit" && commits++) } });
    const { token } = await fill(t);
    commits = 0;
    await t.api("POST", "/account/delete", { key: token });
    return commits;
  })();
  assert.ok(whole > 10, String(whole));
  for (let point = 0; point < 20; point++) {
    // The acceptance is the first commit beside the rate limit's.
    const dies = 2 + random.below(whole - 2);
    let left = Infinity;
    const before = (kind: string) => {
      if (kind === "commit") left--;
      if (left < 0) throw new Error("killed");
    };
    const kv = await Deno.openKv(":memory:");
    {
      const t = await setup({ kv, hooks: { before } });
      const tenant = await fill(t);
      const ids = await idsOf(t, tenant);
      left = dies;
      const got = await t.api("POST", "/account/delete", { key: tenant.token });
      left = Infinity;
      const next = await setup({ kv });
      next.advance(t.deps.clock() - next.deps.clock());
      if (got.status === 200) {
        assert.equal((await next.view(tenant.blog.slug, "/two")).status, 404);
        assert.equal((await next.api("GET", "/discover?q=wonderful")).body.pagination.total, 0);
        assert.equal((await next.api("GET", "/posts", { key: tenant.key })).status, 401);
      } else {
        // Refused: all is as it was, and it can be asked again.
        assert.equal(got.status, 503);
        const again = await next.api("POST", "/account/delete", { key: tenant.token });
        assert.ok(again.status === 200 || again.status === 401);
      }
      await settle(next);
      assert.deepEqual(await rowsThatName(next, ids), [], `killed before commit ${dies}`);
      assert.deepEqual((await checkStore(next.deps, 0)).differences, []);
    }
    kv.close();
  }
});

Deno.test("a subscription is ended at Paddle, also when Paddle comes back only later", async () => {
  await using paddle = startPaddle();
  using t = await setup({ env: { ...PADDLE_ENV, POSTLARK_PADDLE_API_URL: paddle.url } });
  t.deps.fetch = fetch;
  const { id, token, key } = await fill(t);
  const row = { at: "2026", status: "active", plan: "creator", period: null };
  const value = { customers: ["ctm_1"], subscriptions: { sub_1: row } };
  await t.deps.store.writeAll([{ key: ["billing", id], value }, {
    key: ["customer", "ctm_1"],
    value: id,
  }]);
  paddle.state.down = true;
  assert.equal((await t.api("POST", "/account/delete", { key: token })).status, 200);
  assert.equal((await t.api("GET", "/posts", { key })).status, 401);
  assert.equal((await t.runJob("resume_deletions")).failed, 1);
  paddle.state.down = false;
  assert.equal((await t.runJob("resume_deletions")).left, 1);
  assert.deepEqual([...paddle.state.canceled], ["sub_1"]);
  await settle(t);
  assert.deepEqual(await rowsThatName(t, [id, "ctm_1"]), []);
});

Deno.test("PUT /v1/account/profile changes the name, and refuses one that is too long", async () => {
  using t = await setup();
  const { token, id } = await t.tenant();
  const got = await t.api("PUT", "/account/profile", { key: token, body: { name: " Ada " } });
  assert.equal(got.status, 200);
  assert.equal(got.body.id, id);
  assert.equal(got.body.name, "Ada");
  const same = await t.api("PUT", "/account/profile", { key: token, body: {} });
  assert.deepEqual(same.body, got.body);
  const long = await t.api("PUT", "/account/profile", {
    key: token,
    body: { name: "x".repeat(201) },
  });
  assert.equal(long.status, 400);
  assert.equal((await t.api("GET", "/account/profile", { key: token })).body.name, "Ada");
});
