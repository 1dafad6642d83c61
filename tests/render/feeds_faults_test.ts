import assert from "node:assert/strict";
import { atomFeed, type Feed, jsonFeed, rssFeed } from "../../render/feeds.ts";
import { sitemap } from "../../render/sitemap.ts";
import {
  faultsOfAtom,
  faultsOfJsonFeed,
  faultsOfRss,
  faultsOfSitemap,
} from "../support/valid_feeds.ts";
import { SITE, SUMMARY } from "./_blog.ts";

const at = "2026-11-05T10:00:00.000Z";
const post = (n: number) => ({
  ...SUMMARY,
  url: `${SITE.url}/${n}`,
  id: `0199a000-0000-7000-8000-00000000000${n}`,
  html: "<p>Text.</p>",
  updatedAt: at,
});
const FEED: Feed = { posts: [post(1), post(2)], updatedAt: at };
const URLS = [{ url: `${SITE.url}/`, lastmod: at }, { url: `${SITE.url}/1`, lastmod: null }];

type Break = [fault: string, from: RegExp, to: string];

/** Each takes a valid text, and a change of it that its specification forbids. */
const CASES: Record<string, [string, (text: string) => string[], Break[]]> = {
  "an Atom feed": [atomFeed(SITE, FEED), faultsOfAtom, [
    ["no id", /<id>.*<\/id>\n/, ""],
    ["two titles", /<title>.*<\/title>/, "$&$&"],
    ["no time of change", /<updated>.*<\/updated>\n/, ""],
    ["a time without a zone", /(<published>.*)Z</, "$1<"],
    ["an id that is no IRI", /urn:uuid:/, "urn-"],
    ["two entries of one id", /-000000000002/, "-000000000001"],
    ["an entry before the title", /<title>.*<\/title>\n([^]*<\/entry>)/, "$1<title>t</title>"],
    ["an element of RSS", /<updated>/, "<pubDate>x</pubDate>$&"],
    ["markup in the content", /&lt;p&gt;Text.&lt;\/p&gt;/, "<p>Text.</p>"],
    ["no author", /<author>[^]*?<\/author>/, ""],
    ["no link to itself", /rel="self"/, 'rel="related"'],
    ["a link to nowhere", / href="[^"]*"/, ""],
    ["a tag without a term", / term="[^"]*"/, ""],
    ["a language that is no tag", /xml:lang="en"/, 'xml:lang="en_US"'],
    ["an unfinished element", /<\/feed>/, ""],
    ["a control character", /Tom/, "\x01"],
  ]],
  "an RSS feed": [rssFeed(SITE, FEED), faultsOfRss, [
    ["no description", /<description>.*<\/description>\n/, ""],
    ["an empty title", /<title>.*<\/title>/, "<title> </title>"],
    ["two links", /<link>.*<\/link>/, "$&$&"],
    ["a relative link", /<link>https:\/\/blog.example/, "<link>"],
    ["an ISO date", /<pubDate>.*</, `<pubDate>${at}<`],
    ["a wrong weekday", /<pubDate>Mon/, "<pubDate>Tue"],
    ["an id that is said to be an address", /<guid isPermaLink="false">urn:uuid:/, "<guid>"],
    ["two items of one id", /-000000000002/, "-000000000001"],
    ["an unknown element", /<item>/, "<item><updated/>"],
    ["another version", /version="2.0"/, 'version="0.91"'],
    ["no link to itself", /<atom:link[^>]*>/, ""],
    ["an unknown entity", /Tom/, "&nbsp;"],
  ]],
  "a JSON feed": [jsonFeed(SITE, FEED), faultsOfJsonFeed, [
    ["no title", / "title".*\n/, ""],
    ["an item without an id", / "id".*\n/, ""],
    ["two items of one id", /-000000000002/, "-000000000001"],
    ["another version", /version\/1.1/, "version/2"],
    ["a relative address", /"url": "https:\/\/blog.example/, '"url": "'],
    ["a date that is none", /"date_published": "/, "$&on "],
    ["a tag that is no text", /"deno"/, "1"],
  ]],
  "a sitemap": [sitemap(URLS), faultsOfSitemap, [
    ["no address", /<url>[^]*<\/url>\n/, ""],
    ["an entry without an address", /<loc>.*<\/loc>/, ""],
    ["a relative address", /<loc>https:\/\/blog.example/, "<loc>"],
    ["the same address twice", /\/1<\/loc>/, "/</loc>"],
    ["a time that is none", /<lastmod>/, "<lastmod>at "],
    ["an unknown element", /<url>/, "<url><title/>"],
    ["another namespace", /0\.9/, "1.0"],
  ]],
};

for (const [what, [text, faultsOf, breaks]] of Object.entries(CASES)) {
  Deno.test(`${what} of ours has no fault`, () => {
    assert.deepEqual(faultsOf(text), []);
  });

  for (const [fault, from, to] of breaks) {
    Deno.test(`the validator refuses ${what} with ${fault}`, () => {
      const broken = text.replace(from, to);
      assert.notEqual(broken, text);
      assert.notDeepEqual(faultsOf(broken), []);
    });
  }
}
