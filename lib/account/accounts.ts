import { z } from "@hono/zod-openapi";
import { backstage, type Ctx, type Deps, requireScope } from "../ctx.ts";
import { PLAN_NAMES, type PlanName } from "../kit/config.ts";
import { AppError } from "../kit/errors.ts";
import { newId } from "../kit/ids.ts";
import { iso } from "../kit/input.ts";
import { type Key, type Store, transact, type Tx, under } from "../kit/kv.ts";
import { purgeBlog } from "../events/purge.ts";
import { planKey, type PlanRow, stagePlan } from "../metering/plans.ts";
import { listBlogIds } from "../content/blogs.ts";

/** An account; "" for an e-mail address that its identity does not give. */
export type UserRow = { id: string; email: string; name: string; createdAt: number };

function userKey(id: string): Key {
  return ["user", id];
}
export function emailKey(email: string): Key {
  return ["email", email];
}
function identityKey(issuer: string, subject: string): Key {
  return ["identity", issuer, subject];
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

// The form under which an e-mail address is kept and found.
function normaliseEmail(email: string): string {
  return email.trim().toLowerCase();
}

/** Adds an account to the caller's commit; throws 409 where its address has one. */
export async function stageAccount(
  tx: Tx,
  input: { email: string; name: string; plan: PlanName; now: number },
): Promise<UserRow> {
  const email = normaliseEmail(input.email);
  if (email && await tx.get(emailKey(email))) throw new AppError("email_taken");
  const user: UserRow = { id: newId(input.now), email, name: input.name, createdAt: input.now };
  tx.set(userKey(user.id), user);
  if (email) tx.set(emailKey(email), user.id);
  stagePlan(tx, user.id, { plan: input.plan, rev: newId(input.now) });
  return user;
}

/** Moves an account to a plan; its pages show it from the next view on. */
export async function changePlan(deps: Deps, user: string, plan: PlanName): Promise<void> {
  await transact(deps.store, async (tx) => {
    const row = await tx.get<PlanRow>(planKey(user));
    if (!row) throw new AppError("account_not_found");
    if (row.plan !== plan) stagePlan(tx, user, { ...row, plan, rev: newId(deps.clock()) });
  });
  for (const blog of await listBlogIds(deps.store, user, 1000)) await purgeBlog(deps, blog);
}

/**
 * The account of an identity (issuer and subject); makes one at its first sign-in where sign-up is open.
 * An e-mail address alone never leads to an account that exists.
 */
export async function accountOfIdentity(
  deps: Deps,
  identity: { issuer: string; subject: string; email: string; name: string },
): Promise<string> {
  const key = identityKey(identity.issuer, identity.subject);
  const known = (await deps.store.get<string>(key)).value;
  if (known) return known;
  if (deps.config.signup === "closed") throw new AppError("signup_closed");
  return await transact(deps.store, async (tx) => {
    const { name } = identity;
    const email = normaliseEmail(identity.email);
    // Read at once: an address that the same identity has just taken is no one else's.
    const [raced] = await Promise.all([tx.get<string>(key), email && tx.get(emailKey(email))]);
    if (raced) return raced;
    const user = await stageAccount(tx, { email, name, plan: "free", now: deps.clock() });
    tx.set(key, user.id);
    return user.id;
  });
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
  const { email, name, createdAt } = user.value;
  return { id, email, name, plan: plan.value.plan, created_at: iso(createdAt) };
}

/** The account of an e-mail address, for the operator; throws 404. */
export async function findAccount(deps: Deps, email: string): Promise<UserRow> {
  const id = (await deps.store.get<string>(emailKey(normaliseEmail(email)))).value;
  const user = id && (await deps.store.get<UserRow>(userKey(id))).value;
  if (!user) throw new AppError("account_not_found", { message: `No account has ${email}.` });
  return user;
}

/** Whether the store has an account. */
export async function hasAccounts(store: Store): Promise<boolean> {
  return (await store.list(under(["user"]), 1)).length > 0;
}

/** A context in which the operator acts for an account. */
export function onBehalfOf(deps: Deps, user: string): Ctx {
  return backstage(deps, { kind: "operator", user });
}
