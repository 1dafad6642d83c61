import assert from "node:assert/strict";
import type { Service } from "../_setup.ts";
import type { Hooks } from "../support/hooked_kv.ts";
import { type Documented, OPERATIONS, successOf } from "../support/api_document.ts";
import { call, makeWorld, setupAll, type World } from "../support/things.ts";
import { JOBS } from "../../lib/jobs/mod.ts";
import { checkStore } from "../../lib/operator/check/mod.ts";
import { crashAt } from "./_points.ts";

const DAY = 86_400_000;
const WRITES = OPERATIONS.filter(({ writes }) => writes);
// Each of its posts is a write of its own, and the answer tells which were made.
const PARTS = ["createPosts"];
// What they change, if anything, is not in what an account is shown here.
const UNSEEN = [
  ...["validatePost", "checkoutPlan", "purchasePack"],
  ...["activateBlog", "registerDomain", "rotateWebhook", "testWebhook", "redeliver"],
];
// What must be done first, so that there is something to change.
const FIRST: Record<string, [method: string, path: string, body?: unknown]> = {
  unpublishPost: ["POST", "/posts/my-post/publish"],
  restoreRevision: ["PUT", "/posts/my-post", { content: "Another text." }],
};
// What is drawn at random, or is kept to the minute or so.
const RANDOM = [
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g,
  /\b(pk_|whsec_)[\w+/=]+/g,
  /\bpostlark-verify=\w+/g,
  /(?<="last_used_at":)[^,}]+/g,
];

/** What an account sees of all that it has, without what is drawn at random. */
async function viewOf(t: Service, { blog, token, email }: World): Promise<string[]> {
  const onBlog = `/blogs/${blog.id}`;
  const paths = [
    ...["/posts", "/posts/my-post", "/posts/my-post/revisions", "/media", "/blogs", onBlog],
    ...["/domain", "/api-keys", "/webhooks"].map((path) => onBlog + path),
    ...["/account/profile", "/account/tokens", "/packs/balance", "/packs/ledger"],
  ];
  const plain = (value: unknown) =>
    RANDOM.reduce((text, random) => text.replace(random, "?"), JSON.stringify(value))
      .replaceAll(email, "email").replaceAll(blog.slug, "slug");
  const seen = [];
  for (const path of paths) {
    const got = await t.api("GET", path, { key: token, headers: { "x-blog-id": blog.id } });
    const { data = [], request_id: _, ...rest } = got.body;
    const rows = data.map(plain).sort().join("\n");
    seen.push(`${path.replace(blog.id, "id")} ${got.status} ${plain(rest)} ${rows}`);
  }
  return seen;
}

/** Does all that is due within two days. */
async function runJobs(t: Service): Promise<void> {
  for (let day = 0; day < 2; day++) {
    t.advance(DAY);
    for (const name of Object.keys(JOBS)) await t.runJob(name);
  }
}

/** An account with something for the operation to change. */
async function worldFor(t: Service, { id }: Documented): Promise<World> {
  const world = await makeWorld(t);
  if (FIRST[id]) {
    const [method, path, body] = FIRST[id];
    const got = await t.api(method, path, { key: world.key, body });
    assert.equal(got.status, 200, got.text);
  }
  return world;
}

/** What an account sees after an operation and the jobs, where nothing is cut off; or, not `done`, without it. */
async function undisturbed(operation: Documented, { done }: { done: boolean }): Promise<string[]> {
  using t = await setupAll();
  const world = await worldFor(t, operation);
  if (done) {
    const got = await call(t, operation, { world });
    assert.equal(got.status, successOf(operation).status, got.text);
  }
  await runJobs(t);
  return await viewOf(t, world);
}

/** Cuts an operation off at one commit, before or after it happens; whether it got that far. */
async function cutOff(
  operation: Documented,
  { before, after, ...at }: { commit: number; happens: boolean; before: string[]; after: string[] },
): Promise<boolean> {
  const kv = await Deno.openKv(":memory:");
  try {
    const hooks: Hooks = {};
    using t = await setupAll({ kv, hooks });
    const world = await worldFor(t, operation);
    const crashed = crashAt(hooks, at);
    const got = await call(t, operation, { world }).catch(() => null);
    if (!crashed()) return false;
    using next = await setupAll({ kv });
    next.advance(t.now() - next.now());
    const told = `${operation.id} cut off at commit ${at.commit}, ${
      at.happens ? "made" : "not made"
    }`;
    assert.deepEqual((await checkStore(next.deps, 0)).differences, [], told);
    await runJobs(next);
    assert.deepEqual((await checkStore(next.deps, 0)).differences, [], told);
    const found = await viewOf(next, world);
    const acknowledged = got !== null && got.status < 300 && !got.body.failed;
    if (acknowledged) assert.deepEqual(found, after, `${told}: what was acknowledged is gone`);
    else if (!PARTS.includes(operation.id) && found.join() !== before.join()) {
      assert.deepEqual(found, after, `${told}: half a write`);
    }
    return true;
  } finally {
    kv.close();
  }
}

Deno.test("every operation, cut off before and after each of its commits, happens whole or not at all, and lasts once acknowledged", async () => {
  const counted: string[] = [];
  let points = 0;
  for (const operation of WRITES) {
    const before = await undisturbed(operation, { done: false });
    const after = await undisturbed(operation, { done: true });
    assert.equal(before.join() === after.join(), UNSEEN.includes(operation.id), operation.id);
    let commit = 1;
    while (await cutOff(operation, { commit, happens: false, before, after })) {
      await cutOff(operation, { commit, happens: true, before, after });
      commit++;
    }
    assert.ok(commit > 1, `${operation.id} makes no commit`);
    points += 2 * (commit - 1);
    counted.push(`${operation.id} ${commit - 1}`);
  }
  console.log(`${points} points of ${WRITES.length} operations; commits: ${counted.join(", ")}`);
});
