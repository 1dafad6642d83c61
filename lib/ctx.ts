import type { Config } from "./kit/config.ts";
import type { Keyring } from "./kit/crypto.ts";
import { AppError } from "./kit/errors.ts";
import type { ResolveDns } from "./kit/dns.ts";
import type { Claim } from "./kit/idempotency.ts";
import { Reads, type Store, transact as runTransaction, type Tx } from "./kit/kv.ts";
import type { MicroCache } from "./kit/micro_cache.ts";
import type { Tracer } from "./kit/observe.ts";
import type { RequestLine } from "./kit/request_log.ts";
import type { Outbound } from "./kit/safe_fetch.ts";

/** The world, handed in: nothing below `main.ts` takes it from anywhere else. */
export type Deps = {
  config: Config;
  store: Store;
  keys: Keyring;
  /** milliseconds since the epoch */
  clock: () => number;
  /** what this instance shows to readers, kept for at most a second; grouped by blog id */
  pages: MicroCache<unknown>;
  /** subdomain or custom domain → the blog it led to when last seen: a guess that saves a round trip, always verified */
  hosts: Map<string, { blog: string; owner: string }>;
  /** credentials used since the last flush: hash → when */
  used: Map<string, number>;
  /** views of posts' pages since the last flush */
  views: Views;
  /** asks for a job to run at a time, while this instance lives; its cron comes anyway */
  alarm: (at: number, job: Alarm) => void;
  fetch: typeof fetch;
  resolveDns: ResolveDns;
  /** the only way to an address that a tenant named */
  outbound: Outbound;
  /** one line of JSON to the log */
  log: (line: Record<string, unknown>) => void;
  /** told of each request once its answer begins; null where nobody wants to know */
  requests: ((line: RequestLine) => void) | null;
  /** null where no spans are collected */
  tracer: Tracer | null;
};

/** The jobs that an instance runs by itself when there is something to do. */
export type Alarm = "publish_scheduled" | "purge_cdn" | "merge_search" | "drain_outbox";

/** A reader's request for the page of a post, as it came: headers unjudged. */
export type PageView = {
  blog: string;
  post: string;
  /** of the client, as the connection or a trusted proxy gives it */
  address: string;
  agent: string;
  url: string;
  referrer: string | null;
  country: string | null;
};
/** Counts in memory, without a round trip; `flush` writes what was counted. */
export type Views = { count: (view: PageView) => void; flush: (deps: Deps) => Promise<void> };

/** Every scope of the reference, without wildcards. */
export const SCOPES = [
  "posts:read",
  "posts:write",
  "blogs:read",
  "blogs:write",
  "analytics:read",
  "search:read",
  "account:read",
  "account:write",
  "packs:read",
  "packs:write",
  "domains:read",
  "domains:write",
  "media:read",
  "media:write",
] as const;
export type Scope = typeof SCOPES[number];
export type Mode = "live" | "test";

/** Who acts: a key or token, a signed-in session, the operator's terminal, a job of our own, or a visitor. */
export type Actor = {
  kind: "key" | "session" | "operator" | "job" | "anyone";
  /** of the key, the app's grant or the session; "" where nothing of ours names it */
  id: string;
  /** id of the account; "" for a job and a visitor */
  user: string;
  scopes: string[];
  /** the blog that the credential is bound to */
  boundTo: string | null;
  mode: Mode;
  /** milliseconds since the epoch at which the credential ends, or null */
  expiresAt: number | null;
};

/** One request, or one run of a job. */
export type Ctx = {
  deps: Deps;
  actor: Actor;
  reads: Reads;
  now: number;
  /** the blog that the request acts on, where it is resolved */
  blog: string | null;
  /** `If-Match` as sent */
  ifMatch: string | null;
  /** settles once the rate limit is judged, and rejects where it refuses */
  admission: Promise<unknown>;
  /** the answer's status, the claim to record it under, and the version (ETag) of what it shows */
  answer: { status: number; claim: Claim | null; rev: string | null };
};

/** Whether the scopes of a credential allow one; `posts:*` covers both of posts', `*` all. */
export function hasScope(scopes: string[], scope: Scope): boolean {
  return scopes.includes("*") || scopes.includes(scope) ||
    scopes.includes(`${scope.split(":")[0]}:*`);
}

/** Throws 403 where the actor's credential lacks the scope. */
export function requireScope(ctx: Ctx, scope: Scope): void {
  if (hasScope(ctx.actor.scopes, scope)) return;
  throw new AppError("scope_missing", {
    message: `This credential lacks the scope "${scope}": create one that has it.`,
  });
}

/** The write of a verb: `body` may run many times; what it returns is the answer that a replay repeats. */
export async function transact<T>(ctx: Ctx, body: (tx: Tx) => Promise<T>): Promise<T> {
  const attempt = (tx: Tx) => {
    // What an earlier attempt pointed to was never written.
    if (ctx.answer.claim) ctx.answer.claim.pointer = null;
    return body(tx);
  };
  return await runTransaction(ctx.deps.store, attempt, {
    reads: ctx.reads,
    async beforeCommit(tx, result) {
      await ctx.admission;
      const { claim, status } = ctx.answer;
      if (claim && tx.batch().mutations.size) {
        claim.record(tx, { status, body: result, now: ctx.now });
      }
    },
  });
}

/** Throws 412 where `If-Match` was sent and does not name this version. */
export function requireMatch(ctx: Ctx, rev: string): void {
  if (ctx.ifMatch === null || ctx.ifMatch.trim() === "*") return;
  // A compressed answer carries the tag as a weak one; it names the same version.
  const tags = ctx.ifMatch.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  if (!tags.includes(`"${rev}"`)) throw new AppError("precondition_failed");
}

/** The resolved blog; throws 400 where the request named none and the credential has several. */
export function requireBlog(ctx: Ctx): string {
  if (!ctx.blog) throw new AppError("blog_unresolved");
  return ctx.blog;
}

/** A context without a credential: of a job, of the operator acting for an account, or of a visitor. */
export function backstage(deps: Deps, actor: Partial<Actor> & Pick<Actor, "kind">): Ctx {
  return {
    deps,
    actor: {
      id: "",
      user: "",
      scopes: ["*"],
      boundTo: null,
      mode: "live",
      expiresAt: null,
      ...actor,
    },
    reads: new Reads(deps.store),
    now: deps.clock(),
    blog: null,
    ifMatch: null,
    admission: Promise.resolve(),
    answer: { status: 200, claim: null, rev: null },
  };
}

/** Where the answer tells a caller to upgrade. */
export function upgradeUrl(deps: Deps): string {
  return `${deps.config.origin}/upgrade`;
}
