import { z } from "@hono/zod-openapi";
import { type Ctx, type Deps, requireScope } from "../ctx.ts";
import { newId } from "../kit/ids.ts";
import { iso } from "../kit/input.ts";
import type { Key, Reads, Tx } from "../kit/kv.ts";
import { decodeCursor, readAfter } from "../kit/page.ts";
import { ledgerPrefix, type LedgerRow, MOVEMENTS, stageMovement } from "./ledger.ts";
import { stageLowBalance } from "./notices.ts";
import { type Pack, packBalance, quotaKey, type QuotaRow } from "./quotas.ts";

/** The packs that are sold: posts → dollars. */
export const PACK_PRICES = { "100": 10, "300": 25 } as const;
export type PackType = keyof typeof PACK_PRICES;

/**
 * What became of a purchase, by the name that the billing provider gives it: credited once, refunded once.
 * `pack` is null where the refund was heard of first.
 */
export type GrantRow = {
  user: string;
  pack: string;
  size: number;
  refundedAt: number | null;
} | { pack: null; refundedAt: number };

// What a row of the store holds with ease; a further purchase joins the newest pack.
const MOST_PACKS = 200;

/** Where a purchase is remembered. */
export function grantKey(ref: string): Key {
  return ["grant", ref];
}

const whole = z.int();
export const Balance = z.object({
  total_remaining: whole.openapi({
    description: "Posts that all packs hold; below zero after a refund of used ones.",
    example: 87,
  }),
  balance: whole.openapi({ description: "The same as total_remaining.", example: 87 }),
  packs: z.array(z.object({
    id: z.uuid(),
    balance: whole.openapi({ example: 87 }),
    size: whole.openapi({ example: 100 }),
    purchased_at: z.iso.datetime(),
  })).openapi({ description: "Oldest first; used up ones are gone." }),
}).openapi("PackBalance");
export type Balance = z.infer<typeof Balance>;

export const Movement = z.object({
  id: z.uuid(),
  kind: z.enum(MOVEMENTS),
  source: z.enum(["month", "pack"]),
  pack_id: z.uuid().nullable(),
  amount: whole.openapi({ example: -1 }),
  balance: whole.openapi({ description: "What all packs held after it.", example: 87 }),
  post_id: z.uuid().nullable(),
  reference: z.string().nullable(),
  created_at: z.iso.datetime(),
}).openapi("Movement");
export type Movement = z.infer<typeof Movement>;

/** Credits a pack in the caller's commit; a purchase that was credited before stays as it is. */
export async function stagePackGrant(
  tx: Tx,
  grant: { user: string; size: number; ref: string; now: number },
): Promise<{ balance: number }> {
  const { user, size, ref, now } = grant;
  const [known, row] = await Promise.all([
    tx.get<GrantRow>(grantKey(ref)),
    tx.get<QuotaRow>(quotaKey(user)),
  ]);
  const before = row ?? { period: 0, used: 0, packs: [] };
  if (known) return { balance: packBalance(before) };
  const newest = before.packs.length >= MOST_PACKS ? before.packs.at(-1)! : null;
  const pack: Pack = newest
    ? { ...newest, size: newest.size + size, left: newest.left + size }
    : { id: newId(now), size, left: size, purchasedAt: now };
  const older = before.packs.filter((one) => one !== newest);
  const packs = [...older, pack].filter(({ left }) => left !== 0);
  const next: QuotaRow = { ...before, packs };
  const balance = packBalance(next);
  tx.set(quotaKey(user), next);
  tx.set(grantKey(ref), { user, pack: pack.id, size, refundedAt: null } satisfies GrantRow);
  stageMovement(tx, user, { kind: "grant", pack: pack.id, amount: size, balance, ref, at: now });
  return { balance };
}

/** Takes a refunded pack back in the caller's commit, once; what was used of it is owed. */
export async function stagePackRefund(
  tx: Tx,
  deps: Deps,
  refund: { ref: string; now: number },
): Promise<void> {
  const { ref, now } = refund;
  const known = await tx.get<GrantRow>(grantKey(ref));
  if (!known) return tx.set(grantKey(ref), { pack: null, refundedAt: now } satisfies GrantRow);
  if (known.pack === null || known.refundedAt !== null) return;
  const { user, size } = known;
  const row = await tx.get<QuotaRow>(quotaKey(user));
  // Gone with the account.
  if (!row) return;
  const held = row.packs.find((pack) => pack.id === known.pack);
  const pack = held ?? { id: known.pack, size, left: 0, purchasedAt: timeOf(known.pack) };
  const left = { ...pack, left: pack.left - size };
  const packs = held ? row.packs.map((one) => one === held ? left : one) : [left, ...row.packs];
  const next = { ...row, packs: packs.filter((one) => one.left !== 0) };
  const balance = packBalance(next);
  tx.set(quotaKey(user), next);
  tx.set(grantKey(ref), { ...known, refundedAt: now } satisfies GrantRow);
  stageMovement(tx, user, { kind: "refund", pack: pack.id, amount: -size, balance, ref, at: now });
  stageLowBalance(tx, deps, { user, before: packBalance(row), after: balance, now });
}

// A UUIDv7 begins with its time.
function timeOf(id: string): number {
  return parseInt(id.replaceAll("-", "").slice(0, 12), 16);
}

/** The packs of an account. */
export async function readBalance(reads: Reads, user: string): Promise<Balance> {
  const { value } = await reads.get<QuotaRow>(quotaKey(user));
  const total = packBalance(value);
  const packs = (value?.packs ?? []).map((pack) => ({
    id: pack.id,
    balance: pack.left,
    size: pack.size,
    purchased_at: iso(pack.purchasedAt),
  }));
  return { total_remaining: total, balance: total, packs };
}

/** The caller's packs. */
export async function getBalance(ctx: Ctx): Promise<Balance> {
  requireScope(ctx, "packs:read");
  return await readBalance(ctx.reads, ctx.actor.user);
}

/** Every movement of the caller's quota, newest first. */
export async function listMovements(
  ctx: Ctx,
  query: { limit?: number; cursor?: string },
): Promise<{ data: Movement[]; next_cursor: string | null }> {
  requireScope(ctx, "packs:read");
  const { rows, next } = await readAfter(ctx.deps.store, ledgerPrefix(ctx.actor.user), {
    cursor: query.cursor ? decodeCursor(query.cursor, ["string"]) : null,
    order: "desc",
    limit: query.limit ?? 50,
    parts: 1,
  });
  return { data: rows.map((row) => present(row.value as LedgerRow)), next_cursor: next };
}

function present(row: LedgerRow): Movement {
  return {
    id: row.id,
    kind: row.kind,
    source: row.pack === null ? "month" : "pack",
    pack_id: row.pack,
    amount: row.amount,
    balance: row.balance,
    post_id: row.post,
    reference: row.ref,
    created_at: iso(row.at),
  };
}
