import { type Actor, backstage, type Ctx, type Deps } from "../lib/ctx.ts";
import { hmac } from "../lib/kit/crypto.ts";
import { AppError } from "../lib/kit/errors.ts";
import { isUuid } from "../lib/kit/ids.ts";
import { type Entry, type Key, Reads } from "../lib/kit/kv.ts";
import { note } from "../lib/kit/observe.ts";
import { authenticate } from "../lib/account/authenticate.ts";
import { blogKey, type BlogRow, listBlogIds } from "../lib/content/blogs.ts";
import { planKey, type PlanRow } from "../lib/metering/plans.ts";
import {
  addressWindowKey,
  rateLimited,
  type RateLimiter,
  uploadWindowKey,
  userWindowKey,
  type Verdict,
} from "../lib/metering/rate_limit.ts";
import type { Operation } from "./_operation.ts";

const MINUTE = 60_000;

/** What every request needs beside its own data. */
export type Env = { deps: Deps; limiter: RateLimiter };
/** An admitted request: its context, the verdict of the rate limit once it is there, and its gate. */
export type Admitted = {
  ctx: Ctx;
  verdict: Promise<Verdict>;
  /** whether the verdict is a refusal already */
  refused: boolean;
  /** judges mode and blog, where one is named in place of X-Blog-Id that; throws 403 or 400 */
  gate: (
    operation: Operation,
    params: Record<string, string>,
    named?: string | null,
  ) => Promise<void>;
};

/** The credential of a request, wherever it is accepted. */
export function credentialOf(headers: Headers): string | null {
  const authorization = headers.get("authorization")?.trim();
  const bearer = authorization && /^bearer\s+(.*)$/i.exec(authorization);
  return (bearer ? bearer[1] : authorization) || headers.get("x-api-key")?.trim() || null;
}

/** The address of the caller; `X-Forwarded-For` counts only behind trusted proxies. */
export function clientAddress(deps: Deps, request: Request, peer: string): string {
  const { trustProxy } = deps.config;
  if (!trustProxy) return peer;
  const hops = (request.headers.get("x-forwarded-for") ?? "").split(",").map((hop) => hop.trim());
  return withoutPort(hops.at(-trustProxy) ?? "") || peer;
}

// Some proxies append the port of the connection; an IPv6 address has brackets then.
function withoutPort(hop: string): string {
  const [, bracketed, bare] = /^(?:\[([^\]]*)\](?::\d+)?|([^:]*):\d+)$/.exec(hop) ?? [];
  return bracketed ?? bare ?? hop;
}

/** The same as an HMAC, one for each network of IPv6: whoever has one address has the whole /64. */
export function addressOf(deps: Deps, request: Request, peer: string): string {
  return hmac(deps.keys.key("address"), networkOf(clientAddress(deps, request, peer)));
}

function networkOf(address: string): string {
  const bare = address.replace(/^\[|\]$/g, "").replace(/%.*$/, "");
  if (!bare.includes(":") || !URL.canParse(`http://[${bare}]`)) return address;
  const [head, tail] = new URL(`http://[${bare}]`).hostname.slice(1, -1).split("::");
  const [left, right] = [head, tail ?? ""].map((part) => part.split(":").filter(Boolean));
  const zeros = Array(8 - left.length - right.length).fill("0");
  const groups = [...left, ...zeros, ...right];
  // An IPv4 address in the form of IPv6, or loopback: what differs is at the end.
  const network = groups.slice(0, 4);
  return network.every((group) => group === "0") ? groups.join(":") : network.join(":");
}

/**
 * Finds out who calls (401), starts counting the request (429), and reads what the gate and the verb will
 * ask for: two rounds in all.
 */
