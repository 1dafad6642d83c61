const SMALLEST = 16;
// At most three quarters of the places are taken.
const LOAD = 0.75;

/** A set of 64-bit hashes, each of two words of 32 bits, in at most 22 bytes a hash (open addressing). */
export class VisitorSet {
  #words = new Uint32Array(2 * SMALLEST);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(high: number, low: number): boolean {
    const at = this.#find(high >>> 0, taken(low));
    return this.#words[at + 1] !== 0;
  }

  /** Says whether the hash was new. */
  add(high: number, low: number): boolean {
    const at = this.#find(high >>> 0, taken(low));
    if (this.#words[at + 1] !== 0) return false;
    this.#words[at] = high;
    this.#words[at + 1] = taken(low);
    this.#size++;
    if (this.#size * 2 > this.#words.length * LOAD) this.#grow();
    return true;
  }

  // The place of a hash, or the empty one where it belongs.
  #find(high: number, low: number): number {
    const words = this.#words;
    const mask = words.length - 1;
    let at = (low << 1) & mask;
    while (words[at + 1] !== 0 && (words[at] !== high || words[at + 1] !== low)) {
      at = (at + 2) & mask;
    }
    return at;
  }

  #grow(): void {
    const before = this.#words;
    this.#words = new Uint32Array(2 * before.length);
    for (let i = 0; i < before.length; i += 2) {
      if (before[i + 1] === 0) continue;
      const at = this.#find(before[i], before[i + 1]);
      this.#words[at] = before[i];
      this.#words[at + 1] = before[i + 1];
    }
  }
}

// A low word of nought marks an empty place.
function taken(low: number): number {
  return (low >>> 0) || 1;
}

/** Words of 32 bits as bytes, big-endian. */
export function packWords(words: number[]): Uint8Array {
  const bytes = new Uint8Array(4 * words.length);
  const view = new DataView(bytes.buffer);
  words.forEach((word, i) => view.setUint32(4 * i, word));
  return bytes;
}

/** The inverse of `packWords`. */
export function unpackWords(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length >> 2 }, (_, i) => view.getUint32(4 * i));
}
