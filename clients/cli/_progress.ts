import process from "node:process";

const WIDTH = 24;
const STEP = 80;

/** A line on standard error that says how far a long command is; nothing where that is no terminal. */
export class Progress {
  #done = 0;
  #last = 0;
  #shown = false;

  constructor(readonly what: string, readonly total: number, readonly quiet = false) {}

  /** One more is done. */
  step(): void {
    this.#done++;
    // A terminal is slower than what it shows.
    if (this.#done === this.total || Date.now() - this.#last >= STEP) this.#draw("");
  }

  /** Says why nothing moves. */
  pause(why: string): void {
    this.#draw(` ${why}`);
  }

  /** Takes the line away, so that another can be written. */
  clear(): void {
    if (this.#shown) process.stderr.write("\r\x1b[K");
    this.#shown = false;
  }

  #draw(why: string): void {
    if (this.quiet || !process.stderr.isTTY) return;
    this.#last = Date.now();
    this.#shown = true;
    const full = this.total ? Math.round(this.#done / this.total * WIDTH) : WIDTH;
    const bar = "█".repeat(full) + "░".repeat(WIDTH - full);
    process.stderr.write(`\r\x1b[K${bar} ${this.#done}/${this.total} ${this.what}${why}`);
  }
}
