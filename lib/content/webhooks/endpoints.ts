import { randomBytes } from "node:crypto";
import { type Ctx, requireScope, transact } from "../../ctx.ts";
import { AppError, invalid } from "../../kit/errors.ts";
import { newId } from "../../kit/ids.ts";
import { iso } from "../../kit/input.ts";
import { type Tx, under } from "../../kit/kv.ts";
import { decodeCursor, readAfter } from "../../kit/page.ts";
import { targetFault } from "../../kit/safe_fetch.ts";
import { requireFeature } from "../../metering/plans.ts";
import { blogKey, type BlogRow, ownBlog } from "../blogs.ts";
import {
  hookKey,
  type HookRow,
  hooksPrefix,
  sealSecret,
  stageHook,
  stageHookGone,
} from "./_record.ts";
import {
  type CreatedWebhook,
  presentHook,
  type RotatedWebhook,
  type Webhook,
  type WebhookInput,
  type WebhookUpdate,
} from "./schema.ts";

const MAX_HOOKS = 10;
const SECRET_BYTES = 32;
const FORMER_LIFE = 86_400_000;
const MAX_FORMER = 4;

/** An endpoint of a blog, by the ids in its path. */
export type HookAt = { blog: string; hook: string };

/** Makes an endpoint (Creator and above); the secret is in this answer only. */
export async function createWebhook(
  ctx: Ctx,
  blogId: string,
  input: WebhookInput,
): Promise<CreatedWebhook> {
  requireScope(ctx, "blogs:write");
  const { deps, now } = ctx;
  const id = newId(now);
  const secret = drawSecret();
  const sealed = sealSecret(deps, id, secret);
  const url = judgeUrl(ctx, input.url);
  return await transact(ctx, async (tx) => {
    const blog = await writableBlog(tx, ctx, blogId);
    const { length } = await deps.store.list(under(hooksPrefix(blogId)), MAX_HOOKS);
    if (length >= MAX_HOOKS) throw new AppError("webhook_limit");
    const row: HookRow = {
      id,
      blog: blogId,
      url,
      description: input.description ?? "",
      events: eventsOf(input.events),
      secret: sealed,
      former: [],
      failingSince: null,
      disabled: null,
      createdAt: now,
      updatedAt: now,
    };
    stageHook(tx, blog, row);
    return { ...presentHook(row), secret };
  });
}

/** A blog's endpoints, newest first. */
export async function listWebhooks(
  ctx: Ctx,
  blog: string,
  query: { limit?: number; cursor?: string },
): Promise<{ data: Webhook[]; next_cursor: string | null }> {
  requireScope(ctx, "blogs:read");
  await requireOwn(ctx, blog);
  const { rows, next } = await readAfter(ctx.deps.store, hooksPrefix(blog), {
    cursor: query.cursor ? decodeCursor(query.cursor, ["string"]) : null,
    order: "desc",
    limit: query.limit ?? MAX_HOOKS,
    parts: 1,
  });
  return { data: rows.map(({ value }) => presentHook(value as HookRow)), next_cursor: next };
}

/** One endpoint, without its secret. */
export async function getWebhook(ctx: Ctx, at: HookAt): Promise<Webhook> {
  requireScope(ctx, "blogs:read");
  return presentHook(await readHook(ctx, at));
}

/** Changes what is given; enabling, and another URL, forget the failures before. */
export async function updateWebhook(
  ctx: Ctx,
  at: HookAt,
  input: WebhookUpdate,
): Promise<Webhook> {
  requireScope(ctx, "blogs:write");
  const url = input.url === undefined ? undefined : judgeUrl(ctx, input.url);
  return await transact(ctx, async (tx) => {
    const { blog, row } = await writableHook(tx, ctx, at);
    const disabled = { at: ctx.now, why: "owner" as const };
    const next: HookRow = {
      ...row,
      url: url ?? row.url,
      description: input.description ?? row.description,
      events: input.events ? eventsOf(input.events) : row.events,
      disabled: input.enabled === undefined
        ? row.disabled
        : input.enabled
        ? null
        : row.disabled ?? disabled,
    };
    if (next.url !== row.url || (row.disabled && !next.disabled)) next.failingSince = null;
    if (JSON.stringify(next) === JSON.stringify(row)) return presentHook(row);
    next.updatedAt = ctx.now;
    stageHook(tx, blog, next);
    return presentHook(next);
  });
}