export async function admit(
  env: Env,
  request: Request,
  prefetch: (ctx: Ctx) => void,
): Promise<Admitted> {
  const { deps, limiter } = env;
  const reads = new Reads(deps.store);
  const actor = await authenticate(deps, reads, credentialOf(request.headers));
  note({ user: actor.user, blog: actor.boundTo });
  const wanted = request.headers.get("x-blog-id")?.trim().toLowerCase() || null;
  const named = actor.boundTo ?? (wanted && isUuid(wanted) ? wanted : null);
  const ctx: Ctx = {
    deps,
    actor,
    reads,
    now: deps.clock(),
    blog: named,
    ifMatch: request.headers.get("if-match"),
    admission: Promise.resolve(),
    answer: { status: 200, claim: null, rev: null },
  };
  const window = userWindowKey(actor.user);
  const asked = [reads.get<PlanRow>(planKey(actor.user)), reads.get(window)] as const;
  const blog = named ? reads.get<BlogRow>(blogKey(named)) : null;
  prefetch(ctx);
  const [plan, seen] = await Promise.all(asked);
  const bound = actor.boundTo ? (await blog)?.value : null;
  if (!plan.value || (actor.boundTo && bound?.owner !== actor.user)) {
    throw new AppError("credential_invalid");
  }
  if (plan.value.suspendedAt !== null) throw new AppError("account_suspended");
  const rate = {
    limit: deps.config.limits.requests[plan.value.plan],
    seen: seen as Entry<{ w: number; n: number }>,
  };
  const gate: Admitted["gate"] = async (operation, params, named = wanted) => {
    judgeOperation(actor, operation, params);
    const judged = operation.blog === "resolved" || (operation.blog === "named" && named !== null);
    ctx.blog = judged ? await resolveBlog(ctx, named) : actor.boundTo;
    note({ blog: ctx.blog });
  };
  return { ctx, ...count(ctx, limiter, { window, rate }), gate };
}

/** Starts counting a request that needs no credential, against its address, and reads what the verb will ask for. */
export async function admitAnyone(
  env: Env,
  hash: string,
  prefetch: (ctx: Ctx) => void,
): Promise<Admitted> {
  const { deps, limiter } = env;
  const ctx = backstage(deps, { kind: "anyone", scopes: [] });
  const window = addressWindowKey("discover", hash);
  const seen = ctx.reads.get<{ w: number; n: number }>(window);
  prefetch(ctx);
  const rate = { limit: deps.config.limits.discover, seen: await seen };
  return { ctx, ...count(ctx, limiter, { window, rate }), gate: () => Promise.resolve() };
}

/** Counts a request without a valid credential against its address. */
export function countAddress(env: Env, hash: string): Promise<Verdict> {
  return env.limiter.take(addressWindowKey("unauthorized", hash), {
    limit: env.deps.config.limits.unauthorized,
  });
}

/** Counts an upload; throws 429 above so many a minute. */
export async function limitUploads({ deps, limiter }: Env, ctx: Ctx): Promise<void> {
  await ctx.admission;
  const rate = { limit: deps.config.limits.uploads, length: MINUTE };
  const verdict = await limiter.take(uploadWindowKey(ctx.actor.user), rate);
  if (!verdict.allowed) throw rateLimited(verdict, ctx.now, { unit: "uploads/minute" });
}

function count(
  ctx: Ctx,
  limiter: RateLimiter,
  { window, rate }: { window: Key; rate: { limit: number; seen: Entry<{ w: number; n: number }> } },
): Pick<Admitted, "verdict" | "refused"> {
  const refused = limiter.isFull(window, rate);
  const verdict = limiter.take(window, rate);
  ctx.admission = verdict.then((v) => {
    if (!v.allowed) throw rateLimited(v, ctx.now);
  });
  // Judged when it is awaited; until then a refusal must not end the process.
  ctx.admission.catch(() => {});
  return { verdict, refused };
}

function judgeOperation(actor: Actor, operation: Operation, params: Record<string, string>): void {
  if (actor.mode === "test" && !operation.sandbox) throw new AppError("test_mode");
  const foreign = actor.boundTo !== null && params.id !== actor.boundTo;
  if (operation.blog === "param" && foreign) throw new AppError("blog_bound");
}

async function resolveBlog(ctx: Ctx, wanted: string | null): Promise<string> {
  const { actor, deps } = ctx;
  if (wanted !== null) {
    const row = isUuid(wanted) ? (await ctx.reads.get<BlogRow>(blogKey(wanted))).value : null;
    const fits = actor.boundTo === null || actor.boundTo === wanted;
    if (!fits || row?.owner !== actor.user) throw new AppError("blog_mismatch");
    return wanted;
  }
  if (actor.boundTo) return actor.boundTo;
  const [first, second] = await listBlogIds(deps.store, actor.user, 2);
  if (!first || (second && actor.kind !== "session")) throw new AppError("blog_unresolved");
  return first;
}
