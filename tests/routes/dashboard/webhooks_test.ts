import assert from "node:assert/strict";
import { Webhook } from "standardwebhooks";
import { setup } from "../../_setup.ts";
import { deliveriesOf, makeHook, type Received, receiverDouble } from "../../support/receiver.ts";
import { setupSignedIn, signedIn, submit, textsOf } from "./_dashboard.ts";

const URL_ = "https://receiver.example/hook";
const SECRET = /whsec_[\w+/=]+/;
const HOUR = 3_600_000;

/** Whether a secret signed what was received, whenever that was. */
function isSigned(secret: string, { headers, body }: Received): boolean {
  const at = new Date(Number(headers["webhook-timestamp"]) * 1000);
  const signature = new Webhook(secret).sign(headers["webhook-id"], at, body);
  return headers["webhook-signature"].split(" ").includes(signature);
}

Deno.test("a webhook is made as the form says, and its secret is shown once", async () => {
  using at = await setupSignedIn();
  const receiver = receiverDouble(at.t);
  const seen = await submit(at.browser, `${at.home}/webhooks`, [
    ["url", URL_],
    ["description", "Front <b>page</b>"],
    ["hears", "some"],
    ["event", "post.published"],
  ]);
  assert.match(seen.text, /The webhook is made/);
  const [secret] = SECRET.exec(seen.text)!;
  const path = new URL(seen.url).pathname;
  assert.match(path, /\/webhooks\/[0-9a-f-]{36}$/);
  assert.doesNotMatch((await at.browser.open(path)).text, SECRET);
  for (const status of ["draft", "published"]) {
    const body = { title: status, content: "x", status };
    await at.t.api("POST", "/posts", { key: at.key, body });
  }
  await at.t.runJob("drain_outbox");
  assert.deepEqual(receiver.types(), ["post.published"]);
  assert.ok(isSigned(secret, receiver.got[0]));
  const { text } = await at.browser.open(`${at.home}/webhooks`);
  assert.match(text, /Front &lt;b&gt;page/);
  assert.match(textsOf(text, "li").find((one) => one.includes(URL_))!, /post\.published Active$/);
});

Deno.test("a webhook that cannot be made says why beside each field, with what was typed", async () => {
  using at = await setupSignedIn();
  const seen = await submit(at.browser, `${at.home}/webhooks`, [
    ["url", `http://"><i>`],
    ["description", "x".repeat(201)],
    ["hears", "some"],
  ]);
  assert.equal(seen.status, 400);
  const faults = [...seen.text.matchAll(/id="fault-(\w+)"/g)].map(([, field]) => field);
  assert.deepEqual(faults, ["description", "events"]);
  assert.ok(seen.text.includes(`value="http://&quot;&gt;&lt;i&gt;"`));
  for (const url of ["http://127.0.0.1/", "https://10.0.0.1/", "nothing", ""]) {
    const refused = await submit(at.browser, `${at.home}/webhooks`, [["url", url]]);
    assert.equal(refused.status, 400);
    assert.match(refused.text, /id="fault-url"/);
  }
  const unknown = await submit(at.browser, `${at.home}/webhooks`, [
    ["url", URL_],
    ["hears", "some"],
    ["event", "post.read"],
  ]);
  assert.match(unknown.text, /id="fault-events"[^>]*>unknown event/);
});