/** Takes an endpoint away, with its log and what waited for it. */
export async function deleteWebhook(
  ctx: Ctx,
  at: HookAt,
): Promise<{ deleted: true; removed: true }> {
  requireScope(ctx, "blogs:write");
  return await transact(ctx, async (tx) => {
    const blog = await ownBlog(tx, ctx, at.blog, { frozen: true });
    if (!await tx.get(hookKey(at.blog, at.hook))) throw new AppError("webhook_not_found");
    stageHookGone(tx, { blog: at.blog, id: at.hook, now: ctx.now });
    const hooks = blog.hooks.filter(({ id }) => id !== at.hook);
    if (hooks.length < blog.hooks.length) tx.set(blogKey(blog.id), { ...blog, hooks });
    return { deleted: true as const, removed: true as const };
  });
}

/** Gives an endpoint another secret; for 24 hours what is sent is signed with the one before as well. */
export async function rotateWebhook(ctx: Ctx, at: HookAt): Promise<RotatedWebhook> {
  requireScope(ctx, "blogs:write");
  const { deps, now } = ctx;
  const secret = drawSecret();
  const sealed = sealSecret(deps, at.hook, secret);
  return await transact(ctx, async (tx) => {
    const { blog, row } = await writableHook(tx, ctx, at);
    const until = now + FORMER_LIFE;
    const former = [{ secret: row.secret, until }, ...row.former.filter((one) => one.until > now)];
    const next = { ...row, secret: sealed, former: former.slice(0, MAX_FORMER), updatedAt: now };
    stageHook(tx, blog, next);
    return { ...presentHook(next), secret, previous_valid_until: iso(until) };
  });
}

/** The caller's endpoint; throws 404. */
export async function readHook(ctx: Ctx, at: HookAt): Promise<HookRow> {
  await requireOwn(ctx, at.blog);
  const { value } = await ctx.reads.get<HookRow>(hookKey(at.blog, at.hook));
  if (!value) throw new AppError("webhook_not_found");
  return value;
}

/** The caller's endpoint and its blog, as of this commit; throws 404, or 403 where the plan has none or the blog is frozen. */
export async function writableHook(
  tx: Tx,
  ctx: Ctx,
  at: HookAt,
): Promise<{ blog: BlogRow; row: HookRow }> {
  const [blog, row] = await Promise.all([
    writableBlog(tx, ctx, at.blog),
    tx.get<HookRow>(hookKey(at.blog, at.hook)),
  ]);
  if (!row) throw new AppError("webhook_not_found");
  return { blog, row };
}

async function writableBlog(tx: Tx, ctx: Ctx, id: string): Promise<BlogRow> {
  const blog = await ownBlog(tx, ctx, id);
  await requireFeature(tx, ctx, { user: blog.owner, feature: "webhooks", what: "Webhooks" });
  return blog;
}

async function requireOwn(ctx: Ctx, blog: string): Promise<void> {
  const { value } = await ctx.reads.get<BlogRow>(blogKey(blog));
  if (value?.owner !== ctx.actor.user) throw new AppError("blog_not_found");
}

function judgeUrl(ctx: Ctx, text: string): string {
  const fault = targetFault(text, { private: ctx.deps.config.outboundPrivate });
  if (fault) throw invalid([{ path: "url", message: `url cannot be a target. ${fault}` }]);
  const url = new URL(text);
  url.hash = "";
  return url.href;
}

function eventsOf(events: WebhookInput["events"] = ["*"]): string[] {
  return events.includes("*") ? ["*"] : [...new Set(events)].toSorted();
}

function drawSecret(): string {
  return `whsec_${randomBytes(SECRET_BYTES).toString("base64")}`;
}
