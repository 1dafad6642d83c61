import assert from "node:assert/strict";
import { type Service, setup } from "../_setup.ts";
import { type Key, keyText } from "../../lib/kit/kv.ts";
import type { AppGrantRow, ClientRow } from "../../lib/account/oauth/_rows.ts";
import { checkStore } from "../../lib/operator/check/mod.ts";
import { connected } from "../routes/oauth/_flow.ts";

const DAY = 86_400_000;
const STRANGER = "018f0000-0000-7000-8000-000000000000";

/** A store with an app that is let in, and its rows. */
async function world(t: Service) {
  const { tenant, client } = await connected(t);
  const { store } = t.deps;
  const [entry] = await Array.fromAsync(store.kv.list<AppGrantRow>({ prefix: ["oauthgrant"] }));
  const app: Key = ["oauthclient", client.client_id];
  const grant = { key: entry.key as Key, value: entry.value };
  return {
    ...{ tenant, grant },
    client: { key: app, value: (await store.get<ClientRow>(app)).value! },
    pointer: ["tok", tenant.id, entry.value.id] as Key,
    place: ["uapp", tenant.id, client.client_id, entry.value.id] as Key,
  };
}

/** The keys that check names after a change, which is then taken back. */
async function namedAfter(t: Service, key: Key, value: unknown): Promise<string[]> {
  const { store } = t.deps;
  const before = (await store.get(key)).value ?? undefined;
  await store.writeAll([{ key, value }]);
  const { differences } = await checkStore(t.deps, 0);
  await store.writeAll([{ key, value: before }]);
  return differences.map(({ key }) => keyText(key));
}

Deno.test("check names an app's grant that contradicts its app, its account or its place", async () => {
  using t = await setup();
  const { client, grant } = await world(t);
  assert.deepEqual((await checkStore(t.deps, 0)).differences, []);
  const cases: [Key, unknown][] = [
    [client.key, { ...client.value, id: STRANGER }],
    [grant.key, { ...grant.value, id: STRANGER }],
    [grant.key, { ...grant.value, user: STRANGER }],
    [grant.key, { ...grant.value, client: STRANGER }],
    [grant.key, { ...grant.value, scopes: ["account:write"] }],
  ];
  for (const [key, value] of cases) {
    const named = await namedAfter(t, key, value);
    assert.ok(named.includes(keyText(key)), `${JSON.stringify(value)}: ${named}`);
  }
});

Deno.test("check names a grant that is not listed, one that is listed and not there, and one whose app is gone", async () => {
  using t = await setup();
  const { tenant, client, grant, pointer, place } = await world(t);
  assert.deepEqual(await namedAfter(t, pointer, undefined), [keyText(pointer)]);
  assert.deepEqual(await namedAfter(t, place, undefined), [keyText(place)]);
  const both = [keyText(pointer), keyText(place)];
  assert.deepEqual((await namedAfter(t, grant.key, undefined)).toSorted(), both);
  assert.deepEqual(await namedAfter(t, client.key, undefined), [keyText(grant.key)]);
  const strays: [Key, unknown][] = [
    [["tok", tenant.id, STRANGER], { app: true, expiresAt: t.now() + 1 }],
    [["uapp", tenant.id, client.value.id, STRANGER], t.now() + 1],
    [["uapp", STRANGER, client.value.id, grant.value.id], t.now() + 1],
  ];
  for (const [key, value] of strays) {
    assert.deepEqual(await namedAfter(t, key, value), [keyText(key)]);
  }
});

Deno.test("check takes it for granted that the store forgets what has lapsed in its own time", async () => {
  using t = await setup();
  const { client, grant, pointer, place } = await world(t);
  t.advance(91 * DAY);
  for (const key of [client.key, grant.key, pointer, place]) {
    assert.deepEqual(await namedAfter(t, key, undefined), [], keyText(key));
  }
});
