import { Buffer } from "node:buffer";
import sortedBtree from "sorted-btree";
import { Refusal, requireOnce, requireReadable, requireWritable } from "./limits.ts";
import {
  type AtomicWrite,
  type Check,
  type KvEntry,
  LE64,
  MUTATION,
  type Mutation,
  type ReadRange,
} from "./messages.ts";

type Row = { entry: KvEntry; expireAt: number };
/** A key's bytes, one character each, so that they sort as bytes do. */
type Text = string;
type Rows = InstanceType<typeof sortedBtree.default<Text, Row>>;
/** `lag` is how many commits a replica is behind; `once` refuses commits that count twice if they are sent twice. */
export type DatabaseOptions = { lag?: number; once?: boolean };
export type Written = { versionstamp: Buffer } | { failedChecks: number[] };

const SUFFIX_START = 0x02;

/** One database: rows in the order of their keys, and the states that a lagging replica still shows. */
export class Database {
  #rows: Rows = new sortedBtree.default();
  #past: Rows[] = [];
  #sequence = 0n;
  #watchers = new Set<() => void>();

  constructor(readonly options: DatabaseOptions = {}) {}

  /** The entries of each range, as they are or as a replica has them. */
  read(ranges: ReadRange[], { stale = false } = {}): KvEntry[][] {
    requireReadable(ranges);
    const rows = stale ? this.#past[0] ?? this.#rows : this.#rows;
    return ranges.map((range) => readRange(rows, range));
  }

  /** Writes all where all checks hold, else nothing. */
  write(write: AtomicWrite): Written {
    requireWritable(write);
    if (this.options.once) requireOnce(write);
    const failedChecks = write.checks.flatMap((check, i) => this.#holds(check) ? [] : [i]);
    if (failedChecks.length) return { failedChecks };
    const versionstamp = Buffer.alloc(10);
    versionstamp.writeBigUInt64BE(this.#sequence + 1n);
    const before = this.#rows.clone();
    try {
      for (const mutation of write.mutations) this.#apply(mutation, versionstamp);
    } catch (error) {
      this.#rows = before;
      throw error;
    }
    this.#sequence++;
    this.#past.push(before);
    this.#past.splice(0, Math.max(0, this.#past.length - (this.options.lag ?? 0)));
    for (const wake of this.#watchers) wake();
    return { versionstamp };
  }

  /** Tells of each commit until the function it gives is called. */
  watch(wake: () => void): () => void {
    this.#watchers.add(wake);
    return () => void this.#watchers.delete(wake);
  }

  /** The entry of one key. */
  get(key: Buffer): KvEntry | undefined {
    return live(this.#rows.get(textOf(key)))?.entry;
  }

  #holds({ key, versionstamp }: Check): boolean {
    return versionstamp.equals(this.get(key)?.versionstamp ?? Buffer.alloc(0));
  }

  #apply({ key, value, mutation_type, expire_at_ms }: Mutation, versionstamp: Buffer): void {
    const set = (key: Buffer, value: Buffer, encoding: number) => {
      const entry = { key, value, encoding, versionstamp };
      this.#rows.set(textOf(key), { entry, expireAt: Math.max(0, expire_at_ms) });
    };
    if (mutation_type === MUTATION.delete) return void this.#rows.delete(textOf(key));
    if (!value) throw new Refusal("A mutation has no value.");
    const { data, encoding } = value;
    if (mutation_type === MUTATION.set) return set(key, data, encoding);
    if (mutation_type === MUTATION.setVersionstamped) {
      const suffix = Buffer.from(`${versionstamp.toString("hex")}\0`);
      return set(Buffer.concat([key, Buffer.from([SUFFIX_START]), suffix]), data, encoding);
    }
    const combine = COMBINED.get(mutation_type);
    if (!combine) throw new Refusal("The kind of a mutation is invalid.");
    const stored = this.get(key);
    if (encoding !== LE64 || (stored && stored.encoding !== LE64)) {
      throw new Refusal("Both sides of a sum, min or max must be 64-bit integers.");
    }
    const operand = data.readBigUInt64LE();
    const result = Buffer.alloc(8);
    result.writeBigUInt64LE(stored ? combine(stored.value.readBigUInt64LE(), operand) : operand);
    set(key, result, LE64);
  }
}

const COMBINED = new Map<number, (stored: bigint, operand: bigint) => bigint>([
  [MUTATION.sum, (a, b) => BigInt.asUintN(64, a + b)],
  [MUTATION.max, (a, b) => a > b ? a : b],
  [MUTATION.min, (a, b) => a < b ? a : b],
]);

function readRange(rows: Rows, { start, end, limit, reverse }: ReadRange): KvEntry[] {
  const [from, to] = [textOf(start), textOf(end)];
  const found: KvEntry[] = [];
  // Downwards it begins at the end itself, which the range does not hold.
  for (const [text, row] of reverse ? rows.entriesReversed(to) : rows.entries(from)) {
    if (reverse ? text < from : text >= to) break;
    if (text >= to || !live(row)) continue;
    found.push(row.entry);
    if (found.length === limit) break;
  }
  return found;
}

/** What has expired is gone at once, where an embedded store keeps it for a while. */
function live(row: Row | undefined): Row | undefined {
  return row && (row.expireAt === 0 || row.expireAt > Date.now()) ? row : undefined;
}

function textOf(key: Buffer): Text {
  return key.toString("latin1");
}
