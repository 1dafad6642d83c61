import assert from "node:assert/strict";
import { changePlan } from "../../lib/account/plan_changes.ts";
import { setup } from "../_setup.ts";
import type { Hooks } from "../support/hooked_kv.ts";

const DAY = 86_400_000;

Deno.test("POST /v1/blogs answers 201 with the blog", async () => {
  using t = await setup();
  const { token } = await t.tenant();
  const body = { slug: "my-tech-blog", name: " My Tech Blog ", description: "About." };
  const made = await t.api("POST", "/blogs", { key: token, body });
  assert.equal(made.status, 201);
  const { id, ...rest } = made.body;
  assert.match(id, /^[0-9a-f-]{14}7/);
  assert.deepEqual(rest, {
    slug: "my-tech-blog",
    name: "My Tech Blog",
    description: "About.",
    url: "http://my-tech-blog.localhost:8000",
    custom_domain: null,
    frozen: false,
    created_at: "2026-03-24T10:00:00.000Z",
    updated_at: "2026-03-24T10:00:00.000Z",
    theme_config: {},
    title_pattern: null,
    tag_title_patterns: {},
  });
  assert.deepEqual((await t.api("GET", `/blogs/${id}`, { key: token })).body, made.body);
});

Deno.test("POST /v1/blogs returns 400 for slugs and names out of bounds", async () => {
  using t = await setup();
  const { token } = await t.tenant("enterprise");
  const good = { slug: "fine", name: "Fine" };
  const faults: [string, unknown][] = [
    ["slug", undefined],
    ["slug", ""],
    ["slug", "Upper"],
    ["slug", "under_score"],
    ["slug", "a".repeat(64)],
    ["slug", "-a"],
    ["slug", "a-"],
    ["slug", "xn--bcher-kva"],
    ["slug", "a.b"],
    ...["www", "api", "app", "media", "admin", "mail", "login", "support", "billing", "status"]
      .map((slug): [string, string] => ["slug", slug]),
    ["name", undefined],
    ["name", "  "],
    ["name", "n".repeat(201)],
    ["description", "d".repeat(1001)],
    ["description", 1],
  ];
  for (const [field, value] of faults) {
    const body = { ...good, [field]: value };
    const got = await t.api("POST", "/blogs", { key: token, body });
    assert.equal(got.status, 400, `${field}: ${value}`);
    assert.deepEqual(got.body.issues.map((i: { path: string }) => i.path), [field]);
  }
  const most = { slug: "a".repeat(63), name: "é".repeat(200), description: "d".repeat(1000) };
  assert.equal((await t.api("POST", "/blogs", { key: token, body: most })).status, 201);
});

Deno.test("POST /v1/blogs returns 409 for a slug that any blog has", async () => {
  using t = await setup();
  const { blog } = await t.tenant();
  const { token } = await t.tenant();
  const body = { slug: blog.slug, name: "Mine" };
  const got = await t.api("POST", "/blogs", { key: token, body });
  assert.equal(got.status, 409);
  assert.equal(got.body.reason, "slug_taken");
});

Deno.test("each plan has room for its number of blogs, and a deleted one makes room", async () => {
  using t = await setup();
  const limits = { free: 1, starter: 1, creator: 3, scale: 5, enterprise: 7 } as const;
  for (const [plan, limit] of Object.entries(limits)) {
    const { token, blog } = await t.tenant(plan as keyof typeof limits);
    const create = (n: number) =>
      t.api("POST", "/blogs", { key: token, body: { slug: `${plan}-${n}`, name: "B" } });
    for (let n = 1; n < limit; n++) assert.equal((await create(n)).status, 201);
    const over = await create(limit);
    if (plan === "enterprise") {
      assert.equal(over.status, 201);
      continue;
    }
    assert.equal(over.status, 403, plan);
    assert.equal(over.body.reason, "blog_limit");
    assert.equal(over.body.upgrade_url, "http://localhost:8000/upgrade");
    await t.api("DELETE", `/blogs/${blog.id}`, { key: token });
    assert.equal((await create(limit)).status, 201);
    assert.equal((await create(limit + 1)).status, 403);
  }
});

