import { decompress, joinChunks } from "../../kit/blob.ts";
import type { Key } from "../../kit/kv.ts";
import {
  blogKey,
  type BlogRow,
  ownedBlogKey,
  subdomainKey,
  type SubdomainRow,
} from "../../content/blogs.ts";
import { themePrefix } from "../../content/theme.ts";
import type { DeletionRow } from "../../account/deletion.ts";
import { requireUser } from "./accounts.ts";
import type { Removals } from "./removals.ts";
import type { RowStream, Walk } from "./walk.ts";

/** All blogs, and those whose deletion is under way. */
export type Blogs = { live: Map<string, BlogRow>; deleting: Map<string, DeletionRow> };

/** Reads the blogs, once they, their owners, subdomains and deletions were compared. */
export async function checkBlogs(walk: Walk, users: Set<string>): Promise<Blogs> {
  const deleting = new Map<string, DeletionRow>();
  for await (const { key, value } of walk.rows<DeletionRow>("deletion")) {
    if (value.blog !== key[1]) walk.report(key, `it names another blog, ${value.blog}`);
    else deleting.set(value.blog, value);
  }
  const live = new Map<string, BlogRow>();
  for await (const { key, value } of walk.rows<BlogRow>("blog")) {
    if (value.id !== key[1]) {
      walk.report(key, `it names another blog, ${value.id}`);
      continue;
    }
    if (deleting.has(value.id)) walk.report(key, "it exists, and its deletion was accepted");
    requireUser(walk, users, { key, user: value.owner });
    live.set(value.id, value);
  }
  await checkSubdomains(walk, live);
  await checkOwners(walk, live);
  return { live, deleting };
}

async function checkSubdomains(walk: Walk, blogs: Map<string, BlogRow>): Promise<void> {
  const wanted = new Map<string, BlogRow>();
  for (const blog of blogs.values()) {
    if (wanted.has(blog.slug)) walk.report(blogKey(blog.id), `another blog is ${blog.slug} too`);
    wanted.set(blog.slug, blog);
  }
  for await (const { key, value } of walk.rows<SubdomainRow>("bslug")) {
    const slug = key[1] as string;
    const blog = wanted.get(slug);
    wanted.delete(slug);
    if (value.blog === (blog?.id ?? null) && (!blog || value.owner === blog.owner)) continue;
    walk.report(
      key,
      blog ? `it does not lead to its blog ${blog.id}` : "no blog has this subdomain",
    );
  }
  for (const [slug, blog] of wanted) {
    walk.report(subdomainKey(slug), `is missing: the blog ${blog.id} has it`);
  }
}

async function checkOwners(walk: Walk, blogs: Map<string, BlogRow>): Promise<void> {
  const without = new Set(blogs.keys());
  for await (const { key } of walk.rows("ublog")) {
    const [, owner, id] = key as string[];
    if (blogs.get(id)?.owner !== owner) walk.report(key, "the account has no such blog");
    else without.delete(id);
  }
  for (const id of without) {
    walk.report(ownedBlogKey(blogs.get(id)!.owner, id), "is missing: the blog exists");
  }
}

/** Compares the chunks of themes with the blogs that have them. */
export async function checkThemes(walk: Walk, blogs: Blogs, removals: Removals): Promise<void> {
  const themes = walk.stream<Uint8Array>("theme");
  const seen = new Set<string>();
  for (let row = await themes.peek(); row; row = await themes.peek()) {
    const [, id, theme] = row.key as string[];
    const blog = blogs.live.get(id);
    const section = themes.takeWhile(({ key }) => key[1] === id && key[2] === theme);
    if (blog?.theme?.id === theme) {
      seen.add(id);
      await checkTheme(walk, { blog, section, removals });
      continue;
    }
    for await (const { key } of section) {
      if (!blogs.deleting.has(id) && !removals.covers(key)) {
        walk.report(key, "no blog has this theme, and no removal is queued for it");
      }
    }
  }
  for (const { id, theme } of blogs.live.values()) {
    if (theme && !seen.has(id)) {
      reportMissing(walk, themePrefix(id, theme.id), { count: theme.chunks, found: new Set() });
    }
  }
}

async function checkTheme(
  walk: Walk,
  at: {
    blog: BlogRow;
    section: ReturnType<RowStream<Uint8Array>["takeWhile"]>;
    removals: Removals;
  },
): Promise<void> {
  const { id, theme } = at.blog;
  const prefix = themePrefix(id, theme!.id);
  const chunks = new Map<number, Uint8Array>();
  for await (const { key, value } of at.section) {
    chunks.set(key[3] as number, value);
    for (const threat of at.removals.threats(key)) {
      walk.report(threat, `it would remove the theme of the blog ${id}`);
    }
  }
  await checkChunks(walk, prefix, { count: theme!.chunks, chunks, json: true });
}

/** Compares the chunks of one blob with their number, and unpacks them; gives the text where it is whole. */
export async function checkChunks(
  walk: Walk,
  prefix: Key,
  blob: { count: number; chunks: Map<number, Uint8Array>; json?: boolean },
): Promise<string | null> {
  const { count, chunks } = blob;
  for (const i of chunks.keys()) {
    if (i >= count) walk.report([...prefix, i], `there are only ${count} chunks`);
  }
  if (reportMissing(walk, prefix, { count, found: new Set(chunks.keys()) })) return null;
  const entries = Array.from({ length: count }, (_, i) => (
    { key: [...prefix, i], value: chunks.get(i)!, versionstamp: null }
  ));
  try {
    const text = await decompress(joinChunks(entries)!);
    if (blob.json) JSON.parse(text);
    return text;
  } catch {
    walk.report([...prefix, 0], `what begins here cannot be unpacked (${count} chunks)`);
    return null;
  }
}

function reportMissing(
  walk: Walk,
  prefix: Key,
  { count, found }: { count: number; found: Set<number> },
): boolean {
  let missing = false;
  for (let i = 0; i < count; i++) {
    if (found.has(i)) continue;
    walk.report([...prefix, i], `is missing: there are ${count} chunks`);
    missing = true;
  }
  return missing;
}
