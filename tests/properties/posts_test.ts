import assert from "node:assert/strict";
import fc from "fast-check";
import type { Service, Tenant } from "../_setup.ts";
import { setupPair } from "../support/pair.ts";
import { countKey } from "../../lib/metering/quotas.ts";
import { counted } from "../../lib/kit/page.ts";

type Post = {
  id: string;
  slug: string;
  title: string;
  tags: string[];
  status: string;
  content_md: string;
  created_at: string;
  updated_at: string;
  published_at: string | null;
  scheduled_at: string | null;
};
type Pair = Awaited<ReturnType<typeof setupPair>>;
/** What a blog must hold: of each post the answer to the last write that succeeded. */
type Model = { tenant: Tenant; posts: Map<string, Post> };

const FAR = "2027-01-01T00:00:00.000Z";
const TAGS = ["a", "B", "c"];
// Few enough that writers meet on them.
const SLUGS = ["one", "two", "three", "four"];

const KINDS = [
  "create",
  "create_scheduled",
  "edit",
  "retag",
  "rename",
  "publish",
  "unpublish",
  "schedule",
  "delete",
  "restore",
] as const;
const op = fc.record({
  kind: fc.constantFrom("create", "create", "create", ...KINDS),
  which: fc.nat(99),
  slug: fc.option(fc.constantFrom(...SLUGS), { nil: undefined, freq: 1 }),
  tags: fc.subarray(TAGS),
  published: fc.boolean(),
});
type Op = typeof op extends fc.Arbitrary<infer T> ? T : never;

/** Sends one write about the writer's own posts, and checks what it answers against what it must do. */
async function act(t: Service, model: Model, own: string[], { which, ...op }: Op): Promise<void> {
  const { key } = model.tenant;
  const id = own[which % own.length];
  const before = id === undefined ? undefined : model.posts.get(id)!;
  const text = `Text ${which} of ${op.kind}.`;
  const send = async (method: string, path: string, body?: unknown) => {
    const got = await t.api(method, `/posts${path}`, { key, body });
    assert.ok(got.status < 300 || got.body.reason === "slug_taken", got.text);
    return got.status < 300 ? got.body as Post : undefined;
  };
  if (op.kind === "create" || op.kind === "create_scheduled") {
    const input = { title: `Title ${which}`, content: text, slug: op.slug, tags: op.tags };
    const when = op.kind === "create"
      ? { status: op.published ? "published" : "draft" }
      : { scheduled_at: FAR };
    const made = await send("POST", "", { ...input, ...when });
    assert.ok(made || op.slug, "an automatic slug is never taken");
    if (!made) return;
    const status = op.kind === "create" ? when.status : "scheduled";
    assert.deepEqual([made.content_md, made.tags, made.status], [text, op.tags, status]);
    own.push(made.id);
    model.posts.set(made.id, made);
    return;
  }
  if (!before) return;
  const path = `/${before.slug}`;
  if (op.kind === "delete") {
    await send("DELETE", path);
    own.splice(own.indexOf(before.id), 1);
    model.posts.delete(before.id);
    return;
  }
  const fields: Record<string, () => Promise<[Post | undefined, Partial<Post>]>> = {
    edit: async () => [await send("PUT", path, { content: text }), { content_md: text }],
    retag: async () => [await send("PUT", path, { tags: op.tags }), { tags: op.tags }],
    rename: async () => {
      const slug = op.slug ?? `own-${before.id}`;
      return [await send("PUT", path, { slug }), { slug }];
    },
    publish: async () => [await send("POST", `${path}/publish`), {
      status: "published",
      scheduled_at: null,
    }],
    unpublish: async () => [await send("POST", `${path}/unpublish`), {
      status: "draft",
      scheduled_at: null,
    }],
    schedule: async () =>
      before.status === "published"
        ? [before, {}]
        : [await send("POST", `${path}/schedule`, { scheduled_at: FAR }), {
          status: "scheduled",
          scheduled_at: FAR,
        }],
    restore: async () => {
      const { data } = (await t.api("GET", `/posts${path}/revisions`, { key })).body;
      const { id } = data[which % data.length];
      const { title, tags, content_md } =
        (await t.api("GET", `/posts${path}/revisions/${id}`, { key })).body;
      return [await send("POST", `${path}/revisions/${id}/restore`), { title, tags, content_md }];
    },
  };
  const [after, changed] = await fields[op.kind]();
  if (!after) return;
  const { id: same, slug, title, tags, status, content_md, created_at, scheduled_at } = before;
  const expected = { id: same, slug, title, tags, status, content_md, created_at, scheduled_at };
  for (const [name, value] of Object.entries({ ...expected, ...changed })) {
    assert.deepEqual(after[name as keyof Post], value, `${name} after ${op.kind}`);
  }
  if (before.published_at) assert.equal(after.published_at, before.published_at);
  model.posts.set(before.id, after);
}