Deno.test("GET /v1/blogs lists the caller's blogs, newest first, whole or by cursor", async () => {
  using t = await setup();
  await t.tenant();
  const { token, blog } = await t.tenant();
  for (const slug of ["second", "third"]) {
    t.advance(1000);
    await t.api("POST", "/blogs", { key: token, body: { slug, name: slug } });
  }
  const { body } = await t.api("GET", "/blogs", { key: token });
  const slugs = body.data.map((b: { slug: string }) => b.slug);
  assert.deepEqual(slugs, ["third", "second", blog.slug]);
  assert.equal(body.next_cursor, null);
  const whole = (await t.api("GET", `/blogs/${body.data[0].id}`, { key: token })).body;
  const { theme_config: _, title_pattern: __, tag_title_patterns: ___, ...summary } = whole;
  assert.deepEqual(body.data[0], summary);
  const first = (await t.api("GET", "/blogs?limit=2", { key: token })).body;
  const path = `/blogs?limit=2&cursor=${first.next_cursor}`;
  const rest = (await t.api("GET", path, { key: token })).body;
  assert.deepEqual([...first.data, ...rest.data], body.data);
  assert.equal(rest.next_cursor, null);
  assert.equal((await t.api("GET", "/blogs?cursor=x", { key: token })).status, 400);
});

Deno.test("PUT /v1/blogs/{id} changes what is given, and nothing where nothing differs", async () => {
  using t = await setup();
  const { token, blog } = await t.tenant();
  const path = `/blogs/${blog.id}`;
  const before = (await t.api("GET", path, { key: token })).body;
  t.advance(1000);
  for (const body of [{}, undefined, { name: before.name }, { theme_config: {} }, { slug: "x" }]) {
    assert.deepEqual((await t.api("PUT", path, { key: token, body })).body, before);
  }
  const body = { description: "Now with one." };
  const after = (await t.api("PUT", path, { key: token, body })).body;
  const updated_at = "2026-03-24T10:00:01.000Z";
  assert.deepEqual(after, { ...before, ...body, updated_at });
  assert.deepEqual((await t.api("GET", path, { key: token })).body, after);
});

Deno.test("theme_config is merged key by key, null removes one, and unknown keys are ignored", async () => {
  using t = await setup();
  const { token, blog } = await t.tenant();
  const path = `/blogs/${blog.id}`;
  const put = async (theme_config: unknown) =>
    (await t.api("PUT", path, { key: token, body: { theme_config } })).body.theme_config;
  const customCss = "p { color: red }\n".repeat(3000);
  assert.deepEqual(await put({ theme: "ink", customCss }), { customCss, theme: "ink" });
  assert.deepEqual(await put({ footerHtml: "<p>x</p>", colour: "red" }), {
    customCss,
    footerHtml: "<p>x</p>",
    theme: "ink",
  });
  assert.deepEqual(await put({ customCss: null, theme: null }), { footerHtml: "<p>x</p>" });
  const { body } = await t.api("GET", path, { key: token });
  assert.deepEqual(body.theme_config, { footerHtml: "<p>x</p>" });
  assert.deepEqual(await put({ footerHtml: null }), {});
});

Deno.test('"" takes any theme key away, like null, on any plan', async () => {
  using t = await setup();
  const { id, token, blog } = await t.tenant("scale");
  const put = async (theme_config: unknown) =>
    (await t.api("PUT", `/blogs/${blog.id}`, { key: token, body: { theme_config } })).body
      .theme_config;
  const text = "{{head}}{{title}}{{content}}";
  const theme = {
    adCode: text,
    cssUrl: "https://example.com/a.css",
    customCss: "p {}",
    footerHtml: text,
    headHtml: text,
    headerHtml: text,
    layoutHtml: text,
    theme: "ink",
  };
  assert.deepEqual(await put(theme), theme);
  await changePlan(t.deps, id, { plan: "free" });
  const none = Object.fromEntries(Object.keys(theme).map((key) => [key, ""]));
  assert.deepEqual(await put({ ...none, footerHtml: undefined }), { footerHtml: text });
  assert.deepEqual(await put(none), {});
});

