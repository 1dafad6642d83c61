import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import type { Command } from "commander";
import { imageType } from "../sdk.ts";
import type { Context } from "./_context.ts";
import { usage } from "./_errors.ts";
import { action } from "./_noun.ts";
import { print } from "./_output.ts";

/** `postlark upload <files...>` */
export function upload(program: Command): void {
  program.command("upload <files...>")
    .description("upload images; prints the address of each, and the Markdown that shows it")
    .action(action(run));
}

async function run(context: Context, files: string[]): Promise<void> {
  // Nothing is sent while one of them is no image.
  const images = [];
  for (const file of files) images.push(await readImage(file));
  const blog = await context.onBlog();
  const sent = [];
  for (const image of images) {
    const media = await context.client.media.upload(image, blog);
    sent.push(media);
    if (context.json) continue;
    print(media.url);
    print(media.markdown);
  }
  if (context.json) context.result(sent.length === 1 ? sent[0] : { data: sent }, print);
}

/** An image file; ends the command with exit code 2 where it is none. */
export async function readImage(
  path: string,
): Promise<{ data: Uint8Array<ArrayBuffer>; filename: string; type: string }> {
  let data;
  try {
    data = new Uint8Array(await readFile(path));
  } catch (error) {
    throw usage(`${path} cannot be read: ${(error as Error).message}`);
  }
  const type = imageType(data);
  if (!type) throw usage(`${path} is no JPEG, PNG, GIF or WebP image.`);
  return { data, filename: basename(path), type };
}
