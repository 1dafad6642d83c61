import type { Deps } from "../../ctx.ts";
import { chunkKeys, compress, joinChunks, stageRemoval, toBlob } from "../../kit/blob.ts";
import { iso } from "../../kit/input.ts";
import type { Entry, Key } from "../../kit/kv.ts";
import { newId } from "../../kit/ids.ts";
import { span } from "../../kit/observe.ts";
import { counted } from "../../kit/page.ts";
import { PLANS, shownPlan } from "../../metering/plans.ts";
import { atomFeed, jsonFeed, rssFeed } from "../../../render/feeds.ts";
import { llmsFullTxt, llmsTxt, postLlmsTxt } from "../../../render/llms.ts";
import { robotsTxt, sitemap, sitemapIndex } from "../../../render/sitemap.ts";
import { blogUrl, postCountKey } from "../blogs.ts";
import { readContent } from "../posts/content.ts";
import { filterName, postKey, type PostRow, slugKey, type SlugRow } from "../posts/_record.ts";
import { publicVersionKey, type Shell, siteOf } from "../posts/page.ts";
import { readPublished, summaryOf, viewNotFound } from "./pages.ts";
import { etagOf, readShell, show, storeMade, type View } from "./shell.ts";

const NEWEST_IN_FEED = 50;
const NEWEST_IN_FULL = 100;
const URLS_A_SITEMAP = 5000;
const INLINE = 60_000;
const DAY = 86_400_000;
const OLD_CHUNKS = 600_000;
// What the posts of one document may hold together; further ones carry their description only.
const MAX_CONTENT = 4_000_000;

/** A document made of many posts, as of a version of the blog's public posts; large ones in chunks. */
export type DocumentRow = {
  version: string;
  etag: string;
  id: string;
  gz: Uint8Array | null;
  chunks: number;
};
type Build = (deps: Deps, shell: Shell, total: number) => Promise<string>;

function documentKey(blog: string, name: string): Key {
  return ["doc", blog, name];
}
function chunkPrefix(blog: string, id: string): Key {
  return ["docchunk", blog, id];
}

const DOCUMENTS: Record<string, { type: string; build: Build }> = {
  "rss.xml": { type: "application/rss+xml; charset=utf-8", build: feed(rssFeed) },
  "atom.xml": { type: "application/atom+xml; charset=utf-8", build: feed(atomFeed) },
  "feed.json": { type: "application/feed+json; charset=utf-8", build: feed(jsonFeed) },
  "llms.txt": { type: "text/plain; charset=utf-8", build: buildLlms },
  "llms-full.txt": { type: "text/plain; charset=utf-8", build: buildLlmsFull },
  "sitemap.xml": { type: "application/xml; charset=utf-8", build: buildSitemap },
};

/** Whether a name is that of a file of the site's own. */
export function isDocument(name: string): boolean {
  return Object.hasOwn(DOCUMENTS, name) || name === "robots.txt" ||
    /^sitemap-[1-9]\d{0,5}\.xml$/.test(name);
}

