import assert from "node:assert/strict";
import { SignJWT } from "jose";
import { type Service, setup } from "../../_setup.ts";
import { under } from "../../../lib/kit/kv.ts";
import { githubDouble } from "../../support/github.ts";
import { type Lie, lyingProvider } from "../../support/oidc_provider_double.ts";
import { BrowserDouble } from "../../support/browser_double.ts";

const ORIGIN = "http://localhost:8000";
const CALLBACK = /^http:\/\/localhost:8000\/auth\/callback\//;

async function usersIn(t: Service): Promise<number> {
  return (await t.deps.store.list({ start: ["user"], end: ["user", true] }, 100)).length;
}

Deno.test("an id_token of a foreign audience, issuer, key, nonce or time signs nobody in", async () => {
  const idp = await lyingProvider();
  const supabase = { POSTLARK_SUPABASE_ISSUER: "https://ref.supabase.co/auth/v1" };
  const secret = "a Supabase secret that is long enough";
  using t = await setup({
    env: { ...idp.env, ...supabase, POSTLARK_SUPABASE_JWT_SECRET: secret },
  });
  t.deps.fetch = idp.fetch;
  const now = Math.floor(Date.now() / 1000);
  const anon = await new SignJWT({ role: "anon", iss: supabase.POSTLARK_SUPABASE_ISSUER })
    .setProtectedHeader({ alg: "HS256" })
    .setExpirationTime(now + 3600).sign(new TextEncoder().encode(secret));
  const lies: Record<string, Lie> = {
    "a foreign audience": { claims: { aud: "another-client" } },
    "several audiences, and another party": { claims: { aud: ["postlark", "x"], azp: "x" } },
    "a foreign issuer": { claims: { iss: "https://other.example" } },
    "a foreign key": { foreignKey: true },
    "the client's secret as key": { alg: "HS256" },
    "no signature": { alg: "none" },
    "a foreign nonce": { claims: { nonce: "of-another-sign-in" } },
    "no nonce": { claims: { nonce: undefined } },
    "no subject": { claims: { sub: undefined } },
    "an end that is past": { claims: { exp: now - 3600 } },
    "no token": { token: "" },
    "Supabase's anon key": { token: anon },
    "another subject in the user info": { claims: { email: undefined }, subject: "eve" },
    "a redirect of another issuer": { iss: "https://other.example" },
  };
  for (const [name, lie] of Object.entries(lies)) {
    idp.state.lie = lie;
    const browser = new BrowserDouble(t, idp.fetch);
    const { status, text } = await browser.open("/auth/sign-in/oidc");
    assert.equal(status, 403, name);
    assert.match(text, /did not confirm who you are/, name);
    assert.equal(browser.jar().has("postlark"), false, name);
  }
  assert.equal(await usersIn(t), 0);
  // Nor is it a credential, or a cookie.
  assert.equal((await t.api("GET", "/account/profile", { key: anon })).status, 401);
  const browser = new BrowserDouble(t, idp.fetch);
  browser.jar().set("postlark", anon);
  assert.match((await browser.open("/app")).url, /\/auth\/sign-in\?/);
  idp.state.lie = {};
  assert.equal((await browser.open("/auth/sign-in/oidc")).url, `${ORIGIN}/app`);
  assert.equal(await usersIn(t), 1);
});

Deno.test("a provider that cannot be reached is a 502 page, and the next sign-in asks it again", async () => {
  const idp = await lyingProvider();
  using t = await setup({ env: idp.env });
  t.deps.fetch = idp.fetch;
  const browser = new BrowserDouble(t, idp.fetch);
  idp.state.down = true;
  const { status, text } = await browser.open("/auth/sign-in/oidc");
  assert.equal(status, 502);
  assert.match(text, /id\.example cannot be reached for now: try again/);
  idp.state.down = false;
  const { url } = await browser.open("/auth/sign-in/oidc", { until: CALLBACK });
  idp.state.down = true;
  assert.equal((await browser.open(url)).status, 502);
  idp.state.down = false;
  idp.state.lie = { status: 500 };
  assert.equal((await browser.open("/auth/sign-in/oidc")).status, 502);
  idp.state.lie = {};
  assert.equal((await browser.open("/auth/sign-in/oidc")).status, 200);
});

Deno.test("an e-mail that is not in the id_token is taken from the user info, and is verified only where that says so", async () => {
  const idp = await lyingProvider();
  using t = await setup({ env: idp.env });
  t.deps.fetch = idp.fetch;
  idp.state.lie = { claims: { email: undefined, email_verified: undefined } };
  const browser = new BrowserDouble(t, idp.fetch);
  assert.match((await browser.open("/auth/sign-in/oidc")).text, /Signed in as ada@example\.com/);
  idp.state.lie = { claims: { sub: "eve", email: "eve@example.com", email_verified: "true" } };
  const eve = new BrowserDouble(t, idp.fetch);
  assert.match((await eve.open("/auth/sign-in/oidc")).text, /an account without an address/);
});

