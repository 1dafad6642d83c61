import { z } from "@hono/zod-openapi";
import { backstage, type Ctx, type Deps, requireScope, transact } from "../ctx.ts";
import { AppError } from "../kit/errors.ts";
import { type Key, type Store, transact as runTransaction, under } from "../kit/kv.ts";
import { stagePurge } from "../events/purge.ts";
import { ledgerPrefix, type LedgerRow } from "../metering/ledger.ts";
import { noticePrefix } from "../metering/notices.ts";
import { grantKey } from "../metering/packs.ts";
import { planKey } from "../metering/plans.ts";
import { countKey, quotaKey } from "../metering/quotas.ts";
import { uploadWindowKey, userWindowKey } from "../metering/rate_limit.ts";
import { blogKey, type BlogRow, listBlogIds } from "../content/blogs.ts";
import { stageHidden } from "../content/search/mod.ts";
import { activeBlogsPrefix } from "./active_blog.ts";
import { emailKey, identitiesPrefix, identityKey, userKey, type UserRow } from "./accounts.ts";
import { keyKey, usedKey } from "./api_keys.ts";
import { billingKey, type BillingRow, customerKey, subscriptionKey } from "./billing/events.ts";
import { cancelSubscriptions } from "./billing/mod.ts";
import { removeBlog, removeUnder } from "./deletion.ts";
import { type AppHolderRow, type HolderRow, tokensPrefix } from "./holders.ts";
import { appGrantKey, userAppsPrefix } from "./oauth/_rows.ts";
import { settleKey } from "./plan_changes.ts";
import { sessionKey, sessionsPrefix } from "./sessions.ts";
import { loginLinkKey } from "./sign_in/login_link.ts";

const MAX_BLOGS = 100_000;
// What one commit can hide beside the rest of it; the first step hides what is beyond.
const HIDDEN_AT_ONCE = 400;
// Rows of the ledger that go in one commit, each with its purchase.
const STEP = 200;

/** An account that is being deleted. */
export type LeavingRow = { user: string; acceptedAt: number };

/** Where the deletion of an account is asked for. */
export function leavingKey(user: string): Key {
  return ["leaving", user];
}

export const AccountDeleted = z.object({
  deleted: z.literal(true),
  message: z.string(),
}).openapi("AccountDeleted");
export type AccountDeleted = z.infer<typeof AccountDeleted>;

/**
 * Deletes the caller's account with all that is its: blogs, posts, credentials, sessions, packs,
 * subscriptions. Nothing of it works or shows from the moment this is accepted, whatever happens then.
 */
export async function deleteAccount(ctx: Ctx): Promise<AccountDeleted> {
  requireScope(ctx, "account:write");
  const { deps, now, actor: { user } } = ctx;
  const answer = await transact(ctx, async (tx) => {
    const [plan] = await Promise.all([tx.get(planKey(user)), tx.get(countKey(user, "blogs"))]);
    if (!plan) throw new AppError("account_not_found");
    // After the count, without which no blog comes or goes.
    const blogs = await listBlogIds(deps.store, user, MAX_BLOGS);
    // No credential and no page is of any use without it.
    tx.delete(planKey(user));
    tx.set(leavingKey(user), { user, acceptedAt: now } satisfies LeavingRow);
    for (const blog of blogs.slice(0, HIDDEN_AT_ONCE)) {
      stageHidden(tx, blog);
      stagePurge(tx, deps, blog);
    }
    return {
      deleted: true as const,
      message: "The account is deleted, with its blogs, posts, keys and subscriptions.",
    };
  });
  // What a crash or a fault leaves over, the job takes up.
  await tryLeaving(deps, user);
  return answer;
}

/** Takes up every deletion of an account that was cut short; says how many were finished, and how many have to wait. */
export async function resumeLeaving(deps: Deps): Promise<{ left: number; failed: number }> {
  const report = { left: 0, failed: 0 };
  for await (const { value } of deps.store.scan<LeavingRow>(under(["leaving"]))) {
    if (await tryLeaving(deps, value.user)) report.left++;
    else report.failed++;
  }
  return report;
}

