import { Purchase, PurchaseInput, purchasePack } from "../../lib/account/billing/mod.ts";
import { Balance, getBalance, listMovements, Movement } from "../../lib/metering/packs.ts";
import { CursorQuery, listOf, operation, route } from "../_operation.ts";

const acts = { tag: "Packs", blog: "named" } as const;

/** Buys a pack; the page of billing does it too. */
export const purchase = operation({
  ...acts,
  method: "post",
  path: "/packs/purchase",
  operationId: "purchasePack",
  summary: "Buy a post pack",
  description:
    "Packs never expire; they are used once the month's own posts are. Starter and above.",
  scope: "packs:write",
  reasons: ["plan_required", "purchases_off", "upstream_error"],
  body: PurchaseInput,
  answer: { status: 200, schema: Purchase, description: "The credited pack, or its checkout." },
});
const balance = operation({
  ...acts,
  method: "get",
  path: "/packs/balance",
  operationId: "getPackBalance",
  summary: "Get my pack balance",
  scope: "packs:read",
  reasons: [],
  answer: { status: 200, schema: Balance, description: "The packs, oldest first." },
});
const ledger = operation({
  ...acts,
  method: "get",
  path: "/packs/ledger",
  operationId: "listMovements",
  summary: "List the movements of my quota",
  description: "Every grant, consumption, monthly reset and refund, newest first.",
  scope: "packs:read",
  reasons: ["cursor_malformed"],
  query: CursorQuery,
  answer: { status: 200, schema: listOf(Movement, "MovementList"), description: "The movements." },
});

export const packs = [
  route(purchase, ({ ctx, body }) => purchasePack(ctx, body)),
  route(balance, ({ ctx }) => getBalance(ctx)),
  route(ledger, ({ ctx, query }) => listMovements(ctx, query)),
];
