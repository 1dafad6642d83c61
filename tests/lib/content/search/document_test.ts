import assert from "node:assert/strict";
import fc from "fast-check";
import {
  blogFilter,
  describePost,
  langFilter,
  type Posting,
  tagFilter,
} from "../../../../lib/content/search/document.ts";
import { maskOf } from "../../../../lib/content/search/score.ts";
import { queryTermsOf } from "../../../../lib/content/search/text.ts";
import { openStore } from "../../../support/store.ts";

type Post = Parameters<typeof describePost>[0];

function describe(post: Partial<Post>): Posting {
  const empty = { title: "", description: "", headings: [], tags: [], blog: "b1", lang: "en" };
  return describePost({ ...empty, ...post });
}

function masksOf({ terms, masks }: Posting): Record<string, number> {
  const list = terms.split(" ");
  assert.equal(list.length, masks.length);
  assert.equal(new Set(list).size, list.length);
  return Object.fromEntries(list.map((term, i) => [term, masks[i]]));
}

Deno.test("a term's mask counts its hits in each field, the filters have none", () => {
  const posting = describe({
    title: "Deploying the deployed",
    description: "Deploys. Sky!",
    headings: ["Deployment sky", "Sky", "skies, sky"],
    tags: ["Sky", "deploy now"],
    lang: "en",
  });
  assert.deepEqual(masksOf(posting), {
    deploy: maskOf([2, 1, 1, 1]),
    sky: maskOf([0, 1, 3, 1]),
    "#sky": 0,
    "#deploy%20now": 0,
    "~en": 0,
    "@b1": 0,
  });
});

Deno.test("a post without words has its filters only", () => {
  assert.deepEqual(masksOf(describe({ title: "The", lang: "pt-BR" })), { "~pt-br": 0, "@b1": 0 });
});

Deno.test("a tag's filter is the same in any case, without a space, and of no other tag", () => {
  assert.equal(tagFilter("Web Development"), tagFilter("web development"));
  assert.equal(tagFilter("ÉTÉ 東"), tagFilter("été 東"));
  const tags = ["a b", "a%20b", "a+b", "a", "#a", "@a", "~a", "é", "e", "🚀", "a\tb"];
  const filters = tags.map(tagFilter);
  assert.equal(new Set(filters).size, tags.length);
  for (const filter of filters) assert.match(filter, /^#[!-~]+$/);
  assert.equal(tagFilter("\ud800"), tagFilter("\ufffd"));
});

Deno.test("tags that differ in case alone are one filter", () => {
  const { terms } = describe({ tags: ["Sky", "sky", "SKY"] });
  assert.equal(terms, "sky #sky ~en @b1");
  assert.equal(masksOf(describe({ tags: ["Sky", "sky"] })).sky, maskOf([0, 0, 0, 2]));
});

Deno.test("of a post with too many words the index takes 1,000 terms, the headings' last", () => {
  const words = (name: string, n: number) => Array.from({ length: n }, (_, i) => `${name}${i}`);
  const posting = describe({
    title: words("t", 160).join(" "),
    description: words("d", 80).join(" "),
    tags: words("tag", 10),
    headings: words("h", 5000),
  });
  const terms = posting.terms.split(" ");
  const real = terms.filter((term) => !/^[#@~]/.test(term));
  assert.equal(real.length, 1000);
  assert.deepEqual(terms.slice(-12), [...words("tag", 10).map(tagFilter), "~en", "@b1"]);
  assert.deepEqual(
    real,
    [...words("t", 160), ...words("d", 80), ...words("tag", 10), ...words("h", 750)],
  );
});

Deno.test("a term that has its place is counted on when there is no place for more", () => {
  const headings = [...Array.from({ length: 2000 }, (_, i) => `h${i}`), "sky sky"];
  assert.equal(masksOf(describe({ title: "Sky", headings })).sky, maskOf([1, 0, 2, 0]));
});

Deno.test("the row of the largest post fits a value of the store", async () => {
  const wide = (length: number) => "𠮷".repeat(length);
  const longest = {
    title: wide(1000),
    description: wide(500),
    tags: Array.from({ length: 10 }, (_, i) => `${wide(49)}${i}`),
    headings: Array.from({ length: 1000 }, (_, i) => `${i}${"д".repeat(64)}`),
    blog: crypto.randomUUID(),
  };
  const posting = describe(longest);
  const { headings: _, ...shown } = longest;
  const ids = { post: longest.blog, owner: longest.blog, slug: "a".repeat(100), createdAt: 1e12 };
  const row = { ...posting, ...shown, ...ids, excerpt: wide(200), lang: "en" };
  using kv = await openStore();
  assert.ok((await kv.set(["ftsdoc", 1], row)).ok);
  assert.ok(posting.terms.length > 20_000);
});

Deno.test("a heading is read to the bound of a post's text, and no further", () => {
  const { terms } = describe({ headings: ["sky ".repeat(20_000), "moon"] });
  assert.equal(terms, "sky ~en @b1");
  assert.match(describe({ headings: ["sky ".repeat(10_000), "moon"] }).terms, /moon/);
});

Deno.test("no text makes a term that is a filter, and the title's words are found", () => {
  const text = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }));
  fc.assert(
    fc.property(text, fc.array(text, { maxLength: 3 }), (title, tags) => {
      const posting = describe({ title, tags, headings: [title] });
      const masks = masksOf(posting);
      const filters = Object.keys(masks).filter((term) => /^[#@~]/.test(term));
      const wanted = new Set([...tags.map(tagFilter), langFilter("en"), blogFilter("b1")]);
      assert.deepEqual(new Set(filters), wanted);
      for (const term of queryTermsOf(title.split(/\s/)[0])) {
        if (!/[\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]/u.test(title)) {
          assert.ok(masks[term] & 3, `“${term}” of “${title}”`);
          assert.equal(masks[term] & 3, masks[term] >> 4 & 3);
        }
      }
    }),
    { numRuns: 500 },
  );
});