/** A feed, a sitemap or a text for language models: built once a change, then a stored read. */
export async function viewDocument(deps: Deps, subdomain: string, name: string): Promise<View> {
  const part = /^sitemap-(\d+)\.xml$/.exec(name);
  const known = part
    ? { ...DOCUMENTS["sitemap.xml"], build: buildSitemapPart(Number(part[1])) }
    : DOCUMENTS[name];
  const found = await readShell(deps, subdomain, (blog) => [
    publicVersionKey(blog),
    postCountKey(blog, filterName({ status: "published" })),
    documentKey(blog, name),
  ]);
  if ("kind" in found) return found;
  const { shell, until, rows: [version, count, stored] } = found;
  const keep = { group: shell.blog.id, until };
  const indexed = PLANS[shownPlan(shell.plan)].features.includes("indexing");
  if (name === "robots.txt") {
    const text = robotsTxt(await siteOf(deps, shell));
    return await show(text, { status: 200, type: "text/plain; charset=utf-8", csp: null, keep });
  }
  const parts = Math.ceil(counted(count) / URLS_A_SITEMAP);
  const missing = part && (parts < 2 || Number(part[1]) > parts);
  if (missing || (name.startsWith("sitemap") && !indexed)) {
    return await viewNotFound(deps, subdomain);
  }
  const current = `${counted(version)}.${found.version}`;
  const entry = stored as Entry<DocumentRow>;
  const kept = entry.value?.version === current
    ? await readDocument(deps, shell, entry.value)
    : null;
  const build = () => known.build(deps, shell, counted(count));
  const gz = kept ?? await compress(await span("render document", build));
  const etag = kept ? entry.value!.etag : etagOf(gz);
  if (!kept) await storeDocument(deps, shell, { entry, gz, etag, version: current });
  return { kind: "page", status: 200, type: known.type, gz, etag, csp: null, keep };
}

/** The Markdown source of a published post. */
export async function viewSource(deps: Deps, subdomain: string, slug: string): Promise<View> {
  return await viewText(deps, subdomain, {
    slug,
    type: "text/markdown; charset=utf-8",
    make: (_shell, _row, md) => Promise.resolve(md),
  });
}

/** A published post for language models; Creator and above. */
export async function viewPostLlms(deps: Deps, subdomain: string, slug: string): Promise<View> {
  return await viewText(deps, subdomain, {
    slug,
    type: "text/plain; charset=utf-8",
    allowed: (shell) => PLANS[shownPlan(shell.plan)].features.includes("post_llms_txt"),
    make: async (shell, row, md) =>
      postLlmsTxt(await siteOf(deps, shell), {
        ...summaryOf(deps, shell, row),
        updatedAt: iso(row.updatedAt),
        markdown: md,
      }),
  });
}

async function viewText(
  deps: Deps,
  subdomain: string,
  text: {
    slug: string;
    type: string;
    allowed?: (shell: Shell) => boolean;
    make: (shell: Shell, row: PostRow, md: string) => Promise<string>;
  },
): Promise<View> {
  const found = await readShell(deps, subdomain, (blog) => [slugKey(blog, text.slug)]);
  if ("kind" in found) return found;
  const { shell, until, rows: [entry] } = found;
  const held = entry.value as SlugRow | null;
  const row = held && "post" in held && (text.allowed?.(shell) ?? true)
    ? (await deps.store.get<PostRow>(postKey(shell.blog.id, held.post))).value
    : null;
  const content = row?.status === "published" && row.slug === text.slug &&
    await readContent(deps.store, row, row.version);
  if (!content) return await viewNotFound(deps, subdomain);
  const made = await text.make(shell, row, content.md);
  const keep = { group: shell.blog.id, until };
  return await show(made, { status: 200, type: text.type, csp: null, keep });
}

async function readDocument(deps: Deps, shell: Shell, row: DocumentRow) {
  if (row.gz) return row.gz;
  const keys = chunkKeys(chunkPrefix(shell.blog.id, row.id), row.chunks);
  return joinChunks(await deps.store.getMany(keys));
}

async function storeDocument(
  deps: Deps,
  shell: Shell,
  made: { entry: Entry<DocumentRow>; gz: Uint8Array; etag: string; version: string },
): Promise<void> {
  const { entry, gz, etag, version } = made;
  const id = newId(deps.clock());
  const prefix = chunkPrefix(shell.blog.id, id);
  const chunks = gz.length > INLINE ? toBlob(prefix, gz).chunks : [];
  const row: DocumentRow = {
    version,
    etag,
    id,
    gz: chunks.length ? null : gz,
    chunks: chunks.length,
  };
  // Chunks outlive the row that names them; what is replaced goes when its last readers are done.
  await deps.store.writeAll(
    chunks.map((value, i) => ({ key: [...prefix, i], value, expireIn: 2 * DAY })),
  );
  await storeMade(deps, shell.blog.id, async (tx) => {
    const old = await tx.get<DocumentRow>(entry.key);
    // Another view stored it.
    if (old?.id !== entry.value?.id) return;
    tx.set(entry.key, row, { expireIn: DAY });
    if (old?.chunks) {
      const prefixes = [chunkPrefix(shell.blog.id, old.id)];
      stageRemoval(tx, { prefixes }, { due: deps.clock() + OLD_CHUNKS, id: old.id });
    }
  });
}

