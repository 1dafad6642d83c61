import { readFile } from "node:fs/promises";
import { basename, join, relative, resolve } from "node:path";
import { usage } from "../_errors.ts";
import { replaceBlocks } from "./blocks.ts";
import { fence } from "./hugo.ts";
import { emptySource, settle, type Source } from "./incoming.ts";
import {
  asList,
  type Dialect,
  type Fields,
  listSiteFiles,
  siteFileToPost,
  siteRoot,
  textOf,
} from "./site_files.ts";

const MORE = "<!--more-->";
const tags = (opening: string, closing: string): [RegExp, RegExp] => [
  new RegExp(`\\{%-? ?${opening} ?-?%\\}`, "g"),
  new RegExp(`\\{%-? ?${closing} ?-?%\\}`, "g"),
];
const RAW = tags("raw", "endraw");
const HIGHLIGHT = tags("highlight +([\\w+#-]+)[^%\\n]{0,200}", "endhighlight");
const COMMENT = tags("comment", "endcomment");

/** Reads the `_posts` and `_drafts` of a Jekyll site. */
export async function readJekyll(dir: string, { now }: { now: number }): Promise<Source> {
  const root = await siteRoot(resolve(dir), ["_config.yml", "_config.yaml", "_posts"]);
  const config = await readConfig(root);
  const source = emptySource();
  const separator = textOf(config.excerpt_separator);
  const dialect: Dialect = {
    root,
    now,
    translate: translateLiquid,
    tags: (fields) =>
      ["categories", "category", "tags", "tag"].flatMap((name) => {
        const value = fields[name];
        // A text names several, one a word; in the singular it is one.
        return typeof value === "string" && name.endsWith("s")
          ? value.split(/[\s,]+/).filter(Boolean)
          : asList(value);
      }),
    separator: (fields) => textOf(fields.excerpt_separator) || separator || MORE,
    isDraft: (file) => /(^|\/)_drafts\//.test(file),
  };
  for (const path of await listSiteFiles(resolve(dir), /\.(md|markdown|mkd|html)$/i)) {
    const file = relative(root, path).replaceAll("\\", "/");
    // Jekyll itself takes no file without a date for a post.
    const isPost = /(^|\/)_posts\//.test(file) && /^\d{4}-\d\d?-\d\d?-./.test(basename(path));
    if (file.startsWith("_site/") || !(isPost || dialect.isDraft!(file))) continue;
    try {
      source.posts.push(await siteFileToPost(path, dialect));
    } catch (error) {
      source.faults.push({ file, message: (error as Error).message });
    }
  }
  if (!source.posts.length && !source.faults.length) {
    throw usage(`There is no _posts with posts in ${dir}: name the site's folder.`);
  }
  settle(source);
  return source;
}

/** Makes Markdown of the Liquid that has a meaning without the site; warns of the rest, which stays. */
export function translateLiquid(body: string, warnings: string[]): string {
  const raws: string[] = [];
  const kept = new Set<string>();
  const plain = body.replace(/\r\n/g, "\n").replace(/\0/g, "");
  const hidden = replaceBlocks(plain, RAW, (_, inner) => `\0${raws.push(inner) - 1}\0`);
  const fenced = replaceBlocks(
    hidden,
    HIGHLIGHT,
    ([lang], code) => fence(lang, code.replace(/^\n|\n$/g, "")),
  );
  const text = replaceBlocks(fenced, COMMENT, () => "")
    .replace(
      /\{%-?\s*post_url\s+(?:[^\s%]*\/)?(?:\d{4}-\d\d?-\d\d?-)?([^\s%/]+?)\s*-?%\}/g,
      "/$1",
    )
    .replace(/\{\{-?\s*site\.(?:baseurl|url)\s*-?\}\}/g, "")
    .replace(
      /\{\{-?\s*(?:site\.(?:base)?url\s*\|\s*append:\s*)?["']([^"']*)["']\s*(?:\|\s*(?:relative_url|absolute_url|prepend:\s*site\.(?:base)?url)\s*)*-?\}\}/g,
      (_, path: string) => path.startsWith("/") ? path : `/${path}`,
    )
    .replace(/^[*-] [^\n]*\n\{: ?toc ?\}[ \t]*$/gm, "[TOC]")
    // Attributes of kramdown: no class of theirs would have a style here.
    .replace(/^[ \t]*\{:[^}\n]{0,200}\}[ \t]*(?:\n|$)/gm, "")
    .replace(/(?<=[)\]*_`])\{:[^}\n]{0,200}\}/g, "");
  for (const [, tag, variable] of text.matchAll(/\{%-?\s*(\w+)|\{\{-?\s*([\w.]+)/g)) {
    kept.add(tag ?? variable);
  }
  if (kept.size) warnings.push(`Liquid stands in it as text: ${[...kept].slice(0, 10).join(", ")}`);
  return text.replace(/\0(\d+)\0/g, (_, n) => raws[Number(n)] ?? "");
}

async function readConfig(root: string): Promise<Fields> {
  const { parse } = await import("../_yaml.ts");
  for (const name of ["_config.yml", "_config.yaml"]) {
    const text = await readFile(join(root, name), "utf8").catch(() => null);
    if (text === null) continue;
    try {
      return parse(text, { maxAliasCount: 100 }) ?? {};
    } catch {
      // Only the separator is read of it.
      return {};
    }
  }
  return {};
}