async function tryLeaving(deps: Deps, user: string): Promise<boolean> {
  try {
    await finishLeaving(deps, user);
    return true;
  } catch (error) {
    deps.log({ event: "account_deletion_postponed", user, error: String(error) });
    return false;
  }
}

// Every step may be done again; the row that asks for them goes last.
async function finishLeaving(deps: Deps, user: string): Promise<void> {
  const { store } = deps;
  await removeBlogs(deps, user);
  await removeTokens(store, user);
  await removeUnder(store, userAppsPrefix(user));
  await removeSignIns(store, user);
  await removeUnder(store, ["created", user]);
  await removeUnder(store, ["count", user]);
  await removeUnder(store, noticePrefix(user));
  await removeUnder(store, activeBlogsPrefix(user));
  await removeLedger(store, user);
  // A provider that cannot be reached holds up nothing but itself.
  await cancelSubscriptions(deps, user);
  const { value: billing } = await store.get<BillingRow>(billingKey(user));
  const { value: row } = await store.get<UserRow>(userKey(user));
  const rows: Key[] = [
    ...await ownRows(store, user, billing),
    billingKey(user),
    quotaKey(user),
    settleKey(user),
    userWindowKey(user),
    uploadWindowKey(user),
    ...row?.email && row.verified ? [emailKey(row.email)] : [],
    userKey(user),
    leavingKey(user),
  ];
  await store.writeAll(rows.map((key) => ({ key })));
}

// A customer may be known as another account's.
async function ownRows(store: Store, user: string, billing: BillingRow | null): Promise<Key[]> {
  const { customers, subscriptions } = billing ?? { customers: [], subscriptions: {} };
  const keys = [
    ...customers.map(customerKey),
    ...Object.keys(subscriptions).map(subscriptionKey),
  ];
  const entries = await store.getMany<string>(keys);
  return keys.filter((_, i) => entries[i].value === user);
}

async function removeBlogs(deps: Deps, user: string): Promise<void> {
  const ids = await listBlogIds(deps.store, user, MAX_BLOGS);
  for (const id of ids.slice(HIDDEN_AT_ONCE)) {
    await runTransaction(deps.store, async (tx) => {
      if (await tx.get(blogKey(id))) stageHidden(tx, id);
    });
  }
  const ctx = backstage(deps, { kind: "job", user });
  for (const id of ids) {
    const { value } = await deps.store.get<BlogRow>(blogKey(id));
    if (value) await removeBlog(ctx, id, { forsaken: true });
  }
  await removeUnder(deps.store, ["ublog", user]);
}

async function removeTokens(store: Store, user: string): Promise<void> {
  const rows = store.scan<HolderRow | AppHolderRow>(under(tokensPrefix(user)));
  for await (const { key, value } of rows) {
    const id = key.at(-1) as string;
    const own = "app" in value ? [appGrantKey(id)] : [keyKey(value.hash), usedKey(id)];
    await store.writeAll([...own, key].map((one) => ({ key: one })));
  }
}

async function removeSignIns(store: Store, user: string): Promise<void> {
  await store.writeAll([{ key: loginLinkKey(user) }]);
  for await (const { key } of store.scan(under(sessionsPrefix(user)))) {
    await store.writeAll([{ key: sessionKey(key[2] as string) }, { key }]);
  }
  for await (const { key } of store.scan(under(identitiesPrefix(user)))) {
    const [, , issuer, subject] = key as string[];
    await store.writeAll([{ key: identityKey(issuer, subject) }, { key }]);
  }
}

async function removeLedger(store: Store, user: string): Promise<void> {
  while (true) {
    const rows = await store.list<LedgerRow>(under(ledgerPrefix(user)), STEP);
    const keys = rows.flatMap(({ key, value: { kind, ref } }) => (
      kind === "grant" && ref !== null ? [grantKey(ref), key] : [key]
    ));
    await store.writeAll(keys.map((key) => ({ key })));
    if (rows.length < STEP) return;
  }
}
