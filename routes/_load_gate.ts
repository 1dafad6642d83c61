import type { Deps } from "../lib/ctx.ts";
import { AppError } from "../lib/kit/errors.ts";

/** `since`: when it was taken, null while it is free; `over`: whether its request has been answered. */
type Slot = { gate: LoadGate; since: number | null; took: number; over: boolean };

const NOTE_EVERY = 1000;
// How many answers are looked at before the bound moves, and how long half of them may take, in milliseconds.
const WINDOW = 64;
const TARGET = 250;
const LEAST = 16;
const SHRINK = 0.8;
const GROW = 1.1;
// Where the store is far away all answers are slow: only what is slower than it was says that they queue.
const SLOWER = 3;
const FORGET = 1.001;

const SLOTS = new WeakMap<Request, Slot>();

/**
 * Bounds how many requests one instance works on at once: what is taken is answered soon, and what is beyond
 * that is refused at once (503), where a queue would make all wait in vain. Within `most`, the bound follows
 * what the instance manages: it shrinks where half of the answers take too long, and longer than usual, and grows again.
 */
export class LoadGate {
  #busy = 0;
  #bound: number;
  #times: number[] = [];
  #usual = Infinity;
  #refused = 0;
  #noted = -Infinity;

  constructor(readonly most: number, readonly now = () => performance.now()) {
    this.#bound = most;
  }

  /** How many it takes at once for now. */
  get bound(): number {
    return Math.floor(this.#bound);
  }

  /** Answers within the bound; throws 503 `overloaded`. */
  async run(request: Request, answer: () => Response | Promise<Response>): Promise<Response> {
    const slot: Slot = { gate: this, since: null, took: 0, over: false };
    this.#take(slot);
    SLOTS.set(request, slot);
    try {
      return await answer();
    } finally {
      this.#leave(slot);
      slot.over = true;
      this.#learn(slot.took);
    }
  }

  /** Frees the slot while the client sends: a slow one holds up nobody else. */
  async step<T>(slot: Slot, work: () => Promise<T>): Promise<T> {
    this.#leave(slot);
    const result = await work();
    // What was answered meanwhile has nobody left to free its slot.
    if (!slot.over) this.#take(slot);
    return result;
  }

  /** Logs how many were refused, once a second at most. */
  noteRefusal({ log }: Deps): void {
    this.#refused++;
    if (this.now() - this.#noted < NOTE_EVERY) return;
    log({ event: "overloaded", refused: this.#refused, at_once: this.bound });
    this.#noted = this.now();
    this.#refused = 0;
  }

  #take(slot: Slot): void {
    if (this.#busy >= this.bound) throw new AppError("overloaded", { retryAfter: 1 });
    this.#busy++;
    slot.since = this.now();
  }

  #leave(slot: Slot): void {
    if (slot.since === null) return;
    this.#busy--;
    slot.took += this.now() - slot.since;
    slot.since = null;
  }

  #learn(took: number): void {
    if (this.#times.push(took) < WINDOW) return;
    const median = this.#times.sort((a, b) => a - b)[WINDOW / 2];
    this.#times = [];
    this.#usual = Math.min(this.#usual * FORGET, median);
    this.#bound = median > TARGET && median > SLOWER * this.#usual
      ? Math.max(Math.min(LEAST, this.most), this.#bound * SHRINK)
      : Math.min(this.most, this.#bound * GROW);
  }
}

/** Waits for what the client sends, without the slot that its request has. */
export async function awaitClient<T>(request: Request, work: () => Promise<T>): Promise<T> {
  const slot = SLOTS.get(request);
  return slot ? await slot.gate.step(slot, work) : await work();
}
