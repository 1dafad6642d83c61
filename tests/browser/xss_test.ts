import assert from "node:assert/strict";
import type { Browser } from "playwright-core";
import { runAdmin, startServer } from "../support/server.ts";
import { findChromium, launch } from "./_browser.ts";
import { type Blog, publish, type Service, withService } from "./_site.ts";
import { findHarm, openAll, type Watch, watch } from "./_watch.ts";
import { ELEMENTS, PARSERS, UNCLOSED } from "./_xss_html.ts";
import { contentWith, diagramsWith, MARKDOWN } from "./_xss_markdown.ts";
import { STYLES, textWith, URLS } from "./_xss_urls.ts";

const executable = findChromium();
const VECTORS = [...ELEMENTS, ...PARSERS, ...UNCLOSED, ...MARKDOWN, ...URLS].map(written);
const VECTORS_A_POST = 18;
const POSTS_A_BLOG = 50;
const TAGS_A_POST = 10;
const FILES = [
  ...["archive", "rss.xml", "atom.xml", "feed.json", "sitemap.xml", "robots.txt"],
  ...["llms.txt", "llms-full.txt"],
];

/** A post of which `content` is one part of the vectors; `swallows` where it may hide what follows it. */
type Draft = { fields: Record<string, unknown>; end: string; swallows: boolean };
type Stage = { service: Service; browser: Browser };

/** The API refuses NULs and lone surrogates in any field, but not what refers to them. */
function written(vector: string): string {
  return vector.replaceAll("\0", "&#0;").replaceAll("\ud800", "&#xd800;").toWellFormed();
}

function contents(): { content: string; swallows: boolean }[] {
  const together = (vectors: string[], write: (vector: string) => string) =>
    chunks(vectors, VECTORS_A_POST).map((chunk) => (
      { content: chunk.map(write).join("\n\n"), swallows: false }
    ));
  const unclosed = UNCLOSED.map((vector) => (
    { content: contentWith(vector, true), swallows: true }
  ));
  return [
    ...together([...ELEMENTS, ...PARSERS], (vector) => contentWith(vector, false)),
    ...unclosed,
    ...together(MARKDOWN, (vector) => vector),
    ...together(URLS, textWith),
  ];
}

