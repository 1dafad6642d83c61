import { createHash } from "node:crypto";
import { postPage } from "./post.ts";
import type { Site } from "./types.ts";

const SAMPLE_SITE: Site = {
  name: "Name",
  description: "Description",
  url: "https://blog.example",
  base: "",
  noindex: false,
  badge: true,
  brand: true,
  postLlms: true,
  titlePatterns: { ofBlog: "", ofTags: {} },
  theme: {
    theme: "paper",
    customCss: "",
    cssUrl: "",
    adCode: "",
    headerHtml: "",
    footerHtml: "",
    headHtml: "",
    layoutHtml: "",
  },
};

/** Names the design: a hash of a sample page in each theme, so that pages stored under another one are rebuilt. */
export const DESIGN_VERSION: string = (["paper", "ink", "terminal"] as const).reduce(
  (hash, theme) =>
    hash.update(samplePage({ ...SAMPLE_SITE, theme: { ...SAMPLE_SITE.theme, theme } })),
  createHash("sha256"),
).digest("hex").slice(0, 12);

function samplePage(site: Site): string {
  const time = "2026-01-01T00:00:00.000Z";
  const { html, csp } = postPage(site, {
    title: "Title",
    url: "https://blog.example/post",
    slug: "post",
    html: "<p>Text</p>",
    description: "Description",
    ogImage: "https://blog.example/post/og.png",
    canonical: null,
    noindex: false,
    tags: ["tag"],
    publishedAt: time,
    updatedAt: time,
    lang: "en",
    words: 1,
    uses: { math: true, mermaid: true, code: true, youtube: true },
    newer: null,
    older: null,
  });
  return html + csp;
}
