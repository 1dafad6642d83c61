import { type Key, keyText } from "../../kit/kv.ts";
import { counted } from "../../kit/page.ts";
import { planKey, type PlanRow } from "../../metering/plans.ts";
import { countKey } from "../../metering/quotas.ts";
import { emailKey, identitiesPrefix, type UserRow } from "../../account/accounts.ts";
import type { LeavingRow } from "../../account/delete_account.ts";
import type { SessionRow } from "../../account/sessions.ts";
import type { Row, Walk } from "./walk.ts";

/** The ids of all accounts, once they, their addresses, plans, identities and sessions were compared. */
export async function checkAccounts(walk: Walk): Promise<Set<string>> {
  const users = new Set<string>();
  const emails = new Map<string, string>();
  for await (const { key, value } of walk.rows<UserRow>("user")) {
    if (value.id !== key[1]) walk.report(key, `it names another account, ${value.id}`);
    users.add(key[1] as string);
    if (!value.email || !value.verified) continue;
    if (emails.has(value.email)) walk.report(key, `another account has ${value.email} too`);
    emails.set(value.email, value.id);
  }
  await checkEmails(walk, emails);
  await checkPlans(walk, users);
  await checkIdentities(walk, users);
  await checkSessions(walk, users);
  return users;
}

async function checkIdentities(walk: Walk, users: Set<string>): Promise<void> {
  const wanted = new Map<string, Key>();
  for await (const { key, value } of walk.rows<string>("identity")) {
    requireUser(walk, users, { key, user: value });
    if (!users.has(value)) continue;
    const [, issuer, subject] = key as string[];
    const back = [...identitiesPrefix(value), issuer, subject];
    wanted.set(keyText(back), back);
  }
  for await (const { key } of walk.rows("uidentity")) {
    if (!wanted.delete(keyText(key))) walk.report(key, "the account has no such identity");
  }
  for (const key of wanted.values()) walk.report(key, "is missing: the identity exists");
}

// The store forgets the two rows of a session each in its own time.
async function checkSessions(walk: Walk, users: Set<string>): Promise<void> {
  for await (const { key, value } of walk.rows<SessionRow>("session")) {
    if (value.id !== key[1]) walk.report(key, `it names another session, ${value.id}`);
    requireUser(walk, users, { key, user: value.user });
  }
  for await (const { key } of walk.rows("usession")) {
    requireUser(walk, users, { key, user: key[1] as string });
  }
}

async function checkEmails(walk: Walk, wanted: Map<string, string>): Promise<void> {
  for await (const { key, value } of walk.rows<string>("email")) {
    const email = key[1] as string;
    const user = wanted.get(email);
    if (user === undefined) walk.report(key, "no account has this address");
    else if (value !== user) walk.report(key, `it leads to ${value}, the address is ${user}'s`);
    wanted.delete(email);
  }
  for (const [email, user] of wanted) walk.report(emailKey(email), `is missing: ${user} has it`);
}

async function checkPlans(walk: Walk, users: Set<string>): Promise<void> {
  const without = new Set(users);
  for await (const { key, value } of walk.rows<LeavingRow>("leaving")) {
    if (value.user !== key[1]) walk.report(key, `it names another account, ${value.user}`);
    without.delete(value.user);
  }
  for await (const { key } of walk.rows<PlanRow>("plan")) {
    requireUser(walk, users, { key, user: key[1] as string });
    without.delete(key[1] as string);
  }
  for (const user of without) walk.report(planKey(user), "is missing: the account exists");
}

/** Compares every account's counters with what was counted. */
export async function checkCounts(
  walk: Walk,
  users: Set<string>,
  found: Record<"posts" | "blogs" | "bytes", Map<string, number>>,
): Promise<void> {
  const wanted = new Map<string, { key: Key; n: number }>();
  for (const what of ["posts", "blogs", "bytes"] as const) {
    for (const [user, n] of found[what]) {
      const key = countKey(user, what);
      wanted.set(key.join("/"), { key, n });
    }
  }
  for await (const row of walk.rows("count")) {
    const text = row.key.join("/");
    if (users.has(row.key[1] as string)) compareCounter(walk, row, wanted.get(text)?.n ?? 0);
    else walk.report(row.key, "its account does not exist");
    wanted.delete(text);
  }
  for (const { key, n } of wanted.values()) {
    if (n > 0) walk.report(key, `is missing: it would be ${n}`);
  }
}

/** Reports a KvU64 counter that is not `wanted`. */
export function compareCounter(walk: Walk, row: Row<unknown>, wanted: number): void {
  const n = counted(row);
  if (n !== wanted) walk.report(row.key, `is ${n}, and would be ${wanted}`, row.versionstamp);
}

/** Reports a row whose account does not exist. */
export function requireUser(
  walk: Walk,
  users: Set<string>,
  { key, user }: { key: Key; user: string },
): void {
  if (!users.has(user)) walk.report(key, `its account ${user} does not exist`);
}
