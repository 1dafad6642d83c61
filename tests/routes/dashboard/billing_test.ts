import assert from "node:assert/strict";
import { transact } from "../../../lib/kit/kv.ts";
import { stagePackGrant, stagePackRefund } from "../../../lib/metering/packs.ts";
import { changePlan } from "../../../lib/account/plan_changes.ts";
import { PADDLE_ENV, paddleDouble } from "../../support/paddle.ts";
import { setup } from "../../_setup.ts";
import { setupSignedIn, signedIn, textsOf } from "./_dashboard.ts";

const PAGE = "/app/billing";
const DAY = 86_400_000;
const MANUAL = { env: { POSTLARK_BILLING: "manual" } };

type At = Pick<Awaited<ReturnType<typeof setupSignedIn>>, "t" | "id" | "key" | "token" | "browser">;

async function grant({ t, id }: At, ref: string, size: number) {
  const sold = { user: id, size, ref, now: t.now() };
  await transact(t.deps.store, (tx) => stagePackGrant(tx, sold));
}

async function balanceOf({ t, token }: At): Promise<number> {
  return (await t.api("GET", "/packs/balance", { key: token })).body.balance;
}

/** Name, number and bounds of each bar. */
function metersOf(html: string) {
  return [...html.matchAll(/<meter([^>]*)>([^<]*)/g)].map(([, attributes, says]) => {
    const of = (name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1];
    const name = new RegExp(`id="${of("aria-labelledby")}"[^>]*>([^<]*)`).exec(html)![1];
    return [name, of("value"), of("max"), says];
  });
}

Deno.test("bars say what is used of the plan, as the API does, and when it begins anew", async () => {
  using t = await setup();
  const at = { t, ...await signedIn(t, "starter") };
  for (const title of ["A", "B"]) {
    await t.api("POST", "/posts", { key: at.key, body: { title, content: "x" } });
  }
  const { text } = await at.browser.open(PAGE);
  assert.deepEqual(metersOf(text), [
    ["Posts created this period", "2", "15", "2 of 15"],
    ["Blogs", "1", "1", "1 of 1"],
    ["Media", "0", "1073741824", "0 bytes of 1 GiB"],
    ["API requests this hour", "2", "300", "2 of 300"],
  ]);
  assert.match(text, /Begins anew <time datetime="2026-04-01T00:00:00.000Z"/);
  assert.match(text, /Begins anew <time datetime="2026-03-24T11:00:00.000Z"/);
});

Deno.test("what a plan does not limit has no bar", async () => {
  using t = await setup();
  const { browser } = await signedIn(t, "enterprise");
  const { text } = await browser.open(PAGE);
  assert.deepEqual(metersOf(text).map(([name]) => name), ["Media", "API requests this hour"]);
  assert.match(text, /0, without a limit/);
});

Deno.test("after a downgrade the page says what ends, and when", async () => {
  using t = await setup();
  const { browser, id } = await signedIn(t, "creator");
  await browser.post("/app/blogs", { name: "Second", slug: "second" });
  await changePlan(t.deps, id, { plan: "starter" });
  const { text } = await browser.open(PAGE);
  assert.match(text, /Plan: Starter/);
  assert.match(text, /until <time datetime="2026-04-23T10:00:00.000Z"/);
  const ends = textsOf(text, "li").filter((one) =>
    /Webhooks|No badge|frozen|domain of your/.test(one)
  );
  assert.deepEqual(ends, [
    "No badge",
    "Webhooks",
    "Changes to your newest blog, which will be frozen",
  ]);
  t.advance(30 * DAY);
  await t.runJob("grace_and_freeze");
  const after = await browser.open(PAGE);
  assert.doesNotMatch(after.text, /No badge|pages show as on/);
});

Deno.test("a pack is credited by its button where billing is manual, and stands in the ledger with its age", async () => {
  using at = await setupSignedIn(MANUAL);
  const bought = await at.browser.post(`${PAGE}/packs`, { pack_type: "300" });
  assert.equal(new URL(bought.url).pathname, PAGE);
  assert.match(bought.text, /A pack of 300 posts is credited/);
  assert.equal(await balanceOf(at), 300);
  at.t.advance(3 * DAY);
  const { text } = await at.browser.open(PAGE);
  assert.match(text, /300 of 300 left/);
  assert.match(text, /, 3 days ago/);
  assert.match(textsOf(text, "tr")[1], /^Pack bought manual:\S+ 24 Mar 2026, 10:00 UTC \+300/);
});

