import type { Deps } from "../../ctx.ts";
import { iso } from "../../kit/input.ts";
import { type Entry, under } from "../../kit/kv.ts";
import { span } from "../../kit/observe.ts";
import { counted, type PageRequest, readPage } from "../../kit/page.ts";
import {
  archivePage,
  gonePage,
  indexPage,
  notFoundPage,
  type Page,
  type PostSummary,
  tagPage,
} from "../../../render/blog/mod.ts";
import { BLANK_ICON_SVG, ICON_SVG } from "../../../render/icon.ts";
import { blogUrl, postCountKey } from "../blogs.ts";
import { readContent } from "../posts/content.ts";
import {
  filterName,
  indexPrefix,
  postKey,
  type PostRow,
  previewKey,
  type PreviewRow,
  slugKey,
  type SlugRow,
} from "../posts/_record.ts";
import { buildPage, pageKey, type PageRow, type Shell, siteOf } from "../posts/page.ts";
import { type Keep, readShell, show, type View } from "./shell.ts";

const POSTS_A_PAGE = 20;
const POSTS_AN_ARCHIVE_PAGE = 500;
const HTML = "text/html; charset=utf-8";
const PUBLISHED = filterName({ status: "published" });

/** The page of a published post; a redirect where the slug was renamed, 410 where it was taken down. */
export async function viewPost(deps: Deps, subdomain: string, slug: string): Promise<View> {
  const found = await readShell(deps, subdomain, (blog) => [pageKey(blog, slug)]);
  if ("kind" in found) return found;
  const { shell, version, until } = found;
  const entry = found.rows[0] as Entry<PageRow>;
  if (!entry.value) return await viewMissing(deps, shell, slug);
  const { gz, etag, csp } = entry.value;
  if (gz && entry.value.shell === version) {
    return {
      kind: "page",
      status: 200,
      type: HTML,
      gz,
      etag,
      csp,
      keep: { group: shell.blog.id, until },
      post: { blog: shell.blog.id, id: entry.value.post },
    };
  }
  const keep = { group: shell.blog.id, until };
  return await rebuild(deps, { shell, entry, slug, keep });
}

/** The list of published posts, newest first; `page` from 1, 404 where there is none of that number. */
export async function viewIndex(deps: Deps, subdomain: string, page: number): Promise<View> {
  return await viewList(deps, subdomain, {
    filter: PUBLISHED,
    page: { number: page, size: POSTS_A_PAGE },
    render: async (shell, list) => indexPage(await siteOf(deps, shell), list),
  });
}

/** The list of published posts that have a tag; 404 where none has. */
export async function viewTag(
  deps: Deps,
  subdomain: string,
  { tag, page }: { tag: string; page: number },
): Promise<View> {
  return await viewList(deps, subdomain, {
    filter: filterName({ status: "published", tag }),
    page: { number: page, size: POSTS_A_PAGE },
    notEmpty: true,
    render: async (shell, list) => {
      const written = list.posts.flatMap((post) => post.tags);
      const shown = written.find((one) => one.toLowerCase() === tag.toLowerCase()) ?? tag;
      return tagPage(await siteOf(deps, shell), { tag: shown, ...list });
    },
  });
}

/** All published posts by month, newest first. */
export async function viewArchive(deps: Deps, subdomain: string, page: number): Promise<View> {
  return await viewList(deps, subdomain, {
    filter: PUBLISHED,
    page: { number: page, size: POSTS_AN_ARCHIVE_PAGE },
    render: async (shell, { posts, ...paging }) => {
      const months = Map.groupBy(posts, (post) => post.publishedAt.slice(0, 7));
      return archivePage(await siteOf(deps, shell), {
        ...paging,
        months: [...months].map(([month, posts]) => (
          { year: Number(month.slice(0, 4)), month: Number(month.slice(5)), posts }
        )),
      });
    },
  });
}

/** A sandbox's post behind its secret token, whatever its status. */
export async function viewPreview(deps: Deps, subdomain: string, token: string): Promise<View> {
  const found = await readShell(deps, subdomain, () => [previewKey(token)]);
  if ("kind" in found) return found;
  const { shell } = found;
  const at = (found.rows[0] as Entry<PreviewRow>).value;
  const row = at?.blog === shell.blog.id
    ? (await deps.store.get<PostRow>(postKey(at.space, at.post))).value
    : null;
  const content = row && row.expiresAt! > deps.clock() &&
    await readContent(deps.store, row, row.version);
  if (!content) return await notFound(deps, shell);
  const { gz, row: { etag, csp } } = await buildPage(deps, shell, { row, html: content.html });
  return { kind: "page", status: 200, type: HTML, gz, etag, csp, hidden: true, keep: null };
}

