import assert from "node:assert/strict";
import { type Service, setup } from "../../_setup.ts";
import { sha256 } from "../../../lib/kit/crypto.ts";
import { suspendAccount } from "../../../lib/account/plan_changes.ts";
import { createLoginLink } from "../../../lib/account/sign_in/mod.ts";
import { PADDLE_ENV, saleOf, startPaddle } from "../../support/paddle.ts";
import { assertValidHtml } from "../../support/valid_html.ts";
import { BrowserDouble } from "../../support/browser_double.ts";

const ORIGIN = "http://localhost:8000";
const DAY = 86_400_000;
const DEV = { POSTLARK_DEV: "1" };
const OIDC = {
  POSTLARK_OIDC_ISSUER: "https://id.example",
  POSTLARK_OIDC_CLIENT_ID: "a",
  POSTLARK_OIDC_CLIENT_SECRET: "b",
};

/** A tenant, and a browser that is signed in to it. */
async function signedIn(t: Service, plan: "free" | "starter" | "creator" = "creator") {
  const tenant = await t.tenant(plan);
  const browser = new BrowserDouble(t);
  await browser.signInTo(tenant.id);
  return { ...tenant, browser };
}

async function blogsOf(t: Service, key: string): Promise<string[]> {
  const { body } = await t.api("GET", "/blogs", { key });
  return body.data.map(({ slug }: { slug: string }) => slug);
}

Deno.test("a cookie's write counts only from a page of the origin itself", async () => {
  using t = await setup({ env: DEV });
  const { browser, token, blog } = await signedIn(t);
  const writes: [string, Record<string, string>][] = [
    ["/app/blogs", { name: "New", slug: "new-one" }],
    ["/app/sessions/end", { id: browser.jar().get("postlark")!.split(".")[0] }],
    ["/app/account/profile", { name: "New" }],
    ["/app/account/delete", { confirm: "x" }],
    ["/app/billing/packs", { pack_type: "100" }],
    ["/auth/sign-out", {}],
    ["/auth/sign-out", { everywhere: "1" }],
    ["/auth/token", {}],
    ["/auth/dev", {}],
    ["/auth/login-link", { token: "x" }],
    ["/upgrade", { plan: "scale" }],
  ];
  const foreign: Record<string, string>[] = [
    { origin: "https://evil.example" },
    { origin: `http://${blog.slug}.localhost:8000` },
    { origin: "http://app.localhost:8000" },
    { origin: "http://localhost:8001" },
    { origin: "https://localhost:8000" },
    { origin: "null" },
    { origin: "" },
    { origin: ORIGIN, "sec-fetch-site": "same-site" },
    { origin: ORIGIN, "sec-fetch-site": "cross-site" },
    { origin: ORIGIN, "sec-fetch-site": "none" },
  ];
  for (const [path, form] of writes) {
    for (const headers of foreign) {
      const { status, text } = await browser.post(path, form, headers);
      assert.equal(status, 403, `${path} ${JSON.stringify(headers)}`);
      assert.match(text, /did not come from a page of this site/);
    }
    const bare = { method: "POST", body: new URLSearchParams(form) };
    assert.equal((await browser.send(ORIGIN + path, bare)).status, 403, path);
  }
  assert.deepEqual(await blogsOf(t, token), [blog.slug]);
  assert.equal((await browser.open("/app")).url, `${ORIGIN}/app`);
});

Deno.test("the API takes no cookie, only the JWT that a page of the site gets for it", async () => {
  using t = await setup();
  const { browser, id } = await signedIn(t);
  const direct = await browser.send(`${ORIGIN}/v1/account/profile`);
  assert.equal(direct.status, 401);
  const write = await browser.send(`${ORIGIN}/v1/blogs`, {
    method: "POST",
    headers: { origin: ORIGIN, "content-type": "application/json" },
    body: JSON.stringify({ slug: "by-cookie", name: "x" }),
  });
  assert.equal(write.status, 401);
  const answer = await browser.post("/auth/token");
  assert.equal(answer.headers.get("cache-control"), "no-store");
  assert.equal(answer.headers.has("access-control-allow-origin"), false);
  const { jwt, expires_at } = JSON.parse(answer.text);
  assert.equal(Date.parse(expires_at) - t.now(), 3_600_000);
  assert.equal((await t.api("GET", "/account/profile", { key: jwt })).body.id, id);
  const none = await new BrowserDouble(t).post("/auth/token");
  assert.equal(none.status, 401);
  assert.equal(JSON.parse(none.text).reason, "session_ended");
  // The session's end is the JWT's.
  await browser.post("/auth/sign-out");
  assert.equal((await t.api("GET", "/account/profile", { key: jwt })).status, 401);
});