function sorted(posts: Post[], sort: "created_at" | "updated_at" | "published_at", order: string) {
  const sign = order === "asc" ? 1 : -1;
  const key = (post: Post) => `${post[sort] ?? post.created_at} ${post.id}`;
  const never = (post: Post) => post[sort] === null ? 1 : 0;
  return posts.toSorted((a, b) => never(a) - never(b) || sign * (key(a) < key(b) ? -1 : 1)).map((
    { id },
  ) => id);
}

/** Reads every list in every way, by pages and by cursor, and compares it with the model. */
async function checkLists(t: Service, { tenant: { key }, posts }: Model): Promise<void> {
  const ids = (data: Post[]) => data.map(({ id }) => id);
  for (const status of [undefined, "draft", "published", "scheduled"]) {
    for (const tag of [undefined, "a", "b", "C"]) {
      const filter = `${status ? `&status=${status}` : ""}${tag ? `&tag=${tag}` : ""}`;
      const matching = [...posts.values()].filter((post) =>
        (!status || post.status === status) &&
        (!tag || post.tags.some((own) => own.toLowerCase() === tag.toLowerCase()))
      );
      for (const order of ["asc", "desc"]) {
        for (const sort of ["created_at", "updated_at", "published_at"] as const) {
          const query = `sort=${sort}&order=${order}${filter}&per_page=4`;
          const found: string[] = [];
          for (let page = 1; page === 1 || found.length < matching.length; page++) {
            const { body } = await t.api("GET", `/posts?${query}&page=${page}`, { key });
            assert.equal(body.pagination.total, matching.length, query);
            found.push(...ids(body.data));
            if (!body.data.length) break;
          }
          assert.deepEqual(found, sorted(matching, sort, order), query);
        }
        const walked: string[] = [];
        for (let cursor: string | null = ""; cursor !== null;) {
          const path = `/posts?limit=3&order=${order}${filter}${cursor && `&cursor=${cursor}`}`;
          const { body } = await t.api("GET", path, { key });
          walked.push(...ids(body.data));
          cursor = body.next_cursor;
        }
        assert.deepEqual(walked, sorted(matching, "created_at", order), `walk ${order}${filter}`);
      }
    }
  }
}

/** Slugs lead to live posts one to one, a page stands for each published post and no other, places are counted. */
async function checkStore(t: Service, { tenant, posts }: Model): Promise<void> {
  const { store } = t.deps;
  const { blog, key, id } = tenant;
  const live = [...posts.values()];
  const leads = new Map<unknown, string>();
  for (const row of await store.list<{ post?: string }>(all(["slug", blog.id]), 1000)) {
    if (row.value.post) leads.set(row.key[2], row.value.post);
  }
  assert.deepEqual(leads, new Map(live.map((post) => [post.slug, post.id])));
  const pages = (await store.list(all(["page", blog.id]), 1000)).map((row) => row.key[2]);
  const published = live.filter(({ status }) => status === "published");
  assert.deepEqual(pages, published.map(({ slug }) => slug).sort());
  assert.equal(counted(await store.get(countKey(id, "posts"))), live.length);
  for (const post of live) {
    assert.deepEqual((await t.api("GET", `/posts/${post.slug}`, { key })).body, post);
    const page = await t.view(blog.slug, `/${post.slug}`);
    const expected = post.status === "published" ? 200 : post.published_at ? 410 : 404;
    assert.equal(page.status, expected, post.slug);
    if (expected === 200) assert.ok(page.text.includes(`<p>${post.content_md}</p>`));
  }
}

function all(prefix: string[]) {
  return { start: prefix, end: [...prefix, true, true] };
}

async function withModels(
  blogs: number,
  run: (pair: Pair, models: Model[]) => Promise<void>,
): Promise<void> {
  using pair = await setupPair({ env: { POSTLARK_LIMIT_SCALE: "1000000" } });
  const models: Model[] = [];
  for (let n = 0; n < blogs; n++) {
    models.push({ tenant: await pair.one.tenant(), posts: new Map() });
  }
  await run(pair, models);
}

