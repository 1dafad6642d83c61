import assert from "node:assert/strict";
import type { Browser } from "playwright-core";
import { startServer } from "../support/server.ts";
import { findChromium, launch, until } from "./_browser.ts";
import { type Blog, publish, type Service, withService } from "./_site.ts";
import { findHarm, openAll, type Watch, watch } from "./_watch.ts";
import { ELEMENTS, PARSERS, UNCLOSED } from "./_xss_html.ts";
import { contentWith, diagramsWith, MARKDOWN } from "./_xss_markdown.ts";
import { STYLES, textWith, URLS } from "./_xss_urls.ts";

const executable = findChromium();
const VECTORS = [...ELEMENTS, ...PARSERS, ...UNCLOSED, ...MARKDOWN, ...URLS].map(written);
const POSTS_A_BLOG = 50;
const FILES = [
  ...["archive", "rss.xml", "atom.xml", "feed.json", "sitemap.xml", "robots.txt"],
  ...["llms.txt", "llms-full.txt"],
];

type Post = { vectors: string[]; content: string; swallows?: boolean };

/** The API refuses NULs and lone surrogates in any field, but not what refers to them. */
function written(vector: string): string {
  return vector.replaceAll("\0", "&#0;").replaceAll("\ud800", "&#xd800;").toWellFormed();
}

function postsOf(): Post[] {
  const inAllPlaces = chunks([...ELEMENTS, ...PARSERS], 8).map((vectors) => (
    { vectors, content: vectors.map((vector) => contentWith(vector, false)).join("\n\n") }
  ));
  const unclosed = UNCLOSED.map((vector) => (
    { vectors: [vector], content: contentWith(vector, true), swallows: true }
  ));
  const markdown = chunks(MARKDOWN, 10).map((vectors) => (
    { vectors, content: vectors.join("\n\n") }
  ));
  const addresses = chunks(URLS, 10).map((vectors) => (
    { vectors, content: vectors.map(textWith).join("\n\n") }
  ));
  return [...inAllPlaces, ...unclosed, ...markdown, ...addresses];
}

/** A post with vectors in all its fields; ends with a sentence of its own. */
function draftOf(post: Post, index: number) {
  const vectors = post.vectors.map(written);
  const all = vectors.join(" ");
  const picture = `https://img.example/?${all}`.slice(0, 2000).toWellFormed();
  return {
    title: [...all].slice(0, 1000).join(""),
    slug: `v-${index}`,
    tags: vectors.map((vector) => [...vector].slice(0, 50).join("")),
    content: `${written(post.content)}\n\n${endOf(index)}`,
    meta: {
      description: [...all].slice(0, 500).join(""),
      og_image: picture,
      canonical_url: picture,
    },
  };
}

function endOf(index: number): string {
  return `The end of ${index}.`;
}

function chunks<T>(list: T[], size: number): T[][] {
  return Array.from(
    { length: Math.ceil(list.length / size) },
    (_, index) => list.slice(index * size, (index + 1) * size),
  );
}

/** Texts that hold all that is short enough for a text of this size. */
function packs(vectors: string[], size: number): string[] {
  const texts: string[] = [];
  for (const vector of vectors.filter((vector) => vector.trim().length <= size)) {
    const longer = `${texts.at(-1)} ${vector}`;
    if (texts.length > 0 && longer.length <= size) texts[texts.length - 1] = longer;
    else texts.push(vector);
  }
  return texts;
}

async function withBrowser(use: (service: Service, browser: Browser) => Promise<void>) {
  await withService(async (service) => {
    const browser = await launch(executable!);
    try {
      await use(service, browser);
    } finally {
      await browser.close();
    }
  });
}

async function putBlog({ send }: Service, blog: Blog, body: unknown): Promise<void> {
  const { status, body: got } = await send(
    blog,
    { method: "PUT", path: `/blogs/${blog.id}` },
    body,
  );
  assert.equal(status, 200, JSON.stringify(got));
}

