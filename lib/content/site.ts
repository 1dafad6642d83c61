import type { Deps } from "../ctx.ts";
import { sha256 } from "../kit/crypto.ts";
import { compress } from "../kit/blob.ts";
import { iso } from "../kit/input.ts";
import type { Entry, Key } from "../kit/kv.ts";
import { under } from "../kit/kv.ts";
import { counted, readPage } from "../kit/page.ts";
import { planKey, type PlanRow } from "../metering/plans.ts";
import { gonePage, indexPage, notFoundPage } from "../../render/blog/mod.ts";
import {
  blogKey,
  type BlogRow,
  blogUrl,
  postCountKey,
  subdomainKey,
  type SubdomainRow,
} from "./blogs.ts";
import { readContent } from "./posts/content.ts";
import {
  filterName,
  indexPrefix,
  postKey,
  type PostRow,
  previewKey,
  type PreviewRow,
  slugKey,
  type SlugRow,
} from "./posts/_record.ts";
import {
  buildPage,
  pageKey,
  type PageRow,
  type Shell,
  shellVersion,
  siteOf,
} from "./posts/page.ts";

/** How long an instance may show what another has changed, milliseconds. */
const FRESH = 1000;
const POSTS_A_PAGE = 20;
const MAX_HOSTS = 10_000;
const PUBLISHED = filterName({ status: "published" });

/** What a reader gets: a gzipped page with its ETag, or a way to another address. */
export type View =
  | { kind: "page"; status: number; gz: Uint8Array; etag: string; keep: Keep | null }
  | { kind: "redirect"; url: string }
  | { kind: "no_blog" };
/** For how long, and until which write, an instance may repeat a view. */
export type Keep = { group: string; until: number };

type Seen = { shell: Shell; until: number };

/** The page of a published post; a redirect where the slug was renamed, 410 where it was taken down. */
export async function viewPost(deps: Deps, subdomain: string, slug: string): Promise<View> {
  const found = await readShell<PageRow>(deps, subdomain, (blog) => [pageKey(blog, slug)]);
  if (!found) return { kind: "no_blog" };
  const { shell, until, rows: [entry] } = found;
  if (!entry.value) return await viewMissing(deps, shell, slug);
  const keep = { group: shell.blog.id, until };
  const { gz, etag } = entry.value;
  if (gz && entry.value.shell === shellVersion(shell)) {
    return { kind: "page", status: 200, gz, etag, keep };
  }
  return await rebuild(deps, { shell, entry, slug, keep });
}

/** The list of published posts, newest first; `page` from 1. */
export async function viewIndex(deps: Deps, subdomain: string, page: number): Promise<View> {
  const found = await readShell(deps, subdomain, (blog) => [postCountKey(blog, PUBLISHED)]);
  if (!found) return { kind: "no_blog" };
  const { shell, until, rows: [count] } = found;
  const total = counted(count);
  const totalPages = Math.max(1, Math.ceil(total / POSTS_A_PAGE));
  if (page > totalPages) return await answer(404, notFoundPage(siteOf(deps, shell)), null);
  const { id } = shell.blog;
  const newest = [under(indexPrefix(id, PUBLISHED, "p"), true)];
  const index = await readPage(deps.store, newest, {
    page: { number: page, size: POSTS_A_PAGE },
    total,
  });
  const posts = await deps.store.getMany<PostRow>(
    index.map((row) => postKey(id, row.key.at(-1) as string)),
  );
  const html = indexPage(siteOf(deps, shell), {
    page,
    totalPages,
    posts: posts.flatMap(({ value: row }) =>
      row?.status !== "published" ? [] : [{
        title: row.title,
        url: `/${row.slug}`,
        description: row.description ?? row.excerpt,
        tags: row.tags,
        publishedAt: iso(row.publishedAt!),
      }]
    ),
  });
  return await answer(200, html, { group: id, until });
}

/** A sandbox's post behind its secret token, whatever its status. */
export async function viewPreview(deps: Deps, subdomain: string, token: string): Promise<View> {
  const found = await readShell<PreviewRow>(deps, subdomain, () => [previewKey(token)]);
  if (!found) return { kind: "no_blog" };
  const { shell, rows: [{ value: at }] } = found;
  const row = at?.blog === shell.blog.id
    ? (await deps.store.get<PostRow>(postKey(at.space, at.post))).value
    : null;
  const content = row && row.expiresAt! > deps.clock() &&
    await readContent(deps.store, row, row.version);
  if (!content) return await answer(404, notFoundPage(siteOf(deps, shell)), null);
  const { gz, row: { etag } } = await buildPage(deps, shell, { row, html: content.html });
  return { kind: "page", status: 200, gz, etag, keep: null };
}