/** Posts that together have each vector in each field that is long enough for it. */
function drafts(): Draft[] {
  const bodies = contents();
  const titles = packs(VECTORS, 1000);
  const descriptions = packs(VECTORS, 500);
  const addresses = packs(VECTORS, 1900);
  const tags = chunks(VECTORS.map((vector) => [...vector].slice(0, 50).join("")), TAGS_A_POST);
  const fields = [bodies, titles, descriptions, addresses, tags];
  return Array.from({ length: Math.max(...fields.map(({ length }) => length)) }, (_, index) => {
    const of = <T>(list: T[]): T => list[index % list.length];
    const { content, swallows } = of(bodies);
    const end = `The end of ${index}.`;
    const address = `https://img.example/?${of(addresses)}`;
    return {
      fields: {
        title: of(titles),
        slug: `v-${index}`,
        tags: of(tags),
        content: `${written(content)}\n\n${end}`,
        meta: { description: of(descriptions), og_image: address, canonical_url: address },
      },
      end,
      swallows,
    };
  });
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

async function putBlog({ send }: Service, blog: Blog, body: unknown): Promise<void> {
  const { status, body: got } = await send(
    blog,
    { method: "PUT", path: `/blogs/${blog.id}` },
    body,
  );
  assert.equal(status, 200, JSON.stringify(got));
}

/** A blog of an account with a key that does everything with all the blogs of it. */
async function createAccount(service: Service, slug: string): Promise<Blog> {
  const blog = await service.createBlog(slug, { plan: "enterprise" });
  const user = ["--email", `${slug}@example.com`];
  const { stdout, stderr } = await runAdmin(service.env, "key", "create", ...user);
  assert.ok(stdout, stderr);
  return { ...blog, key: JSON.parse(stdout).key };
}

/** One more blog of the account. */
async function addBlog({ send }: Service, blog: Blog, slug: string): Promise<Blog> {
  const { status, body } = await send(
    blog,
    { method: "POST", path: "/blogs" },
    { slug, name: slug },
  );
  assert.equal(status, 201, JSON.stringify(body));
  return { ...blog, id: body.id as string, url: body.url as string };
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

async function testPosts({ service, browser }: Stage): Promise<void> {
  const blogs: Blog[] = [];
  const posts = new Map<string, Draft>();
  const tags = new Map<string, string>();
  for (const [index, draft] of drafts().entries()) {
    if (index % POSTS_A_BLOG === 0) {
      blogs.push(await service.createBlog(`posts-${blogs.length}`, { plan: "enterprise" }));
    }
    const blog = blogs.at(-1)!;
    posts.set(await publish(service, blog, draft.fields), draft);
    const [tag] = draft.fields.tags as string[];
    tags.set(tag, `${blog.url}/tag/${encodeURIComponent(tag.trim())}`);
  }
  const urls = [...posts.keys()];
  const lists = blogs.flatMap(({ url }) =>
    ["", "?page=2", "?page=3", ...FILES].map((path) => `${url}/${path}`)
  );
  const ofPosts = urls.slice(0, 5).flatMap((url) => [
    `${url}.md`,
    `${url}/llms.txt`,
    `${url}/og.png`,
  ]);
  // What runs under the policy runs without it all the more: some pages show that the policy holds too.
  const some = [...urls, ...lists].filter((_, index) => index % 5 === 0);
  const rounds = [
    { bypassCSP: true, visited: [...urls, ...lists, ...ofPosts, ...tags.values()] },
    { bypassCSP: false, visited: some },
  ];
  for (const { bypassCSP, visited } of rounds) {
    const seen = await watch(browser, { bypassCSP });
    const harm: string[] = [];
    await openAll(seen, visited, async (tab, url) => {
      harm.push(...(await findHarm(tab)).map((found) => `${url}: ${found}`));
      const draft = posts.get(url);
      if (!draft || draft.swallows) return;
      const text = await tab.evaluate(() => document.querySelector(".body")!.textContent);
      assert.ok(text.includes(draft.end), `something on ${url} hid what follows it`);
    });
    assert.deepEqual(harm, []);
    assertNothingRan(seen);
    await seen.context.close();
  }
}

async function testBlogs({ service, browser }: Stage): Promise<void> {
  const first = await createAccount(service, "shelf");
  // What is shown of a name is what is shown of a title: a third of them has to do.
  const names = packs(VECTORS.filter((_, index) => index % 3 === 0), 200);
  const descriptions = packs(VECTORS, 1000);
  const others = ["post", "archive", "tag/a", "none", "rss.xml", "atom.xml"];
  const rounds = Math.max(names.length, STYLES.length, 2 * descriptions.length);
  const pages: string[] = [];
  for (let i = 0; i < rounds; i++) {
    const blog = await addBlog(service, first, `shelf-${i}`);
    await putBlog(service, blog, {
      name: names[i % names.length],
      description: descriptions[(i >> 1) % descriptions.length],
      theme_config: { customCss: written(STYLES[i % STYLES.length]) },
    });
    await publish(service, blog, { title: "Post", content: "Text.", slug: "post", tags: ["a"] });
    pages.push(`${blog.url}/${i % 2 ? others[(i >> 1) % others.length] : ""}`);
  }
  const asked = packs(VECTORS, 250).filter((_, index) => index % 5 === 0)
    .map(encodeURIComponent).flatMap((text) => [
      `${first.url}/${text}`,
      `${first.url}/?page=${text}`,
      `${first.url}/tag/${text}`,
    ]);
  const seen = await watch(browser, { bypassCSP: true });
  assert.deepEqual(await visit(seen, [...pages, ...asked]), []);
  assertNothingRan(seen);
  await seen.context.close();
}

async function testAddresses({ service }: Stage): Promise<void> {
  const blog = await service.createBlog("addresses", { plan: "starter" });
  await publish(service, blog, { title: "Post", content: "Text.", slug: "post" });
  for (const url of [...URLS.map(written), "//evil.example/a.css", "http:", "https:///"]) {
    const refused = [
      { path: "/posts/post", body: { meta: { canonical_url: url } } },
      { path: "/posts/post", body: { meta: { og_image: url } } },
      { path: `/blogs/${blog.id}`, body: { theme_config: { cssUrl: url } } },
    ];
    await Promise.all(refused.map(async ({ path, body }) => {
      const { status } = await service.send(blog, { method: "PUT", path }, body);
      assert.equal(status, 400, JSON.stringify(body));
    }));
  }
}

async function testDiagrams({ service, browser }: Stage): Promise<void> {
  const blog = await service.createBlog("diagrams", { plan: "starter" });
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
    await seen.context.close();
  }
}

async function testOwnersHtml({ service, browser }: Stage): Promise<void> {
  const script = "<b>OWNER</b><script>alert(1)</script>";
  const mine = await createAccount(service, "mine");
  const other = await addBlog(service, mine, "other");
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
  await seen.context.close();
}

/** They share a service and a browser, each with blogs and a profile of its own: to start these takes longer. */
const TESTS: Record<string, (stage: Stage) => Promise<void>> = {
  "no vector in any field of a post runs, and none asks for anything elsewhere": testPosts,
  "no vector in a blog's name, description, styles or addresses runs or leaves": testBlogs,
  "an address that is not of the web is refused in each field that takes one": testAddresses,
  "no vector in a diagram runs where Mermaid draws it": testDiagrams,
  "an owner's HTML runs on the owner's blog, and on nothing else of the service": testOwnersHtml,
};

if (executable) {
  Deno.test("what tenants write runs no script in a browser", (test) =>
    withService(async (service) => {
      const browser = await launch(executable);
      try {
        for (const [name, run] of Object.entries(TESTS)) {
          await test.step(name, () => run({ service, browser }));
        }
      } finally {
        await browser.close();
      }
    }));
}