Deno.test("a theme key that the plan lacks is 403 naming it, and nothing of the request is applied", async () => {
  using t = await setup();
  const gates: ["free" | "starter" | "creator", Record<string, string>, string][] = [
    ["free", { customCss: "p {}" }, "Starter"],
    ["free", { cssUrl: "https://example.com/a.css" }, "Starter"],
    ["free", { adCode: "<p>" }, "Starter"],
    ["starter", { headerHtml: "<p>" }, "Creator"],
    ["starter", { footerHtml: "<p>" }, "Creator"],
    ["creator", { headHtml: "<meta>" }, "Scale"],
    ["creator", { layoutHtml: "<p>" }, "Scale"],
  ];
  for (const [plan, theme_config, needed] of gates) {
    const { token, blog } = await t.tenant(plan);
    const body = { name: "Changed", theme_config };
    const got = await t.api("PUT", `/blogs/${blog.id}`, { key: token, body });
    assert.equal(got.status, 403);
    assert.equal(got.body.reason, "plan_required");
    assert.match(got.body.message, new RegExp(`${Object.keys(theme_config)[0]}.*${needed}`));
    assert.ok(got.body.upgrade_url);
    const after = (await t.api("GET", `/blogs/${blog.id}`, { key: token })).body;
    assert.equal(after.name, blog.slug);
  }
  const { token, blog } = await t.tenant("free");
  const body = { theme_config: { theme: "terminal", customCss: null } };
  assert.equal((await t.api("PUT", `/blogs/${blog.id}`, { key: token, body })).status, 200);
});

Deno.test("PUT /v1/blogs/{id} returns 400 for themes and values that are none", async () => {
  using t = await setup();
  const { token, blog } = await t.tenant();
  const faults = [
    { theme: "pink" },
    { cssUrl: "http://example.com/a.css" },
    { customCss: "a".repeat(65_537) },
    { headerHtml: 1 },
  ];
  for (const theme_config of faults) {
    const got = await t.api("PUT", `/blogs/${blog.id}`, { key: token, body: { theme_config } });
    assert.equal(got.status, 400);
    assert.equal(got.body.issues[0].path, `theme_config.${Object.keys(theme_config)[0]}`);
  }
});

Deno.test("DELETE /v1/blogs/{id} ends its keys, its posts and its pages, and leaves nothing in the store", async () => {
  using t = await setup();
  const { key, token, blog, id } = await t.tenant();
  const { body: test } = await t.api("POST", `/blogs/${blog.id}/api-keys`, {
    key,
    body: { mode: "test" },
  });
  for (const credential of [key, test.key]) {
    for (const slug of ["one", "two"]) {
      const body = { title: slug, content: "x", slug, status: "published", tags: ["a"] };
      await t.api("POST", "/posts", { key: credential, body });
    }
  }
  const body = { title: "Later", content: "x", scheduled_at: "2030-01-01T00:00:00Z" };
  await t.api("POST", "/posts", { key, body });
  await t.view(blog.slug, "/one");
  const got = await t.api("DELETE", `/blogs/${blog.id}`, { key });
  assert.equal(got.status, 200);
  assert.deepEqual(got.body, { deleted: true });
  for (const path of ["/", "/one"]) {
    const page = await t.view(blog.slug, path);
    assert.equal(page.status, 404);
    assert.match(page.text, /No blog here/);
  }
  for (const credential of [key, test.key]) {
    assert.equal((await t.api("GET", "/posts", { key: credential })).status, 401);
  }
  assert.equal((await t.api("GET", `/blogs/${blog.id}`, { key: token })).status, 404);
  assert.equal((await t.api("DELETE", `/blogs/${blog.id}`, { key: token })).status, 404);
  assert.deepEqual((await t.api("GET", "/blogs", { key: token })).body.data, []);
  t.advance(2 * DAY);
  await t.runJob("sweep");
  await t.runJob("merge_search");
  const left = [];
  for await (const row of t.deps.store.kv.list({ prefix: [] })) left.push(row.key[0]);
  const account = ["user", "email", "plan", "tok", "key", "used", "count", "count", "created"];
  assert.deepEqual(left.sort(), [...account, "bslug", "rl", "rlip"].sort());
  assert.equal((await t.api("GET", "/account/profile", { key: token })).body.id, id);
});

