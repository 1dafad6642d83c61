import { serialize } from "node:v8";
import { setup } from "../_setup.ts";
import { newId } from "../../lib/kit/ids.ts";
import { Store } from "../../lib/kit/kv.ts";
import { buildIndex } from "../../lib/content/search/bulk.ts";
import { describePost, type IndexedPost } from "../../lib/content/search/document.ts";
import { newDocumentNumber } from "../../lib/content/search/log.ts";
import { createBlog } from "../../lib/content/blogs.ts";
import { onBehalfOf } from "../../lib/account/accounts.ts";
import { createUser } from "../../lib/operator/users.ts";
import { BLOGS, INTERVAL, samples } from "./search_corpus.ts";

/** A store of blogs whose posts are in the search index alone. */
export type Made = {
  /** of the first blog */
  key: string;
  blogs: { id: string; owner: string }[];
  postings: number;
  chunks: number;
  /** of all chunks */
  bytes: number;
  seconds: number;
  /** the most memory that the process had meanwhile, bytes */
  rss: number;
};

/** Fills a new file with accounts, blogs, and an index of `posts`, built in one go. */
export async function makeStore(file: string, posts: number): Promise<Made> {
  const kv = await Deno.openKv(file);
  using t = await setup({ kv });
  const { user, blog, key } = await createUser(t.deps, {
    email: "bench@example.com",
    plan: "enterprise",
    blog: "bench",
  });
  const blogs = [{ id: blog!.id, owner: user.id }];
  const ctx = onBehalfOf(t.deps, user.id);
  while (blogs.length < BLOGS) {
    const { id } = await createBlog(ctx, { slug: `bench-${blogs.length}`, name: "Bench" });
    blogs.push({ id, owner: user.id });
  }
  let rss = 0;
  const watch = setInterval(() => rss = Math.max(rss, Deno.memoryUsage().rss), 50);
  const started = performance.now();
  const { postings, chunks, bytes } = await buildIndex(t.deps.store, documents(posts, blogs));
  const seconds = (performance.now() - started) / 1000;
  clearInterval(watch);
  kv.close();
  return { key, blogs, postings, chunks, bytes, seconds, rss };
}

function* documents(posts: number, blogs: Made["blogs"]) {
  const first = Date.now() - posts * INTERVAL;
  let i = 0;
  for (const sample of samples(posts)) {
    const at = first + i * INTERVAL;
    const { title, description, tags } = sample;
    const { id, owner } = blogs[sample.blog];
    const headings = [sample.headings];
    const row: IndexedPost = {
      ...describePost({ title, description, headings, tags, blog: id, lang: "en" }),
      post: newId(at),
      blog: id,
      owner,
      slug: `post-${i++}`,
      title,
      excerpt: description,
      description,
      tags,
      lang: "en",
      createdAt: at,
      publishedAt: at,
    };
    yield { n: newDocumentNumber(at), row };
  }
}

/** The same database, with how often it was called and the bytes of the values that it gave. */
export function countingKv(kv: Deno.Kv) {
  const counts = { calls: 0, bytes: 0 };
  const add = (values: unknown[]) => {
    counts.calls++;
    for (const value of values) {
      if (value !== null) counts.bytes += (value as Uint8Array).length ?? serialize(value).length;
    }
  };
  const counting = {
    async getMany(keys: Deno.KvKey[]) {
      const entries = await kv.getMany(keys);
      add(entries.map(({ value }) => value));
      return entries;
    },
    async *list(selector: Deno.KvListSelector, options: Deno.KvListOptions) {
      const rows = await Array.fromAsync(kv.list(selector, options));
      add(rows.map(({ value }) => value));
      yield* rows;
    },
  };
  return { counts, store: new Store(counting as unknown as Deno.Kv) };
}
