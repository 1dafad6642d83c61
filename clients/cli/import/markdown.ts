import { relative, resolve } from "node:path";
import { usage } from "../_errors.ts";
import { splitTags } from "../_front_matter.ts";
import { emptySource, settle, type Source } from "./incoming.ts";
import { asList, type Dialect, listSiteFiles, siteFileToPost } from "./site_files.ts";

/** Reads a folder of Markdown files as `export` writes them, and as `deploy` takes them. */
export async function readMarkdown(dir: string, { now }: { now: number }): Promise<Source> {
  const root = resolve(dir);
  const source = emptySource();
  const dialect: Dialect = {
    root,
    now,
    translate: (body) => body,
    tags: ({ tags }) => typeof tags === "string" ? splitTags(tags) : asList(tags),
    separator: () => "",
  };
  for (const path of await listSiteFiles(root, /\.(md|markdown)$/i)) {
    const file = relative(root, path).replaceAll("\\", "/");
    if (/(^|\/)_/.test(file)) continue;
    try {
      source.posts.push(await siteFileToPost(path, dialect));
    } catch (error) {
      source.faults.push({ file, message: (error as Error).message });
    }
  }
  if (!source.posts.length && !source.faults.length) {
    throw usage(`There is no Markdown file in ${dir}: name another folder.`);
  }
  settle(source);
  return source;
}
