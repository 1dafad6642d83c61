import type { Buffer } from "node:buffer";
import { readFile, realpath } from "node:fs/promises";
import { isAbsolute, relative, sep } from "node:path";

/** Reads a file of a folder; null where the path, or a link, leads out of it. Throws where there is none. */
export async function readWithin(root: string, path: string): Promise<Buffer | null> {
  const [folder, file] = await Promise.all([realpath(root), realpath(path)]);
  const way = relative(folder, file);
  const outside = way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way);
  return outside ? null : await readFile(file);
}
