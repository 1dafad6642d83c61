import assert from "node:assert/strict";
import { type Service, setup } from "../../_setup.ts";
import { under } from "../../../lib/kit/kv.ts";
import { startOidcProvider } from "../../support/oidc_provider.ts";
import { atOnce } from "../../support/pair.ts";
import { BrowserDouble } from "../../support/browser_double.ts";

const ORIGIN = "http://localhost:8000";
const CALLBACK = /^http:\/\/localhost:8000\/auth\/callback\//;
const START = "/auth/sign-in/oidc";

/** Runs `use` with a service that has a real provider. */
async function withProvider(
  use: (
    t: Service,
    idp: Awaited<ReturnType<typeof startOidcProvider>>,
  ) => Promise<void>,
  env: Record<string, string> = {},
): Promise<void> {
  await using idp = await startOidcProvider();
  await idp.serve(ORIGIN);
  using t = await setup({ env: { ...idp.env, ...env } });
  t.deps.fetch = fetch;
  await use(t, idp);
}

async function userOf(t: Service, browser: BrowserDouble): Promise<string> {
  const answer = await browser.post("/auth/token");
  const { jwt } = JSON.parse(answer.text);
  return (await t.api("GET", "/account/profile", { key: jwt })).body.id;
}

Deno.test("a first sign-in makes an account, a second leads to it, and after the sign-out nothing is left of the session", () =>
  withProvider(async (t, idp) => {
    idp.state.person = {
      sub: "ada",
      email: "Ada@Example.com",
      email_verified: true,
      name: "Ada <3",
    };
    const browser = new BrowserDouble(t);
    const page = await browser.open("/auth/sign-in?return_to=/app");
    assert.match(page.text, /Continue with Example ID/);
    const first = await browser.open(`${START}?return_to=/app%3Fx%3D1`);
    assert.deepEqual([first.status, first.url], [200, `${ORIGIN}/app?x=1`]);
    assert.match(first.text, /Signed in as ada@example\.com/);
    assert.match(first.text, /Make your first blog/);
    const [authorization] = first.hops;
    const asked = new URL(authorization).searchParams;
    assert.deepEqual(
      [asked.get("code_challenge_method"), asked.get("redirect_uri"), asked.get("response_type")],
      ["S256", `${ORIGIN}/auth/callback/oidc`, "code"],
    );
    const user = await userOf(t, browser);
    const cookie = browser.jar().get("postlark")!;

    const out = await browser.post("/auth/sign-out");
    assert.equal(out.url, `${ORIGIN}/auth/sign-in?signed_out`);
    assert.match(out.text, /You are signed out/);
    assert.equal(browser.jar().has("postlark"), false);
    browser.jar().set("postlark", cookie);
    assert.match((await browser.open("/app")).url, /\/auth\/sign-in\?return_to=%2Fapp$/);

    const other = new BrowserDouble(t);
    assert.equal((await other.open(START)).url, `${ORIGIN}/app`);
    assert.equal(await userOf(t, other), user);
    idp.state.person = { sub: "bob", name: "Bob" };
    const bob = new BrowserDouble(t);
    assert.match((await bob.open(START)).text, /Signed in as Bob/);
    assert.notEqual(await userOf(t, bob), user);
  }));

Deno.test("an identity is linked to an account only where its e-mail is verified on both sides", () =>
  withProvider(async (t, idp) => {
    const { id, email } = await t.tenant();
    const signInAs = async (sub: string, email_verified: boolean | undefined) => {
      idp.state.person = { sub, email, email_verified };
      const browser = new BrowserDouble(t);
      assert.equal((await browser.open(START)).url, `${ORIGIN}/app`);
      return await userOf(t, browser);
    };
    assert.equal(await signInAs("one", true), id);
    const stranger = await signInAs("two", false);
    assert.notEqual(stranger, id);
    assert.notEqual(await signInAs("three", undefined), id);
    // Linked once and for all: the address does not move it.
    assert.equal(await signInAs("two", true), stranger);
    const profile = await t.deps.store.get<{ email: string }>(["user", stranger]);
    assert.equal(profile.value!.email, "");
  }));

Deno.test("a sign-in holds in its own browser only, with its own state, once, for ten minutes, at its provider", () =>
  withProvider(async (t) => {
    const browser = new BrowserDouble(t);
    const begin = async () => (await browser.open(START, { until: CALLBACK })).url;
    const refused = async (from: BrowserDouble, url: string) => {
      const { status, text, headers } = await from.open(url);
      assert.equal(status, 403, url);
      assert.match(text, /used already, or was begun in another browser/);
      assert.equal(headers.get("referrer-policy"), "no-referrer");
      const { searchParams } = new URL(url);
      for (const secret of [searchParams.get("code"), searchParams.get("state")]) {
        assert.ok(!secret || !text.includes(secret));
      }
    };
    const forged = new URL(await begin());
    forged.searchParams.set("state", "A".repeat(43));
    await refused(browser, forged.href);
    forged.searchParams.delete("state");
    await refused(browser, forged.href);

    // Login CSRF: the callback of someone else's sign-in, in a browser that began none or another one.
    const stranger = new BrowserDouble(t);
    const theirs = await begin();
    await refused(stranger, theirs);
    await stranger.open(START, { until: CALLBACK });
    await refused(stranger, theirs);
    assert.equal(stranger.jar().has("postlark"), false);

    const late = await begin();
    t.advance(600_000);
    await refused(browser, late);

    const url = await begin();
    assert.equal((await browser.open(url)).url, `${ORIGIN}/app`);
    await refused(browser, url);
    assert.equal((await browser.open("/app")).status, 200);
  }));

