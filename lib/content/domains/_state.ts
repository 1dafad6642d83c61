import type { Deps } from "../../ctx.ts";
import { newId } from "../../kit/ids.ts";
import type { Tx } from "../../kit/kv.ts";
import { stageEvent } from "../../events/outbox.ts";
import { stagePurge } from "../../events/purge.ts";
import { type Feature, planKey, type PlanRow, PLANS, shownPlan } from "../../metering/plans.ts";
import { blogKey, type BlogRow, blogUrl } from "../blogs.ts";
import type { Evidence } from "./_check.ts";
import {
  type BlogDomain,
  claimKey,
  type ClaimRow,
  heldKey,
  type HeldRow,
  hostKey,
  type HostRow,
  stageClaim,
} from "./_claims.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const VERIFIED_EVERY = 8 * HOUR;
const FAILED_EVERY = 12 * HOUR;
const UNKNOWN_AFTER = 15 * MINUTE;
// A verification is lost after so many failed checks over a day.
const FAILURES = 3;

/** A blog with its claim, as they are after a commit. */
export type Claimed = { row: BlogRow; claim: ClaimRow };

/** Where a blog's CNAME record has to lead. */
export function cnameTarget({ config }: Deps, slug: string): string {
  const host = config.blogAddress === "path" ? config.baseHost : `${slug}.${config.blogHost}`;
  return host.replace(/:\d+$/, "");
}

/** Whether the TXT record alone proves a claim: the host was another account's, or a CNAME tells no blog apart. */
export async function needsTxt(
  tx: Tx,
  deps: Deps,
  { host, owner }: { host: string; owner: string },
): Promise<boolean> {
  const held = await tx.get<HeldRow>(heldKey(host));
  return deps.config.blogAddress === "path" || (held !== null && held.owner !== owner);
}

/** Whether the owner's plan, or the grace after one, has a blog at a domain of its own. */
export async function mayShow(tx: Tx, owner: string): Promise<boolean> {
  return await shows(tx, owner, "custom_domain");
}

async function shows(tx: Tx, owner: string, feature: Feature): Promise<boolean> {
  const plan = await tx.get<PlanRow>(planKey(owner));
  return plan !== null && PLANS[shownPlan(plan)].features.includes(feature);
}

/**
 * Judges a claim by what DNS said, in the caller's commit: it becomes active, stays so, or is lost. `row` is
 * the blog as of this commit, `before` the claim as it is stored.
 */
export async function stageEvidence(
  tx: Tx,
  deps: Deps,
  { row, claim, before, evidence }: Claimed & { before: ClaimRow | null; evidence: Evidence },
): Promise<Claimed> {
  const now = deps.clock();
  const { host, owner } = claim;
  const [allowed, other, strict] = await Promise.all([
    mayShow(tx, owner),
    tx.get<HostRow>(hostKey(host)),
    needsTxt(tx, deps, claim),
  ]);
  const isFree = other === null || other.blog === row.id;
  const proven = isProof(evidence, strict);
  const wasActive = row.domain?.host === host && row.domain.active;
  const next = nextClaim(claim, { now, evidence, proven, wasActive });
  const lost = evidence !== null && next.failures >= FAILURES && now - next.failingSince! >= DAY;
  const active = allowed && isFree && (proven || (wasActive && !lost));
  const kept: ClaimRow = active ? next : { ...next, failures: 0, failingSince: null };
  stageClaim(tx, before, kept);
  const named = stageDomain(tx, deps, row, { host, active });
  if (active && !wasActive && await shows(tx, owner, "webhooks")) {
    const data = { blog_id: row.id, hostname: host, url: blogUrl(deps, named) };
    stageEvent(tx, deps, { blog: named, type: "domain.active", subject: row.id, data, now });
  }
  return { row: named, claim: kept };
}

function isProof(evidence: Evidence, strict: boolean): boolean {
  return evidence?.txt === "found" || (evidence?.cname === "found" && !strict);
}

/** Has a blog's domain follow its owner's plan, in the caller's commit. */
export async function stagePlannedDomain(tx: Tx, deps: Deps, row: BlogRow): Promise<BlogRow> {
  const { domain } = row;
  const claim = domain && await tx.get<ClaimRow>(claimKey(domain.host, row.id));
  if (!claim || await mayShow(tx, row.owner) === domain.active) return row;
  const now = deps.clock();
  if (!domain.active) {
    if (claim.dueAt > now) stageClaim(tx, claim, { ...claim, dueAt: now });
    return row;
  }
  const parked = { ...claim, dueAt: now + DAY, failures: 0, failingSince: null };
  stageClaim(tx, claim, parked);
  return stageDomain(tx, deps, row, { ...domain, active: false });
}

/** Gives a blog its domain in the caller's commit; where it shows at another address than before, its pages follow. */
export function stageDomain(
  tx: Tx,
  deps: Deps,
  row: BlogRow,
  domain: BlogDomain | null,
): BlogRow {
  const was = row.domain?.active ? row.domain.host : null;
  const is = domain?.active ? domain.host : null;
  if (row.domain?.host === domain?.host && was === is) return row;
  const now = deps.clock();
  const moved = was !== is && { rev: newId(now), updatedAt: now };
  const next: BlogRow = { ...row, domain, ...moved };
  tx.set(blogKey(row.id), next);
  if (!moved) return next;
  if (was !== null) tx.delete(hostKey(was));
  if (is !== null) {
    tx.set(hostKey(is), { blog: row.id, owner: row.owner } satisfies HostRow);
    tx.set(heldKey(is), { owner: row.owner } satisfies HeldRow);
  }
  stagePurge(tx, deps, row.id);
  return next;
}

function nextClaim(
  claim: ClaimRow,
  at: { now: number; evidence: Evidence; proven: boolean; wasActive: boolean },
): ClaimRow {
  const { now, evidence, proven, wasActive } = at;
  // A DNS that is silent says nothing against a claim.
  if (evidence === null) return { ...claim, dueAt: now + UNKNOWN_AFTER };
  const checked = { ...claim, checkedAt: now, seen: evidence };
  if (proven) {
    return { ...checked, dueAt: now + VERIFIED_EVERY, failures: 0, failingSince: null };
  }
  if (wasActive) {
    const failingSince = claim.failingSince ?? now;
    return { ...checked, dueAt: now + FAILED_EVERY, failures: claim.failures + 1, failingSince };
  }
  // The longer it has waited, the rarer, until once a day.
  const wait = Math.min(DAY, Math.max(MINUTE, (now - claim.createdAt) / 4));
  return { ...checked, dueAt: now + Math.round(wait) };
}
