import { hmac } from "../../kit/crypto.ts";
import { MOST_NAMES, MOST_NAMES_IN_ALL, MOST_SEEN } from "./_bounds.ts";
import { BLOG, type Kind, KINDS, OTHER } from "./_keys.ts";
import { Memo } from "./_memo.ts";
import { Tally } from "./_tally.ts";
import { unpackWords, VisitorSet } from "./_visitor_set.ts";

const REMEMBERED_VISITORS = 5000;

type Hash = { high: number; low: number };
/** A view as it is counted; `visitor` is the client's address and agent, null stands for what is not known. */
export type Visit =
  & { blog: string; post: string; visitor: string }
  & Record<Kind, string | null>;

/** What an instance knows of one blog on a day. */
export class BlogDay {
  /** visitors of the blog, and pairs of visitor and post, of all instances when it was begun and of this one since */
  readonly seen = new VisitorSet();
  /** words of the hashes that are new since the last flush */
  fresh: number[] = [];
  /** the chunk that the next hashes go to: its number, and the words that it holds */
  chunk: { n: number; words: number[] } = { n: 0, words: [] };
  /** by post, or `BLOG`: what was counted since the last flush */
  tallies = new Map<string, Tally>();

  /** Takes over hashes that are stored. */
  know(bytes: Uint8Array): void {
    const words = unpackWords(bytes);
    for (let i = 0; i < words.length; i += 2) this.seen.add(words[i], words[i + 1]);
  }

  /** Says whether the hash was new. */
  remember({ high, low }: Hash): boolean {
    const isNew = this.seen.add(high, low);
    if (isNew) this.fresh.push(high, low);
    return isNew;
  }

  tally(of: string): Tally {
    let tally = this.tallies.get(of);
    if (!tally) this.tallies.set(of, tally = new Tally());
    return tally;
  }
}

/** One day of an instance: who has seen what, and what is to be flushed. */
export class Day {
  readonly blogs = new Map<string, BlogDay>();
  #seen = 0;
  #names = new Map<string, Set<string>>();
  #named = 0;
  #visitors = new Memo<Hash>(REMEMBERED_VISITORS);

  /** `key` is what visitors are hashed with, `salt` the secret of the day that it was derived from. */
  constructor(
    readonly day: string,
    readonly salt: string,
    readonly key: Uint8Array,
    readonly bounds: { blog: number; all: number } = MOST_SEEN,
  ) {}

  begin(blog: string, at: BlogDay): void {
    this.#seen += at.seen.size;
    this.blogs.set(blog, at);
  }

  /** Counts a view unless the visitor has seen the post today; false where the bounds leave no room to tell. */
  count(at: BlogDay, visit: Visit): boolean {
    const visitor = this.#visitors.of(visit.visitor, (text) => this.#hash(text));
    const pair = pairOf(visitor, visit.post);
    if (at.seen.has(pair.high, pair.low)) return true;
    if (at.seen.size + 2 > this.bounds.blog || this.#seen + 2 > this.bounds.all) return false;
    const before = at.seen.size;
    const [blog, post] = [at.tally(BLOG), at.tally(visit.post)];
    if (at.remember(visitor)) blog.visitors++;
    at.remember(pair);
    this.#seen += at.seen.size - before;
    blog.views++;
    post.views++;
    for (const kind of KINDS) {
      const name = visit[kind];
      if (name === null) continue;
      const most = MOST_NAMES[kind];
      blog.add(kind, this.#admit(`${visit.blog} ${kind}`, name, most.blog), 1);
      post.add(kind, this.#admit(`${visit.post} ${kind}`, name, most.post), 1);
    }
    return true;
  }

  #hash(text: string): Hash {
    const hex = hmac(this.key, text);
    return { high: parseInt(hex.slice(0, 8), 16), low: parseInt(hex.slice(8, 16), 16) };
  }

  // The name itself while there are few, else `other`.
  #admit(list: string, name: string, most: number): string {
    const names = this.#names.get(list) ?? new Set();
    if (names.has(name)) return name;
    if (names.size >= most || this.#named >= MOST_NAMES_IN_ALL) return OTHER;
    this.#names.set(list, names.add(name));
    this.#named++;
    return name;
  }
}

// The last 64 bits of a UUIDv7 are random, but for two.
function pairOf({ high, low }: Hash, post: string): Hash {
  return {
    high: (high ^ parseInt(post.slice(19, 23) + post.slice(24, 28), 16)) >>> 0,
    low: (low ^ parseInt(post.slice(28, 36), 16)) >>> 0,
  };
}
