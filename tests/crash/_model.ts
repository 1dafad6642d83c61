import assert from "node:assert/strict";
import type { Random } from "../support/random.ts";

/** What a caller knows of one post. */
export type Known = { title: string; content: string; status: string; tags: string[] };
/** What one writer knows: its posts by slug, and the blog's theme where it sets that. */
export type Knowledge = { posts: Map<string, Known>; css: string | null };
/** One write: the request, and what it changes once it was acknowledged. */
export type Write = {
  method: string;
  path: string;
  body?: unknown;
  apply: (knowledge: Knowledge) => void;
};

const MEGABYTE = 1_048_576;

/** A random write that is valid for what the writer knows. */
export function nextWrite(
  random: Random,
  knowledge: Knowledge,
  at: { writer: string; n: number; blog: string },
): Write {
  const slugs = [...knowledge.posts.keys()];
  const slug = slugs.length ? random.pick(slugs) : "";
  const known = knowledge.posts.get(slug);
  const kind = known
    ? random.pick([
      "create",
      "update",
      "update",
      "rename",
      "publish",
      "unpublish",
      "delete",
      "theme",
    ])
    : "create";
  const change = (fields: Partial<Known>) => (k: Knowledge) =>
    void k.posts.set(slug, { ...known!, ...fields });
  const fresh = `${at.writer}-${at.n}`;
  if (kind === "create") {
    const post: Known = {
      title: `Post ${fresh}`,
      content: nextContent(random),
      status: random.pick(["draft", "published"]),
      tags: random.pick([[], ["a"], ["a", "B", "c"]]),
    };
    const apply = (k: Knowledge) => void k.posts.set(fresh, post);
    return { method: "POST", path: "/posts", body: { ...post, slug: fresh }, apply };
  }
  const path = `/posts/${slug}`;
  if (kind === "update") {
    const fields = { content: nextContent(random), title: `Post ${fresh}` };
    return { method: "PUT", path, body: fields, apply: change(fields) };
  }
  if (kind === "rename") {
    const apply = (k: Knowledge) => {
      k.posts.delete(slug);
      k.posts.set(fresh, known!);
    };
    return { method: "PUT", path, body: { slug: fresh }, apply };
  }
  if (kind === "delete") {
    return { method: "DELETE", path, apply: (k) => void k.posts.delete(slug) };
  }
  if (kind === "theme") {
    const css = `a{color:#${random.below(0xffffff)}}${random.text(random.below(60_000))}`;
    const body = { theme_config: { customCss: css } };
    return { method: "PUT", path: `/blogs/${at.blog}`, body, apply: (k) => void (k.css = css) };
  }
  const status = kind === "publish" ? "published" : "draft";
  return { method: "POST", path: `${path}/${kind}`, apply: change({ status }) };
}

function nextContent(random: Random): string {
  const length = random.next() < 0.15 ? MEGABYTE - random.below(1000) : 1 + random.below(20_000);
  return random.text(length);
}

/** A copy that `apply` may change. */
export function copy(knowledge: Knowledge): Knowledge {
  return { ...knowledge, posts: new Map(knowledge.posts) };
}

/** Which of two states the service is in; fails where it is in neither. */
export function settle(found: Knowledge, states: Knowledge[]): Knowledge {
  const settled = states.find((state) => {
    try {
      assert.deepEqual(found, state);
      return true;
    } catch {
      return false;
    }
  });
  if (settled) return settled;
  assert.deepEqual(outline(found), outline(states[0]));
  assert.fail("the content of a post is not what was acknowledged");
}

// A megabyte in a message helps nobody.
function outline({ posts }: Knowledge) {
  return [...posts].map(([slug, { content, ...rest }]) => ({
    slug,
    length: content.length,
    ...rest,
  }))
    .sort((a, b) => a.slug < b.slug ? -1 : 1);
}
