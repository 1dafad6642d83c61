import { z } from "@hono/zod-openapi";
import { type Ctx, type Deps, requireScope, transact } from "../../ctx.ts";
import { AppError, invalid } from "../../kit/errors.ts";
import { newId } from "../../kit/ids.ts";
import { PACK_PRICES, type PackType, readBalance, stagePackGrant } from "../../metering/packs.ts";
import { requireFeature } from "../../metering/plans.ts";
import { billingKey, type BillingRow, isSubscribed, takeEvent } from "./events.ts";
import { cancelSubscription, createCheckout } from "./paddle.ts";
import { isSignedByPaddle } from "./signature.ts";

const SUBSCRIBED = ["starter", "creator", "scale", "enterprise"] as const;
const TYPES = Object.keys(PACK_PRICES) as PackType[];

const packType = z.union([z.string(), z.number()], {
  error: `pack_type must be ${TYPES.join(" or ")}`,
}).transform(String).pipe(z.enum(TYPES, { error: `pack_type must be ${TYPES.join(" or ")}` }))
  .openapi({ type: "string", enum: TYPES, example: "100", description: "Posts; a number too." });

export const PurchaseInput = z.object({
  pack_type: packType.optional(),
  type: packType.optional().openapi({ description: "Another name of pack_type." }),
}).openapi("PurchaseInput", { required: ["pack_type"], example: { pack_type: "100" } });
export type PurchaseInput = z.infer<typeof PurchaseInput>;

export const Purchase = z.object({
  purchased: z.boolean().openapi({
    description: "Whether it is credited; else when checkout_url is paid.",
    example: true,
  }),
  pack_type: z.enum(TYPES),
  price: z.string().openapi({ example: "$10" }),
  posts: z.int().openapi({ example: 100 }),
  balance: z.int().openapi({ example: 187 }),
  total_remaining: z.int().openapi({ example: 187 }),
  checkout_url: z.url().nullable().openapi({ example: null }),
}).openapi("Purchase");
export type Purchase = z.infer<typeof Purchase>;

/** Buys a pack for the caller: credited at once (`manual`), or a checkout to pay it (`paddle`). */
export async function purchasePack(ctx: Ctx, input: PurchaseInput): Promise<Purchase> {
  requireScope(ctx, "packs:write");
  const type = input.pack_type ?? input.type;
  if (type === undefined) {
    throw invalid([{ path: "pack_type", message: `pack_type must be ${TYPES.join(" or ")}` }]);
  }
  const { billing } = ctx.deps.config;
  if (billing === "off") throw new AppError("purchases_off");
  const { user } = ctx.actor;
  const posts = Number(type);
  const sold = { pack_type: type, price: `$${PACK_PRICES[type]}`, posts };
  const gate = { user, feature: "packs", what: "Buying post packs" } as const;
  if (billing === "paddle") {
    await transact(ctx, (tx) => requireFeature(tx, ctx, gate));
    await ctx.admission;
    const { balance } = await readBalance(ctx.reads, user);
    const checkout_url = await createCheckout(ctx.deps, { user, what: type });
    return { purchased: false, ...sold, balance, total_remaining: balance, checkout_url };
  }
  return await transact(ctx, async (tx) => {
    await requireFeature(tx, ctx, gate);
    const grant = { user, size: posts, ref: `manual:${newId(ctx.now)}`, now: ctx.now };
    const { balance } = await stagePackGrant(tx, grant);
    return { purchased: true, ...sold, balance, total_remaining: balance, checkout_url: null };
  });
}

export const CheckoutInput = z.object({
  plan: z.enum(SUBSCRIBED, { error: `plan must be ${SUBSCRIBED.join(", ")}` })
    .openapi({ example: "creator" }),
}).openapi("CheckoutInput");
export type CheckoutInput = z.infer<typeof CheckoutInput>;

export const Checkout = z.object({
  plan: z.enum(SUBSCRIBED),
  checkout_url: z.url(),
}).openapi("Checkout");
export type Checkout = z.infer<typeof Checkout>;

/** Begins the subscription of a plan; it holds when the provider says that it is paid. Throws 409 beside another, which would be paid as well. */
export async function checkoutPlan(ctx: Ctx, input: CheckoutInput): Promise<Checkout> {
  requireScope(ctx, "account:write");
  if (ctx.deps.config.billing !== "paddle") throw new AppError("plans_by_operator");
  const { user } = ctx.actor;
  const { value } = await ctx.reads.get<BillingRow>(billingKey(user));
  if (isSubscribed(value)) throw new AppError("already_subscribed");
  await ctx.admission;
  const sale = { user, what: input.plan };
  return { plan: input.plan, checkout_url: await createCheckout(ctx.deps, sale) };
}

/** Takes a delivery of Paddle's; `body` is as it came. Throws 401 unless Paddle signed it, within five minutes. */
export async function takeDelivery(
  deps: Deps,
  body: string,
  signature: string | null,
): Promise<{ received: true }> {
  const secrets = deps.config.paddle!.webhookSecrets;
  if (!isSignedByPaddle(body, signature, { secrets, now: deps.clock() })) {
    throw new AppError("signature_invalid");
  }
  let payload: unknown;
  try {
    payload = JSON.parse(body);
  } catch (cause) {
    throw new AppError("malformed_json", { cause });
  }
  try {
    return await takeEvent(deps, payload);
  } catch (error) {
    // Signed, so it is money: somebody should look.
    const { event_id: id, event_type: type } = Object(payload);
    if (error instanceof AppError && error.status === 400) {
      const about = { id: String(id).slice(0, 100), type: String(type).slice(0, 100) };
      deps.log({ event: "billing_event_unreadable", ...about, error: error.message });
    }
    throw error;
  }
}

/** Ends every subscription of an account that is going; throws 502 where the provider cannot be reached. */
export async function cancelSubscriptions(deps: Deps, user: string): Promise<void> {
  const { value } = await deps.store.get<BillingRow>(billingKey(user));
  const all = Object.entries(value?.subscriptions ?? {});
  const running = all.filter(([, { status }]) => status !== "canceled");
  for (const [id] of running) {
    if (deps.config.paddle) await cancelSubscription(deps, id);
    // Nothing of it is kept, and only the operator may reach the provider.
    else deps.log({ event: "subscription_not_canceled", subscription: id });
  }
}
