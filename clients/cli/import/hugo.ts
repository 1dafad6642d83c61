import { stat } from "node:fs/promises";
import { basename, join, relative, resolve } from "node:path";
import { usage } from "../_errors.ts";
import { replaceBlocks } from "./blocks.ts";
import { emptySource, leaveOut, settle, type Source } from "./incoming.ts";
import { asList, type Dialect, listSiteFiles, siteFileToPost, siteRoot } from "./site_files.ts";

const CONFIGS = ["hugo", "config"].flatMap((name) =>
  ["toml", "yaml", "yml", "json"].map((ending) => `${name}.${ending}`)
);
const SHORTCODE = /\{\{[<%] ?(\/?) ?(\w[\w./-]*)([^]{0,2000}?)[>%]\}\}/g;
const HIGHLIGHT: [RegExp, RegExp] = [
  /\{\{[<%] ?highlight +["']?([\w+#-]+)["']?[^\n]{0,500}?[>%]\}\}/g,
  /\{\{[<%] ?\/ ?highlight ?[>%]\}\}/g,
];
const ATTRIBUTE = /([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|`([^`]*)`|([^\s"]+))/g;

/** Reads a Hugo site, or a folder of its content. */
export async function readHugo(dir: string, { now }: { now: number }): Promise<Source> {
  const given = resolve(dir);
  const content = join(given, "content");
  const isSite = await stat(content).then((found) => found.isDirectory(), () => false);
  const folder = isSite ? content : given;
  const root = isSite ? given : await siteRoot(given, CONFIGS);
  const source = emptySource();
  const dialect: Dialect = {
    root,
    now,
    translate: translateShortcodes,
    tags: ({ tags, categories }) => [...asList(categories), ...asList(tags)],
    separator: () => "<!--more-->",
  };
  for (const path of await listSiteFiles(folder, /\.(md|markdown|html|org|adoc|rst)$/i)) {
    if (/^_index\./.test(basename(path))) leaveOut(source, "pages of sections (_index)");
    else if (/\.(org|adoc|rst)$/i.test(path)) leaveOut(source, "files that are no Markdown");
    else {
      try {
        source.posts.push(await siteFileToPost(path, dialect));
      } catch (error) {
        source.faults.push({ file: relative(root, path), message: (error as Error).message });
      }
    }
  }
  if (!source.posts.length && !source.faults.length) {
    throw usage(`There is no content of Hugo in ${dir}: name the site's folder.`);
  }
  settle(source);
  return source;
}

/** Makes Markdown of the shortcodes that Hugo brings along and that are Markdown at heart; warns of the others, which stay. */
export function translateShortcodes(body: string, warnings: string[]): string {
  const kept = new Set<string>();
  const fenced = replaceBlocks(
    body.replace(/\r\n/g, "\n").replace(/<!-- ?more ?-->/g, "<!--more-->"),
    HIGHLIGHT,
    ([lang], code) => fence(lang, code.replace(/^\n|\n$/g, "")),
  );
  const text = fenced
    .replace(SHORTCODE, (whole, closing: string, name: string, rest: string) => {
      const made = closing ? null : translate(name, rest.replace(/\/\s*$/, ""));
      if (made === null) kept.add(name);
      return made ?? whole;
    })
    // As Hugo's documentation writes a shortcode that is not to be run.
    .replace(/\{\{([<%])\/\*([^]{0,2000}?)\*\/([>%])\}\}/g, "{{$1$2$3}}");
  if (kept.size) {
    warnings.push(`shortcodes stand in it as text: ${[...kept].slice(0, 10).join(", ")}`);
  }
  return text;
}

function translate(name: string, rest: string): string | null {
  const named = new Map(
    [...rest.matchAll(ATTRIBUTE)].map(([, key, ...values]) => [
      key,
      values.find((value) => value !== undefined) ?? "",
    ]),
  );
  const bare = /^\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=]+))\s*$/.exec(rest)?.slice(1).find(Boolean);
  switch (name) {
    case "figure": {
      const src = named.get("src") ?? bare;
      if (!src) return null;
      const caption = named.get("caption") ?? named.get("title") ?? "";
      const alt = (named.get("alt") ?? caption).replace(/[[\]]/g, "");
      const image = `![${alt}](${/[\s()]/.test(src) ? `<${src}>` : src})`;
      const link = named.get("link");
      return (link ? `[${image}](${link})` : image) + (caption ? `\n\n*${caption}*` : "");
    }
    case "youtube": {
      const id = named.get("id") ?? bare ?? "";
      return /^[\w-]{11}$/.test(id) ? `https://www.youtube.com/watch?v=${id}` : null;
    }
    case "ref":
    case "relref": {
      const [target, anchor] = (bare ?? named.get("path") ?? "").split("#");
      const slug = target.replace(/(\/_?index)?\.(md|markdown)$/, "").split("/").at(-1);
      return slug ? `/${slug}${anchor ? `#${anchor}` : ""}` : anchor ? `#${anchor}` : null;
    }
    default:
      return null;
  }
}

/** Code between fences that are longer than any within it. */
export function fence(lang: string, code: string): string {
  const longest = Math.max(2, ...[...code.matchAll(/`{3,}/g)].map(([ticks]) => ticks.length));
  const ticks = "`".repeat(longest + 1);
  return `${ticks}${lang}\n${code}\n${ticks}`;
}
