import assert from "node:assert/strict";
import { type Service, setup } from "../../_setup.ts";
import { suspendAccount } from "../../../lib/account/plan_changes.ts";
import { checkStore } from "../../../lib/operator/check/mod.ts";
import { BrowserDouble } from "../../support/browser_double.ts";
import { assertValidHtml } from "../../support/valid_html.ts";
import { atOnce, setupPair, tally } from "../../support/pair.ts";

const ORIGIN = "http://localhost:8000";
const MINUTE = 60_000;

async function start(t: Service, body: unknown = { name: "laptop" }) {
  const { status, body: got, text } = await t.send("POST", `${ORIGIN}/auth/device`, { body });
  assert.equal(status, 200, text);
  return got as { device_code: string; user_code: string; verify_url: string };
}

async function poll(t: Service, code: string) {
  return await t.send("GET", `${ORIGIN}/auth/device/poll?code=${encodeURIComponent(code)}`);
}

async function signedIn(t: Service, user: string): Promise<BrowserDouble> {
  const browser = new BrowserDouble(t);
  await browser.signInTo(user);
  return browser;
}

async function confirm(
  browser: BrowserDouble,
  form: { user_code: string; user: string; decision?: string },
  headers: Record<string, string> = {},
) {
  const fields = { decision: "allow", ...form };
  return await browser.post("/auth/device/confirm", fields, headers);
}

Deno.test("a device gets a token of its own once its user has compared the code and clicked", async () => {
  using t = await setup();
  const { id, email } = await t.tenant();
  t.advance(1000);
  const device = await start(t);
  assert.match(device.device_code, /^[0-9A-Za-z]{43}$/);
  assert.match(device.user_code, /^[B-DF-HJ-NP-TV-XZ]{4}-[B-DF-HJ-NP-TV-XZ]{4}$/);
  assert.deepEqual({ ...device, device_code: "", user_code: "" }, {
    device_code: "",
    user_code: "",
    verify_url: `${ORIGIN}/auth/device?user_code=${device.user_code}`,
    expires_in: 600,
    interval: 2,
  } as unknown);
  const waiting = await poll(t, device.device_code);
  assert.deepEqual([waiting.status, waiting.body], [200, { status: "pending" }]);
  assert.equal(waiting.headers.get("cache-control"), "no-store");

  // The sign-in comes first, and leads back.
  const asked = await new BrowserDouble(t).open(device.verify_url);
  const back = new URL(asked.url).searchParams.get("return_to")!;
  const browser = await signedIn(t, id);
  const { text } = await browser.open(back);
  for (const said of [device.user_code, "laptop", email, "just now", "that you are at"]) {
    assert.ok(text.includes(said), said);
  }
  assert.deepEqual((await poll(t, device.device_code)).body, { status: "pending" });
  const done = await confirm(browser, { user_code: device.user_code.toLowerCase(), user: id });
  assert.match(done.text, /The device is logged in/);

  const { status, body } = await poll(t, device.device_code);
  assert.equal(status, 200);
  const { token, ...rest } = body;
  assert.deepEqual(rest, { status: "authorized", name: "", email });
  const { data } = (await t.api("GET", "/account/tokens", { key: token })).body;
  assert.deepEqual([data[0].name, data[0].blog_id, data[0].scopes], ["laptop", null, ["*"]]);
  const gone = await poll(t, device.device_code);
  assert.deepEqual([gone.status, gone.body.reason], [404, "device_code_unknown"]);
  await t.api("DELETE", `/account/tokens/${data[0].id}`, { key: token });
  assert.equal((await t.api("GET", "/account/profile", { key: token })).status, 401);
  assert.deepEqual((await checkStore(t.deps, 0)).differences, []);
});

Deno.test("a code is over after ten minutes, once it is denied, and once it is used", async () => {
  using t = await setup();
  const { id, token } = await t.tenant();
  const browser = await signedIn(t, id);
  const denied = await start(t);
  const page = await confirm(browser, { ...denied, user: id, decision: "deny" });
  assert.match(page.text, /turned away/);
  assert.equal((await poll(t, denied.device_code)).status, 404);
  const late = await start(t);
  const confirmed = await start(t);
  await confirm(browser, { ...confirmed, user: id });
  t.advance(10 * MINUTE);
  for (const { device_code } of [late, confirmed]) {
    assert.equal((await poll(t, device_code)).status, 404);
  }
  for (const { user_code } of [denied, late, confirmed]) {
    const { status, text } = await confirm(browser, { user_code, user: id });
    assert.equal(status, 404);
    assert.match(text, /unknown, too old, used or denied/);
  }
  const { data } = (await t.api("GET", "/account/tokens", { key: token })).body;
  assert.deepEqual(data.map(({ name }: { name: string }) => name), ["all"]);
});

