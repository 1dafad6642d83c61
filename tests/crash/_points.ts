import assert from "node:assert/strict";
import { type Service, setup, type Tenant } from "../_setup.ts";
import type { Hooks } from "../support/hooked_kv.ts";
import { paddleDouble } from "../support/paddle.ts";
import { openStore } from "../support/store.ts";
import { under } from "../../lib/kit/kv.ts";
import type { PlanName } from "../../lib/kit/config.ts";
import { planKey, type PlanRow } from "../../lib/metering/plans.ts";
import type { BlogRow } from "../../lib/content/blogs.ts";
import type { MediaRow } from "../../lib/content/media/_record.ts";
import type { PostRow, RevisionRow } from "../../lib/content/posts/_record.ts";
import { JOBS } from "../../lib/jobs/mod.ts";
import { checkStore } from "../../lib/operator/check/mod.ts";

const DAY = 86_400_000;

/** What is broken off at each of its commits. */
export type Verb = {
  name: string;
  /** Scale unless given */
  plan?: PlanName;
  env?: Record<string, string>;
  /** what must be there first; "old" is a published post that there always is */
  prepare?: (t: Service, tenant: Tenant) => Promise<unknown>;
  run: (t: Service, tenant: Tenant) => Promise<unknown>;
  /** what is asked for again at once after a new start, and must then hold */
  again?: (t: Service, tenant: Tenant) => Promise<void>;
  /** what must hold once all jobs have run after that */
  after?: (t: Service, tenant: Tenant) => Promise<void>;
};

/** Breaks off at one commit, before or after it happens: nothing reaches the store from then on. */
export function crashAt(hooks: Hooks, at: { commit: number; happens: boolean }): () => boolean {
  let commits = 0;
  let dead = false;
  hooks.before = (kind) => {
    if (kind === "commit" && !dead && ++commits === at.commit && !at.happens) dead = true;
    if (dead) throw new Error("the process is gone");
  };
  hooks.committed = () => {
    if (commits === at.commit) dead = true;
    if (dead) throw new Error("the process is gone");
  };
  return () => dead;
}

/** Finds nothing that is not as the records say. */
export async function requireClean(t: Service): Promise<void> {
  assert.deepEqual((await checkStore(t.deps, 0)).differences, []);
}

/** Search finds the published posts of blogs that are there, of accounts that are, and no others. */
async function requireFound(t: Service): Promise<void> {
  const { store } = t.deps;
  const rows = await store.list<BlogRow>(under(["blog"]), 100);
  const plans = await store.getMany<PlanRow>(rows.map(({ value }) => planKey(value.owner)));
  const shown = rows.filter((_, i) => plans[i].value?.suspendedAt === null);
  const blogs = new Set(shown.map(({ key }) => key[1]));
  const posts = (await store.list<PostRow>(under(["post"]), 100)).map(({ value }) => value);
  const published = posts.filter(({ status, space }) => status === "published" && blogs.has(space));
  const { body } = await t.api("GET", "/discover?q=old%20OR%20new%20OR%20tried");
  const slugs = body.data.map(({ slug }: { slug: string }) => slug);
  assert.deepEqual(slugs.sort(), published.map(({ slug }) => slug).sort());
  assert.equal(body.pagination.total, published.length);
}

/** After all that is due has been done, no chunk is left that no version needs, and no row that search is done with. */
export async function requireNoOrphans(t: Service): Promise<void> {
  for (let round = 0; round < 3; round++) {
    t.advance(2 * DAY);
    for (const name of Object.keys(JOBS)) await t.runJob(name);
  }
  await requireClean(t);
  const { store } = t.deps;
  const revisions = await store.list<RevisionRow>(under(["revision"]), 1000);
  const wanted = revisions.reduce((n, { value }) => n + value.md + value.html, 0);
  assert.equal((await store.list(under(["rev"]), 1000)).length, wanted);
  const images = await store.list<MediaRow>(under(["media"]), 10);
  const chunks = images.reduce((n, { value }) => n + Math.ceil(value.size / 60_000), 0);
  assert.equal((await store.list(under(["mediachunk"]), 1000)).length, chunks);
  assert.deepEqual(await store.list(under(["gc"]), 10), []);
  for (const noun of ["deletion", "ftslog", "ftshide"]) {
    assert.deepEqual(await store.list(under([noun]), 10), []);
  }
  await requireFound(t);
}

/** Crashes at one commit of a verb, starts again on what is there; whether the verb got that far. */
async function crash(verb: Verb, at: { commit: number; happens: boolean }): Promise<boolean> {
  const kv = await openStore();
  const paddle = paddleDouble();
  const start = async (hooks: Hooks) => {
    const t = await setup({ kv, hooks, env: verb.env });
    t.deps.fetch = (input, init) => paddle.take(new Request(input, init));
    return t;
  };
  try {
    const hooks: Hooks = {};
    using t = await start(hooks);
    const tenant = await t.tenant(verb.plan);
    const old = { title: "Old", content: "x", slug: "old", status: "published", tags: ["a"] };
    await t.api("POST", "/posts", { key: tenant.key, body: old });
    await verb.prepare?.(t, tenant);
    const crashed = crashAt(hooks, at);
    await verb.run(t, tenant).catch(() => {});
    if (!crashed()) return false;
    using restarted = await start({});
    restarted.advance(t.now() - restarted.now());
    await requireFound(restarted);
    await requireClean(restarted);
    await verb.again?.(restarted, tenant);
    await requireNoOrphans(restarted);
    await verb.after?.(restarted, tenant);
    return true;
  } finally {
    kv.close();
  }
}

/** Tests a verb at whichever of its commits the process ends, before or after it happens. */
export function testPoints(verb: Verb): void {
  Deno.test(`${verb.name} leaves a clean store at whichever commit the process ends`, async () => {
    let points = 0;
    for (let commit = 1; await crash(verb, { commit, happens: false }); commit++) {
      await crash(verb, { commit, happens: true });
      points++;
    }
    assert.ok(points >= 1);
  });
}
