import { basename } from "node:path";
import { Failure } from "../_errors.ts";
import { findTargets, type LocalImage, localImage } from "../deploy/images.ts";
import type { Loaded } from "./incoming.ts";

const MOST = 5 * 1024 ** 2;
const LONGEST = 30_000;

/** Fetches the old site's pictures that a post shows, so that they go along with it; those that cannot be had stay links. */
export class Pictures {
  #fetched = new Map<string, Promise<LocalImage | null>>();

  constructor(readonly hosts: Set<string>, readonly signal: AbortSignal) {}

  async collect(loaded: Loaded): Promise<Loaded> {
    const images = [...loaded.images];
    for (const { start, end, target } of findTargets(loaded.content)) {
      const image = await this.#get(target, loaded.warnings);
      if (image) images.push({ start, end, image });
    }
    images.sort((a, b) => a.start - b.start);
    const picture = loaded.meta.og_image;
    const ogImage = picture ? await this.#get(picture, loaded.warnings) : null;
    return { ...loaded, images, ogImage: ogImage ?? loaded.ogImage };
  }

  async #get(url: string, warnings: string[]): Promise<LocalImage | null> {
    if (!URL.canParse(url)) return null;
    const { protocol, host } = new URL(url);
    if (!/^https?:$/.test(protocol) || !this.hosts.has(host)) return null;
    const pending = this.#fetched.get(url) ?? this.#fetch(url);
    this.#fetched.set(url, pending);
    try {
      const image = await pending;
      if (!image) warnings.push(`${url} is no JPEG, PNG, GIF or WebP, and stays a link`);
      return image;
    } catch (error) {
      if (this.signal.aborted) throw error;
      warnings.push(`${url} stays a link: ${(error as Error).message}`);
      return null;
    }
  }

  async #fetch(url: string): Promise<LocalImage | null> {
    const bytes = await download(url, this.signal);
    return localImage(bytes, basename(new URL(url).pathname));
  }
}

/** A picture's bytes; throws what to tell where it cannot be had, or is more than 5 MiB. */
export async function download(url: string, signal: AbortSignal): Promise<Uint8Array> {
  let response;
  try {
    response = await fetch(url, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(LONGEST)]),
    });
  } catch (error) {
    signal.throwIfAborted();
    const late = (error as Error).name === "TimeoutError";
    throw new Failure(late ? "no answer within 30 s" : "it cannot be reached");
  }
  if (!response.ok) {
    await response.body?.cancel();
    throw new Failure(`the answer was ${response.status}`);
  }
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const part of response.body!) {
    size += part.length;
    if (size > MOST) throw new Failure("it has more than 5 MiB");
    parts.push(part);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}
