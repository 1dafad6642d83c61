import { z } from "@hono/zod-openapi";
import {
  type Ctx,
  type Deps,
  hasScope,
  type Mode,
  requireScope,
  type Scope,
  SCOPES,
  transact,
} from "../ctx.ts";
import { AppError } from "../kit/errors.ts";
import { sha256 } from "../kit/crypto.ts";
import { isUuid, newId, randomBase62 } from "../kit/ids.ts";
import { iso, trimmed, typed } from "../kit/input.ts";
import { type Key, transact as runTransaction, type Tx } from "../kit/kv.ts";
import { decodeCursor, readAfter } from "../kit/page.ts";
import { planKey } from "../metering/plans.ts";
import { blogKey, type BlogRow, ownBlog } from "../content/blogs.ts";
import { activeBlogKey } from "./active_blog.ts";
import { type AppHolderRow, blogKeysPrefix, type HolderRow, tokensPrefix } from "./holders.ts";
import { appGrantKey, type AppGrantRow } from "./oauth/_rows.ts";
import { noteAppUse, presentApp, stageAppEnd } from "./oauth/grants.ts";

const DAY = 86_400_000;
const MAX_DAYS = 36_500;
const PREFIX_LENGTH = 12;
const SECRET_LENGTH = 32;
// A last use is written again only when it is this much older.
const USED_STEP = 60_000;

/** A credential, found by the SHA-256 of its secret; `holder` is the blog it was made for, or null for an account token. */
export type KeyRow = {
  id: string;
  user: string;
  holder: string | null;
  boundTo: string | null;
  name: string;
  prefix: string;
  scopes: string[];
  mode: Mode;
  createdAt: number;
  expiresAt: number | null;
  revokedAt: number | null;
};

export function keyKey(hash: string): Key {
  return ["key", hash];
}
export function usedKey(id: string): Key {
  return ["used", id];
}

const SCOPE_NAMES = [
  "*",
  ...new Set(SCOPES.map((scope) => `${scope.split(":")[0]}:*`)),
  ...SCOPES,
];
const EXAMPLE_KEY = `pk_live_${"0123456789abcdef".repeat(2)}`;

const scope = z.string(typed("scope", "a string")).openapi({ enum: SCOPE_NAMES });
const scopes = z.array(scope, typed("scopes", "an array of strings"))
  .min(1, { error: "scopes must name at least one scope" })
  .superRefine((list, check) => {
    for (const scope of list) {
      if (!isScope(scope)) {
        const message = `unknown scope "${
          scope.slice(0, 50).toWellFormed()
        }": use *, {resource}:*, or one of ${SCOPES.join(", ")}`;
        check.addIssue({ code: "custom", message });
      }
    }
  }).openapi({
    description: '`["*"]` unless given.',
    example: ["posts:read", "posts:write"],
  });
const expiresIn = z.union([
  z.int().min(1).max(MAX_DAYS).nullable(),
  z.enum(["30d", "90d", "1y"]),
], { error: 'expires_in must be a whole number of days, "30d", "90d", "1y" or null' })
  .openapi({
    description: "Days, or a length of time; null: it does not expire.",
    example: 90,
  });
const name = trimmed("name", { max: 100 }).openapi({ maxLength: 100 });

export const ApiKeyInput = z.object({
  name: name.optional().openapi({ description: "`Default` unless given.", example: "CI" }),
  scopes: scopes.optional(),
  expires_in: expiresIn.optional(),
  mode: z.enum(["live", "test"], { error: "mode must be live or test" }).optional().openapi({
    description: "`live` unless given; a test key reaches only the blog's sandbox.",
  }),
}).openapi("ApiKeyInput");
export type ApiKeyInput = z.infer<typeof ApiKeyInput>;

export const TokenInput = z.object({
  name: trimmed("name", { min: 1, max: 100 }).openapi({
    example: "laptop",
    minLength: 1,
    maxLength: 100,
  }),
  scopes: scopes.optional(),
  blog_id: z.string(typed("blog_id", "a blog's id or null")).nullable().optional().openapi({
    description: "Id of the blog that it is for; null: all.",
  }),
  expires_in: expiresIn.optional(),
}).openapi("TokenInput");
export type TokenInput = z.infer<typeof TokenInput>;

