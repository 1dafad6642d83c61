import { randomBytes } from "node:crypto";
import { type Ctx, type Deps, requireScope, transact } from "../../ctx.ts";
import { normaliseHost } from "../../kit/dns.ts";
import { AppError, invalid } from "../../kit/errors.ts";
import { iso } from "../../kit/input.ts";
import { Reads, Tx } from "../../kit/kv.ts";
import { planWith, requireFeature } from "../../metering/plans.ts";
import { blogKey, type BlogRow, ownBlog } from "../blogs.ts";
import { ownDomains } from "./ask.ts";
import { askFor, readEvidence, txtName } from "./_check.ts";
import {
  claimKey,
  type ClaimRow,
  hostKey,
  type HostRow,
  type Seen,
  stageClaimGone,
} from "./_claims.ts";
import {
  type Claimed,
  cnameTarget,
  mayShow,
  needsTxt,
  stageDomain,
  stageEvidence,
} from "./_state.ts";
import type { Domain, DomainInput, DomainRemoved } from "./schema.ts";
import { verifyClaim } from "./verify.ts";

export { isServedHost } from "./ask.ts";
export { Domain, DomainInput, DomainRemoved } from "./schema.ts";
export { stagePlannedDomain } from "./_state.ts";
export { verifyDomains } from "./verify.ts";

// Whoever asks has DNS asked again, but not more often than this.
const ASKED_AGAIN = 10_000;
// Names that no public DNS has, and what is not a name of anybody's own.
const SPECIAL = /(^|\.)(localhost|local|localdomain|internal|invalid|onion|arpa)$/;

const NONE: Domain = {
  hostname: null,
  status: "none",
  ssl_status: null,
  cname_target: null,
  txt_record: null,
  instructions: null,
  checked_at: null,
};
const NO_DOMAIN = { domain: NONE, seen: null, failingSince: null };

/**
 * Claims a host for a blog, in place of the one that it has, and looks at once whether it is verified. Throws
 * 409 while another blog's verification of the host stands.
 */
export async function registerDomain(ctx: Ctx, id: string, input: DomainInput): Promise<Domain> {
  requireScope(ctx, "domains:write");
  const { deps, now } = ctx;
  const host = judgedHost(deps, input.hostname);
  const fresh = `postlark-verify=${randomBytes(16).toString("hex")}`;
  // Nobody has DNS asked who may not have a domain.
  const { row, known } = await claimable(new Tx(ctx.reads), ctx, { id, host });
  await ctx.admission;
  const token = known?.token ?? fresh;
  const target = cnameTarget(deps, row.slug);
  const evidence = await askFor(row.owner, () => readEvidence(deps, { host, target, token }));
  return await transact(ctx, async (tx) => {
    const { row, known } = await claimable(tx, ctx, { id, host });
    if (row.domain && row.domain.host !== host) await stageClaimGone(tx, row);
    const claim = known ?? {
      ...{ host, blog: id, owner: row.owner, token, createdAt: now },
      ...{ checkedAt: null, dueAt: now, failures: 0, failingSince: null },
    };
    const made = await stageEvidence(tx, deps, { row, claim, before: known, evidence });
    return await present(tx, ctx, made);
  });
}

/** The domain of a blog; DNS is asked again where it is not verified yet. */
export async function getDomain(ctx: Ctx, id: string): Promise<Domain> {
  return (await getDomainState(ctx, id)).domain;
}

/** What was seen of a domain's records, and since when (milliseconds) a verified one fails; null: never, not. */
export type DomainState = { domain: Domain; seen: Seen | null; failingSince: number | null };

/** The same with what was seen of its records; DNS is not asked where `ask` says so. */
export async function getDomainState(
  ctx: Ctx,
  id: string,
  { ask = true }: { ask?: boolean } = {},
): Promise<DomainState> {
  requireScope(ctx, "domains:read");
  const { deps, now } = ctx;
  const tx = new Tx(ctx.reads);
  const row = await ownBlog(tx, ctx, id, { frozen: true });
  const claim = row.domain && await tx.get<ClaimRow>(claimKey(row.domain.host, id));
  if (!claim) return NO_DOMAIN;
  const recent = claim.checkedAt !== null && claim.checkedAt + ASKED_AGAIN > now;
  if (row.domain!.active || recent || !ask) return await stateOf(tx, ctx, { row, claim });
  await ctx.admission;
  await askFor(claim.owner, () => verifyClaim(deps, claim));
  const after = new Tx(new Reads(deps.store));
  const [judged, blog] = await Promise.all([
    after.get<ClaimRow>(claimKey(claim.host, id)),
    after.get<BlogRow>(blogKey(id)),
  ]);
  return judged && blog ? await stateOf(after, ctx, { row: blog, claim: judged }) : NO_DOMAIN;
}

