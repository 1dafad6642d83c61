import { Buffer } from "node:buffer";

/** Numbers that follow from a seed (xorshift32), so that a failing run can be repeated. */
export class Random {
  #state: number;

  constructor(readonly seed: number) {
    this.#state = (seed >>> 0) || 1;
  }

  /** From 0 up to, not including, 1. */
  next(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x >>> 0;
    return this.#state / 2 ** 32;
  }

  /** A whole number below `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)];
  }

  /** The items in an order of its own. */
  shuffle<T>(items: readonly T[]): T[] {
    const order = [...items];
    for (let i = order.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [order[i], order[j]] = [order[j], order[i]];
    }
    return order;
  }

  /** `length` characters that do not compress: base64 of random bytes. */
  text(length: number): string {
    const bytes = new Uint32Array(Math.ceil(length / 5));
    for (let i = 0; i < bytes.length; i++) bytes[i] = this.next() * 2 ** 32;
    return Buffer.from(bytes.buffer).toString("base64").slice(0, length);
  }
}
