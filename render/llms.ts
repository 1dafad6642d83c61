import type { PostSummary, Site } from "./blog_next/mod.ts";
import { cleanText } from "./xml.ts";

/** A post with its Markdown source. */
export type SourcePost = PostSummary & { markdown: string; updatedAt: string };

const FULL_POSTS = 100;
const FULL_BYTES = 2_000_000;

/** What the blog has for language models, in the form of llms.txt (llmstxt.org); posts newest first. */
export function llmsTxt(site: Site, posts: PostSummary[]): string {
  return sections([
    ...heading(site),
    posts.length > 0 && `## Posts\n\n${posts.map(listed).join("\n")}`,
    `## Optional\n\n${
      [
        `- [Full texts](${site.url}/llms-full.txt): the newest posts in one file`,
        `- [Archive](${site.url}/archive): all posts by month`,
        `- [RSS feed](${site.url}/rss.xml)`,
      ].join("\n")
    }`,
  ]);
}

/** The newest 100 posts whole, newest first as given, as many as fit in 2,000,000 bytes of UTF-8. */
export function llmsFullTxt(site: Site, posts: SourcePost[]): string {
  const encoder = new TextEncoder();
  const texts = heading(site);
  let bytes = encoder.encode(sections(texts)).length;
  for (const post of posts.slice(0, FULL_POSTS)) {
    const text = `---\n\n${article(site, post)}`;
    bytes += encoder.encode(text).length + 2;
    if (bytes > FULL_BYTES) break;
    texts.push(text);
  }
  return sections(texts);
}

/** One post with what is known about it. */
export function postLlmsTxt(site: Site, post: SourcePost): string {
  return sections([article(site, post)]);
}

function heading(site: Site): string[] {
  const name = `# ${line(site.name)}`;
  return site.description ? [name, `> ${line(site.description)}`] : [name];
}

function listed(post: PostSummary): string {
  const about = post.description && `: ${line(post.description)}`;
  return `- [${line(post.title).replace(/[\\[\]]/g, "\\$&")}](${post.url}.md)${about}`;
}

function article(site: Site, post: SourcePost): string {
  const facts = [
    `- URL: ${post.url}`,
    `- Blog: ${line(site.name)} (${site.url}/)`,
    `- Published: ${post.publishedAt}`,
    `- Updated: ${post.updatedAt}`,
    `- Language: ${post.lang}`,
    post.tags.length > 0 && `- Tags: ${post.tags.map(line).join(", ")}`,
  ].filter(Boolean);
  const title = `# ${line(post.title)}`;
  const about = post.description && `> ${line(post.description)}`;
  return [title, about, facts.join("\n"), cleanText(post.markdown).trim()]
    .filter(Boolean)
    .join("\n\n");
}

function line(text: string): string {
  return cleanText(text).replace(/\s+/g, " ").trim();
}

function sections(texts: (string | false)[]): string {
  return texts.filter(Boolean).join("\n\n") + "\n";
}