/** The 404 page of a blog. */
export async function viewNotFound(deps: Deps, subdomain: string): Promise<View> {
  const found = await readShell(deps, subdomain, () => []);
  if (!found) return { kind: "no_blog" };
  return await answer(404, notFoundPage(siteOf(deps, found.shell)), null);
}

/**
 * The blog of a subdomain and its plan, at most a second old, with further rows in the same round trip;
 * null where the subdomain leads nowhere.
 */
async function readShell<T>(
  deps: Deps,
  subdomain: string,
  further: (blog: string) => Key[],
): Promise<Seen & { rows: Entry<T>[] } | null> {
  const kept = deps.pages.get(`shell:${subdomain}`) as Seen | undefined;
  if (kept) return { ...kept, rows: await deps.store.getMany<T>(further(kept.shell.blog.id)) };
  const begun = deps.pages.begin();
  const until = deps.clock() + FRESH;
  let guess = deps.hosts.get(subdomain) ?? await findHost(deps, subdomain);
  while (guess) {
    const [host, blog, plan, ...rows] = await deps.store.getMany<unknown>([
      subdomainKey(subdomain),
      blogKey(guess.blog),
      planKey(guess.owner),
      ...further(guess.blog),
    ]);
    if ((host.value as SubdomainRow | null)?.blog === guess.blog) {
      if (!blog.value || !plan.value) return null;
      const shell = { blog: blog.value as BlogRow, plan: plan.value as PlanRow };
      const seen: Seen = { shell, until };
      const options = { group: shell.blog.id, begun, until, size: 1000 };
      deps.pages.put(`shell:${subdomain}`, seen, options);
      return { ...seen, rows: rows as Entry<T>[] };
    }
    deps.hosts.delete(subdomain);
    guess = await findHost(deps, subdomain);
  }
  return null;
}

async function findHost(deps: Deps, subdomain: string) {
  if (!/^[a-z0-9-]{1,63}$/.test(subdomain)) return null;
  const { value } = await deps.store.get<SubdomainRow>(subdomainKey(subdomain));
  if (!value?.blog) return null;
  if (deps.hosts.size >= MAX_HOSTS) deps.hosts.clear();
  const found = { blog: value.blog, owner: value.owner };
  deps.hosts.set(subdomain, found);
  return found;
}

async function viewMissing(deps: Deps, shell: Shell, slug: string): Promise<View> {
  const { id } = shell.blog;
  const held = (await deps.store.get<SlugRow>(slugKey(id, slug))).value;
  const post = held && ("post" in held ? held.post : held.redirect);
  const row = post && (await deps.store.get<PostRow>(postKey(id, post))).value;
  if (row && row.status === "published" && row.slug !== slug) {
    return { kind: "redirect", url: `${blogUrl(deps, shell.blog.slug)}/${row.slug}` };
  }
  const site = siteOf(deps, shell);
  if (row && row.status !== "published" && row.publishedAt !== null) {
    return await answer(410, gonePage(site), null);
  }
  return await answer(404, notFoundPage(site), null);
}

async function rebuild(
  deps: Deps,
  view: { shell: Shell; entry: Entry<PageRow>; slug: string; keep: Keep },
): Promise<View> {
  const { shell, entry, slug, keep } = view;
  const { id } = shell.blog;
  const row = (await deps.store.get<PostRow>(postKey(id, entry.value!.post))).value;
  const content = row?.status === "published" && row.slug === slug &&
    await readContent(deps.store, row, row.version);
  // Edited or taken down since the page was read.
  if (!content) return await viewMissing(deps, shell, slug);
  const page = await buildPage(deps, shell, { row, html: content.html });
  // A page that changed in between was rebuilt by the write that changed it.
  if (page.row.shell !== entry.value!.shell) await deps.store.compareAndSet(entry, page.row);
  return { kind: "page", status: 200, gz: page.gz, etag: page.row.etag, keep };
}

async function answer(status: number, html: string, keep: Keep | null): Promise<View> {
  return { kind: "page", status, gz: await compress(html), etag: sha256(html).slice(0, 24), keep };
}
