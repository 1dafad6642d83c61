type Held<T> = { value: T; until: number; group: string; size: number };

// Drops remembered one by one; past this many, all that was begun before is refused instead.
const REMEMBERED = 10_000;
const MAX_KEY = 2048;

/**
 * Values kept for a moment, by group; a group's own writes drop them at once, also those that a reader
 * has begun to make before the write.
 */
export class MicroCache<T> {
  #held = new Map<string, Held<T>>();
  #groups = new Map<string, Set<string>>();
  #dropped = new Map<string, number>();
  #drops = 0;
  #floor = 0;
  #size = 0;

  /** `clock` in milliseconds, `capacity` in bytes. */
  constructor(readonly clock: () => number, readonly capacity = 128_000_000) {}

  get(key: string): T | undefined {
    const held = this.#held.get(key);
    if (held && held.until > this.clock()) return held.value;
  }

  /** Call before reading what a value is made of; hand the answer to `put`. */
  begin(): number {
    return this.#drops;
  }

  /** Keeps a value of `size` bytes until `until`, unless its group was dropped since `begin`, or its key is too long. */
  put(
    key: string,
    value: T,
    options: { group: string; begun: number; until: number; size: number },
  ): void {
    const { group, begun, until } = options;
    const size = options.size + key.length;
    if (key.length > MAX_KEY || size > this.capacity) return;
    if (begun < this.#floor || (this.#dropped.get(group) ?? 0) > begun) return;
    this.#remove(key);
    if (this.#size + size > this.capacity) this.#clear();
    this.#held.set(key, { value, until, group, size });
    this.#size += size;
    const keys = this.#groups.get(group) ?? new Set();
    this.#groups.set(group, keys.add(key));
  }

  /** Forgets all values of a group. */
  drop(group: string): void {
    this.#dropped.set(group, ++this.#drops);
    if (this.#dropped.size > REMEMBERED) {
      this.#dropped.clear();
      this.#floor = this.#drops;
    }
    for (const key of this.#groups.get(group) ?? []) this.#remove(key);
  }

  #remove(key: string) {
    const held = this.#held.get(key);
    if (!held) return;
    this.#held.delete(key);
    this.#size -= held.size;
    const keys = this.#groups.get(held.group)!;
    keys.delete(key);
    if (keys.size === 0) this.#groups.delete(held.group);
  }

  #clear() {
    this.#held.clear();
    this.#groups.clear();
    this.#size = 0;
  }
}
