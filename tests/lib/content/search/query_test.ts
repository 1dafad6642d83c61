import assert from "node:assert/strict";
import fc from "fast-check";
import { parseQuery, type Query } from "../../../../lib/content/search/query.ts";

function matches(query: Query, words: Set<string>): boolean {
  return query.any.some(({ all, none }) =>
    all.every((term) => words.has(term)) &&
    none.every((group) => !group.every((term) => words.has(term)))
  );
}

const cat = { all: ["cat"], none: [] };
const dog = { all: ["dog"], none: [] };
const both = { all: ["cat", "dog"], none: [] };
const notDog = { all: ["cat"], none: [["dog"]] };

Deno.test("words are combined with AND, which binds tighter than OR in any case", () => {
  assert.deepEqual(parseQuery("Cats dogs").any, [both]);
  for (const or of ["OR", "or", "Or"]) {
    assert.deepEqual(parseQuery(`cat dog ${or} dog ${or}\tcat`).any, [both, dog, cat]);
  }
});

Deno.test("only a word by itself is OR", () => {
  assert.deepEqual(parseQuery("cat orange").any, [{ all: ["cat", "orang"], none: [] }]);
  assert.deepEqual(parseQuery("cat or-dog").any[0].all, ["cat", "or-dog", "dog"]);
  assert.deepEqual(parseQuery("cat or_dog").any, [{ all: ["cat", "or_dog"], none: [] }]);
  assert.deepEqual(parseQuery("cat or2 dog").any, [{ all: ["cat", "or2", "dog"], none: [] }]);
  assert.deepEqual(parseQuery('cat "or" dog').any, [both]);
  assert.deepEqual(parseQuery("cat -or dog").any, [both]);
  assert.deepEqual(parseQuery("cat or,dog").any, [cat, dog]);
});

Deno.test("OR with nothing on a side is left out", () => {
  for (const q of ["OR cat", "cat OR", "or cat or", "cat OR the", "OR OR cat OR OR", "cat OR -"]) {
    assert.deepEqual(parseQuery(q).any, [cat], q);
  }
});

Deno.test("a minus sign negates the word or the quote that it stands before", () => {
  for (const q of ["cat -dog", "-dog cat", "cat -dogs", "cat ---dog", "cat －dog", "cat -(dog"]) {
    assert.deepEqual(parseQuery(q).any, [notDog], q);
  }
  assert.deepEqual(parseQuery('-"the cat dog"').any, [{ all: [], none: [["cat", "dog"]] }]);
  assert.deepEqual(parseQuery("-“cat dog”").any, [{ all: [], none: [["cat", "dog"]] }]);
  assert.deepEqual(parseQuery("-cat -dog").any, [{ all: [], none: [["cat"], ["dog"]] }]);
  assert.deepEqual(parseQuery("-node.js").any, [{ all: [], none: [["node.js"]] }]);
  assert.deepEqual(parseQuery("-플랫폼").any, [{ all: [], none: [["플랫", "랫폼"]] }]);
});

Deno.test("what is negated twice, a minus sign with a space behind, and one within a word negate nothing", () => {
  for (const q of ["cat --dog", "cat - dog", "cat -- dog", "- cat dog -", "cat -the dog"]) {
    assert.deepEqual(parseQuery(q).any, [both], q);
  }
  assert.deepEqual(parseQuery("cat-dog").any, [{ all: ["cat-dog", "cat", "dog"], none: [] }]);
});

Deno.test("quoted words are all of the words, and end where the quote or the query does", () => {
  for (const q of ['"cat dog"', '"cat dog', 'cat"dog"', '"cat""dog"', '""cat" dog"', "“cat dog”"]) {
    assert.deepEqual(parseQuery(q).any, [both], q);
  }
  assert.deepEqual(parseQuery('"cat -dog"').any, [both]);
  assert.deepEqual(parseQuery('"cat OR dog"').any, [both]);
  assert.deepEqual(parseQuery('cat -"dog').any, [notDog]);
});

Deno.test("signs of PostgreSQL's own operators separate words and mean nothing", () => {
  for (const q of ["cat & dog", "cat|dog", "(cat) !dog", "!cat&(dog)", "cat:dog", "cat, dog."]) {
    assert.deepEqual(parseQuery(q).any, [both], q);
  }
});

Deno.test("of stopwords or signs alone, a query finds nothing", () => {
  for (const q of ["", " ", "the", "-the", "the OR a", '""', '"', "-", "--", "!&|()", "の", "\0"]) {
    assert.deepEqual(parseQuery(q), { any: [], scored: [] }, JSON.stringify(q));
  }
});

Deno.test("scored are the terms that are not negated, each once", () => {
  assert.deepEqual(parseQuery("cat dog cats OR -bird --fish cat").scored, ["cat", "dog", "fish"]);
  assert.deepEqual(parseQuery("cat -cat").scored, ["cat"]);
  assert.deepEqual(parseQuery("-cat").scored, []);
});

