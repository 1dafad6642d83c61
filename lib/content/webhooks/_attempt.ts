import { Webhook } from "standardwebhooks";
import type { Deps } from "../../ctx.ts";
import { OutboundError } from "../../kit/safe_fetch.ts";
import type { Attempt, DeliveryRow } from "../../events/outbox.ts";
import { type HookRow, openSecret } from "./_record.ts";

/** Whether the receiver took it. */
export function isTaken({ status }: Attempt): boolean {
  return status !== null && status >= 200 && status < 300;
}

/** Sends a delivery once, signed by every secret that is valid now; never throws. */
export async function attempt(deps: Deps, hook: HookRow, delivery: DeliveryRow): Promise<Attempt> {
  const at = deps.clock();
  const over = (status: number | null, error: string | null): Attempt => (
    { at, ms: deps.clock() - at, status, error }
  );
  let headers;
  try {
    headers = signedHeaders(deps, hook, { ...delivery, at });
  } catch {
    return over(null, "The secret cannot be read: rotate it.");
  }
  try {
    const { body } = delivery;
    const { status } = await deps.outbound(hook.url, { method: "POST", headers, body });
    return over(status, null);
  } catch (error) {
    if (error instanceof OutboundError) return over(null, error.message);
    deps.log({ event: "webhook_fault", hook: hook.id, error: String(error) });
    return over(null, "The request could not be sent.");
  }
}

function signedHeaders(
  deps: Deps,
  hook: HookRow,
  message: { id: string; body: string; at: number },
): Record<string, string> {
  const { id, body, at } = message;
  const sign = (sealed: Uint8Array) =>
    new Webhook(openSecret(deps, hook.id, sealed)).sign(id, new Date(at), body);
  const signatures = [sign(hook.secret)];
  for (const { secret, until } of hook.former) {
    if (until <= at) continue;
    try {
      signatures.push(sign(secret));
    } catch {
      // Sealed under another secret of the server: what replaced it can be read.
    }
  }
  return {
    "content-type": "application/json",
    "user-agent": `Postlark-Webhooks (+${deps.config.origin})`,
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(at / 1000)),
    "webhook-signature": signatures.join(" "),
  };
}
