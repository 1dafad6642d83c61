/** What a call that took too long is rejected with. */
export class StoreTimeout extends Error {
  override message = "the store did not answer before the deadline";
}

type Pending = { at: number; reject: ((error: unknown) => void) | null };

/** One timer for all calls under way, which are given up in the order in which they began. */
export class Deadlines {
  #queue: Pending[] = [];
  #open = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `milliseconds` that each call may take. */
  constructor(readonly milliseconds: number) {}

  /** Begins the time of a call, which `reject` ends. */
  add(reject: (error: unknown) => void): Pending {
    const call = { at: performance.now() + this.milliseconds, reject };
    this.#queue.push(call);
    if (this.#open++ === 0) this.#wait(this.milliseconds);
    return call;
  }

  /** The call has come to its end. */
  remove(call: Pending): void {
    if (!call.reject) return;
    call.reject = null;
    if (--this.#open > 0) return;
    clearTimeout(this.#timer);
    this.#queue = [];
  }

  #wait(milliseconds: number): void {
    this.#timer = setTimeout(() => {
      const now = performance.now();
      const late = this.#queue.findIndex(({ at }) => at > now);
      const over = this.#queue.splice(0, late < 0 ? this.#queue.length : late);
      for (const call of over) {
        const { reject } = call;
        this.remove(call);
        reject?.(new StoreTimeout());
      }
      if (this.#open) this.#wait(Math.max(1, this.#queue[0].at - now));
    }, milliseconds);
  }
}
