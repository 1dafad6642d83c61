import assert from "node:assert/strict";
import { type Service, setup, type Tenant } from "../_setup.ts";
import type { Hooks } from "../support/hooked_kv.ts";
import { jpegOfSize } from "../support/images.ts";
import { Random } from "../support/random.ts";
import { under } from "../../lib/kit/kv.ts";
import type { PostRow, RevisionRow } from "../../lib/content/posts/_record.ts";
import { changePlan } from "../../lib/account/plan_changes.ts";
import type { MediaRow } from "../../lib/content/media/_record.ts";
import { JOBS } from "../../lib/jobs/mod.ts";
import { checkStore } from "../../lib/operator/check/mod.ts";

const DAY = 86_400_000;
const LARGE = new Random(1).text(1_048_576);
const UPDATED = new Random(2).text(1_048_576);

const IMAGE = { data: jpegOfSize(1_048_576).toBase64(), content_type: "image/jpeg" };

type Verb = {
  name: string;
  /** what must be there first; "old" is a published post that there always is */
  prepare?: (t: Service, tenant: Tenant) => Promise<unknown>;
  run: (t: Service, tenant: Tenant) => Promise<unknown>;
};

const post = (method: string, path: string, body: unknown = {}) => (t: Service, { key }: Tenant) =>
  t.api(method, path, { key, body });

const VERBS: Verb[] = [
  { name: "creating a post", run: post("POST", "/posts", { title: "New", content: "x" }) },
  {
    name: "creating a published post of 1 MB",
    run: post("POST", "/posts", { title: "New", content: LARGE, status: "published" }),
  },
  { name: "updating a post", run: post("PUT", "/posts/old", { content: "y", tags: ["z"] }) },
  { name: "updating a post to 1 MB", run: post("PUT", "/posts/old", { content: UPDATED }) },
  { name: "renaming a post", run: post("PUT", "/posts/old", { slug: "renamed" }) },
  { name: "unpublishing a post", run: post("POST", "/posts/old/unpublish") },
  {
    name: "publishing a post",
    prepare: post("POST", "/posts/old/unpublish"),
    run: post("POST", "/posts/old/publish"),
  },
  {
    name: "scheduling a post",
    prepare: post("POST", "/posts/old/unpublish"),
    run: post("POST", "/posts/old/schedule", { scheduled_at: "2026-03-24T11:00:00Z" }),
  },
  {
    name: "deleting a post of 1 MB",
    prepare: post("PUT", "/posts/old", { content: UPDATED, slug: "renamed" }),
    run: post("DELETE", "/posts/renamed"),
  },
  { name: "uploading an image of 1 MB", run: uploadImage },
  {
    name: "deleting an image of 1 MB",
    prepare: uploadImage,
    run: async (t, { key }) => {
      const { body } = await t.api("GET", "/media", { key });
      await t.api("DELETE", `/media/${body.data[0].id}`, { key });
    },
  },
  {
    name: "changing a theme",
    prepare: (t, tenant) => setTheme(t, tenant, "b{}"),
    run: (t, tenant) => setTheme(t, tenant, LARGE.slice(0, 60_000)),
  },
  {
    name: "registering a domain",
    run: (t, tenant) => setDomain(t, tenant, "blog.example.com"),
  },
  {
    name: "replacing a domain",
    prepare: (t, tenant) => setDomain(t, tenant, "blog.example.com"),
    run: (t, tenant) => setDomain(t, tenant, "not.example.com"),
  },
  {
    name: "verifying a domain that waited",
    prepare: async (t, tenant) => {
      await setDomain(t, tenant, "not.example.com");
      t.deps.resolveDns = (_, type) => Promise.resolve(type === "CNAME" ? [target(tenant)] : []);
      t.advance(DAY);
    },
    run: (t) => t.runJob("verify_domains"),
  },
  {
    name: "removing a domain",
    prepare: (t, tenant) => setDomain(t, tenant, "blog.example.com"),
    run: (t, { token, blog }) => t.api("DELETE", `/blogs/${blog.id}/domain`, { key: token }),
  },
  {
    name: "losing a domain with its plan",
    prepare: async (t, tenant) => {
      await setDomain(t, tenant, "blog.example.com");
      await changePlan(t.deps, tenant.id, { plan: "free" });
      t.advance(31 * DAY);
    },
    run: (t) => t.runJob("grace_and_freeze"),
  },
  {
    name: "deleting a blog that has a domain",
    prepare: (t, tenant) => setDomain(t, tenant, "blog.example.com"),
    run: (t, { token, blog }) => t.api("DELETE", `/blogs/${blog.id}`, { key: token }),
  },
  {
    name: "deleting a blog",
    prepare: async (t, tenant) => {
      await setTheme(t, tenant, "b{}");
      await uploadImage(t, tenant);
      await t.runJob("merge_search");
      await post("POST", "/posts", { title: "New", content: "x", status: "published" })(t, tenant);
    },
    run: (t, { token, blog }) => t.api("DELETE", `/blogs/${blog.id}`, { key: token }),
  },
  {
    name: "publishing what is due",
    prepare: async (t, tenant) => {
      await post("POST", "/posts/old/unpublish")(t, tenant);
      const at = { scheduled_at: "2026-03-24T11:00:00Z" };
      await post("POST", "/posts/old/schedule", at)(t, tenant);
      t.advance(DAY);
    },
    run: (t) => t.runJob("publish_scheduled"),
  },
  {
    name: "merging the search log",
    prepare: async (t, tenant) => {
      await post("POST", "/posts", { title: "New", content: "x", status: "published" })(t, tenant);
      await post("PUT", "/posts/old", { title: "Older than old" })(t, tenant);
    },
    run: (t) => t.runJob("merge_search"),
  },
  {
    name: "merging the kill of what was merged before",
    prepare: async (t, tenant) => {
      await t.runJob("merge_search");
      await post("POST", "/posts/old/unpublish")(t, tenant);
    },
    run: (t) => t.runJob("merge_search"),
  },
  {
    name: "sweeping a deleted post of 1 MB and a sandbox",
    prepare: async (t, tenant) => {
      await post("PUT", "/posts/old", { content: UPDATED, slug: "renamed" })(t, tenant);
      await post("DELETE", "/posts/renamed")(t, tenant);
      const { id } = tenant.blog;
      const made = await post("POST", `/blogs/${id}/api-keys`, { mode: "test" })(t, tenant);
      const body = { title: "Tried", content: "In the sandbox." };
      await t.api("POST", "/posts", { key: made.body.key, body });
      t.advance(31 * DAY);
    },
    run: (t) => t.runJob("sweep"),
  },
];