Deno.test("the deliveries of a webhook are listed with their answers, and delivered again", async () => {
  using at = await setupSignedIn();
  const receiver = receiverDouble(at.t);
  const hook = await makeHook(at.t, at);
  const path = `${at.home}/webhooks/${hook.id}`;
  receiver.answer = () => 500;
  const tested = await at.browser.post(`${path}/test`);
  assert.match(tested.text, /A test event is on its way/);
  assert.match(tested.text, / data-pending=""/);
  assert.match(textsOf(tested.text, "tr")[1], /^test .* Waiting Not tried yet .* Try now$/);
  await at.t.runJob("drain_outbox");
  at.t.advance(HOUR);
  receiver.answer = () => "The connection <failed>.";
  await at.t.runJob("drain_outbox");
  const failing = await at.browser.open(path);
  assert.match(
    textsOf(failing.text, "tr")[1],
    /Waiting 2 attempts, the last: The connection &lt;f/,
  );
  assert.match(failing.text, /Your server has taken nothing since/);
  assert.match(failing.text, /badge bad">Failing/);
  receiver.answer = () => 204;
  const [{ id }] = await deliveriesOf(at.t, at, hook);
  const again = await at.browser.post(`${path}/deliveries/${id}/redeliver`);
  assert.match(again.text, /The delivery is on its way/);
  await at.t.runJob("drain_outbox");
  const taken = await at.browser.open(path);
  assert.match(textsOf(taken.text, "tr")[1], /Delivered 3 attempts, the last: 204/);
  assert.match(taken.text, /badge on">Active/);
  assert.doesNotMatch(taken.text, / data-pending/);
  assert.equal(new Set(receiver.got.map(({ headers }) => headers["webhook-id"])).size, 1);
});

Deno.test("a webhook that answered 410 says so, and is enabled again with a click", async () => {
  using at = await setupSignedIn();
  const receiver = receiverDouble(at.t);
  const hook = await makeHook(at.t, at);
  const path = `${at.home}/webhooks/${hook.id}`;
  receiver.answer = () => 410;
  await at.browser.post(`${path}/test`);
  await at.t.runJob("drain_outbox");
  const { text } = await at.browser.open(path);
  assert.match(text, /Disabled because it did not work/);
  assert.match(text, /answered 410 Gone/);
  assert.doesNotMatch(text, /Deliver again|Send a test event/);
  assert.match((await at.browser.open(`${at.home}/webhooks`)).text, /because it answered 410 Gone/);
  at.t.advance(HOUR);
  await submit(at.browser, path, [["url", URL_], ["description", "Mended"]]);
  const { body } = await at.t.api("GET", hook.path, { key: at.token });
  assert.equal(body.disabled_at, "2026-03-24T10:00:00.000Z");
  assert.match((await at.browser.open(path)).text, /410 Gone on <time datetime="2026-03-24T10:00/);
  const [{ id }] = await deliveriesOf(at.t, at, hook);
  for (const what of ["test", `deliveries/${id}/redeliver`]) {
    const refused = await at.browser.post(`${path}/${what}`);
    assert.equal(refused.status, 409);
    assert.match(refused.text, /class="said bad" role="alert">[^<]*disabled/);
  }
  const enabled = await at.browser.post(`${path}/enable`);
  assert.match(enabled.text, /The webhook is enabled/);
  assert.doesNotMatch(enabled.text, /Disabled/);
  assert.match(enabled.text, /Deliver again/);
});

Deno.test("a webhook that took nothing for a day says since when", async () => {
  using at = await setupSignedIn();
  const receiver = receiverDouble(at.t);
  const hook = await makeHook(at.t, at);
  receiver.answer = () => 503;
  await at.browser.post(`${at.home}/webhooks/${hook.id}/test`);
  for (let hour = 0; hour < 26; hour++) {
    await at.t.runJob("drain_outbox");
    at.t.advance(HOUR);
  }
  const { text } = await at.browser.open(`${at.home}/webhooks/${hook.id}`);
  assert.match(text, /took nothing for 24 hours, since <time datetime="2026-03-24T10:00:00.000Z"/);
});

Deno.test("a webhook is changed, disabled, given another secret, and deleted on its page", async () => {
  using at = await setupSignedIn();
  const receiver = receiverDouble(at.t);
  const hook = await makeHook(at.t, at, { description: "before", events: ["post.created"] });
  const path = `${at.home}/webhooks/${hook.id}`;
  const shown = await at.browser.open(path);
  assert.match(shown.text, /value="post\.created" checked/);
  const saved = await submit(at.browser, path, [["url", " https://other.example/ "], [
    "description",
    "",
  ]]);
  assert.match(saved.text, /The webhook was saved/);
  const { body } = await at.t.api("GET", hook.path, { key: at.token });
  assert.deepEqual([body.url, body.description, body.events], [
    "https://other.example/",
    "",
    ["*"],
  ]);
  const bad = await submit(at.browser, path, [["url", "ftp://x"]]);
  assert.equal(bad.status, 400);
  assert.match(bad.text, /value="ftp:\/\/x"[^>]*aria-invalid/);
  const rotated = await at.browser.post(`${path}/rotate`);
  assert.match(rotated.text, /The secret was replaced/);
  const [secret] = SECRET.exec(rotated.text)!;
  assert.notEqual(secret, hook.secret);
  await at.browser.post(`${path}/test`);
  await at.t.runJob("drain_outbox");
  for (const one of [secret, hook.secret]) {
    assert.ok(isSigned(one, receiver.got[0]));
  }
  assert.match((await at.browser.post(`${path}/disable`)).text, /Disabled by you/);
  const gone = await at.browser.post(`${path}/delete`);
  assert.match(gone.text, /The webhook was deleted/);
  assert.match(gone.text, /0 webhooks/);
  assert.equal((await at.browser.open(path)).status, 404);
});

Deno.test("nobody sees or changes another's webhook, nor what is none", async () => {
  using at = await setupSignedIn();
  const other = await signedIn(at.t);
  const hook = await makeHook(at.t, other);
  const own = await makeHook(at.t, at);
  const mine = `${at.home}/webhooks`;
  assert.equal((await at.browser.open(`${other.home}/webhooks`)).status, 404);
  const acts = ["", "/enable", "/disable", "/test", "/rotate", "/delete"];
  for (const id of [hook.id, "x", "%00", "y".repeat(5000)]) {
    assert.equal((await at.browser.open(`${mine}/${id}`)).status, 404);
    for (const act of acts) {
      const { status } = await at.browser.post(`${mine}/${id}${act}`, { url: URL_ });
      assert.equal(status, 404, `${act} of ${id.slice(0, 40)}`);
    }
    const again = await at.browser.post(`${mine}/${own.id}/deliveries/${id}/redeliver`);
    assert.equal(again.status, 404);
  }
  const { body } = await at.t.api("GET", hook.path, { key: other.token });
  assert.equal(body.enabled, true);
  assert.equal((await at.browser.open(`${mine}/${own.id}?after=x`)).status, 400);
  assert.equal((await at.browser.open(`${mine}/${own.id}?done=constructor`)).status, 200);
});

Deno.test("Free is told which plan has webhooks, and makes none", async () => {
  using t = await setup();
  const at = await signedIn(t, "free");
  const { text } = await at.browser.open(`${at.home}/webhooks`);
  assert.match(text, /Webhooks requires? the Creator plan/);
  assert.doesNotMatch(text, /Make the webhook/);
  const refused = await at.browser.post(`${at.home}/webhooks`, { url: URL_ });
  assert.equal(refused.status, 403);
});

Deno.test("webhooks of a frozen blog can be looked at and deleted, and no more", async () => {
  using at = await setupSignedIn();
  const hook = await makeHook(at.t, at);
  const path = `${at.home}/webhooks/${hook.id}`;
  const { kv } = at.t.deps.store;
  const { value } = await kv.get<{ frozenAt: number | null }>(["blog", at.blog.id]);
  await kv.set(["blog", at.blog.id], { ...value!, frozenAt: at.t.now() });
  assert.doesNotMatch((await at.browser.open(`${at.home}/webhooks`)).text, /Make the webhook/);
  const { text } = await at.browser.open(path);
  assert.doesNotMatch(text, /Send a test event|Replace the secret|>Save</);
  for (const act of ["", "/disable", "/test", "/rotate"]) {
    const refused = await at.browser.post(`${path}${act}`, { url: URL_ });
    assert.equal(refused.status, 403, act);
  }
  assert.match((await at.browser.post(`${path}/delete`)).text, /The webhook was deleted/);
});

Deno.test("the deliveries go on over pages, each once", async () => {
  using at = await setupSignedIn();
  receiverDouble(at.t);
  const hook = await makeHook(at.t, at);
  for (let n = 0; n < 23; n++) {
    await at.t.api("POST", `${hook.path}/test`, { key: at.token });
    at.t.advance(60_000);
  }
  const first = await at.browser.open(`${at.home}/webhooks/${hook.id}`);
  const [, older] = /rel="next" href="([^"]+)"/.exec(first.text)!;
  const second = await at.browser.open(older.replaceAll("&amp;", "&"));
  const times = [first, second].flatMap(({ text }) =>
    textsOf(text, "tr").slice(1).map((row) => /10:\d\d/.exec(row)![0])
  );
  const all = Array.from({ length: 23 }, (_, i) => `10:${String(22 - i).padStart(2, "0")}`);
  assert.deepEqual(times, all);
});

Deno.test("the code that the page gives takes what is signed, and refuses what is not", async () => {
  using at = await setupSignedIn();
  const hook = await makeHook(at.t, at);
  const { text } = await at.browser.open(`${at.home}/webhooks/${hook.id}`);
  const [, escaped] = /aria-label="the code that verifies"[^>]*><code>(.*?)<\/code>/s.exec(text)!;
  const code = escaped.replaceAll("&quot;", '"').replaceAll("&gt;", ">").replaceAll("&lt;", "<")
    .replaceAll("&#39;", "'").replaceAll("&amp;", "&");
  Deno.env.set("POSTLARK_WEBHOOK_SECRET", hook.secret);
  const dir = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${dir}/receive.ts`, code);
    const { receive } = await import(`file://${dir}/receive.ts`);
    const body = JSON.stringify({ type: "test", data: {} });
    const signedBy = (secret: string) => {
      const at = new Date();
      const headers = {
        "webhook-id": "1",
        "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
        "webhook-signature": new Webhook(secret).sign("1", at, body),
      };
      return new Request(URL_, { method: "POST", body, headers });
    };
    assert.equal((await receive(signedBy(hook.secret))).status, 200);
    assert.equal((await receive(signedBy(`whsec_${btoa("another")}`))).status, 401);
  } finally {
    Deno.env.delete("POSTLARK_WEBHOOK_SECRET");
    await Deno.remove(dir, { recursive: true });
  }
});
