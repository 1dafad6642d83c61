import assert from "node:assert/strict";
import { PLAN_NAMES } from "../../lib/kit/config.ts";
import { type Service, setup, type Tenant } from "../_setup.ts";
import {
  faultsOfAtom,
  faultsOfJsonFeed,
  faultsOfRss,
  faultsOfSitemap,
} from "../support/valid_feeds.ts";

const FEEDS: Record<string, (text: string) => string[]> = {
  "/rss.xml": faultsOfRss,
  "/atom.xml": faultsOfAtom,
  "/feed.json": faultsOfJsonFeed,
};
// NUL and lone surrogates are refused.
const CONTROLS = "\x01\b\v\f\x0e\x1b\x1f\x7f\x80\x85\x9f\ufdd0\ufffe\uffff";
/** Text that is hard on a writer of XML, JSON or HTML. */
const NASTY: Record<string, string> = {
  "the end of a CDATA section": "a ]]> b <![CDATA[ c ]]>",
  "markup": '</title></item></entry>"}]<script>alert(1)</script><!-- -->',
  "references": "&amp; &lt;b&gt; &#0; &#x1f; &nbsp; &unknown; &",
  "control characters": `a${CONTROLS}b`,
  "nothing that XML allows": "\x01\x1f\uffff",
  "emoji": "👩🏽‍💻 🏳️‍🌈 🇰🇷 👍🏿 𝕏 \u200d\ufe0f",
  "Hebrew": 'שלום "עולם" (ABC) — \u202eabc\u202c \u2067x\u2069',
  "Arabic": "مرحبا بالعالم، هذا نص <طويل> & غير ذلك",
  "Chinese": "你好，世界 — 這是一篇文章",
  "line ends": "a\r\nb\u2028c\u2029d\te",
  "quotes": "'a' \"b\" `c` „d“ \\u0000 %00 ${e} {{f}}",
  "a long title": "長い ".repeat(240),
};
const CONTENT = `
[relative](../a?b=1&c=2#d) [root](/e) [query](?f=%20g) [part](#h) [scheme](//i.example/j)
[mail](mailto:k@l.example) [spaces](<m n>) [broken](http://[o) [Unicode](/日本?語=ä)

![](p.png) ![q](<r s.png> "t") ![none]() <a href="u v">w</a> <a href="">x</a> <img src="y">

\`\`\`ts title="z]]>.ts"
const cdata = "]]>\u001b[1m";
\`\`\`

> [!NOTE] ]]>
> &#0;&#8;&#xFFFE;&#xD800; and :rocket:, $a < b$.[^1]

https://youtu.be/dQw4w9WgXcQ

<details><summary>]]></summary><blockquote cite="b">c</blockquote></details>

[^1]: A note ]]>.
`;

async function publish(t: Service, tenant: Tenant, post: Record<string, unknown>): Promise<void> {
  const body = { content: "Text.", status: "published", ...post };
  const { status, text } = await t.api("POST", "/posts", { key: tenant.key, body });
  assert.equal(status, 201, text);
}

async function publishNasty(t: Service, tenant: Tenant): Promise<number> {
  const texts = Object.values(NASTY);
  for (const text of texts) {
    const tags = [text.slice(0, 40).trim()];
    const meta = { description: text.slice(0, 400) };
    await publish(t, tenant, { title: text, content: `${text}\n${CONTENT}`, tags, meta });
    t.advance(1000);
  }
  return texts.length;
}

/** Judges every feed of a blog, and gives them by path. */
async function judge(t: Service, { blog }: Tenant): Promise<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const [path, faultsOf] of Object.entries(FEEDS)) {
    const { status, text } = await t.view(blog.slug, path);
    assert.equal(status, 200);
    assert.deepEqual(faultsOf(text), [], path);
    assert.ok(text.includes(blog.url + path), `${path} names itself`);
    texts[path] = text;
  }
  return texts;
}