const target = ({ blog }: Tenant) => `${blog.slug}.localhost`;

function setDomain(t: Service, tenant: Tenant, hostname: string) {
  // Every name leads to the tenant's blog, except where the host says otherwise.
  t.deps.resolveDns = (name, type) =>
    Promise.resolve(type === "CNAME" && !name.startsWith("not.") ? [target(tenant)] : []);
  const path = `/blogs/${tenant.blog.id}/domain`;
  return t.api("POST", path, { key: tenant.token, body: { hostname } });
}

function uploadImage(t: Service, { key }: Tenant) {
  return t.api("POST", "/upload", { key, body: IMAGE });
}

function setTheme(t: Service, { token, blog }: Tenant, customCss: string) {
  return t.api("PUT", `/blogs/${blog.id}`, { key: token, body: { theme_config: { customCss } } });
}

/** Breaks off at one commit, before or after it happens: nothing reaches the store from then on. */
function crashAt(hooks: Hooks, at: { commit: number; happens: boolean }): () => boolean {
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

async function requireClean(t: Service): Promise<void> {
  assert.deepEqual((await checkStore(t.deps, 0)).differences, []);
}

/** Search finds the published posts of blogs that are there, and no others. */
async function requireFound(t: Service): Promise<void> {
  const { store } = t.deps;
  const blogs = new Set((await store.list(under(["blog"]), 100)).map(({ key }) => key[1]));
  const posts = (await store.list<PostRow>(under(["post"]), 100)).map(({ value }) => value);
  const published = posts.filter(({ status, space }) => status === "published" && blogs.has(space));
  const { body } = await t.api("GET", "/discover?q=old%20OR%20new%20OR%20tried");
  const slugs = body.data.map(({ slug }: { slug: string }) => slug);
  assert.deepEqual(slugs.sort(), published.map(({ slug }) => slug).sort());
  assert.equal(body.pagination.total, published.length);
}

/** After all that is due has been done, no chunk is left that no version needs, and no row that search is done with. */
async function requireNoOrphans(t: Service): Promise<void> {
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
  const kv = await Deno.openKv(":memory:");
  try {
    const hooks: Hooks = {};
    using t = await setup({ kv, hooks });
    const tenant = await t.tenant();
    const old = { title: "Old", content: "x", slug: "old", status: "published", tags: ["a"] };
    await t.api("POST", "/posts", { key: tenant.key, body: old });
    await verb.prepare?.(t, tenant);
    const crashed = crashAt(hooks, at);
    await verb.run(t, tenant).catch(() => {});
    if (!crashed()) return false;
    using restarted = await setup({ kv });
    restarted.advance(t.now() - restarted.now());
    await requireFound(restarted);
    await requireClean(restarted);
    await requireNoOrphans(restarted);
    return true;
  } finally {
    kv.close();
  }
}

for (const verb of VERBS) {
  Deno.test(`${verb.name} leaves a clean store at whichever commit the process ends`, async () => {
    let points = 0;
    for (let commit = 1; await crash(verb, { commit, happens: false }); commit++) {
      await crash(verb, { commit, happens: true });
      points++;
    }
    assert.ok(points >= 1);
  });
}

Deno.test("a create of 1 MB answers 201 and makes one whole post whichever commit's answer is lost", async () => {
  let reached = true;
  for (let lost = 1; reached; lost++) {
    const hooks: Hooks = {};
    using t = await setup({ hooks });
    const { key } = await t.tenant();
    let commits = 0;
    hooks.committed = () => {
      if (++commits === lost) throw new Error("the answer is lost");
    };
    const body = { title: "New", content: LARGE, status: "published" };
    assert.equal((await t.api("POST", "/posts", { key, body })).status, 201);
    reached = commits >= lost;
    const { body: { data } } = await t.api("GET", "/posts", { key });
    assert.deepEqual(data.map((found: { slug: string }) => found.slug), ["new"]);
    assert.equal((await t.api("GET", "/posts/new", { key })).body.content_md, LARGE);
    await requireClean(t);
    await requireNoOrphans(t);
  }
});
