import assert from "node:assert/strict";
import { type Sent, setup } from "../_setup.ts";
import type { Hooks } from "../support/hooked_kv.ts";
import { countRounds } from "../support/kv_rounds.ts";

const FIELDS = ["event", "kv_commits", "kv_rounds", "level", "method", "ms", "request_id"];
const ORIGIN = "http://localhost:8000";
const OWN = { origin: ORIGIN, "sec-fetch-site": "same-origin" };
const FORM = { "content-type": "application/x-www-form-urlencoded" };
// In whichever way it is encoded, it is found again.
const SECRET = "canary0secret0canary0secret0canary";
const BASIC = btoa(`client:${SECRET}`);
/** A secret wherever a credential can stand beside an address. */
const EVERYWHERE = {
  "authorization": `Bearer pk_live_${SECRET}`,
  "x-api-key": SECRET,
  "cookie": `postlark=${SECRET}; __Host-postlark=${SECRET}; postlark-flow=${SECRET}`,
  "idempotency-key": SECRET,
  "proxy-authorization": `Basic ${BASIC}`,
  "referer": `https://app.example/?code=${SECRET}`,
  "user-agent": SECRET,
  "x-forwarded-for": SECRET,
  "if-none-match": `"${SECRET}"`,
  "paddle-signature": SECRET,
};

type Case = {
  name: string;
  line: { route: string; status: number; level?: string; method?: string; tool?: string };
  url: string;
  sent?: Sent;
  /** whose ids the line has */
  ids?: ("user" | "blog")[];
};

const bare = (name: string, line: Case["line"], url: string, sent: Sent = {}): Case => ({
  name,
  line,
  url,
  sent: { ...sent, headers: { ...EVERYWHERE, ...sent.headers } },
});
const form = (fields: Record<string, string>) => ({
  headers: { ...FORM, ...OWN },
  raw: new URLSearchParams(fields).toString(),
});

const CASES: Case[] = [
  {
    name: "a list of the API",
    line: { route: "/v1/posts", status: 200 },
    url: `/v1/posts?q=${SECRET}`,
    ids: ["user", "blog"],
  },
  {
    name: "a post that is made",
    line: { route: "/v1/posts", status: 201, method: "POST" },
    url: "/v1/posts",
    sent: {
      body: { title: SECRET, content: SECRET, status: "published" },
      headers: { "idempotency-key": SECRET, cookie: `postlark=${SECRET}` },
    },
    ids: ["user", "blog"],
  },
  {
    name: "input that is refused",
    line: { route: "/v1/posts", status: 400, method: "POST" },
    url: "/v1/posts",
    sent: { body: { title: 1, [SECRET]: SECRET } },
    ids: ["user", "blog"],
  },
  {
    name: "a body that is no JSON",
    line: { route: "/v1/posts", status: 400, method: "POST" },
    url: "/v1/posts",
    sent: {
      raw: `{"password": "${SECRET}`,
      headers: { "content-type": "application/json" },
    },
    ids: ["user", "blog"],
  },
  {
    name: "a post that is not there",
    line: { route: "/v1/posts/{slug}", status: 404 },
    url: `/v1/posts/${SECRET}`,
    ids: ["user", "blog"],
  },
  {
    name: "a call of MCP",
    line: { route: "/mcp", status: 200, method: "POST", tool: "get_post" },
    url: "/mcp",
    sent: {
      headers: { accept: "application/json, text/event-stream" },
      body: {
        ...{ jsonrpc: "2.0", id: 1, method: "tools/call" },
        params: { name: "get_post", arguments: { slug: SECRET } },
      },
    },
    ids: ["user", "blog"],
  },
  bare("a wrong key", { route: "/v1/posts", status: 401 }, `/v1/posts?api_key=${SECRET}`),
  bare("a wrong key at MCP", { route: "/mcp", status: 401, method: "POST" }, `/mcp?key=${SECRET}`, {
    body: { method: SECRET },
  }),
  bare("an unknown path of the API", { route: "/v1/*", status: 401 }, `/v1/${SECRET}`),
  bare("an unknown path", { route: "*", status: 404 }, `/${SECRET}?${SECRET}`),
  bare(
    "the way back of a provider",
    { route: "/auth/callback/{provider}", status: 404 },
    `/auth/callback/${SECRET}?code=${SECRET}&state=${SECRET}`,
  ),
  bare(
    "a login link that is opened",
    { route: "/auth/login-link", status: 403 },
    `/auth/login-link?token=${SECRET}`,
  ),
  bare(
    "a login link that is used",
    { route: "/auth/login-link", status: 403, method: "POST" },
    `/auth/login-link?token=${SECRET}`,
    form({ token: SECRET }),
  ),
  bare("the account's page", { route: "/app", status: 303 }, `/app?token=${SECRET}`),
  bare(
    "a session's token",
    { route: "/auth/token", status: 401, method: "POST" },
    "/auth/token",
    form({ token: SECRET }),
  ),
  bare(
    "an app that asks",
    { route: "/oauth/authorize", status: 400 },
    `/oauth/authorize?client_id=${SECRET}&code_challenge=${SECRET}&state=${SECRET}`,
  ),
  bare(
    "a code for a token",
    { route: "/oauth/token", status: 401, method: "POST" },
    `/oauth/token?code=${SECRET}`,
    {
      ...form({ grant_type: "authorization_code", code: SECRET, code_verifier: SECRET }),
      headers: { ...FORM, authorization: `Basic ${BASIC}` },
    },
  ),
  bare(
    "a token that is revoked",
    { route: "/oauth/revoke", status: 401, method: "POST" },
    "/oauth/revoke",
    form({ token: SECRET, client_id: SECRET }),
  ),
  bare(
    "a device that polls",
    { route: "/auth/device/poll", status: 404 },
    `/auth/device/poll?code=${SECRET}`,
  ),
  bare(
    "a delivery of the billing provider",
    { route: "/hooks/paddle", status: 401, method: "POST" },
    "/hooks/paddle",
    { raw: SECRET },
  ),
  bare("an image", { route: "{media}/{blog}/{file}", status: 404 }, `/media/${SECRET}?${SECRET}`),
  bare("a method of one's own", { route: "*", status: 404, method: "_OTHER" }, "/x", {}),
];

