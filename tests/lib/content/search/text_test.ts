import assert from "node:assert/strict";
import fc from "fast-check";
import { queryTermsOf, termsOf } from "../../../../lib/content/search/text.ts";

/** Whether a document of `text` has every term that `asked` asks for, and it asks for one. */
function finds(text: string, asked: string): boolean {
  const terms = new Set(termsOf(text));
  const wanted = queryTermsOf(asked);
  return wanted.length > 0 && wanted.every((term) => terms.has(term));
}

function assertFound(cases: [text: string, asked: string][], found: boolean): void {
  for (const [text, asked] of cases) {
    assert.equal(finds(text, asked), found, `“${asked}” in “${text}”`);
  }
}

Deno.test("English is lower-cased and stemmed, its stopwords left out, in order and as often as it occurs", () => {
  assert.deepEqual(
    termsOf("The foxes' Running — and a FOX; ran, relational (don't)!"),
    ["fox", "run", "fox", "ran", "relat"],
  );
  assert.deepEqual(queryTermsOf("Isn't the Author's over-Running?"), [
    "isn",
    "author",
    "over-run",
    "run",
  ]);
});

Deno.test("a word with a digit is not stemmed", () => {
  assert.deepEqual(termsOf("64bits 3rd 2024 mp3-players"), [
    "64bits",
    "3rd",
    "2024",
    "mp3-players",
    "mp3",
    "player",
  ]);
});

Deno.test("a hyphenated word is found whole or by a part, its parts apart do not make it", () => {
  assertFound([
    ["A well-known trick", "well-known"],
    ["A well-known trick", "known"],
    ["A well‑known trick", "well-known"],
    ["state-of-the-art", "arts"],
    ["mass-produced", "mass-produce"],
  ], true);
  assertFound([
    ["well, this is known", "well-known"],
    ["a real-time-system", "real-time"],
  ], false);
});

Deno.test("names with dots, signs and underscores are found whole, by a part, or by some neighbouring parts", () => {
  assertFound([
    ["Written for Node.js.", "node.js"],
    ["Written for Node.js.", "node"],
    ["see docs.deno.com/runtime", "deno.com"],
    ["see https://docs.deno.com/runtime/", "docs.deno.com/runtime"],
    ["Mail me@example.com, please", "me@example.com"],
    ["Mail me@example.com, please", "example.com"],
    ["Deno v2.9.6 is out", "v2.9"],
    ["call snake_case_names()", "snake_case"],
    ["C++, C# and F#.", "c++"],
    ["C++, C# and F#.", "C#"],
    ["C++, C# and F#.", "f#"],
    ["Objective-C++ here", "c++"],
    ["Objective-C++ here", "objective-c++"],
    ["C++ here", "c"],
    ["One sentence.Another one", "another"],
  ], true);
  assertFound([
    ["the js of node", "node.js"],
    ["a letter c", "c++"],
    ["C++", "c#"],
    ["see issue#5 and c#5", "c#"],
    ["docs.deno.com", "docs.com"],
    ["Objective-C", "objective-c++"],
    ["Objective-C++", "objective++"],
    ["snake_case_names", "snake_names"],
  ], false);
});

Deno.test("without accents an accented word is found, with them a word without is not", () => {
  assertFound([
    ["Ein Café in Łódź", "cafe"],
    ["Ein Café in Łódź", "CAFÉS"],
    ["Ein Café in Łódź", "lodz"],
    ["die Straße", "STRASSE"],
    ["die STRASSE", "straße"],
    ["İstanbul", "istanbul"],
    ["ISPARTA", "ısparta"],
    ["Tiếng Việt", "tieng viet"],
    ["Ёлка", "елка"],
    ["Η ΑΘΉΝΑ και ο σοφός", "αθηνα"],
    ["Η ΑΘΉΝΑ και ο σοφός", "ΣΟΦΟΣ"],
    ["אָלֶף", "אלף"],
    ["مُحَمَّد", "محمد"],
    ["الأدب", "الادب"],
    ["كتـــاب", "كتاب"],
    ["naïve-looking", "naive-looking"],
  ], true);
  assertFound([
    ["a cafe", "café"],
    ["мои", "мой"],
    ["мой", "мои"],
    ["елка", "ёлка"],
  ], false);
  assert.deepEqual(termsOf("Le thé"), ["le", "thé"]);
  assert.deepEqual(termsOf("Мир ꞏ"), ["мир", "ꞏ"]);
});

