import { z } from "@hono/zod-openapi";
import type { Deps } from "../../ctx.ts";
import type { PaddleConfig } from "../../kit/config.ts";
import { hmac, isSame, type Keyring } from "../../kit/crypto.ts";
import { AppError } from "../../kit/errors.ts";

const DEADLINE = 10_000;

const Checkout = z.object({
  data: z.object({ checkout: z.object({ url: z.url() }) }),
});

type SaleData = { postlark_user: string; postlark_tag: string };

/** What a checkout sells, and to whom; comes back in the events of the transaction and its subscription. */
export type Sale = { user: string; what: string };

/** What ties a checkout to the account that began it; whoever pays can name another, but not vouch for it. */
export function saleData(keys: Keyring, user: string): SaleData {
  return { postlark_user: user, postlark_tag: hmac(keys.key("sale"), user) };
}

/** The account of such data, or null where it was not made here. */
export function userOfSale(deps: Deps, data: Partial<SaleData> | null | undefined): string | null {
  const { postlark_user: user, postlark_tag: tag } = data ?? {};
  return user && tag && isSame(saleData(deps.keys, user).postlark_tag, tag) ? user : null;
}

/** Begins a checkout at Paddle; gives the address at which it is paid. Throws 502 where Paddle does not agree. */
export async function createCheckout(deps: Deps, sale: Sale): Promise<string> {
  const paddle = deps.config.paddle!;
  const price = paddle.prices.get(sale.what);
  if (!price) {
    const message = `"${sale.what}" has no price in POSTLARK_PADDLE_PRICES: tell the operator.`;
    throw new AppError("upstream_error", { message });
  }
  const answer = await call(deps, "/transactions", {
    items: [{ price_id: price, quantity: 1 }],
    custom_data: { ...saleData(deps.keys, sale.user), postlark_sale: sale.what },
  });
  const judged = Checkout.safeParse(answer);
  if (judged.success) return judged.data.data.checkout.url;
  throw new AppError("upstream_error", {
    message: "Paddle gave no checkout address: set a default payment link in its dashboard.",
  });
}

/** Ends a subscription at once; one that is gone or ended already is fine. */
export async function cancelSubscription(deps: Deps, id: string): Promise<void> {
  const path = `/subscriptions/${encodeURIComponent(id)}/cancel`;
  await call(deps, path, { effective_from: "immediately" }, [
    "not_found",
    "subscription_is_canceled_action_invalid",
    "subscription_update_when_canceled",
  ]);
}

async function call(
  deps: Deps,
  path: string,
  body: unknown,
  fine: string[] = [],
): Promise<unknown> {
  const { apiUrl, apiKey } = deps.config.paddle as PaddleConfig;
  let response: Response;
  let answer: unknown;
  try {
    response = await deps.fetch(`${apiUrl}${path}`, {
      method: "POST",
      headers: { "authorization": `Bearer ${apiKey}`, "content-type": "application/json" },
      body: JSON.stringify(body),
      redirect: "error",
      signal: AbortSignal.timeout(DEADLINE),
    });
    answer = await response.json();
  } catch (cause) {
    throw new AppError("upstream_error", { message: "Paddle cannot be reached: retry.", cause });
  }
  if (response.ok) return answer;
  const { code } = Object((answer as { error?: unknown })?.error) as { code?: unknown };
  if (fine.includes(String(code))) return answer;
  deps.log({ event: "paddle_refused", path, status: response.status, code: String(code) });
  throw new AppError("upstream_error", { message: `Paddle refused (${response.status}): retry.` });
}