Deno.test("a word means with a repetition what it means alone", () => {
  assert.deepEqual(parseQuery("cat cats CAT dog dog").any, [both]);
  assert.deepEqual(parseQuery('-"cat cats"').any, [{ all: [], none: [["cat"]] }]);
});

Deno.test("of a long query the first 128 terms and 1,000 characters count", () => {
  const words = Array.from({ length: 200 }, (_, i) => `w${i}`);
  const { any, scored } = parseQuery(words.join(" "));
  assert.deepEqual(any, [{ all: words.slice(0, 128), none: [] }]);
  assert.deepEqual(scored, words.slice(0, 128));
  assert.equal(parseQuery(words.join(" OR ")).any.length, 128);
  assert.deepEqual(parseQuery(`${words.join(" ")} w5 -w6 -x`).any[0].none, [["w6"]]);
  assert.deepEqual(parseQuery("cat" + " ".repeat(997) + "dogs").any, [cat]);
  assert.deepEqual(parseQuery("cat" + " ".repeat(994) + "dog").any, [both]);
  assert.deepEqual(parseQuery("the ".repeat(1_000_000)).any, []);
});

Deno.test("a negated quote that the bound cuts excludes nothing, rather than too much", () => {
  const words = Array.from({ length: 127 }, (_, i) => `w${i}`);
  const { any } = parseQuery(`${words.join(" ")} -"w3 x y"`);
  assert.deepEqual(any, [{ all: words, none: [] }]);
});

Deno.test("no word of a query of 100 characters is left out", () => {
  const letters = Array.from({ length: 50 }, (_, i) => String.fromCodePoint(0x3b1 + i));
  const hangul = Array.from({ length: 100 }, (_, i) => String.fromCodePoint(0xac00 + 28 * i));
  assert.ok(parseQuery(letters.join("-")).scored.includes(letters[49].toUpperCase().toLowerCase()));
  assert.equal(parseQuery(hangul.join("")).scored.length, 99);
});

type Operand = { words: string[]; minus: number; quoted: boolean };
const word = fc.constantFrom("w1", "w2", "w3", "w4", "w5", "the", "of");
const operand: fc.Arbitrary<Operand> = fc.oneof(
  fc.record({
    words: word.map((word) => [word]),
    minus: fc.nat({ max: 3 }),
    quoted: fc.boolean(),
  }),
  fc.record({
    words: fc.array(word, { maxLength: 3 }),
    minus: fc.nat({ max: 3 }),
    quoted: fc.constant(true),
  }),
);

function show({ words, minus, quoted }: Operand): string {
  return "-".repeat(minus) + (quoted ? `"${words.join(" ")}"` : words.join(" "));
}

/** What the operand says of a document; null: nothing, as PostgreSQL drops what has stopwords only. */
function judge({ words, minus }: Operand, document: Set<string>): boolean | null {
  const said = words.filter((word) => word.startsWith("w"));
  if (said.length === 0) return null;
  return said.every((word) => document.has(word)) === (minus % 2 === 0);
}

function judgeAll(conjunctions: Operand[][], document: Set<string>): boolean {
  return conjunctions.some((operands) => {
    const said = operands.map((operand) => judge(operand, document)).filter((it) => it !== null);
    return said.length > 0 && said.every((it) => it);
  });
}

Deno.test("a query finds what its operands say", () => {
  const conjunctions = fc.array(fc.array(operand, { maxLength: 4 }), { maxLength: 4 });
  const document = fc.uniqueArray(fc.constantFrom("w1", "w2", "w3", "w4", "w5"));
  fc.assert(
    fc.property(conjunctions, document, (conjunctions, document) => {
      const q = conjunctions.map((operands) => operands.map(show).join(" ")).join(" OR ");
      const words = new Set(document);
      assert.equal(matches(parseQuery(q), words), judgeAll(conjunctions, words), q);
    }),
    { numRuns: 1500 },
  );
});

Deno.test("whatever is asked, a query is well formed and bounded", () => {
  const scrap = fc.constantFrom(..."\"'-!&|() OoRr,.:#+*<>\\\0aé京の플🚀\u0301", "the ", " or ");
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 300 }),
    fc.array(scrap, { maxLength: 300 }).map((scraps) => scraps.join("")),
  );
  fc.assert(
    fc.property(text, (q) => {
      const { any, scored } = parseQuery(q);
      const positive = new Set(any.flatMap(({ all }) => all));
      assert.deepEqual(new Set(scored), positive);
      assert.equal(scored.length, positive.size);
      const terms = new Set([...positive, ...any.flatMap(({ none }) => none.flat())]);
      assert.ok(terms.size <= 128 && !terms.has(""));
      for (const { all, none } of any) {
        assert.ok(all.length + none.length > 0);
        assert.equal(new Set(all).size, all.length);
        assert.ok(none.every((group) => group.length > 0 && new Set(group).size === group.length));
      }
    }),
    { numRuns: 1500 },
  );
});
