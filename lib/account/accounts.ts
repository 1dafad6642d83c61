import { z } from "@hono/zod-openapi";
import { backstage, type Ctx, type Deps, requireScope, transact as commit } from "../ctx.ts";
import { PLAN_NAMES, type PlanName } from "../kit/config.ts";
import { AppError } from "../kit/errors.ts";
import { isUuid, newId } from "../kit/ids.ts";
import { iso, trimmed } from "../kit/input.ts";
import { type Key, type Store, transact, type Tx, under } from "../kit/kv.ts";
import { newPlan, planKey, type PlanRow, stagePlan } from "../metering/plans.ts";

// A local part and a domain at their longest (RFC 5321, 4.5.3.1).
const MAX_EMAIL = 320;
const MAX_NAME = 200;

/** Characters of an identity's subject at most (OpenID Connect Core 1.0, 2). */
export const MAX_SUBJECT = 255;

/**
 * An account; "" for an e-mail address that its identity does not give. `verified`: the operator or a
 * provider vouches for the address; one that nobody vouches for is shown to its account, and reserves nothing.
 */
export type UserRow = {
  id: string;
  email: string;
  verified: boolean;
  name: string;
  createdAt: number;
};

/** Where an account is. */
export function userKey(id: string): Key {
  return ["user", id];
}
/** Whose a verified e-mail address is. */
export function emailKey(email: string): Key {
  return ["email", email];
}
/** Whose an identity is: issuer and subject. */
export function identityKey(issuer: string, subject: string): Key {
  return ["identity", issuer, subject];
}

/** Under which the identities of an account are. */
export function identitiesPrefix(user: string): Key {
  return ["uidentity", user];
}

export const Profile = z.object({
  id: z.uuid(),
  email: z.string().openapi({
    description: "Empty where the sign-in gives none.",
    example: "ada@example.com",
  }),
  name: z.string().openapi({ example: "Ada" }),
  plan: z.enum(PLAN_NAMES),
  created_at: z.iso.datetime(),
}).openapi("Profile");
export type Profile = z.infer<typeof Profile>;

export const ProfileUpdate = z.object({
  name: trimmed("name", { max: MAX_NAME }).optional().openapi({
    example: "Ada Lovelace",
    maxLength: MAX_NAME,
  }),
}).openapi("ProfileUpdate");
export type ProfileUpdate = z.infer<typeof ProfileUpdate>;

