import { requireScope } from "../lib/ctx.ts";
import { AppError } from "../lib/kit/errors.ts";
import { type Admitted, type Env, limitUploads } from "./_admit.ts";
import { claimOrReplay, type Keyed } from "./_idempotency.ts";
import { isPlausible } from "./_input.ts";
import type { Call, Operation, Route } from "./_operation.ts";

/** The operation that is asked for, and the blog that is named for it in place of X-Blog-Id. */
type Asked = { operation: Operation; params: Record<string, string>; blog?: string | null };

/** Judges whether an admitted caller may do an operation, before its input is; throws 403, 400, 404 or 429. */
export async function judge(
  env: Env,
  { ctx, gate }: Admitted,
  { operation, params, blog }: Asked,
): Promise<void> {
  ctx.answer.status = operation.answer.status;
  if (operation.scope !== null) requireScope(ctx, operation.scope);
  await gate(operation, params, blog);
  if (!isPlausible(params)) throw new AppError("not_found");
  if (operation.window) await limitUploads(env, ctx);
}

/** Does what was asked; with an Idempotency-Key once, and the first answer is given again. */
export async function carryOut(
  { operation, handle }: Route,
  call: Call<string, undefined, undefined>,
  keyed: Keyed | null,
): Promise<{ status: number; body: unknown; replayed?: boolean }> {
  const { ctx } = call;
  const { status } = operation.answer;
  const replay = keyed && await claimOrReplay(ctx, { ...keyed, operation });
  if (replay) return { status: replay.status, body: replay.body, replayed: true };
  const { claim } = ctx.answer;
  try {
    const body = await handle(call);
    await ctx.admission;
    if (claim && !claim.settled) await claim.recordAlone({ status, body, now: ctx.now });
    return { status, body };
  } catch (error) {
    await claim?.release().catch(() => {});
    throw error;
  }
}
