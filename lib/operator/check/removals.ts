import { type Key, keyText } from "../../kit/kv.ts";
import type { RemovalRow } from "./families.ts";
import type { Row, Walk } from "./walk.ts";

type Guard = { key: Key; equals: unknown };

/** What is queued to be removed, and thus no orphan. */
export class Removals {
  #byPrefix = new Map<string, Row<RemovalRow>[]>();
  #rows = new Set<string>();

  /** Reads the whole queue. */
  static async read(walk: Walk): Promise<Removals> {
    const removals = new Removals();
    for await (const row of walk.rows<RemovalRow>("gc")) removals.#add(row);
    return removals;
  }

  #add(row: Row<RemovalRow>): void {
    for (const prefix of row.value.prefixes) {
      const text = keyText(prefix);
      this.#byPrefix.set(text, [...this.#byPrefix.get(text) ?? [], row]);
    }
    for (const { key, field, equals } of row.value.rows ?? []) {
      this.#rows.add(keyText([...key, field, equals]));
    }
  }

  /** Whether a key is taken away sooner or later. */
  covers(key: Key): boolean {
    return this.#over(key).length > 0;
  }

  /** Whether a row is taken away while its field holds the value. */
  coversRow(key: Key, field: string, value: string): boolean {
    return this.#rows.has(keyText([...key, field, value]));
  }

  /** The removals that would take a key in use; `guard` is the row that speaks for it. */
  threats(key: Key, guard?: Guard): Key[] {
    const held = guard && keyText([...guard.key, guard.equals as string]);
    return this.#over(key).filter(({ value: { unless } }) =>
      !unless || keyText([...unless.key, unless.equals]) !== held
    ).map((row) => row.key);
  }

  #over(key: Key): Row<RemovalRow>[] {
    if (this.#byPrefix.size === 0) return [];
    return key.flatMap((_, i) => this.#byPrefix.get(keyText(key.slice(0, i + 1))) ?? []);
  }
}
