import process from "node:process";
import { clearTimeout, setTimeout } from "node:timers";

const WIDTH = 24;
const STEP = 80;

/** A line on standard error that says how far a long command is; nothing where that is no terminal. */
export class Progress {
  #done = 0;
  #last = 0;
  #shown = false;
  #later?: ReturnType<typeof setTimeout>;

  constructor(readonly what: string, readonly total: number, readonly quiet = false) {}

  /** One more is done. */
  step(): void {
    this.#done++;
    // A terminal is slower than what it shows.
    const early = STEP - (Date.now() - this.#last);
    if (early <= 0 || this.#done === this.total) return this.#draw("");
    this.#later ??= setTimeout(() => this.#draw(""), early).unref();
  }

  /** Says why nothing moves. */
  pause(why: string): void {
    this.#draw(` ${why}`);
  }

  /** Takes the line away, so that another can be written. */
  clear(): void {
    this.#forget();
    if (this.#shown) process.stderr.write("\r\x1b[K");
    this.#shown = false;
  }

  #forget(): void {
    clearTimeout(this.#later);
    this.#later = undefined;
  }

  #draw(why: string): void {
    this.#forget();
    if (this.quiet || !process.stderr.isTTY) return;
    this.#last = Date.now();
    this.#shown = true;
    const full = this.total ? Math.round(this.#done / this.total * WIDTH) : WIDTH;
    const bar = "█".repeat(full) + "░".repeat(WIDTH - full);
    process.stderr.write(`\r\x1b[K${bar} ${this.#done}/${this.total} ${this.what}${why}`);
  }
}