export const ApiKey = z.object({
  id: z.uuid(),
  name: z.string().openapi({ example: "CI" }),
  prefix: z.string().openapi({
    description: "The first characters of the secret.",
    example: EXAMPLE_KEY.slice(0, PREFIX_LENGTH),
  }),
  key_prefix: z.string().openapi({
    description: "The same.",
    example: EXAMPLE_KEY.slice(0, PREFIX_LENGTH),
  }),
  scopes: z.array(z.string()).openapi({ example: ["posts:read", "posts:write"] }),
  blog_id: z.uuid().nullable(),
  mode: z.enum(["live", "test"]),
  app: z.object({ client_id: z.uuid(), name: z.string() }).nullable().openapi({
    description: "The app that it is of, by its own account; null: not an app's.",
  }),
  expires_at: z.iso.datetime().nullable(),
  last_used_at: z.iso.datetime().nullable(),
  created_at: z.iso.datetime(),
}).openapi("ApiKey");
export type ApiKey = z.infer<typeof ApiKey>;
export const CreatedKey = ApiKey.omit({ app: true, last_used_at: true }).extend({
  key: z.string().openapi({ description: "The secret, shown only here.", example: EXAMPLE_KEY }),
  token: z.string().openapi({ description: "The same.", example: EXAMPLE_KEY }),
}).openapi("CreatedKey");
export type CreatedKey = z.infer<typeof CreatedKey>;

/** Makes a key that is bound to one blog of the caller's. */
export async function createApiKey(
  ctx: Ctx,
  blog: string,
  input: ApiKeyInput,
): Promise<CreatedKey> {
  requireScope(ctx, "blogs:write");
  const drawn = drawKey(ctx, input.mode);
  return await transact(ctx, async (tx) => {
    await Promise.all([ownBlog(tx, ctx, blog), tx.get(keyKey(sha256(drawn.secret)))]);
    const name = input.name || "Default";
    return stageKey(tx, ctx, { ...input, name, boundTo: blog, blog, drawn });
  });
}

/** Makes an access token of the account, for one blog or for all. */
export async function createToken(ctx: Ctx, input: TokenInput): Promise<CreatedKey> {
  requireScope(ctx, "account:write");
  const wanted = input.blog_id?.toLowerCase() ?? null;
  const boundTo = input.blog_id === undefined ? ctx.actor.boundTo : wanted;
  if (boundTo !== null && !isUuid(boundTo)) throw new AppError("blog_not_found");
  const drawn = drawKey(ctx, "live");
  return await transact(ctx, async (tx) => {
    const [plan] = await Promise.all([
      tx.get(planKey(ctx.actor.user)),
      boundTo !== null && ownBlog(tx, ctx, boundTo),
      tx.get(keyKey(sha256(drawn.secret))),
    ]);
    // The account went while the request was under way.
    if (!plan) throw new AppError("account_not_found");
    return stageKey(tx, ctx, { ...input, boundTo, blog: null, drawn });
  });
}

/** A new credential's id and secret: drawn once, so that no two attempts at its commit make two. */
type DrawnKey = { id: string; secret: string };

function drawKey(ctx: Ctx, mode: Mode = "live"): DrawnKey {
  return { id: newId(ctx.now), secret: `pk_${mode}_${randomBase62(SECRET_LENGTH)}` };
}

type KeyOrder = {
  name: string;
  scopes?: string[];
  expires_in?: z.infer<typeof expiresIn>;
  mode?: Mode;
  boundTo: string | null;
  /** the blog whose key it is; null: the account's token */
  blog: string | null;
  /** drawn here where the caller's commit has a check of its own */
  drawn?: DrawnKey;
};