Deno.test("a button that is pressed twice buys one pack, and the page that comes after sells another", async () => {
  using at = await setupSignedIn(MANUAL);
  const fields = async () => {
    const { text } = await at.browser.open(PAGE);
    const [, idempotency_key] = /name="idempotency_key" value="([^"]+)"/.exec(text)!;
    return { pack_type: "100", idempotency_key };
  };
  const pressed = await fields();
  const both = await Promise.all([1, 2].map(() => at.browser.post(`${PAGE}/packs`, pressed)));
  for (const { text } of [...both, await at.browser.post(`${PAGE}/packs`, pressed)]) {
    assert.match(text, /A pack of 100 posts is credited/);
  }
  assert.equal(await balanceOf(at), 100);
  await at.browser.post(`${PAGE}/packs`, await fields());
  assert.equal(await balanceOf(at), 200);
  const other = await at.browser.post(`${PAGE}/packs`, { ...pressed, pack_type: "300" });
  assert.equal(other.status, 409);
  const long = await at.browser.post(`${PAGE}/packs`, {
    ...pressed,
    idempotency_key: "x".repeat(256),
  });
  assert.equal(long.status, 400);
  assert.equal(await balanceOf(at), 200);
});

Deno.test("a purchase that was refused may be tried again with the same button", async () => {
  using t = await setup(MANUAL);
  const at = { t, ...await signedIn(t, "free") };
  const form = { pack_type: "100", idempotency_key: "one" };
  assert.equal((await at.browser.post(`${PAGE}/packs`, form)).status, 403);
  await changePlan(t.deps, at.id, { plan: "starter" });
  await at.browser.post(`${PAGE}/packs`, form);
  assert.equal(await balanceOf(at), 100);
});

Deno.test("what cannot be bought is refused by the page that offers it, and credits nothing", async () => {
  using at = await setupSignedIn(MANUAL);
  for (const pack_type of ["", "200", "<b>", "100 "]) {
    const seen = await at.browser.post(`${PAGE}/packs`, { pack_type });
    assert.equal(seen.status, 400, pack_type);
    assert.match(seen.text, /role="alert">[^<]*pack_type must be 100 or 300/);
  }
  assert.equal(await balanceOf(at), 0);
});

Deno.test("packs are offered where the plan and the server sell them, and refused elsewhere all the same", async () => {
  const cases = [
    ["free", "manual", /requires the Starter plan/, /requires the Starter plan or above/],
    ["creator", "off", /not sold on this server/, /Purchases are not enabled on this server/],
  ] as const;
  for (const [plan, billing, says, refusal] of cases) {
    using t = await setup({ env: { POSTLARK_BILLING: billing } });
    const at = { t, ...await signedIn(t, plan) };
    const { text } = await at.browser.open(PAGE);
    assert.match(text, says);
    assert.doesNotMatch(text, /name="pack_type"/);
    const refused = await at.browser.post(`${PAGE}/packs`, { pack_type: "100" });
    assert.equal(refused.status, 403);
    assert.match(refused.text, refusal);
    assert.equal(await balanceOf(at), 0);
  }
});

Deno.test("with a payment provider the button leads to its checkout, and the policy lets a form do so", async () => {
  const paddle = paddleDouble();
  using t = await setup({ env: PADDLE_ENV });
  t.deps.fetch = (url, init) => paddle.take(new Request(url, init));
  const at = { t, ...await signedIn(t, "starter") };
  const page = await at.browser.open(PAGE);
  assert.match(page.headers.get("content-security-policy")!, /form-action 'self' https:(;|$)/);
  const { origin } = t.deps.config;
  const answer = await at.browser.send(`${origin}${PAGE}/packs`, {
    method: "POST",
    headers: { origin },
    body: new URLSearchParams({ pack_type: "100" }),
  });
  assert.equal(answer.status, 303);
  assert.match(answer.headers.get("location")!, /^https:\/\/pay\.example\/checkout\?_ptxn=txn_/);
  assert.equal(await balanceOf(at), 0);
  paddle.state.down = true;
  assert.equal((await at.browser.post(`${PAGE}/packs`, { pack_type: "100" })).status, 502);
});