Deno.test("a query asks for no more terms than say what it means", () => {
  const asked = queryTermsOf("Café Objective-C++ docs.deno.com c# Ёлка 東京");
  const wanted = ["café", "objective-c++", "docs.deno", "deno.com", "c#", "ёлка", "東京"];
  assert.deepEqual(asked, wanted);
});

Deno.test("forms that look or mean the same are one", () => {
  assertFound([
    ["ＡＢＣ", "abc"],
    ["ﬁne oﬃce", "fine office"],
    ["cafe\u0301", "café"],
    ["ﾃﾞｰﾀ", "データ"],
    ["in\u00adter\u200dest\ufeff", "interest"],
    ["Deno™ Deno℠", "deno"],
    ["か\u3099き", "がき"],
    ["か\u309aき", "か\u309aき"],
    ["葛\u{e0100}城", "葛城"],
    ["\u1112\u1161\u11ab글", "한글"],
  ], true);
  assert.deepEqual(termsOf("one\u200btwo"), ["one", "two"]);
});

Deno.test("Chinese, Japanese and Korean are found by any part, and by words in another order", () => {
  assertFound([
    ["東京都庁舎", "京都"],
    ["東京都庁舎", "都庁舎"],
    ["東京都庁舎", "庁"],
    ["分布式数据库系统", "数据库"],
    ["入門、機械学習の", "機械学習の入門"],
    ["猫が好き", "猫"],
    ["データベース", "ベース"],
    ["々人", "人"],
    ["플랫폼입니다", "플랫폼"],
    ["꽃이 피었다", "꽃"],
    ["𠮷野家", "𠮷野"],
    ["Denoは速い", "deno"],
    ["2024年のDeno入門", "入門 deno 2024"],
    ["二〇二四年", "二〇二四"],
  ], true);
  assertFound([
    ["東と京", "東京"],
    ["플랫 폼", "플랫폼"],
    ["東京", "東京都"],
    ["猫", "犬"],
  ], false);
});

Deno.test("scripts that meet in a word are told apart, in order", () => {
  assert.deepEqual(termsOf("node.js.東한deno猫c++"), [
    "node",
    "js",
    "node.js",
    "東",
    "한",
    "deno",
    "猫",
    "c",
    "c++",
  ]);
  assert.deepEqual(termsOf("node.東.js"), ["node", "東", "js"]);
});

Deno.test("one hiragana alone is a stopword, two are not", () => {
  assert.deepEqual(queryTermsOf("の"), []);
  assert.deepEqual(termsOf("のは"), ["のは"]);
  assertFound([["それとは別に", "とは"], ["機械学習 入門", "機械学習の入門"]], true);
});

Deno.test("Thai, Lao, Khmer and Burmese are found by their words", () => {
  assertFound([
    ["ภาษาไทยง่ายมาก", "ภาษาไทย"],
    ["ภาษาไทยง่ายมาก", "ง่าย"],
    ["ພາສາລາວ", "ລາວ"],
    ["ភាសាខ្មែរ របស់យើង", "ភាសាខ្មែរ"],
    ["မြန်မာဘာသာ စကား", "မြန်မာဘာသာ"],
  ], true);
  assertFound([["ภาษาไทย", "ยง่"]], false);
});

Deno.test("words of other scripts are found as they are", () => {
  assertFound([
    ["Привет, МИР!", "мир"],
    ["हिन्दी में खोज", "खोज"],
    ["हिन्दी में खोज", "हिन्दी"],
    ["தமிழ் மொழி", "தமிழ்"],
    ["ქართული ენა", "ქართული"],
    ["בדיקה בעברית", "בעברית"],
  ], true);
  assertFound([["Привета", "привет"]], false);
});

Deno.test("an emoji is a word, whatever its skin or presentation", () => {
  assertFound([
    ["We ship🚀now", "🚀"],
    ["❤️", "❤"],
    ["👍🏽", "👍"],
    ["👩‍💻", "💻"],
    ["🇩🇪🇫🇷", "🇫🇷"],
  ], true);
  assertFound([["🇩🇪", "🇪🇩"], ["🚀", "❤"]], false);
  assert.deepEqual(termsOf("© 1 * # → ®"), ["1"]);
});

