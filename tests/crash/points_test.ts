import assert from "node:assert/strict";
import { type Service, setup, type Tenant } from "../_setup.ts";
import type { Hooks } from "../support/hooked_kv.ts";
import { jpegOfSize } from "../support/images.ts";
import { Random } from "../support/random.ts";
import { changePlan } from "../../lib/account/plan_changes.ts";
import { requireClean, requireNoOrphans, testPoints, type Verb } from "./_points.ts";

const DAY = 86_400_000;
const LARGE = new Random(1).text(1_048_576);
const UPDATED = new Random(2).text(1_048_576);

const IMAGE = { data: jpegOfSize(1_048_576).toBase64(), content_type: "image/jpeg" };

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

VERBS.forEach(testPoints);

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
