import assert from "node:assert/strict";
import { transact } from "../../../lib/kit/kv.ts";
import { stageNotice } from "../../../lib/metering/notices.ts";
import type { Service } from "../../_setup.ts";
import { setupSignedIn, signedIn, textsOf } from "./_dashboard.ts";

const DAY = 86_400_000;
const ID = "019d2000-0000-7000-8000-000000000000";

async function tell(t: Service, user: string, told: Parameters<typeof stageNotice>[2]) {
  await transact(t.deps.store, (tx) => Promise.resolve(stageNotice(tx, user, told)));
}

function idsOf(text: string): string[] {
  const [, main] = text.split("<main");
  return [...main.matchAll(/action="\/app\/notices\/dismiss"[^]*?name="id" value="([^"]+)"/g)]
    .map(([, id]) => id);
}

Deno.test("a balance that came down and a webhook that was switched off are told of until they are dismissed", async () => {
  using at = await setupSignedIn();
  const { t, browser, home, blog, id: user } = at;
  const url = "https://receiver.example/?<b>";
  await tell(t, user, { kind: "pack.low", left: 1, now: t.now() });
  t.advance(1000);
  const of = { blog: blog.id, hook: ID, url, why: "gone" } as const;
  await tell(t, user, { kind: "webhook.disabled", ...of, now: t.now() });
  for (const path of ["/app", home]) {
    const { text } = await browser.open(path);
    assert.equal(idsOf(text).length, 2, path);
    assert.match(text, /Your packs came down to 1 post\./);
    assert.match(text, /it answered that it is gone for good \(410\)/);
    assert.match(text, /href="\/app\/billing"/);
    assert.ok(text.includes(`href="${home}/webhooks"`));
    assert.ok(textsOf(text, "code").includes("https://receiver.example/?&lt;b&gt;"));
  }
  const [newest] = idsOf((await browser.open(home)).text);
  const after = await browser.post("/app/notices/dismiss", { id: newest, back: home });
  assert.ok(after.url.endsWith(home), after.url);
  assert.equal(idsOf(after.text).length, 1);
  assert.doesNotMatch(after.text, /receiver\.example/);
});

Deno.test("a blog's page does not tell of another blog's webhook, and one of a blog that is gone leads nowhere", async () => {
  using at = await setupSignedIn();
  const { t, browser, home, id: user } = at;
  const of = { blog: ID, hook: ID, url: "https://receiver.example/", why: "failing" } as const;
  await tell(t, user, { kind: "webhook.disabled", ...of, now: t.now() });
  assert.deepEqual(idsOf((await browser.open(home)).text), []);
  const { text } = await browser.open("/app");
  assert.equal(idsOf(text).length, 1);
  assert.match(text, /nothing has reached it for a day/);
  assert.doesNotMatch(text, /href="[^"]*\/webhooks"/);
});

Deno.test("a notice lapses after 90 days", async () => {
  using at = await setupSignedIn();
  await tell(at.t, at.id, { kind: "pack.low", left: 3, now: at.t.now() });
  at.t.advance(90 * DAY);
  await at.browser.signInTo(at.id);
  assert.deepEqual(idsOf((await at.browser.open("/app")).text), []);
});

Deno.test("nobody dismisses another's notice, and a dismissal leads to no other site", async () => {
  using at = await setupSignedIn();
  const { t, browser, id: user } = at;
  await tell(t, user, { kind: "pack.low", left: 3, now: t.now() });
  const [id] = idsOf((await browser.open("/app")).text);
  const stranger = await signedIn(t);
  for (const other of [id, "", "a\0b", ID]) {
    const back = "https://evil.example/";
    const seen = await stranger.browser.post("/app/notices/dismiss", { id: other, back });
    assert.equal(seen.url, `${t.deps.config.origin}/app`, other);
  }
  const { status } = await browser.post("/app/notices/dismiss", { id }, {
    origin: "https://evil.example",
  });
  assert.equal(status, 403);
  assert.deepEqual(idsOf((await browser.open("/app")).text), [id]);
});
