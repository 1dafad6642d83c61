import assert from "node:assert/strict";
import { hmac, Keyring, seal, sha256, unseal } from "../../../lib/kit/crypto.ts";
import { isUuid, newId, randomBase62 } from "../../../lib/kit/ids.ts";

Deno.test("ids are UUIDv7 that sort by the handed-in time", () => {
  const ids = [1_000, 2_000, 1_700_000_000_000, 1_700_000_000_001].map(newId);
  assert.deepEqual(ids, ids.toSorted());
  for (const id of ids) assert.ok(isUuid(id) && id[14] === "7", id);
  assert.notEqual(newId(5), newId(5));
});

Deno.test("random base-62 text uses all 62 characters evenly", () => {
  const counts = new Map<string, number>();
  for (const character of randomBase62(62_000)) {
    counts.set(character, (counts.get(character) ?? 0) + 1);
  }
  assert.equal(counts.size, 62);
  for (const [character, n] of counts) assert.ok(n > 800 && n < 1200, `${character}: ${n}`);
});

Deno.test("each purpose and each salt has a key of its own, the same from the same secret", () => {
  const [a, b] = [new Keyring("one secret"), new Keyring("one secret")];
  const keys = [a.key("session"), a.key("address"), a.key("idempotency"), a.key("session", "x")];
  assert.equal(new Set(keys.map((key) => key.toString())).size, 4);
  assert.deepEqual(a.key("session"), b.key("session"));
  assert.notDeepEqual(a.key("session"), new Keyring("another").key("session"));
});

Deno.test("what was sealed opens with its key only, and not once a byte is changed", () => {
  const ring = new Keyring("a secret");
  const plain = new TextEncoder().encode("pk_live_secret");
  const sealed = seal(ring.key("idempotency", "k1"), plain);
  assert.deepEqual(unseal(ring.key("idempotency", "k1"), sealed), plain);
  assert.throws(() => unseal(ring.key("idempotency", "k2"), sealed));
  sealed[sealed.length - 1] ^= 1;
  assert.throws(() => unseal(ring.key("idempotency", "k1"), sealed));
});

Deno.test("hash and HMAC are the standard ones, as hexadecimal", () => {
  // FIPS 180-2, appendix B.1, and RFC 4231, test case 2.
  assert.equal(
    sha256("abc"),
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
  assert.equal(
    hmac(new TextEncoder().encode("Jefe"), "what do ya want for nothing?"),
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  );
});