for (const { name, line, url, sent = {}, ids = [] } of CASES) {
  Deno.test(`the log's line of ${name} has its fields, and no secret that was sent`, async () => {
    const billing = url.startsWith("/hooks")
      ? {
        POSTLARK_BILLING: "paddle",
        POSTLARK_PADDLE_API_KEY: "key",
        POSTLARK_PADDLE_WEBHOOK_SECRET: "secret",
        POSTLARK_PADDLE_PRICES: "creator=pri_1",
      }
      : undefined;
    using t = await setup({ env: billing });
    const tenant = await t.tenant();
    const method = line.method === "_OTHER" ? SECRET : line.method ?? "GET";
    const host = url.startsWith("/media/") ? "http://media.localhost:8000" : ORIGIN;
    const place = host === ORIGIN ? url : url.slice("/media".length);
    const key = ids.length ? tenant.key : undefined;
    const got = await t.send(method, host + place, { key, ...sent });
    assert.equal(got.status, line.status);
    assert.equal(t.requests.length, 1);
    const [told] = t.requests;
    const more = [...line.tool ? ["tool"] : [], ...ids, "route", "status"];
    assert.deepEqual(Object.keys(told).sort(), [...FIELDS, ...more].sort());
    const { level = line.status < 400 ? "info" : "warn" } = line;
    const { ms, kv_rounds: _, kv_commits: __, ...rest } = told;
    assert.ok(ms >= 0 && Number.isFinite(ms));
    assert.deepEqual(rest, {
      ...{ event: "request", level, request_id: got.headers.get("x-request-id"), method: "GET" },
      ...line,
      ...ids.includes("user") && { user: tenant.id },
      ...ids.includes("blog") && { blog: tenant.blog.id },
    });
    assertUntold([t.requests, t.logs], [tenant.key, tenant.token]);
  });
}

function assertUntold(told: unknown, more: string[] = []): void {
  const text = Deno.inspect(told, { depth: 9, strAbbreviateSize: 1e6 });
  for (const secret of [SECRET, BASIC, ...more]) assert.ok(!text.includes(secret), text);
}

const PAGES: [string, string, number][] = [
  ["/{slug}", `/post?token=${SECRET}`, 200],
  ["/{slug}", `/${SECRET}`, 404],
  ["/", "/", 200],
  ["/search", `/search?q=${SECRET}`, 200],
  ["/tag/{tag}", `/tag/${SECRET}`, 404],
  ["/_/preview/{token}", `/_/preview/${"5ec4e7".repeat(6).slice(0, 32)}`, 404],
  ["/{slug}.md", "/post.md", 200],
  ["/{file}", "/rss.xml", 200],
  ["/{slug}/og.png", `/${SECRET}/og.png`, 404],
  ["/*", `/${SECRET}/${SECRET}`, 404],
];

