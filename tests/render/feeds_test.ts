import assert from "node:assert/strict";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { atomFeed, type Feed, type FeedPost, jsonFeed, rssFeed } from "../../render/feeds.ts";
import { renderMarkdown } from "../../render/markdown/mod.ts";
import { SITE, SUMMARY } from "./_blog.ts";

const TEXT =
  '## A heading\n\nA [link](/there?a=1&b=2 "t"), a [part](#a-heading), ![i](pic.png).[^1]\n\n' +
  '```html\n<a href="/code">\n```\n\n[^1]: Note.';
const POST: FeedPost = {
  ...SUMMARY,
  id: "0199a000-0000-7000-8000-000000000001",
  html: renderMarkdown(TEXT).html,
  updatedAt: "2026-11-05T10:00:00.000Z",
};
const SECOND: FeedPost = {
  ...POST,
  ...{ id: "0199a000-0000-7000-8000-000000000002", url: "https://blog.example/b" },
  ...{ title: "B", description: "", tags: [], updatedAt: "2026-10-01T00:00:00.000Z" },
};
const FEED: Feed = { posts: [POST, SECOND], updatedAt: "2026-11-05T10:00:00.000Z" };
const HOSTILE = "]]></title><!-- \0\b\x1f\ufffe\ud800 &amp; \"'<b>";
const HOSTILE_FEED: Feed = {
  posts: [{
    ...POST,
    title: HOSTILE,
    description: HOSTILE,
    tags: [HOSTILE],
    html: HOSTILE,
    lang: HOSTILE,
  }],
  updatedAt: FEED.updatedAt,
};
const HOSTILE_SITE = { ...SITE, name: HOSTILE, description: HOSTILE };
const CLEANED = "]]></title><!-- \ufffd &amp; \"'<b>";

const OPTIONS = { ignoreAttributes: false, parseTagValue: false, htmlEntities: true };

// deno-lint-ignore no-explicit-any -- as the document has it
function read(xml: string): any {
  assert.equal(XMLValidator.validate(xml), true);
  return new XMLParser(OPTIONS).parse(xml);
}

Deno.test("the RSS feed has the fields of RSS 2.0, a stable id and the whole text", () => {
  const { rss: { channel } } = read(rssFeed(SITE, FEED));
  assert.equal(channel.title, "Tom & <Jerry>");
  assert.equal(channel.link, "https://blog.example/");
  assert.equal(channel.language, "en");
  assert.equal(channel.lastBuildDate, "Thu, 05 Nov 2026 10:00:00 GMT");
  assert.equal(channel["atom:link"]["@_href"], "https://blog.example/rss.xml");
  assert.equal(channel["atom:link"]["@_rel"], "self");
  const [item, second] = channel.item;
  assert.equal(item.link, "https://blog.example/a-post");
  assert.deepEqual(item.guid, {
    "#text": "urn:uuid:0199a000-0000-7000-8000-000000000001",
    "@_isPermaLink": "false",
  });
  assert.equal(item.pubDate, "Mon, 02 Nov 2026 23:30:00 GMT");
  assert.deepEqual(item.category, ["deno", "c++ & <b>"]);
  assert.match(item["content:encoded"], /A heading/);
  assert.equal(second.description, undefined);
});

Deno.test("the Atom feed has the fields of Atom 1.0, a stable id and the whole text", () => {
  const { feed } = read(atomFeed(SITE, FEED));
  assert.equal(feed.id, "https://blog.example/");
  assert.equal(feed.updated, "2026-11-05T10:00:00.000Z");
  assert.deepEqual(feed.link.map((link: Record<string, string>) => link["@_rel"]), [
    "self",
    "alternate",
  ]);
  assert.equal(feed.author.name, "Tom & <Jerry>");
  const [entry, second] = feed.entry;
  assert.equal(entry.id, "urn:uuid:0199a000-0000-7000-8000-000000000001");
  assert.equal(entry.link["@_href"], "https://blog.example/a-post");
  assert.equal(entry["@_xml:lang"], "en");
  assert.equal(entry.published, "2026-11-02T23:30:00.000Z");
  assert.equal(entry.updated, "2026-11-05T10:00:00.000Z");
  assert.equal(entry.content["@_type"], "html");
  assert.equal(second.updated, "2026-11-02T23:30:00.000Z", "not before it was published");
});

