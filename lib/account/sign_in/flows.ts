import type { Deps } from "../../ctx.ts";
import { isHashOf, sha256 } from "../../kit/crypto.ts";
import { AppError } from "../../kit/errors.ts";
import { type Key, transact } from "../../kit/kv.ts";

/** How long a sign-in may take at its provider, milliseconds. */
export const FLOW_LIFE = 600_000;

/** A sign-in that has begun; `browser` is the SHA-256 of what the browser keeps in a cookie meanwhile. */
export type FlowRow = {
  provider: string;
  browser: string;
  verifier: string;
  nonce: string;
  returnTo: string;
  expiresAt: number;
};

function flowKey(state: string): Key {
  return ["flow", sha256(state)];
}

/** Keeps a flow until its callback. */
export async function keepFlow(
  deps: Deps,
  state: string,
  flow: Omit<FlowRow, "expiresAt">,
): Promise<void> {
  const row: FlowRow = { ...flow, expiresAt: deps.clock() + FLOW_LIFE };
  await deps.store.writeAll([{ key: flowKey(state), value: row, expireIn: FLOW_LIFE }]);
}

/** The flow of a callback, which is used up; throws 403 where it is not this browser's, of another provider, or over. */
export async function takeFlow(
  deps: Deps,
  state: string,
  from: { provider: string; browser: string },
): Promise<FlowRow> {
  const key = flowKey(state);
  return await transact(deps.store, async (tx) => {
    const flow = await tx.get<FlowRow>(key);
    const fits = flow && flow.provider === from.provider && flow.expiresAt > deps.clock() &&
      isHashOf(flow.browser, from.browser);
    if (!fits) throw new AppError("sign_in_stale");
    tx.delete(key);
    return flow;
  });
}
