import { hostileBlocks } from "./_hostile_blocks.ts";
import { hostileExtensions } from "./_hostile_extensions.ts";
import type { Hostile } from "./_hostile_makers.ts";
import { hostileSources } from "./_hostile_markdown.ts";
import { hostileMarkup } from "./_hostile_markup.ts";

/** All the hostile sources of about `size` characters, by the name of what they do. */
export function hostileKinds(size: number): Record<string, Hostile> {
  return {
    ...hostileSources(size),
    ...hostileExtensions(size),
    ...hostileMarkup(size),
    ...hostileBlocks(size),
  };
}
