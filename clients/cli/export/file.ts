import type { Schemas } from "../../sdk.ts";
import { stringify } from "../_yaml.ts";
import { findTargets, rewrite } from "../deploy/images.ts";

/** A post as a file that `deploy` and `import` read; `pictureOf` gives the path of an image that is beside it. */
export function toMarkdownFile(
  post: Schemas["Post"],
  pictureOf: (url: string) => string | undefined,
): string {
  const refs = findTargets(post.content_md).flatMap(({ start, end, target }) => {
    const url = pictureOf(target);
    return url === undefined ? [] : [{ start, end, url }];
  });
  const { og_image_url: preview } = post;
  const front = {
    title: post.title,
    slug: post.slug,
    status: post.status,
    tags: post.tags,
    description: post.meta_description || undefined,
    og_image: preview === null ? undefined : pictureOf(preview) ?? preview,
    canonical_url: post.canonical_url ?? undefined,
    noindex: post.noindex || undefined,
    created_at: post.created_at,
    updated_at: post.updated_at,
    published_at: post.published_at ?? undefined,
    scheduled_at: post.scheduled_at ?? undefined,
  };
  // A text that is folded would be read in another form where it has odd white space.
  const yaml = stringify(front, { lineWidth: 0 });
  return `---\n${yaml}---\n\n${rewrite(post.content_md, refs)}`;
}