/** Opens each, and gives what on them could do harm. */
async function visit(seen: Watch, urls: string[]): Promise<string[]> {
  const harm: string[] = [];
  await openAll(seen, urls, async (tab, url) => {
    harm.push(...(await findHarm(tab)).map((found) => `${url}: ${found}`));
  });
  return harm;
}

function assertNothingRan({ ran, foreign }: Watch): void {
  assert.deepEqual(ran, []);
  assert.deepEqual(foreign, []);
}

if (executable) {
  Deno.test("no vector in any field of a post runs, and none asks for anything elsewhere", () =>
    withBrowser(async (service, browser) => {
      const blogs: Blog[] = [];
      const drafts = postsOf().map((post, index) => ({ post, draft: draftOf(post, index) }));
      const urls: string[] = [];
      const tags: string[] = [];
      for (const [index, { draft }] of drafts.entries()) {
        if (index % POSTS_A_BLOG === 0) {
          blogs.push(await service.createBlog(`shelf-${blogs.length}`, { plan: "enterprise" }));
        }
        const blog = blogs.at(-1)!;
        urls.push(await publish(service, blog, draft));
        tags.push(`${blog.url}/tag/${encodeURIComponent(draft.tags[0].trim())}`);
      }
      const lists = blogs.flatMap(({ url }) =>
        ["", "?page=2", "?page=3", ...FILES].map((path) => `${url}/${path}`)
      );
      const ofPosts = urls.slice(0, 5).flatMap((url) => [
        `${url}.md`,
        `${url}/llms.txt`,
        `${url}/og.png`,
      ]);
      for (const bypassCSP of [true, false]) {
        const seen = await watch(browser, { bypassCSP });
        const harm: string[] = [];
        await openAll(seen, urls, async (tab, url) => {
          harm.push(...(await findHarm(tab)).map((found) => `${url}: ${found}`));
          const index = urls.indexOf(url);
          const text = await tab.evaluate(() => document.querySelector(".body")!.textContent);
          if (!drafts[index].post.swallows) {
            assert.ok(text.includes(endOf(index)), `something on ${url} hid what follows it`);
          }
        });
        harm.push(...await visit(seen, [...lists, ...ofPosts, ...bypassCSP ? tags : []]));
        assert.deepEqual(harm, []);
        assertNothingRan(seen);
        await seen.context.close();
      }
    }));

  Deno.test("no vector in a blog's name, description, styles or addresses runs or leaves", () =>
    withBrowser(async (service, browser) => {
      const blog = await service.createBlog("shelf", { plan: "starter" });
      await publish(service, blog, { title: "Post", content: "Text.", slug: "post", tags: ["a"] });
      const seen = await watch(browser, { bypassCSP: true });
      // What is shown of a name is what is shown of a title: a third of them has to do.
      const names = packs(VECTORS.filter((_, index) => index % 3 === 0), 200);
      const descriptions = packs(VECTORS, 1000);
      const others = ["post", "archive", "tag/a", "none", "rss.xml", "atom.xml"];
      const rounds = Math.max(names.length, STYLES.length, 2 * descriptions.length);
      for (let i = 0; i < rounds; i++) {
        await putBlog(service, blog, {
          name: names[i % names.length],
          description: descriptions[(i >> 1) % descriptions.length],
          theme_config: { customCss: written(STYLES[i % STYLES.length]) },
        });
        const path = i % 2 ? others[(i >> 1) % others.length] : "";
        assert.deepEqual(await visit(seen, [`${blog.url}/${path}`]), []);
      }
      const asked = packs(VECTORS, 250).filter((_, index) => index % 5 === 0)
        .map(encodeURIComponent).flatMap((text) => [
          `${blog.url}/${text}`,
          `${blog.url}/?page=${text}`,
          `${blog.url}/tag/${text}`,
        ]);
      assert.deepEqual(await visit(seen, asked), []);
      assertNothingRan(seen);
    }));

  Deno.test("an address that is not of the web is refused in each field that takes one", () =>
    withService(async (service) => {
      const blog = await service.createBlog("shelf", { plan: "starter" });
      const put = (path: string, body: unknown) =>
        service.send(blog, { method: "PUT", path }, body);
      await publish(service, blog, { title: "Post", content: "Text.", slug: "post" });
      for (const url of [...URLS.map(written), "//evil.example/a.css", "http:", "https:///"]) {
        for (const meta of [{ canonical_url: url }, { og_image: url }]) {
          const { status } = await put("/posts/post", { meta });
          assert.equal(status, 400, JSON.stringify(meta));
        }
        const { status } = await put(`/blogs/${blog.id}`, { theme_config: { cssUrl: url } });
        assert.equal(status, 400, url);
      }
    }));

  Deno.test("no vector in a diagram runs where Mermaid draws it", () =>
    withBrowser(async (service, browser) => {
      const blog = await service.createBlog("shelf", { plan: "starter" });
      const content = diagramsWith(packs([...ELEMENTS, ...PARSERS, ...URLS].map(written), 600));
      const url = await publish(service, blog, { title: "Diagrams", slug: "diagrams", content });
      for (const bypassCSP of [true, false]) {
        const seen = await watch(browser, { bypassCSP });
        await openAll(seen, [url], async (tab) => {
          await tab.locator("pre.mermaid").first().scrollIntoViewIfNeeded();
          const waiting = tab.locator("pre.mermaid:not(:has(svg))").first();
          await waiting.waitFor({ state: "detached" });
          const links = await tab.locator("pre.mermaid a").evaluateAll((links) =>
            links.map((link) => link.getAttribute("href") ?? link.getAttribute("xlink:href"))
          );
          assert.deepEqual(links.filter((link) => link && /^\s*\w*script/i.test(link)), []);
        });
        assert.deepEqual(seen.ran, []);
        // A label may hold a picture, as the text may; what else Mermaid lets through, the policy does not.
        const others = seen.foreign.filter((request) => !request.startsWith("image "));
        if (!bypassCSP) assert.deepEqual(others, []);
      }
    }));

  Deno.test("an owner's HTML runs on the owner's blog, and on nothing else of the service", () =>
    withBrowser(async (service, browser) => {
      const script = "<b>OWNER</b><script>alert(1)</script>";
      const [mine, other] = [
        await service.createBlog("mine", { plan: "scale" }),
        await service.createBlog("other", { plan: "scale" }),
      ];
      for (const blog of [mine, other]) {
        await publish(service, blog, { title: "Post", content: "Text.", slug: "post" });
      }
      const theme_config = {
        ...{ adCode: script, headerHtml: script, footerHtml: script, headHtml: script },
        layoutHtml: `{{title}}{{head}}${script}{{header}}{{content}}{{footer}}`,
      };
      await putBlog(service, mine, { theme_config });
      const { origin } = service.server;
      const seen = await watch(browser, { bypassCSP: false });
      await openAll(seen, [`${mine.url}/post`], async () => {});
      await until("the owner's scripts ran", () => seen.ran.length >= 5);
      assert.deepEqual(seen.ran, Array(5).fill(`${mine.url}/post`));

      const elsewhere = ["/", "/post", "/archive", "/none"].map((path) => other.url + path);
      const platform = ["/", "/docs", "/llms.txt", "/docs/openapi.json"].map((p) => origin + p);
      await openAll(seen, [...elsewhere, ...platform], async (tab, url) => {
        assert.ok(!(await tab.content()).includes("OWNER"), url);
      });
      const shared = await startServer({ ...service.env, POSTLARK_BLOG_ADDRESS: "path" });
      try {
        const urls = ["/@mine/", "/@mine/post", "/@mine/none"].map((path) => shared.origin + path);
        await openAll(seen, urls, async (tab, url) => {
          assert.ok(!(await tab.content()).includes("OWNER"), url);
        });
      } finally {
        await shared.stop();
      }
      assert.deepEqual(seen.ran.slice(5), []);
    }));
}