/** The 404 page of a blog. */
export async function viewNotFound(deps: Deps, subdomain: string): Promise<View> {
  const found = await readShell(deps, subdomain, () => []);
  return "kind" in found ? found : await notFound(deps, found.shell);
}

/** The icon of a blog: our mark, or a blank where the plan keeps our name off it. */
export async function viewIcon(deps: Deps, subdomain: string): Promise<View> {
  const found = await readShell(deps, subdomain, () => []);
  if ("kind" in found) return found;
  const { shell, until } = found;
  const { brand } = await siteOf(deps, shell);
  const keep = { group: shell.blog.id, until };
  return await show(brand ? ICON_SVG : BLANK_ICON_SVG, {
    status: 200,
    type: "image/svg+xml",
    csp: null,
    keep,
  });
}

/** A published post as lists and feeds show it. */
export function summaryOf(deps: Deps, shell: Shell, row: PostRow): PostSummary {
  return {
    title: row.title,
    url: `${blogUrl(deps, shell.blog)}/${row.slug}`,
    description: row.description ?? row.excerpt,
    tags: row.tags,
    publishedAt: iso(row.publishedAt!),
    lang: row.lang,
  };
}

/** Published posts of a filter, newest first. */
export async function readPublished(
  deps: Deps,
  blog: string,
  list: { filter?: string; page: PageRequest; total: number },
): Promise<PostRow[]> {
  const newest = [under(indexPrefix(blog, list.filter ?? PUBLISHED, "p"), true)];
  const index = await readPage(deps.store, newest, list);
  const ids = index.map((row) => row.key.at(-1) as string);
  const posts = await deps.store.getMany<PostRow>(ids.map((id) => postKey(blog, id)));
  return posts.flatMap(({ value: row }) => row?.status === "published" ? [row] : []);
}

type List = { posts: PostSummary[]; page: number; totalPages: number };

async function viewList(
  deps: Deps,
  subdomain: string,
  list: {
    filter: string;
    page: PageRequest;
    notEmpty?: boolean;
    render: (shell: Shell, list: List) => Promise<Page>;
  },
): Promise<View> {
  const { filter, page } = list;
  const found = await readShell(deps, subdomain, (blog) => [postCountKey(blog, filter)]);
  if ("kind" in found) return found;
  const { shell, until, rows: [count] } = found;
  const total = counted(count);
  const totalPages = Math.max(1, Math.ceil(total / page.size));
  if (page.number < 1 || page.number > totalPages || (list.notEmpty && total === 0)) {
    return await notFound(deps, shell);
  }
  const rows = await readPublished(deps, shell.blog.id, { filter, page, total });
  const posts = rows.map((row) => summaryOf(deps, shell, row));
  const { html, csp } = await span(
    "render list",
    () => list.render(shell, { posts, page: page.number, totalPages }),
  );
  const keep = { group: shell.blog.id, until };
  return await show(html, { status: 200, type: HTML, csp, keep });
}

async function viewMissing(deps: Deps, shell: Shell, slug: string): Promise<View> {
  const { id } = shell.blog;
  const held = (await deps.store.get<SlugRow>(slugKey(id, slug))).value;
  const post = held && ("post" in held ? held.post : held.redirect);
  const row = post && (await deps.store.get<PostRow>(postKey(id, post))).value;
  if (row && row.status === "published" && row.slug !== slug) {
    return { kind: "redirect", url: `${blogUrl(deps, shell.blog)}/${row.slug}` };
  }
  if (row && row.status !== "published" && row.publishedAt !== null) {
    const { html, csp } = gonePage(await siteOf(deps, shell));
    return await show(html, { status: 410, type: HTML, csp, keep: null });
  }
  return await notFound(deps, shell);
}

async function notFound(deps: Deps, shell: Shell): Promise<View> {
  const { html, csp } = notFoundPage(await siteOf(deps, shell));
  return await show(html, { status: 404, type: HTML, csp, keep: null });
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
  const { etag, csp } = page.row;
  const post = { blog: id, id: row.id };
  return { kind: "page", status: 200, type: HTML, gz: page.gz, etag, csp, keep, post };
}
