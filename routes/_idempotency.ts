import type { Ctx } from "../lib/ctx.ts";
import { AppError, invalid } from "../lib/kit/errors.ts";
import { Claim, type Identity, recordKey, type Replay } from "../lib/kit/idempotency.ts";
import { readThemeAt } from "../lib/content/theme.ts";
import { requireWithinReplay } from "../lib/account/api_keys.ts";
import { parseJson } from "./_input.ts";
import type { Operation } from "./_operation.ts";
import { readContentAt, renderOrRefuse } from "../lib/content/posts/content.ts";

const MAX_KEY = 255;

/** The Idempotency-Key of a write, or null; throws 400 where it is too long. */
export function idempotencyKeyOf(request: Request): string | null {
  if (["GET", "HEAD"].includes(request.method)) return null;
  return judgeIdempotencyKey(request.headers.get("idempotency-key"));
}

/** The same of a key that came by another way; null for none. */
export function judgeIdempotencyKey(key: string | null): string | null {
  if (key === null) return null;
  if (key.trim() === "" || key.length > MAX_KEY) {
    throw invalid([{
      path: "Idempotency-Key",
      message: `Idempotency-Key must have 1 to ${MAX_KEY} characters`,
    }]);
  }
  return key;
}

/** What an Idempotency-Key was sent with; `path` as in the address of the operation. */
export type Keyed = { key: string; path: string; body: Uint8Array };

/** Claims the key for this request, or gives the answer of the first one. */
export async function claimOrReplay(
  ctx: Ctx,
  given: Keyed & { operation: Operation },
): Promise<Replay | null> {
  const { deps, actor } = ctx;
  const identity: Identity = {
    owner: actor.user,
    method: given.operation.method.toUpperCase(),
    path: given.path,
    // What is the account's is the same request, whatever blog the header names.
    blog: `${given.operation.blog === "resolved" ? ctx.blog : ""}/${actor.mode}`,
    key: given.key,
    body: given.body,
  };
  // A request over the limit must not write a claim.
  const [seen] = await Promise.all([ctx.reads.get(recordKey(identity)), ctx.admission]);
  const options = { identity, seen, now: ctx.now };
  const claim = await Claim.take(deps.store, deps.keys, options);
  if (!(claim instanceof Claim)) {
    if (given.operation.mints) requireWithinReplay(ctx, claim.body);
    return await fill(ctx, claim, given.body);
  }
  ctx.answer.claim = claim;
  return null;
}

async function fill(ctx: Ctx, replay: Replay, body: Uint8Array): Promise<Replay> {
  if (!replay.pointer) return replay;
  const [kind, ...ref] = replay.pointer.ref;
  const { store } = ctx.deps;
  const readers: Record<string, () => Promise<Record<string, unknown> | null>> = {
    post: () => readContentAt(store, ref),
    theme: async () => {
      const theme = await readThemeAt(store, ref);
      return theme && { theme_config: theme };
    },
    rendered: async () => {
      const { html } = await renderOrRefuse(String(parseJson(body).content));
      return { content_html: html };
    },
  };
  const kept = await readers[kind]();
  if (!kept) {
    throw new AppError("not_found", { message: "What this request made has since been deleted." });
  }
  return { ...replay, body: { ...replay.body, ...kept } };
}
