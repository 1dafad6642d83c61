import assert from "node:assert/strict";
import type { LedgerRow } from "../../../lib/metering/ledger.ts";
import type { QuotaRow } from "../../../lib/metering/quotas.ts";
import { Sums } from "../../../lib/metering/reconcile.ts";

type Movement = Pick<LedgerRow, "kind" | "amount"> & Partial<LedgerRow>;

/** How a quota differs from its movements. */
function compare(movements: Movement[], quota: QuotaRow | null): string[] {
  const sums = new Sums();
  for (const movement of movements) {
    const row = { id: "", pack: null, post: null, ref: null, period: null, balance: 0, at: 0 };
    sums.add({ ...row, ...movement });
  }
  return sums.differences(quota);
}

const pack = (id: string, left: number) => ({ id, size: 9, left, purchasedAt: 0 });
const grant = (id: string, amount: number): Movement => ({ kind: "grant", pack: id, amount });
const used = (period: number, amount = -1): Movement => ({ kind: "consumption", period, amount });

Deno.test("a quota that its movements explain does not differ from them", () => {
  assert.deepEqual(compare([], null), []);
  assert.deepEqual(compare([], { period: 5, used: 0, packs: [] }), []);
  const movements: Movement[] = [
    grant("a", 9),
    { kind: "consumption", pack: "a", amount: -9 },
    grant("b", 9),
    { kind: "refund", pack: "b", amount: -9 },
    { kind: "consumption", pack: "b", amount: -2 },
    used(1),
    { kind: "reset", period: 1, amount: 1 },
    used(2),
    used(2),
  ];
  assert.deepEqual(compare(movements, { period: 2, used: 2, packs: [pack("b", -2)] }), []);
});

Deno.test("a pack that holds more or less, is missing, or is known to no movement is a difference", () => {
  const quota = (packs: QuotaRow["packs"]) => ({ period: 0, used: 0, packs });
  assert.deepEqual(compare([grant("a", 9)], quota([pack("a", 8)])), [
    "pack a holds 8, and by the ledger 9",
  ]);
  assert.deepEqual(compare([grant("a", 9)], quota([pack("a", 10)])), [
    "pack a holds 10, and by the ledger 9",
  ]);
  assert.deepEqual(compare([grant("a", 9)], null), ["pack a holds 0, and by the ledger 9"]);
  assert.deepEqual(compare([], quota([pack("a", 9)])), ["the ledger knows no pack a"]);
});

Deno.test("posts of a period that are used more or less often, in it or in another, are a difference", () => {
  const quota = (period: number, used: number) => ({ period, used, packs: [] });
  assert.deepEqual(compare([used(1)], quota(1, 2)), [
    "2 posts of the period from 1 are used, and by the ledger 1",
  ]);
  assert.deepEqual(compare([used(1), used(1)], quota(1, 1)), [
    "1 posts of the period from 1 are used, and by the ledger 2",
  ]);
  assert.deepEqual(compare([], quota(1, 1)), [
    "1 posts of the period from 1 are used, and by the ledger 0",
  ]);
  assert.deepEqual(compare([used(1)], quota(2, 1)), [
    "0 posts of the period from 1 are used, and by the ledger 1",
    "1 posts of the period from 2 are used, and by the ledger 0",
  ]);
});
