import type { Ctx } from "../../lib/ctx.ts";
import { AppError } from "../../lib/kit/errors.ts";
import { backoff } from "../../lib/kit/retry.ts";
import type { Keyed } from "../_idempotency.ts";
import type { Route } from "../_operation.ts";
import { carryOut } from "../_perform.ts";

// How often what comes second asks whether the first one is done.
const ATTEMPTS = 16;

/** Does what a form offers, once however often it is sent: what follows is given the first one's answer, and waits for it. */
export async function carryOutOnce(
  once: Route,
  makeCtx: () => Ctx,
  keyed: Keyed | null,
): ReturnType<typeof carryOut> {
  for (let attempt = 0;; attempt++) {
    try {
      const call = { ctx: makeCtx(), params: {}, query: {}, body: {} };
      return await carryOut(once, call, keyed);
    } catch (error) {
      const running = error instanceof AppError && error.reason === "idempotency_in_progress";
      if (!running || attempt === ATTEMPTS) throw error;
      await backoff(attempt);
    }
  }
}
