import { Random } from "../support/random.ts";

/** How many blogs the posts are of; the first has a tenth of them. */
export const BLOGS = 500;
/** The time between two posts, milliseconds: it sets how far apart document numbers are. */
export const INTERVAL = 45_000;

/** A post of plain words; `blog` is the number of its blog. */
export type Sample = {
  blog: number;
  title: string;
  description: string;
  headings: string;
  tags: string[];
};

const SEED = 2026;
// Zipf–Mandelbrot, 1 / (rank + q): the first words stand in a fifth of the posts, each of which has 67.
const VOCABULARY = 50_000;
const WORDS = distribution(VOCABULARY, 41.5);
const TAGS = distribution(300, 1.5);
const LENGTHS = { title: 12, description: 25, headings: 30 };
const TAGS_A_POST = 3;

/** The word of a rank from 0, which stemming leaves as it is. */
export function wordOf(rank: number): string {
  const syllable = (n: number) => "bdfgjklmnprtvz"[Math.floor(n / 4)] + "aiou"[n % 4];
  const [a, b, c] = [rank % 56, Math.floor(rank / 56) % 56, Math.floor(rank / 3136)];
  return `${syllable(a)}${syllable(b)}${syllable(c)}k`;
}

/** The tag of a rank from 0, a word of no other text. */
export function tagOf(rank: number): string {
  return wordOf(VOCABULARY + rank);
}

/** `count` posts, always the same, in the order in which they were published. */
export function* samples(count: number): Generator<Sample> {
  const random = new Random(SEED);
  const words = (n: number) =>
    Array.from({ length: n }, () => wordOf(draw(WORDS, random))).join(" ");
  for (let i = 0; i < count; i++) {
    const tags = new Set<string>();
    while (tags.size < TAGS_A_POST) tags.add(tagOf(draw(TAGS, random)));
    yield {
      blog: random.next() < 0.1 ? 0 : 1 + random.below(BLOGS - 1),
      title: words(LENGTHS.title),
      description: words(LENGTHS.description),
      headings: words(LENGTHS.headings),
      tags: [...tags],
    };
  }
}

/** The cumulative probabilities of ranks. */
function distribution(size: number, q: number): Float64Array {
  const sums = new Float64Array(size);
  let total = 0;
  for (let rank = 0; rank < size; rank++) sums[rank] = total += 1 / (rank + 1 + q);
  return sums.map((sum) => sum / total);
}

function draw(sums: Float64Array, random: Random): number {
  const x = random.next();
  let [low, high] = [0, sums.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[middle] > x) high = middle;
    else low = middle + 1;
  }
  return low;
}
