import { XMLParser, XMLValidator } from "fast-xml-parser";
import { readFile, stat } from "node:fs/promises";
import { basename } from "node:path";
import { Failure, usage } from "../_errors.ts";
import type { Wanted } from "../deploy/files.ts";
import { replaceBlocks } from "./blocks.ts";
import { plainText, toPostMarkdown } from "./html.ts";
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

const MAX_TEXT = 4 * 1024 ** 2;
const MOST = 256 * 1024 ** 2;
const LISTS = ["item", "category", "wp:postmeta"];
// What WordPress keeps as items beside posts, in the words of the report.
const KINDS: Record<string, string> = { page: "pages", attachment: "media files" };
const BLOCK =
  "address|article|aside|blockquote|details|div|dl|fieldset|figure|form|h[1-6]|header|hr|iframe|ol|p|pre|section|table|ul|video";
const SHORTCODE = /\[([a-z][\w-]{0,60})(?:\s[^\]\n]{0,1000})?\/?\](?!\()/gi;
const CAPTION: [RegExp, RegExp] = [/\[caption[^\]]{0,500}\]/g, /\[\/caption\]/g];
const PICTURE = /^\s*((?:<a\s[^>]*>\s*)?<img\s[^>]*>(?:\s*<\/a>)?)/;
const COMMENTS: [RegExp, RegExp] = [/<!--/g, /-->/g];
const VERBATIM = ["pre", "code", "script", "style"].map((name): [string, [RegExp, RegExp]] => [
  name,
  [new RegExp(`<${name}(?=[\\s>])`, "gi"), new RegExp(`</${name}>`, "gi")],
]);

type Item = Record<string, unknown>;

/** Reads an export of WordPress (Tools → Export), which is WXR: RSS with WordPress's own elements. */
export async function readWordpress(path: string, { now }: { now: number }): Promise<Source> {
  const channel = parseWxr(await readXml(path), path);
  const source = emptySource();
  const items = rows(channel.item);
  const attachments = new Map<string, string>();
  for (const item of items.filter((one) => text(one["wp:post_type"]) === "attachment")) {
    attachments.set(text(item["wp:post_id"]), text(item["wp:attachment_url"]).trim());
  }
  const addresses = [channel["wp:base_site_url"], channel["wp:base_blog_url"], channel.link];
  for (const url of [...addresses.map(text), ...attachments.values()].map((url) => url.trim())) {
    if (URL.canParse(url)) source.hosts.add(new URL(url).host);
  }
  for (const item of items) {
    const type = text(item["wp:post_type"]);
    const status = text(item["wp:status"]);
    if (type !== "post") leaveOut(source, KINDS[type] ?? `items of the type ${type.slice(0, 40)}`);
    else if (status === "trash") leaveOut(source, "posts in the trash");
    else if (["auto-draft", "inherit"].includes(status)) leaveOut(source, "automatic drafts");
    else source.posts.push(await readItem(item, { now, attachments }));
  }
  settle(source);
  return source;
}

async function readItem(
  item: Item,
  { now, attachments }: { now: number; attachments: Map<string, string> },
): Promise<Incoming> {
  const title = plainText(text(item.title)) || "(Untitled)";
  const slug = await slugOf(decode(text(item["wp:post_name"])), title);
  const at = [item["wp:post_date_gmt"], item["wp:post_date"], item.pubDate].map(timeOf)
    .find((time) => !Number.isNaN(time)) ?? 0;
  const { wanted, warnings } = statusOf(item, { at, now });
  const metas = new Map(
    rows(item["wp:postmeta"]).map((one) => [text(one["wp:meta_key"]), text(one["wp:meta_value"])]),
  );
  const picture = metas.get("_yoast_wpseo_opengraph-image") ||
    attachments.get(metas.get("_thumbnail_id") ?? "");
  return {
    file: `post ${text(item["wp:post_id"]) || slug}`,
    title,
    slug,
    wanted,
    at,
    load() {
      const said = [...warnings];
      const description = metas.get("_yoast_wpseo_metadesc") || text(item["excerpt:encoded"]);
      const loaded = {
        content: contentOf(text(item["content:encoded"]), said),
        tags: tagsOf(item),
        meta: {
          description: plainText(description) || null,
          og_image: picture || null,
          canonical_url: metas.get("_yoast_wpseo_canonical") || null,
          noindex: metas.get("_yoast_wpseo_meta-robots-noindex") === "1",
        },
        images: [],
        ogImage: null,
        warnings: said,
      };
      return Promise.resolve().then(() => fit({ title }, loaded));
    },
  };
}

function statusOf(
  item: Item,
  { at, now }: { at: number; now: number },
): { wanted: Wanted; warnings: string[] } {
  const status = text(item["wp:status"]);
  const draft = (...warnings: string[]) => ({ wanted: { status: "draft" as const }, warnings });
  const hidden = "and is a draft here: everybody could read it";
  if (text(item["wp:post_password"])) return draft(`it has a password, ${hidden}`);
  if (status === "private") return draft(`it was private, ${hidden}`);
  if (status === "future" && at > now) {
    return { wanted: { status: "scheduled", at: new Date(at).toISOString() }, warnings: [] };
  }
  if (status === "publish" || status === "future") {
    return { wanted: { status: "published" }, warnings: [] };
  }
  return draft();
}

