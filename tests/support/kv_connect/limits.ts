import { type AtomicWrite, MUTATION, type ReadRange } from "./messages.ts";

const KEY_BYTES = 2048;
const VALUE_BYTES = 65_536;
const RANGES = 10;
const ENTRIES = 1000;
const CHECKS = 10;
const MUTATIONS = 1000;
const COMMIT_BYTES = 819_200;

/** Why the store refuses a call, as the self-hosted denokv does. */
export class Refusal extends Error {
  /** `status` of the answer */
  constructor(message: string, readonly status = 400) {
    super(message);
  }
}

/** Throws where one read asks for too much. */
export function requireReadable(ranges: ReadRange[]): void {
  if (ranges.length > RANGES) throw new Refusal("Too many read ranges in one read.");
  let entries = 0;
  for (const { start, end, limit } of ranges) {
    if (limit < 1) throw new Refusal("The limit of a read range is invalid.");
    // One byte more than a key, for what comes right after the longest.
    if (Math.max(start.length, end.length) > KEY_BYTES + 1) {
      throw new Refusal("A key is too large.");
    }
    entries += limit;
  }
  if (entries > ENTRIES) throw new Refusal("The entries of all read ranges are too many.");
}

/** Throws where a commit holds too much. */
export function requireWritable({ checks, mutations, enqueues }: AtomicWrite): void {
  if (enqueues.length) throw new Refusal("Queues are not supported.");
  if (checks.length > CHECKS) throw new Refusal("Too many checks in one atomic write.");
  if (mutations.length > MUTATIONS) throw new Refusal("Too many mutations in one atomic write.");
  let bytes = 0;
  for (const { key, versionstamp } of checks) {
    if (key.length > KEY_BYTES + 1) throw new Refusal("A key is too large.");
    if (![0, 10].includes(versionstamp.length)) throw new Refusal("A versionstamp is invalid.");
    bytes += key.length;
  }
  for (const { key, value } of mutations) {
    if (key.length > KEY_BYTES) throw new Refusal("A key is too large.");
    const size = value?.data.length ?? 0;
    if (size > VALUE_BYTES) throw new Refusal("A value is too large.");
    bytes += key.length + size;
  }
  if (bytes > COMMIT_BYTES) throw new Refusal("The atomic write is too large.");
}

/**
 * Throws where a commit would count twice if it were sent twice, as clients do whose answer was lost: where it has a
 * sum, and none of what it changes is checked.
 */
export function requireOnce({ checks, mutations }: AtomicWrite): void {
  if (!mutations.some(({ mutation_type }) => mutation_type === MUTATION.sum)) return;
  if (checks.some((check) => mutations.some(({ key }) => key.equals(check.key)))) return;
  throw new Refusal("The sums of an atomic write that checks none of its rows could count twice.");
}
