import { createHash } from "node:crypto";
import type { Deps } from "../ctx.ts";
import { type Key, keyText, type Range } from "../kit/kv.ts";
import { iso } from "../kit/input.ts";
import { type DeliveryRow, endOfDelivery } from "../events/outbox.ts";
import type { ActiveBlogRow } from "../account/active_blog.ts";
import { decodeValue, encodeValue } from "./values.ts";

const FORMAT = 1;
const PASSES = 50;
const BATCH = 100;
const BLOCK = 256_000;
const LONGEST_LINE = 2_000_000;
const COMMIT_BYTES = 780_000;
const COMMIT_KEY_BYTES = 70_000;
const COMMIT_ROWS = 500;
const ALL: Range = { start: [], end: [true, true, true] };
const MARK: Key = ["restore"];
const MINUTE = 60_000;

/** Counts of requests and sign-ins under way, worth nothing in another store; and what would tell visitors apart. */
const LEFT_OUT = [
  ...["rl", "rlip", "rlup", "flow", "loginlink", "oauthcode", "device", "usercode"],
  ...["salt", "visitors", "flush", "outlease"],
];
/**
 * Rows that nothing follows from: they may change while the others are read. Today's views sort before the
 * rows that a roll-up packs them into, so that none is read after it went there and another before.
 */
const ALONE = ["used", "session", "oauthgrant", "idem", "hit", "hitpost"];
/** Rows that the store forgets at their `expiresAt`, where they have one. */
const ENDING = ["session", "oauthclient", "oauthgrant", "tok"];
/** What a store may hold that is about to be filled from a backup. */
const EMPTY = [...LEFT_OUT, "dev", "restore"];

/** What the operator has to know, in a sentence. */
export class BackupError extends Error {
  override name = "BackupError";
}

type BackupReport = { rows: number; passes: number; sha256: string };

/**
 * Writes every row as a line of JSON, and reads the store again until two readings in a row see the same
 * versions of the same keys: all that was written is then of one moment. `open` begins the file anew.
 */
export async function writeBackup(
  deps: Deps,
  open: () => Promise<WritableStream<Uint8Array<ArrayBuffer>>>,
): Promise<BackupReport> {
  let before = "";
  for (let pass = 1; pass <= PASSES; pass++) {
    const { rows, sha256, seen } = await writePass(deps, await open());
    if (seen === before) return { rows, passes: pass, sha256 };
    before = seen;
  }
  throw new BackupError(
    `The store changed during each of ${PASSES} readings: back it up when less is written. ` +
      "One whose file POSTLARK_KV names is copied first, and can be backed up at any time.",
  );
}

async function writePass(deps: Deps, file: WritableStream<Uint8Array<ArrayBuffer>>) {
  const writer = file.getWriter();
  const content = createHash("sha256");
  const seen = createHash("sha256");
  let block = "";
  const put = async (line: string) => {
    block += `${line}\n`;
    if (block.length >= BLOCK) await flush();
  };
  const flush = async () => {
    const bytes = new TextEncoder().encode(block);
    block = "";
    content.update(bytes);
    await writer.write(bytes);
  };
  try {
    const now = deps.clock();
    let rows = 0;
    await put(JSON.stringify({ postlark_backup: FORMAT, taken_at: iso(now) }));
    for await (const { key, value, versionstamp } of deps.store.scan(ALL, BATCH)) {
      const noun = String(key[0]);
      if (LEFT_OUT.includes(noun) || (endOf(key, value) ?? Infinity) <= now) continue;
      if (!ALONE.includes(noun)) seen.update(`${keyText(key)}${versionstamp}\n`);
      await put(JSON.stringify([encodeValue(key), encodeValue(value)]));
      rows++;
    }
    await flush();
    const sha256 = content.copy().digest("hex");
    await put(JSON.stringify({ rows, sha256 }));
    await flush();
    await writer.close();
    return { rows, sha256, seen: seen.digest("hex") };
  } catch (error) {
    await writer.abort().catch(() => {});
    throw error;
  }
}

/** When the store may forget a row, or undefined. */
function endOf(key: Key, value: unknown): number | undefined {
  if (ENDING.includes(String(key[0]))) return (value as { expiresAt?: number }).expiresAt;
  if (key[0] === "active") return (value as ActiveBlogRow).until ?? undefined;
  if (key[0] === "idem") return (value as { until?: number }).until;
  if (key[0] === "delivery") return endOfDelivery(value as DeliveryRow);
}