Deno.test("after any writes by concurrent writers, lists, totals, slugs and pages are those of the model", async () => {
  const writers = fc.array(fc.array(op, { minLength: 8, maxLength: 20 }), {
    minLength: 3,
    maxLength: 8,
  });
  const property = fc.asyncProperty(
    fc.integer({ min: 1, max: 2 }),
    writers,
    (blogs, writers) =>
      withModels(blogs, async (pair, models) => {
        await Promise.all(writers.map(async (ops, n) => {
          const own: string[] = [];
          for (const op of ops) {
            if (op.which % 2) pair.advance(op.which);
            await act(pair.nth(n >> 1), models[n % blogs], own, op);
          }
        }));
        // A second later no instance may show what is no more.
        pair.advance(1000);
        for (const [n, model] of models.entries()) {
          const posts = [...model.posts.values()];
          assert.equal(new Set(posts.map(({ slug }) => slug)).size, posts.length);
          await checkLists(pair.nth(n), model);
          await checkStore(pair.nth(n), model);
        }
        await checkSchedule(pair, models);
      }),
  );
  await fc.assert(property, { numRuns: 15, endOnFailure: true });
});

/** At their time all scheduled posts go out, whichever of two instances takes them. */
async function checkSchedule(pair: Pair, models: Model[]): Promise<void> {
  pair.advance(Date.parse(FAR) - pair.one.now());
  const reports = await Promise.all([
    pair.one.runJob("publish_scheduled"),
    pair.two.runJob("publish_scheduled"),
  ]);
  const due = models.flatMap(({ posts }) => [...posts.values()])
    .filter(({ status }) => status === "scheduled").length;
  assert.equal(reports.reduce((sum, { published }) => sum + (published as number), 0), due);
  for (const { tenant: { key }, posts } of models) {
    const { body } = await pair.one.api("GET", "/posts?status=published", { key });
    const published = [...posts.values()].filter(({ status }) => status !== "draft").length;
    assert.equal(body.pagination.total, published);
  }
}

Deno.test("one writer is refused a slug only while another post of the blog has it", async () => {
  const property = fc.asyncProperty(
    fc.array(op, { minLength: 10, maxLength: 25 }),
    (ops) =>
      withModels(1, async (pair, [model]) => {
        const own: string[] = [];
        for (const op of ops) {
          const taken = [...model.posts.values()].some(({ slug }) => slug === op.slug);
          const before = model.posts.size;
          await act(pair.one, model, own, op);
          if (op.kind === "create" && !taken) assert.equal(model.posts.size, before + 1);
        }
        await checkStore(pair.one, model);
      }),
  );
  await fc.assert(property, { numRuns: 15, endOnFailure: true });
});

Deno.test("a walk by cursor shows each post that was there all along once, and none twice", async () => {
  const change = fc.record({
    kind: fc.constantFrom("create", "delete", "edit"),
    which: fc.nat(99),
  });
  const property = fc.asyncProperty(
    fc.array(change, { minLength: 10, maxLength: 30 }),
    fc.integer({ min: 1, max: 4 }),
    fc.constantFrom("asc", "desc"),
    (changes, limit, order) =>
      withModels(1, async (pair, [{ tenant: { key } }]) => {
        let made = 0;
        const churn: string[] = [];
        const create = async (tag: string) => {
          const body = { title: "T", content: "x", slug: `post-${++made}`, tags: [tag] };
          const got = await pair.one.api("POST", "/posts", { key, body });
          if (made % 3) pair.advance(1);
          return got.body.slug as string;
        };
        const stable: string[] = [];
        for (let n = 0; n < 9; n++) {
          stable.push(await create("x"));
          churn.push(await create("x"));
        }
        const writing = (async () => {
          for (const { kind, which } of changes) {
            const slug = churn[which % churn.length];
            if (kind === "create" || !slug) churn.push(await create("x"));
            else if (kind === "delete") {
              churn.splice(churn.indexOf(slug), 1);
              await pair.one.api("DELETE", `/posts/${slug}`, { key });
            } else {
              await pair.one.api("PUT", `/posts/${slug}`, { key, body: { title: `T${which}` } });
            }
          }
        })();
        const seen: string[] = [];
        for (let cursor: string | null = ""; cursor !== null;) {
          const query = `limit=${limit}&order=${order}&tag=x${cursor && `&cursor=${cursor}`}`;
          const { body } = await pair.two.api("GET", `/posts?${query}`, { key });
          seen.push(...body.data.map((post: Post) => post.slug));
          cursor = body.next_cursor;
        }
        await writing;
        assert.equal(new Set(seen).size, seen.length);
        for (const slug of stable) assert.ok(seen.includes(slug), slug);
      }),
  );
  await fc.assert(property, { numRuns: 15, endOnFailure: true });
});
