import type { Ctx } from "../../ctx.ts";
import {
  type Blob,
  chunkKeys,
  compress,
  decompress,
  fitsOneCommit,
  joinChunks,
  stageBlobs,
  toBlob,
} from "../../kit/blob.ts";
import { AppError } from "../../kit/errors.ts";
import { newId } from "../../kit/ids.ts";
import { span } from "../../kit/observe.ts";
import type { Uses } from "../../../render/blog/mod.ts";
import type { RenderedMarkdown } from "../../../render/markdown/mod.ts";
import type { Reads, Store, Tx } from "../../kit/kv.ts";
import {
  postKey,
  type PostRow,
  revisionKey,
  type RevisionRow,
  type Version,
  versionPrefix,
} from "./_record.ts";

/** A post's Markdown, the HTML that it renders to, and both as they are stored. */
export type Content = {
  md: string;
  html: string;
  /** plain text of the beginning, for want of a description */
  excerpt: string;
  /** its beginning, as search shows it */
  lead: string;
  /** texts of h2 and h3, as many as search takes */
  headings: string[];
  words: number;
  /** BCP 47 */
  lang: string;
  uses: Uses;
  packed: { md: Uint8Array; html: Uint8Array };
};

const EXCERPT = 160;
const LEAD = 200;
// Of a post's headings, all that its row keeps: more terms than the index takes.
const HEADINGS = 8000;
// Enough to tell a language by; the detector's time grows with its input.
const LANGUAGE_SAMPLE = 1500;
// Fewer than these, languages of one script cannot be told apart.
const LATIN_LETTERS = 40;

/** Renders and packs Markdown; throws 400 where it passes a bound. */
export async function renderContent(md: string): Promise<Content> {
  const { html, text, headings, words, uses } = await renderOrRefuse(md);
  const packed = { md: await compress(md), html: await compress(html) };
  const { firstWords } = await import("../../../render/markdown/mod.ts");
  const [excerpt, lang] = await Promise.all([excerptOf(text), detectLanguage(text)]);
  return {
    md,
    html,
    excerpt,
    lead: firstWords(text, LEAD),
    headings: searchable(headings),
    words,
    lang,
    uses,
    packed,
  };
}

function searchable(headings: RenderedMarkdown["headings"]): string[] {
  let length = 0;
  return headings
    .filter(({ level }) => level === 2 || level === 3)
    .map(({ text }) => text)
    .filter((text) => (length += text.length) <= HEADINGS);
}

/** Renders Markdown; throws 400 where it passes a bound. */
export async function renderOrRefuse(md: string): Promise<RenderedMarkdown> {
  const { BoundExceeded, renderMarkdown } = await import("../../../render/markdown/mod.ts");
  try {
    return await span("render markdown", () => renderMarkdown(md));
  } catch (error) {
    if (!(error instanceof BoundExceeded)) throw error;
    const { message } = error;
    throw new AppError("too_complex", { message, issues: [{ path: "content", message }] });
  }
}

/** What stands in for a description: the first two sentences. */
export async function excerptOf(text: string): Promise<string> {
  const { firstSentences } = await import("../../../render/markdown/mod.ts");
  return firstSentences(text, EXCERPT);
}

/** The language that a text seems to be in, BCP 47; English where it cannot be told. */
export async function detectLanguage(text: string): Promise<string> {
  const sample = text.slice(0, LANGUAGE_SAMPLE);
  const letters = sample.match(/\p{L}/gu) ?? [];
  const latin = letters.filter((letter) => /\p{Script=Latin}/u.test(letter)).length;
  if (latin > letters.length / 2 && latin < LATIN_LETTERS) return "en";
  const { detect } = await import("tinyld");
  return detect(sample) || "en";
}

/** The content of one version, or null where its chunks are gone. */
export async function readContent(
  reads: Reads | Store,
  at: { space: string; id: string },
  version: Version,
): Promise<Pick<Content, "md" | "html" | "packed"> | null> {
  const prefix = versionPrefix(at, version);
  const keys = [
    ...chunkKeys([...prefix, "md"], version.md),
    ...chunkKeys([...prefix, "html"], version.html),
  ];
  const entries = "getMany" in reads
    ? await reads.getMany<Uint8Array>(keys)
    : await Promise.all(keys.map((key) => reads.get<Uint8Array>(key)));
  const md = joinChunks(entries.slice(0, version.md));
  const html = joinChunks(entries.slice(version.md));
  if (!md || !html) return null;
  const [mdText, htmlText] = await Promise.all([decompress(md), decompress(html)]);
  return { md: mdText, html: htmlText, packed: { md, html } };
}

/** A post's Markdown with the row that it belongs to, read again where an edit replaced it meanwhile; null where the post is gone. */
export async function readMarkdown(
  store: Store,
  seen: PostRow,
): Promise<{ row: PostRow; md: string } | null> {
  let row: PostRow | null = seen;
  for (let attempt = 0; row && attempt < 8; attempt++) {
    const keys = chunkKeys([...versionPrefix(row, row.version), "md"], row.version.md);
    const packed = joinChunks(await store.getMany<Uint8Array>(keys));
    if (packed) return { row, md: await decompress(packed) };
    row = (await store.get<PostRow>(postKey(row.space, row.id))).value;
  }
  return null;
}

/** The content that a replayed answer points to; null where it is gone. */
export async function readContentAt(
  store: Store,
  ref: (string | number)[],
): Promise<{ content_md: string; content_html: string } | null> {
  const [space, post, n, id, md, html] = ref as [string, string, number, string, number, number];
  const content = await readContent(store, { space, id: post }, { n, id, md, html });
  return content && { content_md: content.md, content_html: content.html };
}

/** A new version whose chunks go with the post's commit. */
export type StagedVersion = { version: Version; write: (tx: Tx, row: PostRow) => void };

/** Readies version `n` of a post; what is too large for one commit is written ahead, once the request is admitted. */
export async function stageVersion(
  ctx: Ctx,
  at: { space: string; id: string; n: number },
  packed: Content["packed"],
): Promise<StagedVersion> {
  const id = newId(ctx.now);
  const empty: Version = { n: at.n, id, md: 0, html: 0 };
  const prefix = versionPrefix(at, empty);
  const blobs: Blob[] = [
    toBlob([...prefix, "md"], packed.md),
    toBlob([...prefix, "html"], packed.html),
  ];
  const version = { ...empty, md: blobs[0].chunks.length, html: blobs[1].chunks.length };
  if (!fitsOneCommit(blobs)) await ctx.admission;
  const staged = await stageBlobs(ctx.deps.store, blobs, {
    id,
    now: ctx.now,
    removal: {
      prefixes: [prefix],
      unless: { key: revisionKey(at.space, at.id, at.n), field: "id", equals: id },
    },
  });
  return {
    version,
    write(tx, row) {
      staged.write(tx);
      tx.set(revisionKey(at.space, at.id, at.n), revisionOf(row));
    },
  };
}

function revisionOf(row: PostRow): RevisionRow {
  const { title, slug, tags, description, excerpt, ogImage, canonical, noindex, words } = row;
  return {
    ...row.version,
    title,
    slug,
    tags,
    description,
    excerpt,
    ogImage,
    canonical,
    noindex,
    words,
    createdAt: row.updatedAt,
  };
}
