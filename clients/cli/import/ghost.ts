import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { Failure, usage } from "../_errors.ts";
import type { Wanted } from "../deploy/files.ts";
import { lexicalToHtml, mobiledocToHtml } from "./ghost_documents.ts";
import { toPostMarkdown } from "./html.ts";
import {
  emptySource,
  fit,
  type Incoming,
  leaveOut,
  readTime,
  settle,
  slugOf,
  type Source,
} from "./incoming.ts";

const PLACE = "__GHOST_URL__";
const BARE_PLACE = /(?:%5F%5F|__)GHOST_URL(?:%5F%5F|__)/gi;

type Row = Record<string, unknown>;
type Tables = Record<string, Row[]>;
type Options = { /** of the old site, with its scheme */ url?: string; now: number };

/** Reads an export of Ghost (Settings → Import/Export), version 1 or later. */
export async function readGhost(path: string, { url, now }: Options): Promise<Source> {
  const tables = tablesOf(await readJson(path), path);
  const source = emptySource();
  if (!url && tables.posts.some((post) => JSON.stringify(post).includes(PLACE))) {
    throw usage(
      `${
        basename(path)
      } calls its site ${PLACE}: say where that is, with --url https://example.com.`,
    );
  }
  const site = url?.replace(/\/+$/, "") ?? "";
  if (site) source.hosts.add(new URL(site).host);
  const world = {
    now,
    located: (text: string) => text.replace(BARE_PLACE, site),
    metas: new Map(tables.posts_meta.map((row) => [row.post_id, row])),
    tags: tagsByPost(tables),
  };
  for (const [n, row] of tables.posts.entries()) {
    if (row.type === "page" || row.page === true || row.page === 1) leaveOut(source, "pages");
    else source.posts.push(await readRow(row, { ...world, n }));
  }
  settle(source);
  return source;
}

type World = {
  now: number;
  n: number;
  /** with the site's address in its place */
  located: (text: string) => string;
  metas: Map<unknown, Row>;
  tags: Map<unknown, string[]>;
};

async function readRow(row: Row, world: World): Promise<Incoming> {
  const { located } = world;
  const title = text(row.title).trim() || "(Untitled)";
  const slug = await slugOf(text(row.slug), title);
  const meta = world.metas.get(row.id) ?? row;
  const { wanted, warnings } = statusOf(row, world.now);
  const described = [meta.meta_description, row.custom_excerpt, meta.og_description];
  const picture = [meta.og_image, row.feature_image].map(text).find((url) => url !== "");
  return {
    file: text(row.slug) || `post ${world.n + 1}`,
    title,
    slug,
    wanted,
    at: [row.published_at, row.created_at].map(readTime).find((time) => time >= 0) ?? 0,
    load() {
      const said = [...warnings];
      const content = located(contentOf(row, said));
      const loaded = {
        content,
        tags: world.tags.get(row.id) ?? [],
        meta: {
          description: described.map(text).find((one) => one.trim() !== "") ?? null,
          og_image: picture ? located(picture) : null,
          canonical_url: located(text(row.canonical_url)) || null,
          noindex: false,
        },
        images: [],
        ogImage: null,
        warnings: said,
      };
      return Promise.resolve().then(() => fit({ title }, loaded));
    },
  };
}

// The HTML is what Ghost itself made of the document; drafts of some versions have none.
function contentOf(row: Row, warnings: string[]): string {
  const html = text(row.html);
  if (html.trim()) return toPostMarkdown(html, warnings);
  const kinds = [["lexical", lexicalToHtml], ["mobiledoc", mobiledocToHtml]] as const;
  for (const [name, convert] of kinds) {
    const document = text(row[name]);
    if (!document.trim()) continue;
    let parsed;
    try {
      parsed = JSON.parse(document);
    } catch {
      throw new Failure(`its ${name} document is no JSON: export it from Ghost again.`);
    }
    return toPostMarkdown(convert(parsed, warnings), warnings);
  }
  return "";
}

function statusOf(row: Row, now: number): { wanted: Wanted; warnings: string[] } {
  const at = readTime(row.published_at);
  const forAll = ["public", "", undefined, null].includes(row.visibility as string);
  if (!forAll && row.status !== "draft") {
    const warning = `it is for ${
      text(row.visibility)
    } only, and is a draft here: everybody could read it`;
    return { wanted: { status: "draft" }, warnings: [warning] };
  }
  if (row.status === "published") return { wanted: { status: "published" }, warnings: [] };
  if (row.status === "scheduled" && !Number.isNaN(at)) {
    if (at <= now) return { wanted: { status: "published" }, warnings: [] };
    return { wanted: { status: "scheduled", at: new Date(at).toISOString() }, warnings: [] };
  }
  const warnings = row.status === "sent" ? ["it was sent by e-mail only, and is a draft here"] : [];
  return { wanted: { status: "draft" }, warnings };
}

// In the order that Ghost shows them; those that begin with # are the site's own.
function tagsByPost(tables: Tables): Map<unknown, string[]> {
  const names = new Map(
    tables.tags.filter(({ name, visibility }) =>
      visibility !== "internal" && !text(name).startsWith("#")
    ).map(({ id, name }) => [id, text(name)]),
  );
  const found = new Map<unknown, string[]>();
  const rows = [...tables.posts_tags].sort((a, b) => Number(a.sort_order) - Number(b.sort_order));
  for (const { post_id, tag_id } of rows) {
    const name = names.get(tag_id);
    if (name) found.set(post_id, [...found.get(post_id) ?? [], name]);
  }
  return found;
}

function tablesOf(json: unknown, path: string): Tables {
  const { db, data } = (json ?? {}) as { db?: { data?: Tables }[]; data?: Tables };
  const tables = Array.isArray(db) ? db[0]?.data : data;
  if (!Array.isArray(tables?.posts)) {
    throw new Failure(
      `${
        basename(path)
      } is no export of Ghost: it has no posts. Ghost makes one in Settings, Import/Export.`,
    );
  }
  const rows = (name: string) => {
    const table = tables[name];
    const isRow = (row: unknown) => typeof row === "object" && row !== null;
    return Array.isArray(table) ? table.filter(isRow) : [];
  };
  const names = ["posts", "posts_meta", "posts_tags", "tags"];
  return Object.fromEntries(names.map((name) => [name, rows(name)]));
}

async function readJson(path: string): Promise<unknown> {
  let file;
  try {
    file = await readFile(path, "utf8");
  } catch (error) {
    throw usage(`${path} cannot be read: ${(error as Error).message}`);
  }
  try {
    return JSON.parse(file.replace(/^\ufeff/, ""));
  } catch (error) {
    throw new Failure(
      `${basename(path)} is not valid JSON (${
        (error as Error).message.slice(0, 200)
      }): export it again.`,
    );
  }
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
