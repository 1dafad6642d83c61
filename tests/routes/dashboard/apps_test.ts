import assert from "node:assert/strict";
import { backstage, type Ctx } from "../../../lib/ctx.ts";
import { AppError } from "../../../lib/kit/errors.ts";
import { disconnectApp, listApps } from "../../../lib/account/oauth/apps.ts";
import { stageAppGrant } from "../../../lib/account/oauth/grants.ts";
import { appGrantKey, type AppGrantRow, grantOfAccess } from "../../../lib/account/oauth/_rows.ts";
import { newId } from "../../../lib/kit/ids.ts";
import { transact, under } from "../../../lib/kit/kv.ts";
import type { Service } from "../../_setup.ts";
import { codeFor, codeForm, connect, post, reads, REDIRECT, register } from "../oauth/_flow.ts";
import { setupSignedIn, signedIn, textsOf } from "./_dashboard.ts";

const APPS = "/app/apps";
const DAY = 86_400_000;

function actingFor(t: Service, user: string, scopes = ["*"]): Ctx {
  return backstage(t.deps, { kind: "session", user, scopes });
}

Deno.test("a connected app is shown with where it leads, what it may, and when it was used", async () => {
  using at = await setupSignedIn();
  const { access } = await connect(at.t, at, { scope: "posts:read media:write" });
  at.t.advance(61_000);
  await reads(at.t, access);
  const { text } = await at.browser.open(APPS);
  const [app] = textsOf(text, "dl");
  assert.equal(
    app,
    "Sends you to app.example Reaches All your blogs Connected 24 Mar 2026, 10:00 UTC " +
      "Last used 24 Mar 2026, 10:01 UTC Ends 22 Jun 2026, 10:00 UTC unless it is used before " +
      "It may Read your posts, drafts too Upload and delete images",
  );
});

Deno.test("consents of one app that add up are one entry, and end together", async () => {
  using at = await setupSignedIn();
  const first = await connect(at.t, at, { scope: "posts:read" });
  const more: string[] = [];
  for (let n = 0; n < 11; n++) {
    const query = { scope: n ? "posts:read" : "media:read" };
    const code = await codeFor(first.browser, { client: first.client, query });
    more.push((await post(at.t, codeForm(first.client, code))).body.access_token);
  }
  const ctx = actingFor(at.t, at.id);
  const { data } = await listApps(ctx, {});
  assert.deepEqual(data.map(({ scopes }) => scopes), [["posts:read", "media:read"]]);
  assert.equal(textsOf((await at.browser.open(APPS)).text, "h3").length, 1);
  const seen = await at.browser.post(`${APPS}/${first.client.client_id}/disconnect`);
  assert.match(seen.text, /The app was disconnected/);
  assert.match(seen.text, /No app is connected/);
  for (const token of [first.access, ...more]) assert.equal(await reads(at.t, token), 401);
});

Deno.test("an app is disconnected for one account alone, and only where it has access", async () => {
  using at = await setupSignedIn();
  const mine = await connect(at.t, at);
  const other = await signedIn(at.t);
  const code = await codeFor(other.browser, { client: mine.client });
  const theirs = (await post(at.t, codeForm(mine.client, code))).body.access_token;
  const path = `${APPS}/${mine.client.client_id}/disconnect`;
  assert.equal((await at.browser.post(path)).status, 200);
  assert.equal(await reads(at.t, mine.access), 401);
  assert.equal(await reads(at.t, theirs), 200);
  assert.equal((await at.browser.post(path)).status, 404);
  for (const none of ["x", "%00", "y".repeat(5000)]) {
    assert.equal((await at.browser.post(`${APPS}/${none}/disconnect`)).status, 404);
  }
});

Deno.test("what an app calls itself is text, and the places it leads to are said in words", async () => {
  using at = await setupSignedIn();
  const client = await register(at.t, {
    client_name: `<img src=x onerror="alert(1)">`,
    redirect_uris: [REDIRECT, "https://app.example/two", "http://127.0.0.1/cb", "quill.app:/cb"],
  });
  const code = await codeFor(at.browser, { client });
  assert.equal((await post(at.t, codeForm(client, code))).status, 200);
  const { text } = await at.browser.open(APPS);
  assert.match(text, /<bdi>&lt;img src=x onerror=/);
  assert.doesNotMatch(text, /<img/);
  assert.match(
    text,
    /<dd>app\.example, a program on this computer \(127\.0\.0\.1\), an app on this device \(quill\.app:\)</,
  );
});

Deno.test("the list of apps goes on by its cursor, each app once, and leaves out what has lapsed", async () => {
  using at = await setupSignedIn();
  const old = await connect(at.t, at);
  at.t.advance(89 * DAY);
  const ids: string[] = [];
  for (let n = 0; n < 5; n++) {
    at.t.advance(1000);
    ids.push((await connect(at.t, at)).client.client_id);
  }
  at.t.advance(2 * DAY);
  const listed: string[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < 9; page++) {
    const { data, next_cursor } = await listApps(actingFor(at.t, at.id), { limit: 2, cursor });
    assert.ok(data.length <= 2);
    listed.push(...data.map(({ client_id }) => client_id));
    if (!next_cursor) break;
    cursor = next_cursor;
  }
  assert.deepEqual(listed, ids.toReversed());
  assert.equal(listed.includes(old.client.client_id), false);
  const refused = await disconnectApp(actingFor(at.t, at.id), old.client.client_id)
    .catch((error) => error);
  assert.equal((refused as AppError).reason, "app_not_found");
  await at.browser.signInTo(at.id);
  assert.equal((await at.browser.open(`${APPS}?after=x`)).status, 400);
});

Deno.test("an app with more consents than a page reads is listed once, and disconnected whole", async () => {
  using at = await setupSignedIn();
  const { store } = at.t.deps;
  const clients: string[] = [];
  for (const copies of [3, 600, 0]) {
    at.t.advance(1000);
    const { client, access } = await connect(at.t, at);
    clients.push(client.client_id);
    const id = grantOfAccess(access)!;
    const { value } = await store.get<AppGrantRow>(appGrantKey(id));
    for (let n = 0; n < copies; n++) {
      const copy = { ...value!, id: newId(at.t.now()) };
      await transact(store, (tx) => Promise.resolve(stageAppGrant(tx, copy, at.t.now())));
    }
  }
  const listed: string[] = [];
  for (let cursor: string | undefined, page = 0; page < 9; page++) {
    const { data, next_cursor } = await listApps(actingFor(at.t, at.id), { cursor });
    listed.push(...data.map(({ client_id }) => client_id));
    if (!next_cursor) break;
    cursor = next_cursor;
  }
  assert.deepEqual(listed, clients.toReversed());
  await disconnectApp(actingFor(at.t, at.id), clients[1]);
  const { data } = await listApps(actingFor(at.t, at.id), {});
  assert.deepEqual(data.map(({ client_id }) => client_id), [clients[2], clients[0]]);
  const left = await store.list(under(["uapp", at.id, clients[1]]), 1);
  assert.deepEqual(left, []);
});

Deno.test("apps are listed with account:read and disconnected with account:write only", async () => {
  using at = await setupSignedIn();
  const { client, access } = await connect(at.t, at);
  const missing = { reason: "scope_missing" };
  await assert.rejects(listApps(actingFor(at.t, at.id, ["posts:*"]), {}), missing);
  const reading = actingFor(at.t, at.id, ["account:read"]);
  assert.equal((await listApps(reading, {})).data.length, 1);
  await assert.rejects(disconnectApp(reading, client.client_id), missing);
  assert.equal(await reads(at.t, access), 200);
});
