import { describePost, type Posting } from "../../lib/content/search/document.ts";
import { parseQuery, type Query } from "../../lib/content/search/query.ts";
import { SCORES } from "../../lib/content/search/score.ts";
import { STOPWORDS } from "../../lib/content/search/stopwords.ts";
import { ODD_WORDS, WORD_FAMILIES } from "./english_words.ts";
import { Random } from "./random.ts";

/** A post of plain English words: no word, in whatever inflection, is more than three times in a field. */
export type CorpusPost = {
  title: string;
  description: string;
  headings: string[];
  tags: string[];
};

const MAX_HITS = 3;
const STOPS = [...STOPWORDS].filter((word) => word.length > 1 && word !== "or");

// The first are picked often, most hardly ever; without powers, which engines may round differently.
function skewed<T>(random: Random, items: readonly T[]): T {
  let end = items.length;
  for (let i = 0; i < 4; i++) end = random.below(end) + 1;
  return items[end - 1];
}

function capital(text: string): string {
  return text[0].toUpperCase() + text.slice(1);
}

// Families in an order of their own for every seed: the first are the common ones.
function shuffledFamilies(random: Random): string[][] {
  const families = [...WORD_FAMILIES];
  for (let i = families.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [families[i], families[j]] = [families[j], families[i]];
  }
  return families;
}

// What all inflections of a word have in common, dying and die too.
function rootOf(word: string): string {
  return word.slice(0, 2).replace("y", "i");
}

class Writer {
  readonly #random: Random;
  readonly #families: string[][];
  readonly #topics: string[][];
  #used = new Map<string, number>();

  constructor(random: Random, families: string[][]) {
    this.#random = random;
    this.#families = families;
    this.#topics = [random.pick(families), skewed(random, families)];
  }

  nextField(): void {
    this.#used.clear();
  }

  word(): string {
    for (;;) {
      const kind = this.#random.below(100);
      const family = kind < 3
        ? ODD_WORDS
        : kind < 18
        ? this.#random.pick(this.#topics)
        : skewed(this.#random, this.#families);
      const word = this.#random.pick(family);
      const roots = word.split("-").map(rootOf);
      if (roots.some((root) => this.#used.get(root) === MAX_HITS)) continue;
      for (const root of roots) this.#used.set(root, (this.#used.get(root) ?? 0) + 1);
      return word;
    }
  }

  phrase(least: number, most: number): string {
    const length = least + this.#random.below(most - least + 1);
    const words = Array.from(
      { length },
      () => this.#random.next() < 0.3 ? this.#random.pick(STOPS) : this.word(),
    );
    return capital(words.join(" "));
  }
}

/** `length` posts that follow from a seed. */
export function makeCorpus(options: { seed: number; length: number }): CorpusPost[] {
  const random = new Random(options.seed);
  const families = shuffledFamilies(random);
  return Array.from({ length: options.length }, () => {
    const writer = new Writer(random, families);
    const title = writer.phrase(3, 9);
    writer.nextField();
    const sentences = Array.from({ length: 1 + random.below(3) }, () => writer.phrase(5, 12));
    const description = sentences.map((sentence) => `${sentence}.`).join(" ");
    writer.nextField();
    const headings = Array.from({ length: random.below(6) }, () => writer.phrase(2, 6));
    writer.nextField();
    const tags = Array.from({ length: random.below(4) }, () => writer.word());
    return { title, description, headings, tags };
  });
}

// w: a word, c: a common word, r: a rare one, s: a stopword, W: capitals.
const PATTERNS = `c | w | r | W | s | c c | w w | c r | c w c | c c c | c s w | s c s | s s | C c
  | c OR w | w or r | c Or w OR r | c w OR r w | c c OR c c | s OR c | c OR s
  | c -c | c -w | c c -w | -c | -c -c | c -s | -s c | c -c OR w | c OR -c | -c OR -w | c OR w -c
  | --c w | c c -w -r | c OR OR w | or c | c or | c W OR w -r | c OR c OR c OR c | c c c -c OR r r`
  .split("|").map((pattern) => pattern.trim());

// What is more than letters, and signs that PostgreSQL skips. %: a common word.
const ODD =
  `well-known; state-of-the-art %; % -self-hosted; -well-known open-source; real-time or mp3
  Mass-Produced; long-running OR author's; children's; isn't OR 3rd; 2024 -x86; 64bit or 42 1999
  doesn't OR we're; (%) %; !%; % & %; -(%|%); %!%; reader's -isn't; %. or, %; dying; lies OR tying
  or-; or -% OR; The %, and its %.; ---%; % -`.split(/[;\n]/).map((query) => query.trim());

/** `length` queries without quotes that follow from a seed, about the corpus of the same seed, and some odd ones. */
export function makeQueries(options: { seed: number; length: number }): string[] {
  const families = shuffledFamilies(new Random(options.seed));
  const random = new Random(options.seed + 1);
  const common = families.slice(0, 40);
  const kinds: Record<string, () => string> = {
    c: () => random.pick(random.pick(common)),
    w: () => random.pick(skewed(random, families)),
    r: () => random.pick(random.pick(families)),
    s: () => random.pick(STOPS),
    C: () => capital(random.pick(random.pick(common))),
    W: () => random.pick(random.pick(common)).toUpperCase(),
  };
  const queries = Array.from(
    { length: options.length },
    (_, i) => PATTERNS[i % PATTERNS.length].replace(/\b[cwrsCW]\b/g, (kind) => kinds[kind]()),
  );
  return [...queries, ...ODD.map((query) => query.replaceAll("%", kinds.c))];
}

/** The corpus and queries whose numbers `tests/lib/content/search/postgres/golden.json` has. */
export const GOLDEN = {
  corpus: { seed: 2025, length: 6000 },
  queries: { seed: 2025, length: 240 },
};

/** The postings of a corpus, in its order, as posts of one blog. */
export function describeCorpus(corpus: CorpusPost[], blog = "blog"): Posting[] {
  return corpus.map((post) => describePost({ ...post, blog, lang: "en" }));
}

export type Hit = { at: number; score: number };

/** Every posting that a query finds, the best first; straight from what the types say, without an index. */
export function match(postings: Posting[], q: string): Hit[] {
  const query = parseQuery(q);
  return postings.flatMap((posting, at) => {
    const score = judge(masksOf(posting), query);
    return score === null ? [] : [{ at, score }];
  }).sort((a, b) => b.score - a.score || b.at - a.at);
}

const known = new WeakMap<Posting, Map<string, number>>();

function masksOf(posting: Posting): Map<string, number> {
  let masks = known.get(posting);
  if (!masks) {
    masks = new Map(posting.terms.split(" ").map((term, i) => [term, posting.masks[i]]));
    known.set(posting, masks);
  }
  return masks;
}

function judge(masks: Map<string, number>, query: Query): number | null {
  const found = query.any.some(({ all, none }) =>
    all.every((term) => masks.has(term)) &&
    none.every((group) => !group.every((term) => masks.has(term)))
  );
  if (!found) return null;
  const scores = query.scored.map((term) => SCORES[masks.get(term) ?? 0]);
  return scores.reduce((sum, score) => sum + score, 0) / Math.max(1, scores.length);
}
