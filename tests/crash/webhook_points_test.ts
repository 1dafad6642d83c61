import assert from "node:assert/strict";
import { type Service, setup, type Tenant } from "../_setup.ts";
import type { Hooks } from "../support/hooked_kv.ts";
import { makeHook, receiverDouble } from "../support/receiver.ts";
import { openStore } from "../support/store.ts";
import { under } from "../../lib/kit/kv.ts";
import { checkStore } from "../../lib/operator/check/mod.ts";
import type { Post } from "../../lib/content/posts/mod.ts";

const HOUR = 3_600_000;
// A lease that was left lapses by itself.
const NOUNS = ["outbox", "outdue", "outwide", "gc"];

type Verb = {
  name: string;
  /** what the first receiver answers */
  answer?: number;
  prepare?: (w: World) => Promise<unknown>;
  run: (w: World) => Promise<unknown>;
};
type World = { t: Service; tenant: Tenant; hook: { id: string; path: string } };

const write = (title: string) => ({ t, tenant: { key } }: World) =>
  t.api("POST", "/posts", { key, body: { title, content: "x" } });
const edit = (title: string) => ({ t, tenant: { key } }: World) =>
  t.api("PUT", "/posts/old", { key, body: { title } });
const drain = ({ t }: World) => t.runJob("drain_outbox");
const onHook = (method: string, path = "", body?: unknown) => ({ t, tenant, hook }: World) =>
  t.api(method, hook.path + path, { key: tenant.token, body });

const VERBS: Verb[] = [
  { name: "creating a post", run: write("New") },
  { name: "editing a post whose event before waits", prepare: edit("Old 2"), run: edit("Old 3") },
  { name: "delivering", prepare: edit("Old 2"), run: drain },
  { name: "delivering to who refuses", answer: 500, prepare: edit("Old 2"), run: drain },
  { name: "delivering to who is gone", answer: 410, prepare: edit("Old 2"), run: drain },
  { name: "sending a test", run: onHook("POST", "/test") },
  { name: "making another webhook", run: ({ t, tenant }) => makeHook(t, tenant).catch(() => {}) },
  {
    name: "disabling a webhook that something waits for",
    prepare: edit("Old 2"),
    run: async (w) => {
      await onHook("PUT", "", { enabled: false })(w);
      await drain(w);
    },
  },
  { name: "deleting a webhook that something waits for", run: onHook("DELETE") },
  { name: "rotating a secret", run: onHook("POST", "/rotate") },
  {
    name: "deleting a blog whose webhook something waits for",
    run: ({ t, tenant }) => t.api("DELETE", `/blogs/${tenant.blog.id}`, { key: tenant.token }),
  },
];

/** Breaks off at one commit, before or after it happens; whether the verb got that far. */
async function crash(verb: Verb, at: { commit: number; happens: boolean }): Promise<boolean> {
  const kv = await openStore();
  try {
    const hooks: Hooks = {};
    using t = await setup({ kv, hooks });
    const tenant = await t.tenant("creator");
    const hook = await makeHook(t, tenant);
    const first = receiverDouble(t);
    first.answer = () => verb.answer ?? 204;
    const w = { t, tenant, hook };
    await write("Old")(w);
    await verb.prepare?.(w);
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
    await verb.run(w).catch(() => {});
    if (!dead) return false;
    using next = await setup({ kv });
    const then = receiverDouble(next);
    next.advance(t.now() - next.now());
    assert.deepEqual((await checkStore(next.deps, 0)).differences, []);
    for (let round = 0; round < 3; round++) {
      next.advance(HOUR);
      for (const job of ["drain_outbox", "resume_deletions", "sweep"]) await next.runJob(job);
    }
    assert.deepEqual((await checkStore(next.deps, 0)).differences, []);
    for (const noun of NOUNS) assert.deepEqual(await next.deps.store.list(under([noun]), 9), []);
    const heard = [...verb.answer ? [] : first.got, ...then.got].flatMap(({ event }) =>
      event.data.post ?? []
    );
    await requireHeard({ t: next, tenant, hook }, heard);
    return true;
  } finally {
    kv.close();
  }
}

/** What was written was told, the last of each post last: unless the webhook is gone, or is disabled. */
async function requireHeard({ t, tenant, hook }: World, heard: Post[]): Promise<void> {
  const { body } = await t.api("GET", hook.path, { key: tenant.token });
  if (!body.enabled) return;
  const { body: { data } } = await t.api("GET", "/posts", { key: tenant.key });
  for (const { id, title } of data as Post[]) {
    assert.equal(heard.findLast((post) => post.id === id)?.title, title);
  }
}

for (const verb of VERBS) {
  Deno.test(`${verb.name} leaves a clean store at whichever commit the process ends, and tells what was written`, async () => {
    let points = 0;
    for (let commit = 1; await crash(verb, { commit, happens: false }); commit++) {
      await crash(verb, { commit, happens: true });
      points++;
    }
    assert.ok(points >= 1);
  });
}