Deno.test("an address whose letters only look like those of another is another address", async () => {
  const idp = await lyingProvider();
  using t = await setup({ env: idp.env });
  t.deps.fetch = idp.fetch;
  const open = () => new BrowserDouble(t, idp.fetch).open("/auth/sign-in/oidc");
  idp.state.lie = { claims: { sub: "kate", email: "kate@example.com" } };
  assert.match((await open()).text, /Signed in as kate@example\.com/);
  // The Kelvin sign, whose lower case is "k".
  idp.state.lie = { claims: { sub: "eve", email: "\u212aate@example.com" } };
  assert.match((await open()).text, /Signed in as \u212aate@example\.com/);
  assert.equal(await usersIn(t), 2);
  idp.state.lie = { claims: { sub: "kate at work", email: " KATE@Example.com" } };
  assert.match((await open()).text, /Signed in as kate@example\.com/);
  assert.equal(await usersIn(t), 2);
});

Deno.test("GitHub signs in by the id of its user, and its verified primary address links", async () => {
  const github = githubDouble();
  using t = await setup({ env: github.env });
  t.deps.fetch = github.fetch;
  const { email, blog } = await t.tenant();
  github.state.emails = [
    { email, primary: false, verified: true },
    { email: "octo@example.com", primary: true, verified: true },
  ];
  const signIn = () => new BrowserDouble(t, github.fetch).open("/auth/sign-in/github");
  assert.match((await signIn()).text, /Signed in as octo@example\.com/);
  // The same user by another name and address.
  github.state.user = { ...github.state.user, login: "renamed", name: "Octo" };
  github.state.emails = [{ email: "new@example.com", primary: true, verified: true }];
  assert.match((await signIn()).text, /Signed in as octo@example\.com/);
  assert.equal(await usersIn(t), 2);

  github.state.user = { ...github.state.user, id: 2 };
  github.state.emails = [{ email, primary: true, verified: false }];
  assert.match((await signIn()).text, /Signed in as Octo/);
  assert.equal(await usersIn(t), 3);
  github.state.user = { ...github.state.user, id: 3 };
  github.state.emails = [{ email, primary: true, verified: true }];
  const linked = await signIn();
  assert.match(linked.text, new RegExp(`Signed in as ${email}`));
  assert.ok(linked.text.includes(blog.url));
  assert.equal(await usersIn(t), 3);
});

Deno.test("GitHub's refusals come with status 200 and are a 403 page; its outage is a 502 one", async () => {
  const github = githubDouble();
  using t = await setup({ env: { ...github.env, POSTLARK_GITHUB_CLIENT_SECRET: "another" } });
  t.deps.fetch = github.fetch;
  const browser = new BrowserDouble(t, github.fetch);
  assert.equal((await browser.open("/auth/sign-in/github")).status, 403);
  assert.equal(t.logs.at(-1)!.said, "incorrect_client_credentials");
  const { url } = await browser.open("/auth/sign-in/github", { until: CALLBACK });
  github.state.down = true;
  assert.equal((await browser.open(url)).status, 502);
});

Deno.test("what is no navigation begins no sign-in and uses up none, of whatever page it is a part", async () => {
  const github = githubDouble();
  using t = await setup({ env: { ...github.env, POSTLARK_LIMIT_SIGN_IN: "2" } });
  const begin = (headers: Record<string, string>) =>
    t.send("GET", `${ORIGIN}/auth/sign-in/github`, { headers });
  const part = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" };
  for (const to of ["image", "script", "iframe", "frame", "object", "embed", "empty", "video"]) {
    const { status, headers } = await begin({ ...part, "sec-fetch-dest": to });
    assert.deepEqual([status, headers.get("set-cookie")], [403, null], to);
  }
  const navigation = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
  const ahead = await begin({ ...navigation, "sec-purpose": "prefetch;prerender" });
  assert.equal(ahead.status, 403);
  assert.deepEqual(await t.deps.store.list(under([]), 9), []);
  const link = await begin({ ...navigation, "sec-fetch-site": "cross-site" });
  const oldBrowser = await begin({});
  const third = await begin(navigation);
  assert.deepEqual([link, oldBrowser, third].map(({ status }) => status), [303, 303, 429]);
});

Deno.test("a subject that is longer than any may be signs nobody in", async () => {
  const idp = await lyingProvider();
  using t = await setup({ env: idp.env });
  t.deps.fetch = idp.fetch;
  for (const [length, status] of [[256, 403], [3000, 403], [255, 200]]) {
    idp.state.lie = { claims: { sub: "€".repeat(length) } };
    const seen = await new BrowserDouble(t, idp.fetch).open("/auth/sign-in/oidc");
    assert.equal(seen.status, status);
  }
  assert.equal(await usersIn(t), 1);
});

Deno.test("a callback of one provider does not end a sign-in at another", async () => {
  const idp = await lyingProvider();
  const github = githubDouble();
  using t = await setup({ env: { ...idp.env, ...github.env } });
  const either: typeof fetch = (input, init) =>
    (String(input).includes("github") ? github : idp).fetch(input, init);
  t.deps.fetch = either;
  const browser = new BrowserDouble(t, either);
  const { url } = await browser.open("/auth/sign-in/oidc", { until: CALLBACK });
  const crossed = url.replace("/callback/oidc", "/callback/github");
  assert.equal((await browser.open(crossed)).status, 403);
  assert.equal((await browser.open(url)).url, `${ORIGIN}/app`);
});