Deno.test("a pack without a price is not offered", async () => {
  const prices = "starter=pri_starter,creator=pri_creator,scale=pri_scale,300=pri_300";
  using t = await setup({ env: { ...PADDLE_ENV, POSTLARK_PADDLE_PRICES: prices } });
  const { browser } = await signedIn(t, "starter");
  const { text } = await browser.open(PAGE);
  assert.deepEqual(
    [...text.matchAll(/name="pack_type" value="(\d+)"/g)].map(([, type]) => type),
    ["300"],
  );
});

Deno.test("a form's answer may lead elsewhere only where something is sold", async () => {
  using at = await setupSignedIn(MANUAL);
  const { headers } = await at.browser.open(PAGE);
  assert.match(headers.get("content-security-policy")!, /form-action 'self'(;|$)/);
});

Deno.test("the ledger has twenty movements a page, newest first, and leads on and back", async () => {
  using at = await setupSignedIn(MANUAL);
  for (let n = 0; n < 45; n++) {
    await grant(at, `txn_${n}<i>`, 1);
    at.t.advance(1000);
  }
  const seen: string[] = [];
  let path = PAGE;
  for (const pages of [20, 20, 5]) {
    const { text } = await at.browser.open(path);
    const refs = [...text.matchAll(/txn_(\d+)&lt;i&gt;/g)].map(([, n]) => n);
    assert.equal(refs.length, pages);
    seen.push(...refs);
    assert.equal(/>Newest</.test(text), path !== PAGE);
    const older = /href="([^"]+)#Ledger"[^>]*>\s*Older/.exec(text)?.[1];
    assert.equal(older !== undefined, pages === 20);
    path = older ?? "";
  }
  assert.deepEqual(seen, Array.from({ length: 45 }, (_, n) => String(44 - n)));
  for (const cursor of ["x", "%00", "W10", "y".repeat(3000)]) {
    const { status, text } = await at.browser.open(`${PAGE}?cursor=${cursor}`);
    assert.deepEqual([status, text.match(/txn_\d+/g)?.[0]], [200, "txn_44"], cursor);
  }
});

Deno.test("no account sees another's movements, packs or figures", async () => {
  using at = await setupSignedIn(MANUAL);
  const other = { t: at.t, ...await signedIn(at.t) };
  await grant(other, "txn_other", 100);
  const { text } = await at.browser.open(PAGE);
  assert.doesNotMatch(text, /txn_other/);
  assert.match(text, /Nothing has moved yet/);
  assert.match(text, /0 posts in packs/);
});

Deno.test("what is owed after a refund is said in words, and posts and a new period stand in the ledger", async () => {
  using t = await setup(MANUAL);
  const at = { t, ...await signedIn(t, "starter") };
  await grant(at, "txn_a", 2);
  for (let n = 0; n < 16; n++) {
    await t.api("POST", "/posts", { key: at.key, body: { title: `P ${n}`, content: "x" } });
  }
  const refund = { ref: "txn_a", now: t.now() };
  await transact(t.deps.store, (tx) => stagePackRefund(tx, t.deps, refund));
  const owing = await at.browser.open(PAGE);
  assert.match(owing.text, /-1 posts in packs/);
  assert.match(owing.text, /the next pack makes up for it/);
  t.advance(10 * DAY);
  await t.api("POST", "/posts", { key: at.key, body: { title: "April", content: "x" } });
  const { text } = await at.browser.open(PAGE);
  const rows = textsOf(text, "th").map((one) => one.split(" txn")[0]);
  for (
    const kind of ["Post of the period", "A new period: its posts begin anew", "Pack refunded"]
  ) {
    assert.ok(rows.includes(kind), kind);
  }
  assert.ok(textsOf(text, "th").includes("Post from a pack"));
});
