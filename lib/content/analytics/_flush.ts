import type { Deps } from "../../ctx.ts";
import { type Key, keyText, transact } from "../../kit/kv.ts";
import type { BlogDay, Day } from "./_day.ts";
import {
  BLOG,
  flushKey,
  type FlushRow,
  hitPrefix,
  KINDS,
  postHitPrefix,
  saltKey,
  visitorsPrefix,
} from "./_keys.ts";
import type { Tally } from "./_tally.ts";
import { packWords } from "./_visitor_set.ts";

// Below the store's 1000 mutations, 81,920 bytes of keys and 819,200 bytes in all.
const MUTATIONS = 900;
const KEY_BYTES = 70_000;
const BYTES = 600_000;
// Two a hash: 2 KiB, of which only the last chunk is written again.
const CHUNK_WORDS = 512;
const KEPT_MARK = 86_400_000;
const KEPT_VISITORS = 2 * 86_400_000;

type Write = { key: Key; sum: number } | { key: Key; set: Uint8Array };
/** What one commit of a flush writes; `views` are the posts' among it. */
export type Part = { id: string; day: string; salt: string; writes: Write[]; views: number };

/** Takes from a day what was counted since the last time, as parts to be written in their order. */
export function takeParts(day: Day, instance: string): Part[] {
  const parts = new Parts(day);
  for (const [blog, at] of day.blogs) {
    if (at.fresh.length === 0) continue;
    // Ahead of the counts: what is cut short between them is then lost, and never counted twice.
    for (const write of takeVisitors(at, [...visitorsPrefix(day.day, blog), instance])) {
      parts.add([write]);
    }
    for (const [of, tally] of at.tallies) {
      parts.add(sumsOf(blog, of, { day: day.day, tally }), of === BLOG ? 0 : tally.views);
    }
    at.tallies = new Map();
  }
  return parts.all;
}

/** Cuts writes into commits; what is added together stays together. */
class Parts {
  readonly all: Part[] = [];
  #size = { mutations: 0, keys: 0, bytes: 0 };

  constructor(readonly day: Day) {}

  add(writes: Write[], views = 0): void {
    const keys = writes.reduce((n, { key }) => n + keyText(key).length + 10, 0);
    const bytes = keys + writes.reduce((n, w) => n + ("set" in w ? w.set.length : 8), 0);
    const size = this.#size;
    const full = size.mutations + writes.length > MUTATIONS || size.keys + keys > KEY_BYTES ||
      size.bytes + bytes > BYTES;
    if (full || !this.all.length) {
      const { day, salt } = this.day;
      this.all.push({ id: crypto.randomUUID(), day, salt, writes: [], views: 0 });
      this.#size = { mutations: 0, keys: 0, bytes: 0 };
    }
    const part = this.all.at(-1)!;
    part.writes.push(...writes);
    part.views += views;
    this.#size.mutations += writes.length;
    this.#size.keys += keys;
    this.#size.bytes += bytes;
  }
}

function takeVisitors(at: BlogDay, prefix: Key): Write[] {
  const words = at.chunk.words.concat(at.fresh);
  const writes: Write[] = [];
  let { n } = at.chunk;
  let start = 0;
  for (; start < words.length; start += CHUNK_WORDS, n++) {
    const chunk = words.slice(start, start + CHUNK_WORDS);
    writes.push({ key: [...prefix, n], set: packWords(chunk) });
    if (chunk.length < CHUNK_WORDS) break;
  }
  at.chunk = { n, words: words.slice(start) };
  at.fresh = [];
  return writes;
}

function sumsOf(blog: string, of: string, { day, tally }: { day: string; tally: Tally }): Write[] {
  const prefix = hitPrefix(blog, of, day);
  const sums: Write[] = [{ key: [...prefix, "view", ""], sum: tally.views }];
  if (of !== BLOG) sums.push({ key: [...postHitPrefix(blog, day), of], sum: tally.views });
  if (tally.visitors) sums.push({ key: [...prefix, "visitor", ""], sum: tally.visitors });
  for (const kind of KINDS) {
    for (const [name, n] of tally[kind]) sums.push({ key: [...prefix, kind, name], sum: n });
  }
  return sums;
}

/**
 * Writes a part once, however often it is tried: the commit also moves the instance's own mark, so that an
 * attempt without an answer is either found to have landed, or can land no more once another has. False
 * where the day was closed before: nothing of it is then written any more. Throws 503 where it is to be
 * tried again.
 */
export async function writePart(deps: Deps, part: Part, instance: string): Promise<boolean> {
  const mark = flushKey(instance);
  return await transact(deps.store, async (tx) => {
    const [written, salt] = await Promise.all([
      tx.get<FlushRow>(mark),
      tx.get<string>(saltKey(part.day)),
    ]);
    if (written?.part === part.id) return true;
    if (salt !== part.salt) return false;
    tx.set(mark, { part: part.id } satisfies FlushRow, { expireIn: KEPT_MARK });
    for (const write of part.writes) {
      if ("sum" in write) tx.sum(write.key, write.sum);
      else tx.set(write.key, write.set, { expireIn: KEPT_VISITORS });
    }
    return true;
  });
}