Deno.test("two sign-ins that are under way in two tabs of one browser both hold", () =>
  withProvider(async (t) => {
    const browser = new BrowserDouble(t);
    const tabs = [
      await browser.open(START, { until: CALLBACK }),
      await browser.open(`${START}?return_to=/upgrade`, { until: CALLBACK }),
    ];
    assert.equal((await browser.open(tabs[0].url)).url, `${ORIGIN}/app`);
    assert.equal((await browser.open(tabs[1].url)).url, `${ORIGIN}/upgrade`);
  }));

Deno.test("of ten callbacks of one sign-in at once, one signs in", () =>
  withProvider(async (t) => {
    const browser = new BrowserDouble(t);
    const { url } = await browser.open(START, { until: CALLBACK });
    const answers = await atOnce(10, () => browser.send(url));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [303, ...Array(9).fill(403)]);
    const sessions = await t.deps.store.list(under(["session"]), 100);
    assert.equal(sessions.length, 1);
  }));

Deno.test("return_to leads to no other origin", () =>
  withProvider(async (t) => {
    const elsewhere = [
      "https://evil.example/",
      "//evil.example/",
      "/\\evil.example/",
      "/.//evil.example/",
      "/%2e//evil.example",
      "/\t/evil.example/",
      "\\\\evil.example",
      "javascript:alert(1)",
      "http://localhost:8000.evil.example/",
      `/${"x".repeat(3000)}`,
      "",
    ];
    for (const place of elsewhere) {
      const browser = new BrowserDouble(t);
      const query = new URLSearchParams({ return_to: place });
      const { url, hops } = await browser.open(`${START}?${query}`);
      assert.equal(url, `${ORIGIN}/app`, place);
      assert.ok(hops.every((hop) => !new URL(hop).hostname.includes("evil")), place);
      const again = await browser.open(`/auth/sign-in?${query}`);
      assert.equal(again.url, `${ORIGIN}/app`, place);
      t.advance(600_000);
    }
  }));

Deno.test("a sign-in begins a new session, and ends the one that the browser had", () =>
  withProvider(async (t, idp) => {
    const attacker = new BrowserDouble(t);
    await attacker.open(START);
    const planted = attacker.jar().get("postlark")!;
    const victim = new BrowserDouble(t);
    victim.jar().set("postlark", planted);
    idp.state.person = { sub: "victim" };
    await victim.open(START);
    assert.notEqual(victim.jar().get("postlark"), planted);
    assert.match((await victim.open("/app")).url, /\/app$/);
    assert.match((await attacker.open("/app")).url, /\/auth\/sign-in\?/);
    // One that nobody issued is not taken up either.
    const made = new BrowserDouble(t);
    made.jar().set("postlark", `${crypto.randomUUID()}.${"A".repeat(43)}`);
    await made.open(START);
    assert.notEqual(made.jar().get("postlark")!.split(".")[1], "A".repeat(43));
  }));

Deno.test("who says no at the provider is told so, and is not signed in", () =>
  withProvider(async (t, idp) => {
    idp.state.denies = true;
    const browser = new BrowserDouble(t);
    const { status, text } = await browser.open(START);
    assert.equal(status, 403);
    assert.match(text, /You have not signed in: you or Example ID said no/);
    assert.equal(browser.jar().has("postlark"), false);
  }));

Deno.test("with sign-up closed only those who have an account sign in", () =>
  withProvider(async (t, idp) => {
    const { email } = await t.tenant();
    const browser = new BrowserDouble(t);
    assert.match((await browser.open("/auth/sign-in")).text, /New accounts are not open/);
    const refused = await browser.open(START);
    assert.equal(refused.status, 403);
    assert.match(refused.text, /Sign-up is closed on this server: ask its operator/);
    idp.state.person = { sub: "known", email, email_verified: true };
    assert.equal((await new BrowserDouble(t).open(START)).url, `${ORIGIN}/app`);
  }, { POSTLARK_SIGNUP: "closed" }));

Deno.test("thirty sign-ins begin in ten minutes from one address, the next one waits", () =>
  withProvider(async (t) => {
    const begin = () => new BrowserDouble(t).open(START, { until: /127\.0\.0\.1/ });
    for (let i = 0; i < 30; i++) assert.equal((await begin()).status, 303);
    const { status, text, headers } = await begin();
    assert.equal(status, 429);
    assert.match(text, /try again in 10 minute/);
    assert.equal(headers.get("retry-after"), "600");
    t.advance(600_000);
    assert.equal((await begin()).status, 303);
  }));

Deno.test("no code, state or token is in the log or in the store once a sign-in is over", () =>
  withProvider(async (t) => {
    const browser = new BrowserDouble(t);
    const { url } = await browser.open(START, { until: CALLBACK });
    await browser.open(url);
    await browser.open(url);
    const { searchParams } = new URL(url);
    const rows = await Array.fromAsync(t.deps.store.scan({ start: [], end: [true, true, true] }));
    const kept = JSON.stringify(
      [t.logs, rows.map(({ key, value }) => [key, value])],
      (_, value) => value instanceof Deno.KvU64 ? String(value) : value,
    );
    const secrets = [searchParams.get("code")!, searchParams.get("state")!];
    const [, secret] = browser.jar().get("postlark")!.split(".");
    for (const one of [...secrets, secret]) assert.ok(!kept.includes(one));
    assert.equal(rows.some(({ key }) => key[0] === "flow"), false);
  }));
