import { backstage, type Deps } from "../ctx.ts";
import { sweepRemovals } from "../kit/blob.ts";
import { purgePending } from "../events/purge.ts";
import { verifyDomains } from "../content/domains/mod.ts";
import { expireSandboxMedia, sweepObjects } from "../content/media/mod.ts";
import { expireSandboxPosts, publishDue } from "../content/posts/mod.ts";
import { mergeSearch } from "../content/search/upkeep.ts";
import { drainOutbox } from "../content/webhooks/mod.ts";
import { rollUpViews } from "../content/analytics/mod.ts";
import { accountPacks } from "../metering/reconcile.ts";
import { flushUsed } from "../account/api_keys.ts";
import { graceAndFreeze } from "../account/plan_changes.ts";
import { resumeLeaving } from "../account/delete_account.ts";
import { resumeDeletions } from "../account/deletion.ts";

type Job = {
  /** five fields, UTC */
  schedule: string;
  /** does all that is due by now; may run late, twice, or on two instances at once */
  run: (deps: Deps) => Promise<Record<string, unknown>>;
};

/** Every job, by the name of its cron. */
export const JOBS: Record<string, Job> = {
  publish_scheduled: { schedule: "* * * * *", run: publishScheduled },
  resume_deletions: { schedule: "* * * * *", run: resumeAll },
  purge_cdn: { schedule: "* * * * *", run: purgePending },
  drain_outbox: { schedule: "* * * * *", run: drain },
  grace_and_freeze: { schedule: "7 * * * *", run: graceAndFreeze },
  account_packs: { schedule: "0 0 * * *", run: accountPacks },
  merge_search: { schedule: "* * * * *", run: mergeSearch },
  // Soon after midnight, and again where that was missed: it closes each day that is over.
  roll_up_views: { schedule: "*/5 * * * *", run: rollUpViews },
  verify_domains: { schedule: "*/5 * * * *", run: verifyDomains },
  sweep: { schedule: "*/5 * * * *", run: sweep },
};

async function resumeAll(deps: Deps) {
  const blogs = await resumeDeletions(deps);
  const accounts = await resumeLeaving(deps);
  return { ...blogs, left: accounts.left, failed: blogs.failed + accounts.failed };
}

async function publishScheduled(deps: Deps) {
  const report = await publishDue(deps);
  if (report.next !== null) deps.alarm(report.next, "publish_scheduled");
  return report;
}

async function drain(deps: Deps) {
  const report = await drainOutbox(deps);
  if (report.next !== null) deps.alarm(report.next, "drain_outbox");
  return report;
}

async function sweep(deps: Deps) {
  const removed = await sweepRemovals(deps.store, { now: deps.clock(), log: deps.log });
  const expiry = await expireSandboxPosts(backstage(deps, { kind: "job" }));
  const images = await expireSandboxMedia(deps);
  const objects = await sweepObjects(deps);
  const failed = removed.failed + expiry.failed + images.failed + objects.failed;
  return { ...removed, ...expiry, ...images, ...objects, failed, ...await flushUsed(deps) };
}