async function stateOf(tx: Tx, ctx: Ctx, claimed: Claimed): Promise<DomainState> {
  const { seen = null, failingSince } = claimed.claim;
  return { domain: await present(tx, ctx, claimed), seen, failingSince };
}

/** Takes a blog's domain away: the blog is at its subdomain again, and the host free for others. */
export async function removeDomain(ctx: Ctx, id: string): Promise<DomainRemoved> {
  requireScope(ctx, "domains:write");
  return await transact(ctx, async (tx) => {
    const row = await ownBlog(tx, ctx, id, { frozen: true });
    if (!row.domain) throw new AppError("domain_not_found");
    await stageClaimGone(tx, row);
    stageDomain(tx, ctx.deps, row, null);
    return { removed: true as const, deleted: true as const };
  });
}

/** A host that a blog could have; throws 400. */
function judgedHost(deps: Deps, text: string): string {
  const fault = (message: string) => invalid([{ path: "hostname", message }]);
  const host = normaliseHost(text);
  if (!host || !host.includes(".") && host !== "localhost") {
    throw fault(
      "hostname must be a full name such as blog.yourdomain.com, without scheme, port or path, and no IP address",
    );
  }
  if (SPECIAL.test(host)) {
    throw fault(`"${host}" is a name that no public DNS has: give one of a domain that you own`);
  }
  if (ownDomains(deps).some((own) => host === own || host.endsWith(`.${own}`))) {
    throw fault(`"${host}" belongs to this service: give a name of a domain that you own`);
  }
  return host;
}

async function claimable(
  tx: Tx,
  ctx: Ctx,
  { id, host }: { id: string; host: string },
): Promise<{ row: BlogRow; known: ClaimRow | null }> {
  const row = await ownBlog(tx, ctx, id);
  const feature = { feature: "custom_domain", what: "A custom domain" } as const;
  const [known, other] = await Promise.all([
    tx.get<ClaimRow>(claimKey(host, id)),
    tx.get<HostRow>(hostKey(host)),
    requireFeature(tx, ctx, { user: row.owner, ...feature }),
  ]);
  if (other && other.blog !== id) {
    const message =
      `"${host}" is verified for another blog: remove it there, or, where that is not yours, point its DNS records here; that verification is lost once it has failed for a day.`;
    throw new AppError("domain_taken", { message });
  }
  return { row, known };
}

async function present(tx: Tx, { deps }: Ctx, { row, claim }: Claimed): Promise<Domain> {
  const { host } = claim;
  const { active } = row.domain!;
  const target = cnameTarget(deps, row.slug);
  const [allowed, required] = await Promise.all([
    mayShow(tx, row.owner),
    needsTxt(tx, deps, claim),
  ]);
  const txt = `a TXT record: ${txtName(host)} with the value ${claim.token}`;
  const pending = required
    ? `Add ${txt}. Add a CNAME record too: ${host} → ${target}`
    : `Add a CNAME record: ${host} → ${target}. Where ${host} cannot have one, as the apex of a domain, add ${txt}, and have ${host} lead to this server by an ALIAS or A record.`;
  const upgrade = `A custom domain requires the ${
    planWith("custom_domain")
  } plan or above: upgrade.`;
  const instructions = active ? `${host} is verified. Keep its DNS records.` : pending;
  return {
    hostname: host,
    status: active ? "active" : "pending",
    ssl_status: active ? "active" : "pending",
    cname_target: target,
    txt_record: { name: txtName(host), value: claim.token, required },
    instructions: allowed ? instructions : upgrade,
    checked_at: claim.checkedAt === null ? null : iso(claim.checkedAt),
  };
}