Deno.test("of ten polls at once one gets the token, and there is one token", async () => {
  using pair = await setupPair();
  const { one: t } = pair;
  const { id, token } = await t.tenant();
  const device = await start(t);
  await confirm(await signedIn(t, id), { ...device, user: id });
  const all = await atOnce(10, (n) => poll(pair.nth(n), device.device_code));
  assert.deepEqual(tally(all), { "200": 1, "404 device_code_unknown": 9 });
  const { data } = (await t.api("GET", "/account/tokens", { key: token })).body;
  assert.equal(data.filter(({ name }: { name: string }) => name === "laptop").length, 1);
});

Deno.test("a code that is confirmed twice, even by two accounts at once, lets the device into one", async () => {
  using pair = await setupPair();
  const { one: t } = pair;
  const people = [await t.tenant(), await t.tenant()];
  const browsers = await Promise.all(people.map(({ id }) => signedIn(t, id)));
  const device = await start(t);
  const all = await atOnce(6, (n) => {
    return confirm(browsers[n % 2], { ...device, user: people[n % 2].id });
  });
  assert.deepEqual(all.map(({ status }) => status).sort(), [200, 404, 404, 404, 404, 404]);
  const winner = people[all.findIndex(({ status }) => status === 200) % 2];
  assert.equal((await poll(t, device.device_code)).body.email, winner.email);
});

Deno.test("a confirmation counts only from a page of the origin, and for the account that saw it", async () => {
  using t = await setup();
  const [one, other] = [await t.tenant(), await t.tenant()];
  const browser = await signedIn(t, one.id);
  const device = await start(t);
  const foreign: Record<string, string>[] = [
    { origin: "https://evil.example" },
    { origin: `http://${one.blog.slug}.localhost:8000` },
    { origin: ORIGIN, "sec-fetch-site": "cross-site" },
  ];
  for (const headers of foreign) {
    assert.equal((await confirm(browser, { ...device, user: one.id }, headers)).status, 403);
  }
  const nobody = await confirm(new BrowserDouble(t), { ...device, user: one.id });
  assert.match(nobody.url, /sign-in/);
  const swapped = await confirm(await signedIn(t, other.id), { ...device, user: one.id });
  assert.ok(swapped.text.includes(other.email) && swapped.text.includes("Log this device in?"));
  assert.deepEqual((await poll(t, device.device_code)).body, { status: "pending" });
  // A page opened is not a page confirmed, and HEAD uses nothing up.
  await browser.open(device.verify_url);
  assert.deepEqual((await poll(t, device.device_code)).body, { status: "pending" });
  await confirm(browser, { ...device, user: one.id });
  const url = `${ORIGIN}/auth/device/poll?code=${device.device_code}`;
  assert.equal((await t.send("HEAD", url)).status, 405);
  assert.equal((await poll(t, device.device_code)).body.status, "authorized");
});

Deno.test("wrong codes are counted for an address, an account, and in all", async () => {
  using t = await setup({ env: { POSTLARK_TRUST_PROXY: "1" } });
  const [one, other] = [await t.tenant(), await t.tenant()];
  const device = await start(t);
  const guess = async (browser: BrowserDouble, from: string, code = "BCDF-GHJK") => {
    const headers = { "x-forwarded-for": from };
    return (await browser.send(`${ORIGIN}/auth/device?user_code=${code}`, { headers })).status;
  };
  const [mine, theirs] = [await signedIn(t, one.id), await signedIn(t, other.id)];
  for (let n = 0; n < 30; n++) assert.equal(await guess(mine, "192.0.2.1"), 404);
  assert.equal(await guess(mine, "192.0.2.2", device.user_code), 429, "the account's are used up");
  assert.equal(await guess(theirs, "192.0.2.1", device.user_code), 429, "the address' are");
  assert.equal(await guess(theirs, "192.0.2.2", device.user_code), 200);
  t.advance(10 * MINUTE);
  assert.equal(await guess(mine, "192.0.2.1"), 404);
});