/** Adds a credential to the caller's commit; throws 403 where it would exceed the one that mints it. */
export function stageKey(tx: Tx, ctx: Ctx, order: KeyOrder): CreatedKey {
  const { now, actor } = ctx;
  const mode = order.mode ?? "live";
  const { id, secret } = order.drawn ?? drawKey(ctx, mode);
  const days = expiryDays(order.expires_in ?? null);
  const row: KeyRow = {
    id,
    user: actor.user,
    holder: order.blog,
    boundTo: order.boundTo,
    name: order.name,
    prefix: secret.slice(0, PREFIX_LENGTH),
    scopes: [...new Set(order.scopes ?? ["*"])],
    mode,
    createdAt: now,
    expiresAt: days === null ? null : now + days * DAY,
    revokedAt: null,
  };
  requireWithin(ctx, row);
  const hash = sha256(secret);
  tx.set(keyKey(hash), row);
  const holder = order.blog ? blogKeysPrefix(order.blog) : tokensPrefix(actor.user);
  tx.set([...holder, row.id], { hash } satisfies HolderRow);
  const { app: _app, last_used_at: _used, ...shown } = present(row, null);
  return { ...shown, key: secret, token: secret };
}

/** The active keys of a blog, newest first. */
export async function listApiKeys(
  ctx: Ctx,
  blog: string,
  query: { limit?: number; cursor?: string },
): Promise<{ data: ApiKey[]; next_cursor: string | null }> {
  requireScope(ctx, "blogs:read");
  const owned = (await ctx.reads.get<BlogRow>(blogKey(blog))).value;
  if (owned?.owner !== ctx.actor.user) throw new AppError("blog_not_found");
  return await listActive(ctx, blogKeysPrefix(blog), query);
}

/** The active access tokens of the account, and the apps that it has connected unless `apps` is false, newest first. */
export async function listTokens(
  ctx: Ctx,
  query: { limit?: number; cursor?: string; apps?: boolean },
): Promise<{ data: ApiKey[]; next_cursor: string | null }> {
  requireScope(ctx, "account:read");
  return await listActive(ctx, tokensPrefix(ctx.actor.user), query);
}

/** Ends a key of a blog at once. */
export async function revokeApiKey(ctx: Ctx, at: { blog: string; id: string }): Promise<Revoked> {
  requireScope(ctx, "blogs:write");
  return await transact(ctx, async (tx) => {
    await ownBlog(tx, ctx, at.blog, { frozen: true });
    if (!await stageRevoked(tx, ctx, [...blogKeysPrefix(at.blog), at.id])) {
      throw new AppError("key_not_found");
    }
    return { deleted: true as const, revoked: true as const };
  });
}

export type Revoked = { deleted: true; revoked: true };

/** Ends an access token, or the access of an app, at once. */
export async function revokeToken(ctx: Ctx, id: string): Promise<Revoked> {
  requireScope(ctx, "account:write");
  return await transact(ctx, async (tx) => {
    if (!await stageRevoked(tx, ctx, [...tokensPrefix(ctx.actor.user), id])) {
      throw new AppError("token_not_found");
    }
    return { deleted: true as const, revoked: true as const };
  });
}

/** Writes down when credentials were last used, for those that still exist; says how many. */
export async function flushUsed(deps: Deps): Promise<{ flushed: number }> {
  const used = [...deps.used];
  deps.used.clear();
  let flushed = 0;
  for (const [hash, at] of used) {
    if (isUuid(hash)) {
      if (await noteAppUse(deps, hash, at)) flushed++;
      continue;
    }
    await runTransaction(deps.store, async (tx) => {
      const row = await tx.get<KeyRow>(keyKey(hash));
      if (!row) return;
      const before = await tx.peek<number>(usedKey(row.id));
      if (before === null || at - before >= USED_STEP) {
        tx.set(usedKey(row.id), at);
        flushed++;
      }
    });
  }
  return { flushed };
}

async function stageRevoked(tx: Tx, ctx: Ctx, holder: Key): Promise<boolean> {
  const pointer = await tx.peek<HolderRow | AppHolderRow>(holder);
  if (pointer && "app" in pointer) return await stageAppEnd(tx, holder.at(-1) as string, ctx.now);
  const key = pointer && keyKey(pointer.hash);
  const row = key && await tx.get<KeyRow>(key);
  if (!row || row.revokedAt !== null) return false;
  tx.set(key, { ...row, revokedAt: ctx.now });
  tx.delete(activeBlogKey(row));
  return true;
}

