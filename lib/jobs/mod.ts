import { backstage, type Deps } from "../ctx.ts";
import { sweepRemovals } from "../kit/blob.ts";
import { purgePending } from "../events/purge.ts";
import { expireSandboxPosts, publishDue } from "../content/posts/mod.ts";
import { flushUsed } from "../account/api_keys.ts";
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
  resume_deletions: { schedule: "* * * * *", run: resumeDeletions },
  purge_cdn: { schedule: "* * * * *", run: purgePending },
  sweep: { schedule: "*/5 * * * *", run: sweep },
};

async function publishScheduled(deps: Deps) {
  const report = await publishDue(deps);
  if (report.next !== null) deps.alarm(report.next, "publish_scheduled");
  return report;
}

async function sweep(deps: Deps) {
  const removed = await sweepRemovals(deps.store, { now: deps.clock(), log: deps.log });
  const expiry = await expireSandboxPosts(backstage(deps, { kind: "job" }));
  const failed = removed.failed + expiry.failed;
  return { ...removed, ...expiry, failed, ...await flushUsed(deps) };
}
