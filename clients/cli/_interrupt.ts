import process from "node:process";
import { note } from "./_output.ts";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** What ends a long command early: the first Ctrl-C after what is under way, the second at once. */
export class Interrupt {
  readonly #cut = new AbortController();
  #asked = false;

  constructor(readonly said: () => void = () => {}) {}

  /** whether no more is to be begun */
  get asked(): boolean {
    return this.#asked;
  }

  /** aborted when even what is under way is to end */
  get signal(): AbortSignal {
    return this.#cut.signal;
  }

  /** Runs a command with the signals on it. */
  async during<T>(run: () => Promise<T>): Promise<T> {
    const stop = () => this.#stop();
    for (const signal of SIGNALS) process.on(signal, stop);
    try {
      return await run();
    } finally {
      for (const signal of SIGNALS) process.off(signal, stop);
    }
  }

  #stop(): void {
    if (this.#asked) return this.#cut.abort(new Error("interrupted"));
    this.#asked = true;
    this.said();
    note("Stopping after what is under way; Ctrl-C again cuts it off.");
  }
}