// The form under which an e-mail address is kept and found. Of ASCII letters only: by Unicode's rules two
// mailboxes, one of them with a Kelvin sign, would be one.
function normaliseEmail(email: string): string {
  return email.trim().replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

// People choose what a provider calls them.
function normaliseName(name: string): string {
  return name.replace(/\p{Cc}+/gu, " ").trim().slice(0, MAX_NAME).toWellFormed();
}

/** Adds an account to the caller's commit; throws 409 where its address is verified, and has one. */
export async function stageAccount(
  tx: Tx,
  input: { email: string; verified: boolean; name: string; plan: PlanName; now: number },
): Promise<UserRow> {
  const { verified, name, now } = input;
  const email = normaliseEmail(input.email);
  const reserved = email && verified ? emailKey(email) : null;
  if (reserved && await tx.get(reserved)) throw new AppError("email_taken");
  const user: UserRow = { id: newId(now), email, verified, name, createdAt: now };
  tx.set(userKey(user.id), user);
  if (reserved) tx.set(reserved, user.id);
  stagePlan(tx, user.id, newPlan(input.plan, newId(input.now)));
  return user;
}

/** Who a provider says has signed in; `verified`: it vouches for the e-mail address. */
export type Identity = {
  issuer: string;
  subject: string;
  email: string;
  verified: boolean;
  name: string;
};

/**
 * The account of an identity (issuer and subject); makes one at its first sign-in where sign-up is open.
 * An e-mail address leads to an account that exists only with `link`, and where it is verified on both sides.
 * Throws 403 where sign-up is closed, the account may not sign in, or the subject is too long.
 */
export async function accountOfIdentity(
  deps: Deps,
  identity: Identity,
  options: { link?: boolean } = {},
): Promise<string> {
  if (identity.subject.length > MAX_SUBJECT) throw new AppError("sign_in_refused");
  const key = identityKey(identity.issuer, identity.subject);
  const known = (await deps.store.get<string>(key)).value;
  if (known) return known;
  return await transact(deps.store, async (tx) => {
    const { issuer, subject, verified } = identity;
    const name = normaliseName(identity.name);
    const email = identity.email.length > MAX_EMAIL ? "" : normaliseEmail(identity.email);
    // Read at once: an address that the same identity has just taken is no one else's.
    const [raced, holder] = await Promise.all([
      tx.get<string>(key),
      email && verified ? tx.get<string>(emailKey(email)) : null,
    ]);
    if (raced) return raced;
    const linked = options.link ? holder : null;
    if (linked) await requireStanding(tx, linked);
    if (!linked && deps.config.signup === "closed") throw new AppError("signup_closed");
    const shown = options.link && !verified ? "" : email;
    const fresh = { email: shown, verified: verified && !holder, name, plan: "free" } as const;
    const user = linked ?? (await stageAccount(tx, { ...fresh, now: deps.clock() })).id;
    tx.set(key, user);
    tx.set([...identitiesPrefix(user), issuer, subject], 1);
    return user;
  });
}

/** Throws where, as of this commit, an account is suspended or being deleted. */
export async function requireStanding(tx: Tx, user: string): Promise<void> {
  const plan = await tx.get<PlanRow>(planKey(user));
  if (!plan) {
    const message = "This account is being deleted: try again in some minutes.";
    throw new AppError("account_not_found", { message });
  }
  if (plan.suspendedAt !== null) throw new AppError("account_suspended");
}

/** The account of the caller. */
export async function getProfile(ctx: Ctx): Promise<Profile> {
  requireScope(ctx, "account:read");
  const { user: id } = ctx.actor;
  const [user, plan] = await Promise.all([
    ctx.reads.get<UserRow>(userKey(id)),
    ctx.reads.get<PlanRow>(planKey(id)),
  ]);
  if (!user.value || !plan.value) throw new AppError("account_not_found");
  return present(user.value, plan.value);
}

function present({ id, email, name, createdAt }: UserRow, { plan }: PlanRow): Profile {
  return { id, email, name, plan, created_at: iso(createdAt) };
}

/** Changes what is given of the caller's account. */
export async function updateProfile(ctx: Ctx, input: ProfileUpdate): Promise<Profile> {
  requireScope(ctx, "account:write");
  const { user: id } = ctx.actor;
  return await commit(ctx, async (tx) => {
    const [user, plan] = await Promise.all([
      tx.get<UserRow>(userKey(id)),
      tx.peek<PlanRow>(planKey(id)),
    ]);
    if (!user || !plan) throw new AppError("account_not_found");
    const next = { ...user, name: input.name ?? user.name };
    if (next.name !== user.name) tx.set(userKey(id), next);
    return present(next, plan);
  });
}

/** The account of a verified e-mail address, or of an id, for the operator; throws 404. */
export async function findAccount(deps: Deps, name: string): Promise<UserRow> {
  const text = name.trim().toLowerCase();
  const id = isUuid(text) ? text : await findHolder(deps, name);
  const user = id && (await deps.store.get<UserRow>(userKey(id))).value;
  if (user) return user;
  const message = `No account has ${name}: give its address, where that is verified, or its id.`;
  throw new AppError("account_not_found", { message });
}

async function findHolder(deps: Deps, email: string): Promise<string | null> {
  if (email.length > MAX_EMAIL) return null;
  return (await deps.store.get<string>(emailKey(normaliseEmail(email)))).value;
}

/** Whether the store has an account. */
export async function hasAccounts(store: Store): Promise<boolean> {
  return (await store.list(under(["user"]), 1)).length > 0;
}

/** A context in which the operator acts for an account. */
export function onBehalfOf(deps: Deps, user: string): Ctx {
  return backstage(deps, { kind: "operator", user });
}