/**
 * Fills an empty store from a backup, which is read twice: once to judge it whole, then to write. One that
 * was cut short goes on with the same file.
 */
export async function restoreBackup(
  deps: Deps,
  open: () => Promise<AsyncIterable<Uint8Array>>,
): Promise<{ rows: number; sha256: string }> {
  const { store } = deps;
  let trailer = { rows: 0, sha256: "" };
  for await (const item of readBackup(await open())) if ("sha256" in item) trailer = item;
  await requireEmpty(deps, trailer.sha256);
  await store.writeAll([{ key: MARK, value: { sha256: trailer.sha256 } }]);
  let batch: { key: Key; value: unknown; expireIn?: number }[] = [];
  let [bytes, keyBytes] = [0, 0];
  const flush = async () => {
    await store.writeAll(batch);
    [batch, bytes, keyBytes] = [[], 0, 0];
  };
  for await (const item of readBackup(await open())) {
    if ("sha256" in item) continue;
    const { key, value, size } = item;
    // Bounds, not sizes: no form of the store is longer.
    const keySize = 3 * keyText(key).length + 10 * key.length;
    const full = batch.length === COMMIT_ROWS || bytes + size > COMMIT_BYTES ||
      keyBytes + keySize > COMMIT_KEY_BYTES;
    if (full) await flush();
    const end = endOf(key, value);
    const expireIn = end === undefined ? undefined : Math.max(0, end - deps.clock()) + MINUTE;
    batch.push({ key, value, expireIn });
    bytes += size;
    keyBytes += keySize;
  }
  await flush();
  await store.writeAll([{ key: MARK }]);
  return trailer;
}

async function requireEmpty(deps: Deps, sha256: string): Promise<void> {
  const mark = (await deps.store.get<{ sha256: string }>(MARK)).value;
  if (mark?.sha256 === sha256) return;
  if (mark) {
    throw new BackupError("The restore of another file was cut short here: use an empty store.");
  }
  for await (const { key } of deps.store.scan(ALL, BATCH)) {
    if (EMPTY.includes(String(key[0]))) continue;
    throw new BackupError("The store is not empty: restore into a new one.");
  }
}

type Item = { key: Key; value: unknown; size: number } | { rows: number; sha256: string };

/** The rows of a backup, then its trailer; throws a BackupError where it is not whole. */
async function* readBackup(source: AsyncIterable<Uint8Array>): AsyncGenerator<Item> {
  const content = createHash("sha256");
  let [number, rows] = [0, 0];
  let whole = false;
  for await (const line of readLines(source)) {
    if (whole) throw new BackupError("The file goes on after its end: it is no backup.");
    const item = parseLine(line, ++number);
    if (number === 1) {
      if (Object(item).postlark_backup !== FORMAT) {
        throw new BackupError(`The file is no backup of this service (format ${FORMAT}).`);
      }
    } else if (Array.isArray(item)) {
      rows++;
      yield { ...parseRow(item, number), size: 2 * line.length + 64 };
    } else {
      const trailer = Object(item) as { rows: number; sha256: string };
      whole = trailer.rows === rows && trailer.sha256 === content.digest("hex");
      if (!whole) throw new BackupError("The file was changed: its checksum does not match.");
      yield trailer;
    }
    if (!whole) content.update(`${line}\n`);
  }
  if (!whole) throw new BackupError("The file ends too soon: it is not a whole backup.");
}

function parseLine(line: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new BackupError(`Line ${number} of the file is not JSON: it is no whole backup.`);
  }
}

function parseRow(item: unknown[], number: number): { key: Key; value: unknown } {
  try {
    const [key, value] = item.map(decodeValue) as [Key, unknown];
    if (item.length === 2 && Array.isArray(key) && key.length) return { key, value };
  } catch {
    // Judged below like any other line that is no row.
  }
  throw new BackupError(`Line ${number} of the file is no row: it is no backup of this service.`);
}

async function* readLines(source: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let rest = "";
  for await (const bytes of source) {
    try {
      rest += decoder.decode(bytes, { stream: true });
    } catch {
      throw new BackupError("The file is not UTF-8: it is no backup of this service.");
    }
    const lines = rest.split("\n");
    rest = lines.pop()!;
    yield* lines;
    if (rest.length > LONGEST_LINE) throw new BackupError("The file is no backup: no such lines.");
  }
  if (rest) throw new BackupError("The file ends within a line: it is not a whole backup.");
}