// Categories first, as the wider ones; WordPress's own for posts without any is none.
function tagsOf(item: Item): string[] {
  const named = (domain: string) =>
    rows(item.category).filter((one) =>
      one["@domain"] === domain && one["@nicename"] !== "uncategorized"
    )
      .map((one) => text(one).trim());
  return [...named("category"), ...named("post_tag")];
}

function contentOf(encoded: string, warnings: string[]): string {
  if (encoded.length > MAX_TEXT) {
    throw new Failure("the text has more than 4 MiB, and 1 MiB is the most: make two of it.");
  }
  const html = encoded.replace(/\r\n?/g, "\n");
  const captioned = replaceBlocks(html, CAPTION, (_, inner) => {
    const [, image = ""] = PICTURE.exec(inner) ?? [];
    const words = inner.slice(inner.indexOf(image) + image.length).trim();
    return `<figure>${image}<figcaption>${words}</figcaption></figure>`;
  });
  const codes = new Set<string>();
  // In code, brackets are what they are.
  let shown = replaceBlocks(captioned, COMMENTS, () => "");
  for (const [, ends] of VERBATIM) shown = replaceBlocks(shown, ends, () => "");
  for (const [, name] of shown.matchAll(SHORTCODE)) codes.add(name.toLowerCase());
  if (codes.size) {
    warnings.push(`shortcodes stand in it as text: ${[...codes].slice(0, 10).join(", ")}`);
  }
  const blocks = /<!-- wp:/.test(captioned) ? captioned : withParagraphs(captioned);
  return toPostMarkdown(blocks, warnings);
}

/** Text of the classic editor, where empty lines part paragraphs and line ends are breaks, as HTML. */
function withParagraphs(html: string): string {
  const kept: string[] = [];
  let without = html;
  for (const [name, ends] of VERBATIM.filter(([name]) => name !== "code")) {
    without = replaceBlocks(without, ends, (_, inner) => {
      kept.push(`<${name}${inner}</${name}>`);
      return `\n\n<hr data-kept="${kept.length - 1}">\n\n`;
    });
  }
  const isBlock = new RegExp(`^</?(?:${BLOCK})\\b`, "i");
  const parts = without.split(/\n[ \t]*\n/).map((part) => part.trim()).filter(Boolean);
  const whole = parts.map((part) =>
    isBlock.test(part) ? part : `<p>${part.replace(/\n/g, "<br>\n")}</p>`
  );
  return whole.join("\n").replace(/<hr data-kept="(\d+)">/g, (_, n) => kept[Number(n)] ?? "");
}

function parseWxr(xml: string, path: string): Item {
  const name = basename(path);
  // WordPress writes none; all that a DTD could bring is entities that grow.
  if (/<!DOCTYPE/i.test(xml.slice(0, xml.search(/<rss\b/i) >>> 0))) {
    throw new Failure(`${name} has a DOCTYPE, which no export of WordPress has: take it out.`);
  }
  const valid = XMLValidator.validate(xml);
  if (valid !== true) {
    const { msg, line } = valid.err;
    throw new Failure(`${name} is not valid XML: line ${line}: ${msg.slice(0, 200)}`);
  }
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: "@",
    parseTagValue: false,
    trimValues: false,
    htmlEntities: true,
    isArray: (name) => LISTS.includes(name),
  });
  let parsed;
  try {
    parsed = parser.parse(xml);
  } catch (error) {
    throw new Failure(`${name} cannot be read: ${(error as Error).message.slice(0, 200)}`);
  }
  const channel = parsed.rss?.channel;
  if (typeof channel !== "object" || !rows(channel.item).some((item) => "wp:post_type" in item)) {
    throw new Failure(
      `${name} is no export of WordPress: it has no posts. WordPress makes one in Tools, Export.`,
    );
  }
  return channel;
}

async function readXml(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > MOST) {
      throw usage(`${path} is larger than 256 MiB: export the posts in parts, by date.`);
    }
    // Posts hold control characters that XML does not allow.
    // deno-lint-ignore no-control-regex
    return (await readFile(path, "utf8")).replace(/[\x00-\x08\x0b\x0c\x0e-\x1f]/g, "")
      .replace(/^\ufeff?\s+/, "");
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw usage(`${path} cannot be read: ${(error as Error).message}`);
  }
}

// WordPress writes zeros where a draft has no date.
function timeOf(value: unknown): number {
  const written = text(value).trim();
  if (written.startsWith("0000")) return NaN;
  const time = readTime(written);
  return Number.isNaN(time) ? Date.parse(written) : time;
}

function rows(value: unknown): Item[] {
  return Array.isArray(value)
    ? value.map((one) => typeof one === "object" && one !== null ? one as Item : { "#text": one })
    : [];
}

// Text alone, or beside attributes.
function text(value: unknown): string {
  if (typeof value === "string") return value;
  const inner = typeof value === "object" && value !== null && (value as Item)["#text"];
  return typeof inner === "string" ? inner : "";
}

function decode(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