Deno.test("a deletion that is cut short shows nothing of the blog, and the job finishes it", async () => {
  const hooks: Hooks = {};
  using t = await setup({ hooks });
  const { key, token, blog } = await t.tenant();
  for (let n = 0; n < 20; n++) {
    const body = { title: `Post ${n}`, content: "x", status: "published" };
    await t.api("POST", "/posts", { key, body });
  }
  let commits = 0;
  hooks.before = (kind) => {
    // The count of the request, the deletion itself, and one step of what follows go through.
    if (kind === "commit" && ++commits > 3) throw new Error("the instance died");
  };
  const got = await t.api("DELETE", `/blogs/${blog.id}`, { key: token });
  assert.equal(got.status, 200);
  hooks.before = undefined;
  assert.equal((await t.view(blog.slug, "/post-3")).status, 404);
  assert.equal((await t.api("GET", "/posts", { key })).status, 401);
  const posts = () => t.deps.store.list({ start: ["post"], end: ["post", true] }, 100);
  assert.equal((await posts()).length, 20);
  assert.deepEqual(await t.runJob("resume_deletions"), { finished: 1, left: 0, failed: 0 });
  assert.equal((await posts()).length, 0);
  assert.deepEqual(await t.runJob("resume_deletions"), { finished: 0, left: 0, failed: 0 });
});

Deno.test("one deletion that cannot be finished does not hold up the others, and is tried again", async () => {
  const hooks: Hooks = {};
  using t = await setup({ hooks });
  for (const { blog, token } of [await t.tenant(), await t.tenant()]) {
    let commits = 0;
    hooks.before = (kind) => {
      // The count of the request and the deletion itself go through.
      if (kind === "commit" && ++commits > 2) throw new Error("the instance died");
    };
    assert.equal((await t.api("DELETE", `/blogs/${blog.id}`, { key: token })).status, 200);
  }
  let broken = true;
  hooks.before = (kind) => {
    if (kind !== "get" || !broken) return;
    broken = false;
    throw new Error("a fault of the store");
  };
  const logged = t.logs.length;
  assert.deepEqual(await t.runJob("resume_deletions"), { finished: 1, left: 0, failed: 1 });
  assert.deepEqual(t.logs.slice(logged).map((line) => line.event), ["deletion_postponed"]);
  assert.deepEqual(await t.runJob("resume_deletions"), { finished: 1, left: 0, failed: 0 });
});

Deno.test("a deleted blog's slug is held for its former owner for 90 days", async () => {
  using t = await setup();
  const { token, blog } = await t.tenant();
  const other = await t.tenant();
  const body = { slug: blog.slug, name: "Again" };
  const gone = await t.api("DELETE", `/blogs/${blog.id}`, { key: token });
  assert.equal(gone.status, 200);
  t.advance(90 * DAY - 1);
  assert.equal((await t.api("POST", "/blogs", { key: other.token, body })).status, 409);
  const own = await t.api("POST", "/blogs", { key: token, body });
  assert.equal(own.status, 201);
  await t.api("DELETE", `/blogs/${own.body.id}`, { key: token });
  t.advance(90 * DAY);
  assert.equal((await t.api("POST", "/blogs", { key: other.token, body })).status, 201);
});

Deno.test("a bound key reads the list of its owner's blogs, and gets 403 for another of them", async () => {
  using t = await setup();
  const { key, token, blog } = await t.tenant();
  const made = await t.api("POST", "/blogs", { key: token, body: { slug: "two", name: "Two" } });
  assert.equal((await t.api("GET", "/blogs", { key })).body.data.length, 2);
  assert.equal((await t.api("GET", `/blogs/${blog.id}`, { key })).status, 200);
  for (const method of ["GET", "PUT", "DELETE"]) {
    const got = await t.api(method, `/blogs/${made.body.id}`, { key, body: undefined });
    assert.equal(got.status, 403);
    assert.equal(got.body.reason, "blog_bound");
  }
});

Deno.test("a plan that falls leaves a theme as it is, and takes no new one", async () => {
  using t = await setup();
  const { id, token, blog } = await t.tenant("creator");
  const path = `/blogs/${blog.id}`;
  const theme_config = { headerHtml: "<p>Hi</p>" };
  await t.api("PUT", path, { key: token, body: { theme_config } });
  await changePlan(t.deps, id, { plan: "free" });
  const renamed = await t.api("PUT", path, { key: token, body: { name: "Renamed" } });
  assert.deepEqual(renamed.body.theme_config, theme_config);
  assert.equal((await t.api("PUT", path, { key: token, body: { theme_config } })).status, 403);
});
