import type { Deps } from "../../ctx.ts";
import { transact } from "../../kit/kv.ts";
import { blogKey, type BlogRow } from "../blogs.ts";
import { readEvidence } from "./_check.ts";
import { claimKey, type ClaimRow } from "./_claims.ts";
import { cnameTarget, stageEvidence } from "./_state.ts";

const AT_ONCE = 8;
const A_RUN = 500;

type Outcome = "activated" | "lost" | "unchanged";
type Report = { checked: number; activated: number; lost: number; failed: number };

/** Checks every claim that is due, at most 500 a run; says what became of them. */
export async function verifyDomains(deps: Deps): Promise<Report> {
  const report: Report = { checked: 0, activated: 0, lost: 0, failed: 0 };
  const range = { start: ["claimdue"], end: ["claimdue", deps.clock() + 1] };
  const due = (await deps.store.list(range, A_RUN)).map(({ key }) => key.slice(2) as string[]);
  const work = async () => {
    for (let next = due.pop(); next; next = due.pop()) {
      const [host, blog] = next;
      try {
        const outcome = await verifyClaim(deps, { host, blog });
        report.checked++;
        if (outcome !== "unchanged") report[outcome]++;
      } catch (error) {
        report.failed++;
        deps.log({ event: "domain_not_checked", host, blog, error: String(error) });
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return report;
}

/** Asks DNS about a claim, and has it follow; two who do so at once count as one check. */
export async function verifyClaim(
  deps: Deps,
  at: { host: string; blog: string },
): Promise<Outcome> {
  const [key, owner] = [claimKey(at.host, at.blog), blogKey(at.blog)];
  const [claim, blog] = await deps.store.getMany<unknown>([key, owner]);
  if (!claim.value || !blog.value) return "unchanged";
  const seen = claim.value as ClaimRow;
  const target = cnameTarget(deps, (blog.value as BlogRow).slug);
  const evidence = await readEvidence(deps, { ...seen, target });
  return await transact(deps.store, async (tx): Promise<Outcome> => {
    const [now, row] = await Promise.all([tx.get<ClaimRow>(key), tx.get<BlogRow>(owner)]);
    if (!now || !row || now.dueAt !== seen.dueAt || now.token !== seen.token) return "unchanged";
    const made = await stageEvidence(tx, deps, { row, claim: now, before: now, evidence });
    const active = made.row.domain!.active;
    if (active === row.domain!.active) return "unchanged";
    return active ? "activated" : "lost";
  });
}