Deno.test("a page of the site gets another JWT once the first is over, until the session is over too", async () => {
  using t = await setup();
  const { browser, id } = await signedIn(t);
  const issue = async () => JSON.parse((await browser.post("/auth/token")).text).jwt as string;
  const first = await issue();
  t.advance(3_600_000);
  const { status, body } = await t.api("GET", "/account/profile", { key: first });
  assert.deepEqual([status, body.reason], [401, "credential_expired"]);
  const second = await issue();
  assert.equal((await t.api("GET", "/account/profile", { key: second })).body.id, id);
  assert.equal((await browser.open("/app")).url, `${ORIGIN}/app`);
  const elsewhere = new BrowserDouble(t);
  await elsewhere.signInTo(id);
  await elsewhere.post("/auth/sign-out", { everywhere: "1" });
  const refused = await browser.post("/auth/token");
  assert.deepEqual([refused.status, JSON.parse(refused.text).reason], [401, "session_ended"]);
  assert.equal((await t.api("GET", "/account/profile", { key: second })).status, 401);
  // Idle for longer than a session lasts.
  await browser.signInTo(id);
  t.advance(14 * 24 * 3_600_000);
  assert.equal((await browser.post("/auth/token")).status, 401);
});

Deno.test("a JWT is given for a POST alone, and no other origin may read it or ask beforehand", async () => {
  using t = await setup();
  const { browser } = await signedIn(t);
  const origin = "https://evil.example";
  for (const method of ["GET", "HEAD", "OPTIONS"]) {
    const headers = { origin, "access-control-request-method": "POST" };
    const answer = await browser.send(`${ORIGIN}/auth/token`, { method, headers });
    assert.equal(answer.status, 404, method);
    assert.doesNotMatch(answer.text, /jwt/);
    assert.equal(answer.headers.has("access-control-allow-origin"), false, method);
  }
});

Deno.test("a sign-out has the browser forget what pages have kept in it", async () => {
  using t = await setup();
  const { browser } = await signedIn(t);
  const headers = { origin: ORIGIN, "sec-fetch-site": "same-origin" };
  const answer = await browser.send(`${ORIGIN}/auth/sign-out`, { method: "POST", headers });
  assert.equal(answer.status, 303);
  assert.equal(answer.headers.get("clear-site-data"), '"storage"');
});

Deno.test("on https the cookie is Secure and bound to its host, and it is never there for scripts", async () => {
  using t = await setup({ env: { POSTLARK_ORIGIN: "https://example.com" } });
  const { id } = await t.tenant();
  const browser = new BrowserDouble(t);
  const link = async () => {
    return new URL((await createLoginLink(t.deps, id)).url).searchParams.get("token")!;
  };
  const answer = await browser.send("https://example.com/auth/login-link", {
    method: "POST",
    headers: { origin: "https://example.com" },
    body: new URLSearchParams({ token: await link() }),
  });
  const [line] = answer.headers.getSetCookie();
  assert.match(
    line,
    /^__Host-postlark=[0-9a-f-]{36}\.\w{43}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure$/,
  );
  assert.equal((await browser.open("/app")).status, 200);
  // A blog of the same domain could set one without the prefix.
  const jar = browser.jar();
  jar.set("postlark", jar.get("__Host-postlark")!);
  jar.delete("__Host-postlark");
  assert.match((await browser.open("/app")).url, /sign-in/);
});

Deno.test("a session ends two weeks after its last use, and a month after it began", async () => {
  using t = await setup();
  const { browser, id } = await signedIn(t);
  for (let day = 0; day < 26; day += 13) {
    t.advance(13 * DAY);
    assert.equal((await browser.open("/app")).url, `${ORIGIN}/app`, `after ${day + 13} days`);
  }
  t.advance(4 * DAY);
  assert.match((await browser.open("/app")).url, /sign-in/);
  await browser.signInTo(id);
  t.advance(14 * DAY);
  assert.match((await browser.open("/app")).url, /sign-in/);
});