Deno.test("a term has at most 64 characters, and whole ones", () => {
  const long = "abc".repeat(1000);
  assert.deepEqual(termsOf(long), [long.slice(0, 64)]);
  assert.ok(finds(`see ${long}`, long));
  assert.deepEqual(termsOf("ข".repeat(200)), ["ข".repeat(64)]);
  assert.deepEqual(termsOf("æ".repeat(60)), ["æ".repeat(60), "ae".repeat(32)]);
  const [term] = termsOf("a" + "𐐨".repeat(100));
  assert.equal(term, "a" + "𐐨".repeat(31));
  assert.ok(finds(`${long}.${long}`, `${long}.${long}`));
});

Deno.test("marks beyond thirty upon a letter do not count", () => {
  const marked = (n: number) => termsOf("z" + "\u0323\u0301".repeat(n));
  assert.deepEqual(marked(16), marked(15));
  assert.notDeepEqual(marked(14), marked(15));
  assert.deepEqual(marked(500_000), marked(15));
});

Deno.test("a long run of anything is read", () => {
  const size = 400_000;
  const one = [
    "a",
    "ก",
    "東",
    "폼",
    "é",
    "b.",
    "a@",
    "run-",
    "c++",
    "-",
    "#",
    "\u0301",
    "🚀",
    "\ud800",
  ];
  for (const unit of one) {
    const terms = termsOf(unit.repeat(size / unit.length));
    assert.ok(terms.every((term) => term.length <= 64), unit);
  }
});

const SCRAPS = [
  ..."aeiou sTrpK 09-_.@+#'’\"™©éßİıñŁ\u0301\u0308\u200b\u00ad‐",
  ..."東京都の々ーカタ〇플랫폼日本のは",
  ..."жЖёЁйΣςσάאָבمحّ हिन्",
  "🚀",
  "🇩",
  "𠮷",
  "\u0345",
  "\ufdfa",
];
const text = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary" }),
  fc.array(fc.constantFrom(...SCRAPS), { maxLength: 60 }).map((scraps) => scraps.join("")),
);

Deno.test("terms are short, without spaces, and never begin as a filter does", () => {
  fc.assert(
    fc.property(text, (text) => {
      for (const term of [...termsOf(text), ...queryTermsOf(text)]) {
        assert.match(term, /^[^\s@#~-][^\s]{0,63}$/u);
        assert.ok(term.isWellFormed());
      }
    }),
    { numRuns: 2000 },
  );
});

Deno.test("a text is found by each of its words between spaces", () => {
  const unspaced = /[\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]/u;
  fc.assert(
    fc.property(text, (text) => {
      const terms = new Set(termsOf(text));
      for (const word of text.split(/\s+/).filter((word) => !unspaced.test(word))) {
        const missing = queryTermsOf(word).filter((term) => !terms.has(term));
        assert.deepEqual(missing, [], `“${word}” of “${text}”`);
      }
    }),
    { numRuns: 2000 },
  );
});

Deno.test("a text of Han, kana or Hangul is found by any part of it, but for one hiragana", () => {
  const runs = fc.oneof(
    fc.array(fc.constantFrom(..."東京都庁の入門機械学習はベータデー々〇猫𠮷"), { minLength: 1 }),
    fc.array(fc.constantFrom(..."플랫폼입니다꽃"), { minLength: 1 }),
  );
  fc.assert(
    fc.property(runs, fc.nat(), fc.nat(), (chars, a, b) => {
      const [from, to] = [a % chars.length, b % chars.length].sort((x, y) => x - y);
      const part = chars.slice(from, to + 1).join("");
      assert.equal(finds(chars.join(""), part), !/^\p{sc=Hiragana}$/u.test(part), part);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("a text has the same terms in every form of Unicode and of ASCII case", () => {
  fc.assert(
    fc.property(text, (text) => {
      const plain = text.replace(/[™℠]/g, "");
      const terms = termsOf(plain);
      for (const form of ["NFC", "NFD", "NFKC", "NFKD"]) {
        assert.deepEqual(termsOf(plain.normalize(form)), terms, form);
      }
      const upper = plain.replace(/[a-z]/g, (letter) => letter.toUpperCase());
      assert.deepEqual(termsOf(upper), terms);
    }),
    { numRuns: 2000 },
  );
});