Deno.test("an address polls 400 times in ten minutes, and begins as often as it may sign in", async () => {
  using t = await setup({ env: { POSTLARK_LIMIT_SIGN_IN: "2" } });
  const { device_code } = await start(t);
  for (let n = 0; n < 400; n++) assert.equal((await poll(t, device_code)).status, 200);
  const over = await poll(t, device_code);
  assert.equal(over.status, 429);
  assert.ok(Number(over.headers.get("retry-after")) <= 600);
  await start(t);
  assert.equal((await t.send("POST", `${ORIGIN}/auth/device`)).status, 429);
});

Deno.test("what a device says of itself is shown as text, cut short, and never a fault", async () => {
  using t = await setup({
    env: { POSTLARK_TRUST_PROXY: "1", POSTLARK_COUNTRY_HEADER: "CF-IPCountry" },
  });
  const { id } = await t.tenant();
  const browser = await signedIn(t, id);
  const names: [unknown, string][] = [
    [{ name: `<b>"x"\u202E\n\0` }, "&lt;b&gt;&quot;x&quot;"],
    [{ device_name: "x".repeat(5000).slice(0, 3000) }, "x".repeat(60)],
    [{ name: 7 }, "Command line"],
    [{}, "Command line"],
  ];
  for (const [body, shown] of names) {
    const answer = await t.send("POST", `${ORIGIN}/auth/device`, {
      body,
      headers: { "cf-ipcountry": "se", "x-forwarded-for": "192.0.2.9" },
    });
    const { text, headers } = await browser.open(answer.body.verify_url);
    assert.ok(text.includes(`<bdi>${shown}</bdi>`), text);
    assert.match(text, /another network address than yours \(SE\)/);
    await assertValidHtml(text);
    const csp = headers.get("content-security-policy")!;
    assert.match(csp, /form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/);
    assert.ok(!csp.includes("script-src"));
  }
  assert.equal((await t.send("POST", `${ORIGIN}/auth/device`)).status, 200);
  const broken = { raw: "{ not JSON", headers: { "content-type": "application/json" } };
  assert.equal((await t.send("POST", `${ORIGIN}/auth/device`, broken)).status, 400);
  for (const code of ["", "\0", "x".repeat(3000)]) assert.equal((await poll(t, code)).status, 404);
});

Deno.test("a suspended account lets no device in, and a deleted one's device gets nothing", async () => {
  using t = await setup();
  const [one, other] = [await t.tenant(), await t.tenant()];
  const devices = [await start(t), await start(t), await start(t)];
  const browser = await signedIn(t, one.id);
  await confirm(browser, { ...devices[0], user: one.id });
  await confirm(await signedIn(t, other.id), { ...devices[2], user: other.id });
  await suspendAccount(t.deps, one.id, true);
  assert.equal((await confirm(browser, { ...devices[1], user: one.id })).status, 403);
  assert.equal((await poll(t, devices[0].device_code)).status, 403);
  await t.api("POST", "/account/delete", { key: other.token });
  assert.equal((await poll(t, devices[2].device_code)).status, 404);
  await suspendAccount(t.deps, one.id, false);
  assert.equal((await poll(t, devices[0].device_code)).body.status, "authorized");
  assert.deepEqual((await checkStore(t.deps, 0)).differences, []);
});

Deno.test("neither code is in the store or the log", async () => {
  using t = await setup();
  const { id } = await t.tenant();
  const device = await start(t);
  await confirm(await signedIn(t, id), { ...device, user: id });
  let text = Deno.inspect(t.logs, { depth: 9, strAbbreviateSize: 1e6 });
  for await (const { key, value } of t.deps.store.kv.list({ prefix: [] })) {
    text += Deno.inspect([key, value], { depth: 9, strAbbreviateSize: 1e6 });
  }
  assert.ok(text.includes('"laptop"'));
  for (const code of [device.device_code, device.user_code, device.user_code.replace("-", "")]) {
    assert.ok(!text.includes(code));
  }
});