Deno.test("an account that is being deleted is offered the sign-in, and no circle of redirects", async () => {
  using t = await setup();
  const { browser, id, token } = await signedIn(t);
  const cookie = browser.jar().get("postlark")!;
  await t.api("POST", "/account/delete", { key: token });
  // As long as the deletion has not come to its sessions.
  const [session] = cookie.split(".");
  const row = { id: session, user: id, hash: sha256(cookie.split(".")[1]), agent: "" };
  const times = { createdAt: t.now(), seenAt: t.now(), expiresAt: t.now() + DAY };
  await t.deps.store.writeAll([{ key: ["session", session], value: { ...row, ...times } }]);
  const answer = await browser.open("/app", { until: /\/app$/ });
  assert.equal(answer.status, 200);
  assert.match(answer.url, /\/auth\/sign-in\?return_to=%2Fapp$/);
});

Deno.test("GET signs nobody out", async () => {
  using t = await setup();
  const { browser } = await signedIn(t);
  assert.match((await browser.open("/auth/sign-out")).text, /Sign out everywhere/);
  assert.equal((await browser.open("/app")).url, `${ORIGIN}/app`);
});

Deno.test("the form makes a blog, or says why it does not, with what was typed", async () => {
  using t = await setup();
  const { browser, token, blog } = await signedIn(t);
  const made = await browser.post("/app/blogs", { name: "Notes & more", slug: " notes " });
  assert.equal(made.url, `${ORIGIN}/app`);
  assert.match(made.text, /Notes &amp; more.*notes\.localhost:8000/s);
  assert.deepEqual((await blogsOf(t, token)).sort(), [blog.slug, "notes"].sort());
  const refused: [Record<string, string>, number, RegExp][] = [
    [{ name: '"><b>x', slug: "notes" }, 409, /slug &quot;notes&quot; is already taken/],
    [{ name: "", slug: "Not One" }, 400, /1 to 63 characters.*name is required/s],
    [{ name: "x", slug: "admin" }, 400, /reserved name/],
    [{ name: "a\0b", slug: "nul" }, 400, /NUL/],
    [{}, 400, /slug must have/],
  ];
  for (const [form, status, says] of refused) {
    const seen = await browser.post("/app/blogs", form);
    assert.equal(seen.status, status);
    assert.match(seen.text, says);
    assert.ok(!seen.text.includes("<b>x"));
    assert.ok(seen.text.includes(`value="${form.slug ?? ""}"`));
  }
  assert.equal((await browser.post("/app/blogs", { name: "Third", slug: "third" })).status, 200);
  const full = await browser.post("/app/blogs", { name: "Fourth", slug: "fourth" });
  assert.equal(full.status, 403);
  assert.match(full.text, /Creator plan allows 3 blogs/);
  assert.match((await browser.open("/app")).text, /no place for another blog/);
});

Deno.test("forms count in the hour of the account, and signing out does not", async () => {
  using t = await setup({ env: { POSTLARK_LIMIT_FREE: "2" } });
  const { browser } = await signedIn(t, "free");
  const make = () => browser.post("/app/blogs", { name: "x", slug: "x-1" });
  assert.deepEqual([(await make()).status, (await make()).status], [403, 403]);
  const { status, headers } = await make();
  assert.equal(status, 429);
  assert.equal(headers.get("retry-after"), "3600");
  assert.match((await browser.post("/auth/sign-out")).text, /You are signed out/);
});

Deno.test("the development sign-in is there with POSTLARK_DEV=1 and without a provider only", async () => {
  for (const env of [{}, OIDC, { ...DEV, ...OIDC }]) {
    using t = await setup({ env });
    const browser = new BrowserDouble(t);
    assert.ok(!(await browser.open("/auth/sign-in")).text.includes("/auth/dev"));
    assert.equal((await browser.post("/auth/dev")).status, 404);
    assert.equal(browser.jar().size, 0);
  }
  using t = await setup({ env: DEV });
  const browser = new BrowserDouble(t);
  assert.match((await browser.open("/app")).text, /Sign in as the demo account/);
  const seen = await browser.post("/auth/dev", { return_to: "/upgrade" });
  assert.equal(seen.url, `${ORIGIN}/upgrade`);
  assert.match((await browser.open("/app")).text, /Signed in as demo@localhost/);
});

Deno.test("without a provider the page says whom to ask", async () => {
  using t = await setup();
  const { text } = await new BrowserDouble(t).open("/auth/sign-in");
  assert.match(text, /No provider is set up on this server: ask its operator/);
  assert.equal((await new BrowserDouble(t).open("/auth/sign-in/google")).status, 404);
});