Deno.test("the JSON feed has the fields of JSON Feed 1.1, a stable id and the whole text", () => {
  const feed = JSON.parse(jsonFeed(SITE, FEED));
  assert.equal(feed.version, "https://jsonfeed.org/version/1.1");
  assert.equal(feed.feed_url, "https://blog.example/feed.json");
  assert.equal(feed.home_page_url, "https://blog.example/");
  assert.deepEqual(feed.authors, [{ name: "Tom & <Jerry>", url: "https://blog.example/" }]);
  const { content_html: html, ...item } = feed.items[0];
  assert.deepEqual(item, {
    id: "urn:uuid:0199a000-0000-7000-8000-000000000001",
    url: "https://blog.example/a-post",
    title: SUMMARY.title,
    summary: SUMMARY.description,
    date_published: "2026-11-02T23:30:00.000Z",
    date_modified: "2026-11-05T10:00:00.000Z",
    tags: ["deno", "c++ & <b>"],
    language: "en",
  });
  assert.match(html, /A heading/);
});

Deno.test("a text in a feed has absolute addresses and no links to its headings", () => {
  const html: string = JSON.parse(jsonFeed(SITE, FEED)).items[0].content_html;
  assert.match(html, /<a href="https:\/\/blog.example\/there\?a=1&amp;b=2" title="t">link/);
  assert.match(html, /<a href="https:\/\/blog.example\/a-post#a-heading">part/);
  assert.match(html, /<img src="https:\/\/blog.example\/pic.png"/);
  assert.match(html, /href="https:\/\/blog.example\/a-post#fn:1"/);
  assert.match(html, /<h2 id="a-heading">A heading<\/h2>/);
  assert.match(html, /"\/code"|&quot;\/code&quot;/, "code stays as it is");
  const rss = read(rssFeed(SITE, FEED)).rss.channel.item[0]["content:encoded"];
  const atom = read(atomFeed(SITE, FEED)).feed.entry[0].content["#text"];
  assert.equal(rss, html.trim());
  assert.equal(atom, html.trim());
});

Deno.test("feeds are well-formed whatever is written, without control characters", () => {
  const { channel } = read(rssFeed(HOSTILE_SITE, HOSTILE_FEED)).rss;
  assert.equal(channel.title, CLEANED);
  assert.equal(channel.item.title, CLEANED);
  assert.equal(channel.item.category, CLEANED);
  assert.equal(channel.item["content:encoded"], CLEANED);
  const { feed } = read(atomFeed(HOSTILE_SITE, HOSTILE_FEED));
  assert.equal(feed.entry.summary, CLEANED);
  assert.equal(feed.entry.category["@_term"], CLEANED);
  const json = JSON.parse(jsonFeed(HOSTILE_SITE, HOSTILE_FEED));
  assert.equal(json.items[0].title, CLEANED);
});

Deno.test("a feed of several languages names none for all, and an empty one is well-formed", () => {
  const mixed = { ...FEED, posts: [POST, { ...SECOND, lang: "ja" }] };
  assert.equal(read(rssFeed(SITE, mixed)).rss.channel.language, undefined);
  const empty = { posts: [], updatedAt: FEED.updatedAt };
  assert.equal(read(rssFeed(SITE, empty)).rss.channel.item, undefined);
  assert.equal(read(atomFeed(SITE, empty)).feed.entry, undefined);
  assert.deepEqual(JSON.parse(jsonFeed(SITE, empty)).items, []);
});

Deno.test("a post without its text is in the feeds with its description, and nothing empty", () => {
  const bare = { ...FEED, posts: [{ ...POST, html: "" }] };
  const { item } = read(rssFeed(SITE, bare)).rss.channel;
  assert.deepEqual([item.description, item["content:encoded"]], [SUMMARY.description, undefined]);
  const { entry } = read(atomFeed(SITE, bare)).feed;
  assert.deepEqual([entry.summary, entry.content], [SUMMARY.description, undefined]);
  const { items } = JSON.parse(jsonFeed(SITE, bare));
  assert.deepEqual([items[0].content_text, items[0].content_html], [
    SUMMARY.description,
    undefined,
  ]);
});

Deno.test("where nothing of a name can be written, its address stands for it", () => {
  const site = { ...SITE, name: "\x01" };
  const nameless = { ...FEED, posts: [{ ...POST, title: "\uffff", tags: ["\x01", "a"] }] };
  const { channel } = read(rssFeed(site, nameless)).rss;
  assert.deepEqual([channel.title, channel.item.title, channel.item.category], [
    SITE.url,
    POST.url,
    "a",
  ]);
  assert.equal(read(atomFeed(site, nameless)).feed.author.name, SITE.url);
  assert.equal(JSON.parse(jsonFeed(site, nameless)).items[0].title, POST.url);
});

Deno.test("our name is in the feeds of blogs that have it, and in no others", () => {
  const own = { ...SITE, brand: false };
  assert.match(rssFeed(SITE, FEED) + atomFeed(SITE, FEED), /<generator>Postlark</);
  const feeds = rssFeed(own, FEED) + atomFeed(own, FEED) + jsonFeed(own, FEED);
  assert.doesNotMatch(feeds, /postlark/i);
});
