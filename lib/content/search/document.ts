import { maskOf } from "./score.ts";
import { termsOf } from "./text.ts";

/** What a document adds to the index: its terms, joined by one space, and each one's mask; a filter's is 0. */
export type Posting = { terms: string; masks: Uint8Array };

/** A published post as the index holds it. */
export type IndexedPost = Posting & {
  /** ids */
  post: string;
  blog: string;
  owner: string;
  slug: string;
  title: string;
  /** ≤ 200 characters of the text */
  excerpt: string;
  /** as given, or what stands in for it */
  description: string;
  tags: string[];
  /** BCP 47 */
  lang: string;
  /** milliseconds */
  createdAt: number;
  publishedAt: number;
};

// A term is a chunk that the merge has to write, and the whole row has to stay below 64 KiB: at two
// bytes a character, with the filters, title, description and tags at their longest, it is 56 KB.
const MAX_TERMS = 1000;
const MAX_LENGTH = 16_000;
// Far more than what has so many terms.
const MAX_TEXT = 50_000;

/** The filter for the posts of a blog, by its id. */
export function blogFilter(blog: string): string {
  return `@${blog}`;
}
/** The filter for posts with a tag, whatever its case. */
export function tagFilter(tag: string): string {
  return `#${encodeURIComponent(tag.toWellFormed().toLowerCase())}`;
}
/** The filter for posts in a language; every document has exactly one. */
export function langFilter(lang: string): string {
  return `~${lang.toLowerCase()}`;
}

/** A post's terms; of one with more than the index takes, those of title, description and tags come before those of its headings. */
export function describePost(post: {
  title: string;
  description: string;
  headings: string[];
  tags: string[];
  blog: string;
  lang: string;
}): Posting {
  const hits = new Map<string, [number, number, number, number]>();
  let length = 0;
  let unread = MAX_TEXT;
  const add = (text: string, field: number) => {
    const part = text.slice(0, unread);
    unread -= part.length;
    for (const term of termsOf(part)) {
      const counts = hits.get(term);
      if (counts) counts[field]++;
      else if (hits.size < MAX_TERMS && length + term.length < MAX_LENGTH) {
        const first: [number, number, number, number] = [0, 0, 0, 0];
        first[field] = 1;
        hits.set(term, first);
        length += term.length + 1;
      }
    }
  };
  add(post.title, 0);
  add(post.description, 1);
  for (const tag of post.tags) add(tag, 3);
  for (const heading of post.headings) add(heading, 2);
  const filters = new Set([
    ...post.tags.map(tagFilter),
    langFilter(post.lang),
    blogFilter(post.blog),
  ]);
  return {
    terms: [...hits.keys(), ...filters].join(" "),
    masks: Uint8Array.from([...[...hits.values()].map(maskOf), ...[...filters].map(() => 0)]),
  };
}