Deno.test("a suspended account is told so, cannot sign in, and can sign out", async () => {
  using t = await setup();
  const { browser, id, email } = await signedIn(t);
  const { url } = await createLoginLink(t.deps, id);
  await suspendAccount(t.deps, id, true);
  for (const path of ["/app", "/upgrade", "/auth/sign-in"]) {
    const { status, text } = await browser.open(path);
    assert.equal(status, 403);
    assert.match(text, /This account is suspended: write to the operator.*Sign out/s);
    assert.ok(!text.includes(email));
  }
  assert.equal((await browser.post("/auth/token")).status, 403);
  const other = new BrowserDouble(t);
  const token = new URL(url).searchParams.get("token")!;
  assert.equal((await other.post("/auth/login-link", { token })).status, 403);
  assert.equal(other.jar().size, 0);
  await assert.rejects(createLoginLink(t.deps, id), { reason: "account_suspended" });
  assert.match((await browser.post("/auth/sign-out")).text, /You are signed out/);
});

Deno.test("on api. and app. the pages lead to the origin", async () => {
  using t = await setup();
  for (const host of ["api", "app"]) {
    const { status, headers } = await t.send("GET", `http://${host}.localhost:8000/upgrade?a=b`);
    assert.deepEqual([status, headers.get("location")], [303, `${ORIGIN}/upgrade?a=b`]);
  }
});

Deno.test("the plans are listed with what each has, and a checkout leads to Paddle", async () => {
  await using paddle = startPaddle();
  using t = await setup({ env: { ...PADDLE_ENV, POSTLARK_PADDLE_API_URL: paddle.url } });
  t.deps.fetch = fetch;
  const anyone = (await new BrowserDouble(t).open("/upgrade")).text;
  for (
    const said of [
      "50 MiB of media",
      "15 new posts a month",
      "3 blogs",
      "10,000 API requests an hour",
      "Any number of blogs",
      "Everything in Creator, and:",
      "Sign in to choose a plan",
    ]
  ) assert.ok(anyone.includes(said), said);
  assert.ok(!anyone.includes('action="/upgrade"'));

  const { browser, id } = await signedIn(t, "starter");
  const page = await browser.open("/upgrade");
  assert.match(page.text, /Your plan/);
  assert.deepEqual([...page.text.matchAll(/name="plan" value="(\w+)"/g)].map(([, p]) => p), [
    "creator",
    "scale",
  ]);
  const answer = await browser.send(`${ORIGIN}/upgrade`, {
    method: "POST",
    headers: { origin: ORIGIN },
    body: new URLSearchParams({ plan: "scale" }),
  });
  assert.equal(answer.status, 303);
  assert.match(answer.headers.get("location")!, /^https:\/\/pay\.example\/checkout/);
  const { custom_data } = paddle.calls.at(-1)!.body as { custom_data: object };
  assert.deepEqual(custom_data, { ...saleOf(id), postlark_sale: "scale" });
  assert.equal((await browser.post("/upgrade", { plan: "gold" })).status, 400);
});

Deno.test("where plans are not sold, the page says whom to ask", async () => {
  using t = await setup();
  const { browser } = await signedIn(t);
  const { text } = await browser.open("/upgrade");
  assert.match(text, /ask this server&#39;s operator/);
  assert.ok(!text.includes('action="/upgrade"'));
  assert.equal((await browser.post("/upgrade", { plan: "scale" })).status, 403);
});

Deno.test("every page is valid HTML, is kept by nobody, is framed by nobody, and runs nothing", async () => {
  await using paddle = startPaddle();
  using t = await setup({ env: { ...PADDLE_ENV, POSTLARK_PADDLE_API_URL: paddle.url, ...OIDC } });
  const { browser, id } = await signedIn(t);
  const { url } = await createLoginLink(t.deps, id);
  const anyone = new BrowserDouble(t);
  const seen = [
    await anyone.open("/auth/sign-in?signed_out"),
    await anyone.open(url),
    await anyone.open("/auth/callback/oidc?state=x"),
    await anyone.open("/auth/sign-out"),
    await anyone.open("/upgrade"),
    await browser.open("/upgrade"),
  ];
  for (const { url, text, headers } of seen) {
    await assertValidHtml(text, url);
    const csp = headers.get("content-security-policy")!;
    assert.match(csp, /^default-src 'none'; style-src 'sha256-[^ ']+'; /);
    assert.match(csp, /base-uri 'none'; frame-ancestors 'none'$/);
    assert.ok(!csp.includes("script-src") && !csp.includes("unsafe"));
    assert.equal(headers.get("cache-control"), "no-store");
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    const referrer = text.includes("<form") ? "same-origin" : "no-referrer";
    assert.equal(headers.get("referrer-policy"), referrer);
    assert.match(text, /name="robots" content="noindex"/);
  }
});
