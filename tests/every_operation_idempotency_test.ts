import assert from "node:assert/strict";
import {
  assertChangesNothing,
  assertDocumented,
  assertRefused,
  OPERATIONS,
  successOf,
} from "./support/api_document.ts";
import { call, makeWorld, setupAll as setup } from "./support/things.ts";

const DAY = 86_400_000;
const WRITES = OPERATIONS.filter(({ writes }) => writes);

Deno.test("a retry of any write with its Idempotency-Key repeats the answer and does nothing more", async () => {
  for (const operation of WRITES) {
    // It takes the credential with it: there is nobody to repeat the answer to.
    if (operation.id === "deleteAccount") continue;
    using t = await setup();
    const world = await makeWorld(t);
    const headers = { "idempotency-key": "once" };
    const first = await call(t, operation, { world, headers });
    assertDocumented(operation, first);
    assert.equal(first.status, successOf(operation).status, first.text);
    assert.equal(first.headers.get("idempotency-replayed"), null);
    await assertChangesNothing(t, async () => {
      const again = await call(t, operation, { world, headers });
      assertDocumented(operation, again);
      assert.equal(again.status, first.status);
      assert.deepEqual(again.body, first.body, operation.id);
      assert.equal(again.headers.get("idempotency-replayed"), "true");
      const raw = '{"name":"another","title":"Another","slug":"another","content":"Another.",' +
        '"scheduled_at":"2031-01-01T00:00:00Z","posts":[{}],"pack_type":"300","hostname":"another.example.com","plan":"scale","url":"https://another.example/","data":"AAAA","content_type":"image/gif"}';
      const type = { "content-type": "application/json" };
      const other = await call(t, operation, { world, raw, headers: { ...headers, ...type } });
      assert.equal(other.status, 409);
      assertRefused(operation, other, "idempotency_mismatch");
    });
    t.advance(DAY + 1);
    const next = await call(t, operation, { world, headers });
    assert.equal(next.headers.get("idempotency-replayed"), null, operation.id);
  }
});

Deno.test("every write refuses an Idempotency-Key that is empty or over 255 characters", async () => {
  using t = await setup();
  const world = await makeWorld(t);
  await assertChangesNothing(t, async () => {
    for (const operation of WRITES) {
      for (const key of ["", "x".repeat(256)]) {
        const got = await call(t, operation, { world, headers: { "idempotency-key": key } });
        assert.equal(got.status, 400);
        assertRefused(operation, got, "validation");
      }
    }
  });
});