function feed(write: typeof rssFeed): Build {
  return async (deps, shell, total) => {
    const rows = await readPublished(deps, shell.blog.id, {
      page: { number: 1, size: NEWEST_IN_FEED },
      total,
    });
    const contents = await readContents(deps, rows, (content) => content.html);
    const updated = Math.max(shell.blog.updatedAt, ...rows.map((row) => row.updatedAt));
    return write(await siteOf(deps, shell), {
      updatedAt: iso(updated),
      posts: rows.map((row, i) => ({
        ...summaryOf(deps, shell, row),
        id: row.id,
        html: contents[i],
        updatedAt: iso(row.updatedAt),
      })),
    });
  };
}

async function buildLlms(deps: Deps, shell: Shell, total: number): Promise<string> {
  const page = { number: 1, size: NEWEST_IN_FULL };
  const rows = await readPublished(deps, shell.blog.id, { page, total });
  return llmsTxt(await siteOf(deps, shell), rows.map((row) => summaryOf(deps, shell, row)));
}

async function buildLlmsFull(deps: Deps, shell: Shell, total: number): Promise<string> {
  const page = { number: 1, size: NEWEST_IN_FULL };
  const rows = await readPublished(deps, shell.blog.id, { page, total });
  const contents = await readContents(deps, rows, (content) => content.md);
  return llmsFullTxt(
    await siteOf(deps, shell),
    rows.map((row, i) => ({
      ...summaryOf(deps, shell, row),
      markdown: contents[i],
      updatedAt: iso(row.updatedAt),
    })),
  );
}

async function buildSitemap(deps: Deps, shell: Shell, total: number): Promise<string> {
  const parts = Math.ceil(total / URLS_A_SITEMAP);
  if (parts < 2) return await buildSitemapPart(1)(deps, shell, total);
  const url = blogUrl(deps, shell.blog);
  return sitemapIndex(
    Array.from(
      { length: parts },
      (_, i) => ({ url: `${url}/sitemap-${i + 1}.xml`, lastmod: null }),
    ),
  );
}

function buildSitemapPart(number: number): Build {
  return async (deps, shell, total) => {
    const page = { number, size: URLS_A_SITEMAP };
    const rows = await readPublished(deps, shell.blog.id, { page, total });
    const url = blogUrl(deps, shell.blog);
    const listed = rows.filter((row) => !row.noindex && row.canonical === null);
    // A sitemap has to name something, also where all posts of a part ask to be left out.
    const isHomeListed = number === 1 || listed.length === 0;
    const home = { url: `${url}/`, lastmod: iso(shell.blog.updatedAt) };
    return sitemap([
      ...isHomeListed ? [home] : [],
      ...listed.map((row) => ({ url: `${url}/${row.slug}`, lastmod: iso(row.updatedAt) })),
    ]);
  };
}

/** One text a post, "" for those beyond what one document may hold. */
async function readContents(
  deps: Deps,
  rows: PostRow[],
  pick: (content: { md: string; html: string }) => string,
): Promise<string[]> {
  const texts: string[] = [];
  let held = 0;
  for (let i = 0; i < rows.length; i += 10) {
    const some = await Promise.all(
      rows.slice(i, i + 10).map((row) => readContent(deps.store, row, row.version)),
    );
    for (const content of some) {
      const text = content && held < MAX_CONTENT ? pick(content) : "";
      held += text.length;
      texts.push(text);
    }
  }
  return texts;
}