Deno.test("feeds of posts with every kind of nasty text are valid, as is the sitemap", async () => {
  using t = await setup();
  const tenant = await t.tenant("scale");
  const count = await publishNasty(t, tenant);
  const feeds = await judge(t, tenant);
  for (const [path, text] of Object.entries(feeds)) {
    assert.equal(text.match(/urn:uuid:/g)?.length, count, path);
  }
  const { text } = await t.view(tenant.blog.slug, "/sitemap.xml");
  assert.deepEqual(faultsOfSitemap(text), []);
});

Deno.test("every address in the texts of a feed is absolute", async () => {
  using t = await setup();
  const tenant = await t.tenant("scale");
  await publish(t, tenant, { title: "Links", slug: "links", content: CONTENT });
  const { items } = JSON.parse((await judge(t, tenant))["/feed.json"]);
  const addresses = Array.from(
    (items[0].content_html as string).matchAll(/ (?:href|src|cite|srcset|poster)="([^"]*)"/g),
    ([, address]) => address,
  );
  assert.ok(addresses.includes(`${tenant.blog.url}/a?b=1&amp;c=2#d`), addresses.join("\n"));
  assert.deepEqual(addresses.filter((one) => !/^(?:https?:\/\/|mailto:)/.test(one)), []);
});

Deno.test("feeds of a blog whose name and description are nasty are valid", async () => {
  using t = await setup();
  const tenant = await t.tenant("scale");
  await publish(t, tenant, { title: "One" });
  for (const text of Object.values(NASTY)) {
    const body = { name: text.slice(0, 200).trim(), description: text };
    const sent = await t.api("PUT", `/blogs/${tenant.blog.id}`, { key: tenant.token, body });
    assert.equal(sent.status, 200, sent.text);
    await judge(t, tenant);
  }
});

Deno.test("feeds are valid of a blog without posts and description, and of one with more posts than they hold", async () => {
  using t = await setup();
  const tenant = await t.tenant("scale");
  await judge(t, tenant);
  for (let n = 1; n <= 55; n++) {
    await publish(t, tenant, { title: `Post ${n}`, tags: [`tag ${n % 7}`] });
    t.advance(3_600_000);
  }
  const feeds = await judge(t, tenant);
  for (const [path, text] of Object.entries(feeds)) {
    assert.equal(text.match(/urn:uuid:/g)?.length, 50, path);
    assert.match(text, /Post 55\b/, path);
  }
  const { text } = await t.view(tenant.blog.slug, "/sitemap.xml");
  assert.deepEqual(faultsOfSitemap(text), []);
  assert.equal(text.match(/<url>/g)?.length, 56);
});

Deno.test("a sitemap in parts is valid, also a part whose posts all ask to be left out", async () => {
  using t = await setup();
  const { key, blog } = await t.tenant("scale");
  const body = { title: "One", content: "Text.", status: "published", meta: { noindex: true } };
  const { body: { id } } = await t.api("POST", "/posts", { key, body });
  // Index rows that lead to one post stand in for thousands of posts.
  const rows = Array.from({ length: 5000 }, (_, i) => (
    { key: ["ix", blog.id, "s:published", "p", i, id], value: 1 }
  ));
  const count = { key: ["n", blog.id, "s:published"], value: new Deno.KvU64(5001n) };
  await t.deps.store.writeAll([...rows, count]);
  const files = ["/sitemap.xml", "/sitemap-1.xml", "/sitemap-2.xml"];
  for (const path of files) {
    const { status, text } = await t.view(blog.slug, path);
    assert.equal(status, 200);
    assert.deepEqual(faultsOfSitemap(text), [], path);
  }
});
for (const plan of PLAN_NAMES) {
  Deno.test(`feeds of a blog on ${plan} are valid`, async () => {
    using t = await setup();
    const tenant = await t.tenant(plan);
    await publish(t, tenant, { title: "One", content: CONTENT, tags: ["a", "b"] });
    await publish(t, tenant, { title: "שתיים", content: "טקסט בעברית, ארוך מספיק." });
    await judge(t, tenant);
  });
}
