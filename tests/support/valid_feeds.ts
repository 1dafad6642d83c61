import Ajv from "ajv";
import addFormats from "ajv-formats";
import jsonFeedSchema from "jsonfeed-schema/schema-v1.1.json" with { type: "json" };
import { RelaxNGValidator, XmlDocument, XmlValidateError } from "libxml2-wasm";
import atomSchema from "./schemas/atom.rng" with { type: "text" };
import rssSchema from "./schemas/rss.rng" with { type: "text" };
import sitemapSchema from "./schemas/sitemap.rng" with { type: "text" };

/** What an XPath must not find, and why. */
type Rule = { none: string; because: string };

const NAMES = {
  a: "http://www.w3.org/2005/Atom",
  s: "http://www.sitemaps.org/schemas/sitemap/0.9",
};
const ATOM_RULES: Rule[] = [
  { none: "/a:feed[not(a:link[@rel='self'])]", because: "the feed does not name itself" },
  { none: "//a:entry[not(a:author)][not(/a:feed/a:author)]", because: "an entry has no author" },
  { none: "//a:entry[a:id = preceding::a:entry/a:id]", because: "two entries have one id" },
  {
    none: "//a:*[count(a:link[@rel='alternate' or not(@rel)]) > 1]",
    because: "there are two alternates of one type",
  },
  {
    none: "//a:entry[not(a:content)][not(a:link[@rel='alternate'])]",
    because: "an entry has neither content nor an alternate",
  },
];
const RSS_RULES: Rule[] = [
  { none: "/rss/channel[not(a:link[@rel='self'])]", because: "the feed does not name itself" },
  { none: "//item[not(title)][not(description)]", because: "an item has no title or description" },
  { none: "//item[guid = preceding::item/guid]", because: "two items have one guid" },
];
const SITEMAP_RULES: Rule[] = [
  { none: "//s:loc[. = preceding::s:loc]", because: "an address is there twice" },
  { none: "/s:urlset[count(s:url) > 50000]", because: "there are more than 50,000 addresses" },
];

const isJsonFeed = addFormats.default(new Ajv.default({ strict: false, allErrors: true }))
  .compile(jsonFeedSchema);

/** What is wrong with an Atom feed by the grammar and the text of RFC 4287; [] where nothing is. */
export function faultsOfAtom(xml: string): string[] {
  return faultsOf(xml, atomSchema, ATOM_RULES);
}

/** What is wrong with an RSS feed by its specification; [] where nothing is. */
export function faultsOfRss(xml: string): string[] {
  const dates = Array.from(
    xml.matchAll(/<(?:pubDate|lastBuildDate)>([^<]*)</g),
    ([, date]) => date,
  );
  const wrong = dates.filter((date) => new Date(date).toUTCString() !== date);
  return [
    ...faultsOf(xml, rssSchema, RSS_RULES),
    ...wrong.map((date) => `${date} is not a day of the calendar`),
  ];
}

/** What is wrong with a sitemap, or an index of them, by the Sitemap protocol; [] where nothing is. */
export function faultsOfSitemap(xml: string): string[] {
  return faultsOf(xml, sitemapSchema, SITEMAP_RULES);
}

/** What is wrong with a feed by the JSON schema of JSON Feed 1.1; [] where nothing is. */
export function faultsOfJsonFeed(json: string): string[] {
  const feed = JSON.parse(json);
  if (!isJsonFeed(feed)) {
    return isJsonFeed.errors!.map(({ instancePath, message }) => `${instancePath} ${message}`);
  }
  const ids = (feed as { items: { id: string }[] }).items.map(({ id }) => id);
  return new Set(ids).size === ids.length ? [] : ["two items have one id"];
}

function faultsOf(xml: string, schema: string, rules: Rule[]): string[] {
  using grammar = XmlDocument.fromString(schema);
  using validator = RelaxNGValidator.fromDoc(grammar);
  try {
    // Refuses what is not well-formed.
    using document = XmlDocument.fromString(xml);
    validator.validate(document);
    return rules.filter(({ none }) => document.find(none, NAMES).length > 0)
      .map(({ because }) => because);
  } catch (error) {
    if (error instanceof XmlValidateError) {
      return error.details.map(({ message }) => message.trim());
    }
    return [String(error)];
  }
}