async function listActive(
  ctx: Ctx,
  prefix: Key,
  query: { limit?: number; cursor?: string; apps?: boolean },
) {
  const { store, used } = ctx.deps;
  const data: ApiKey[] = [];
  const limit = query.limit ?? 1000;
  let cursor = query.cursor ?? null;
  do {
    const { rows, next } = await readAfter(store, prefix, {
      cursor: cursor ? decodeCursor(cursor, ["string"]) : null,
      order: "desc",
      limit: limit - data.length,
      parts: 1,
    });
    const held = rows.filter(({ value }) => query.apps !== false || !("app" in (value as object)))
      .map(({ key, value }) => ({ id: key.at(-1) as string, ...value as Partial<HolderRow> }));
    const [keys, times] = await Promise.all([
      store.getMany<KeyRow | AppGrantRow>(
        held.map(({ id, hash }) => hash ? keyKey(hash) : appGrantKey(id)),
      ),
      store.getMany<number>(held.map(({ id }) => usedKey(id))),
    ]);
    const bound = [
      ...new Set(
        keys.flatMap(({ value }) => value && "boundTo" in value ? value.boundTo ?? [] : []),
      ),
    ];
    const blogs = await store.getMany(bound.map(blogKey));
    const gone = new Set(bound.filter((_, i) => blogs[i].value === null));
    keys.forEach(({ value: row }, i) => {
      if (!row || row.revokedAt !== null || (row.expiresAt ?? Infinity) <= ctx.now) return;
      const { id, hash } = held[i];
      if ("client" in row) {
        data.push(presentApp(row, used.get(id) ?? row.usedAt));
        return;
      }
      if (row.boundTo !== null && gone.has(row.boundTo)) return;
      data.push(present(row, used.get(hash!) ?? times[i].value));
    });
    cursor = next;
  } while (cursor && data.length < limit);
  return { data, next_cursor: cursor };
}

type Reach = Pick<KeyRow, "scopes" | "boundTo" | "mode" | "expiresAt">;

function requireWithin(ctx: Ctx, row: Reach): void {
  const { actor } = ctx;
  const within = row.scopes.every((scope) => covers(actor.scopes, scope)) &&
    (actor.boundTo === null || row.boundTo === actor.boundTo) &&
    (actor.mode === "live" || row.mode === "test") &&
    (actor.expiresAt === null || (row.expiresAt !== null && row.expiresAt <= actor.expiresAt));
  if (!within) throw new AppError("exceeds_credential");
}

/** Throws 403 where the credential that a replayed answer gave exceeds the actor's. */
export function requireWithinReplay(ctx: Ctx, body: Record<string, unknown>): void {
  const { scopes, blog_id, mode, expires_at } = body as CreatedKey;
  const expiresAt = expires_at === null ? null : Date.parse(expires_at);
  requireWithin(ctx, { scopes, boundTo: blog_id, mode, expiresAt });
}

/** Whether `scopes` allow all that the one scope, perhaps a wildcard, allows. */
export function covers(scopes: string[], scope: string): boolean {
  if (scope === "*") return scopes.includes("*");
  const [resource, action] = scope.split(":");
  const named = SCOPES.filter((s) => action === "*" ? s.startsWith(`${resource}:`) : s === scope);
  return named.every((s: Scope) => hasScope(scopes, s));
}

/** Whether a name is a scope of the reference, a resource's wildcard, or `*`. */
export function isScope(name: string): boolean {
  return SCOPE_NAMES.includes(name);
}

function expiryDays(input: z.infer<typeof expiresIn>): number | null {
  return typeof input === "string" ? { "30d": 30, "90d": 90, "1y": 365 }[input] : input;
}

function present(row: KeyRow, usedAt: number | null): ApiKey {
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    key_prefix: row.prefix,
    scopes: row.scopes,
    blog_id: row.boundTo,
    mode: row.mode,
    app: null,
    expires_at: row.expiresAt === null ? null : iso(row.expiresAt),
    last_used_at: usedAt === null ? null : iso(usedAt),
    created_at: iso(row.createdAt),
  };
}