for (const [pattern, path, status] of PAGES) {
  Deno.test(`the log's line of ${path.replaceAll(SECRET, "…")} on a blog's host has the pattern and the blog`, async () => {
    using t = await setup();
    const { key, blog } = await t.tenant();
    const body = { title: "Post", slug: "post", content: "Text", status: "published" };
    assert.equal((await t.api("POST", "/posts", { key, body })).status, 201);
    // Once from the store, and once as it was kept, where it is.
    for (let n = 0; n < 2; n++) {
      t.requests.length = 0;
      const got = await t.view(blog.slug, path, EVERYWHERE);
      assert.equal(got.status, status);
      const [{ route, user, blog: told, status: code, request_id }] = t.requests;
      assert.deepEqual([route, user, told, code], [
        `{blog}${pattern}`,
        undefined,
        blog.id,
        status,
      ]);
      assert.equal(request_id, got.headers.get("x-request-id"));
      assertUntold([t.requests, t.logs], ["5ec4e7"]);
    }
  });
}

Deno.test("the log's line of a signed-in page has its user", async () => {
  using t = await setup();
  const { id } = await t.tenant();
  const { createLoginLink } = await import("../../lib/account/sign_in/mod.ts");
  const { url } = await createLoginLink(t.deps, id);
  const token = new URL(url).searchParams.get("token")!;
  const sent = { headers: { ...FORM, ...OWN }, raw: new URLSearchParams({ token }).toString() };
  const signed = await t.send("POST", `${ORIGIN}/auth/login-link`, sent);
  const cookie = signed.headers.getSetCookie()[0].split(";")[0];
  assert.equal((await t.send("GET", `${ORIGIN}/app`, { headers: { cookie } })).status, 200);
  const { route, user, status } = t.requests.at(-1)!;
  assert.deepEqual([route, user, status], ["/app", id, 200]);
  assertUntold([t.requests, t.logs], [token, cookie.split("=")[1]]);
});

Deno.test("what fails is told as an error, of the API, a blog and an image, without what was sent", async () => {
  const hooks: Hooks = {};
  using t = await setup({ hooks });
  const { key, blog } = await t.tenant();
  const body = { title: SECRET, content: SECRET };
  for (const [reason, status] of [[new Error("lost"), 503], [null, 500]] as const) {
    t.requests.length = 0;
    if (reason) hooks.before = () => Promise.reject(reason);
    else {
      hooks.before = undefined;
      t.deps.store.getMany = () => Promise.reject(new Error("a fault"));
      t.deps.store.get = () => Promise.reject(new Error("a fault"));
    }
    const image = `http://media.localhost:8000/${blog.id}/${blog.id}.png?${SECRET}`;
    const got = [
      await t.api("POST", `/posts?${SECRET}`, { key, body, headers: { cookie: SECRET } }),
      await t.view(blog.slug, `/${SECRET}`, EVERYWHERE),
      await t.send("GET", image, { headers: EVERYWHERE }),
    ];
    assert.deepEqual(got.map((one) => one.status), [status, status, status]);
    assert.deepEqual(
      t.requests.map(({ level, status, route }) => [level, status, route]),
      ["/v1/posts", "{blog}/{slug}", "{media}/{blog}/{file}"].map((r) => ["error", status, r]),
    );
    assert.ok(t.logs.length >= 3, "the fault has a line of its own");
    assertUntold([t.requests, t.logs], [key]);
  }
});

Deno.test("what is thrown outside every handler is a 500 with a request id, and told", async () => {
  using t = await setup();
  t.deps.pages.get = () => {
    throw new Error("a fault");
  };
  const got = await t.send("GET", `${ORIGIN}/health`);
  assert.equal(got.status, 500);
  assert.equal(got.body.request_id, t.requests[0].request_id);
  assert.equal(t.requests[0].level, "error");
  assert.equal(t.logs[0].request_id, got.body.request_id);
});

for (
  const [method, path, body] of [
    ["GET", "/posts/post", undefined],
    ["GET", "/posts?per_page=1", undefined],
    ["GET", "/search?q=text", undefined],
    ["GET", "/posts/none", undefined],
    ["POST", "/posts", { title: "Another", content: "Text.", status: "published" }],
  ] as const
) {
  Deno.test(`the log's line of ${method} ${path} counts the rounds and commits that the store was asked for`, async () => {
    const hooks: Hooks = {};
    using t = await setup({ hooks });
    const { key } = await t.tenant();
    const post = { title: "Post", slug: "post", content: "Text", status: "published" };
    assert.equal((await t.api("POST", "/posts", { key, body: post })).status, 201);
    t.advance(3_600_000);
    const { waves, commits } = await countRounds(hooks, () => t.api(method, path, { key, body }));
    const { kv_rounds, kv_commits } = t.requests.at(-1)!;
    assert.deepEqual([kv_rounds, kv_commits], [waves.length, commits]);
  });
}
