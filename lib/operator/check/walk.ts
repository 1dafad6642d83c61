import type { Deps } from "../../ctx.ts";
import { type Key, keyText, under } from "../../kit/kv.ts";
import { FAMILIES, type FamilyName, formFault, LARGE } from "./families.ts";

const KEPT = 10_000;
const BATCH = 1000;
const LARGE_BATCH = 50;

export type Row<T> = { key: Key; value: T; versionstamp: string };
/** One thing that is not as the records say. */
export type Difference = { key: Key; problem: string };

/** One walk over the store: what was read, and what was found. */
export class Walk {
  readonly counted: Record<string, number> = {};
  /** by their text and state; only so many are kept, the others counted */
  readonly differences = new Map<string, Difference>();
  overflow = 0;

  constructor(readonly deps: Deps) {}

  /** `state` is the version of what was found or missed: with another, it is another difference. */
  report(key: Key, problem: string, state = ""): void {
    if (this.differences.size >= KEPT) this.overflow++;
    else this.differences.set(keyText([...key, problem, state]), { key, problem });
  }

  /** The rows of a family; a malformed one is reported and left out. */
  async *rows<T>(name: FamilyName): AsyncGenerator<Row<T>> {
    const batch = LARGE.includes(name) ? LARGE_BATCH : BATCH;
    this.counted[name] ??= 0;
    for await (const row of this.deps.store.scan<T>(under([name]), batch)) {
      this.counted[name]++;
      const fault = formFault(FAMILIES[name], row);
      if (fault) this.report(row.key, fault);
      else yield row;
    }
  }

  /** The same, to be read piece by piece. */
  stream<T>(name: FamilyName): RowStream<T> {
    return new RowStream(this.rows<T>(name));
  }
}

/** Rows in the order of their keys, taken in sections that share a part. */
export class RowStream<T> {
  #rows: AsyncGenerator<Row<T>>;
  #next: Row<T> | null | undefined;

  constructor(rows: AsyncGenerator<Row<T>>) {
    this.#rows = rows;
  }

  /** The next row, left where it is; null at the end. */
  async peek(): Promise<Row<T> | null> {
    if (this.#next === undefined) {
      const step = await this.#rows.next();
      this.#next = step.done ? null : step.value;
    }
    return this.#next;
  }

  /** The rows from here on for which `belongs` holds. */
  async *takeWhile(belongs: (row: Row<T>) => boolean): AsyncGenerator<Row<T>> {
    for (let row = await this.peek(); row && belongs(row); row = await this.peek()) {
      this.#next = undefined;
      yield row;
    }
  }
}
