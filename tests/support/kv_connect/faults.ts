/**
 * How an answer gets lost: it is cut "half", which its client reports; a 500 comes in its place ("error") or the
 * connection breaks ("cut"), and the client asks again by itself.
 */
export type Loss = "half" | "error" | "cut";

/** What goes wrong between a store and those who ask it; a test sets it as it goes. */
export class Faults {
  /** How long each call takes at least. */
  latencyMs = 0;
  #failing = { calls: 0, status: 503 };
  #losing: { how: Loss; commits: (n: number) => boolean } | null = null;
  #commits = 0;

  /** The next `calls` are refused before anything happens; none with 0, all with Infinity. */
  failNext(calls: number, status = 503): void {
    this.#failing = { calls, status };
  }

  /** Loses the answers of those commits that happen from now on, counted from 1, which `commits` picks. */
  loseAnswers(how: Loss, commits: (n: number) => boolean = () => true): void {
    this.#commits = 0;
    this.#losing = { how, commits };
  }

  /** All goes well again. */
  clear(): void {
    this.latencyMs = 0;
    this.#failing.calls = 0;
    this.#losing = null;
  }

  /** The status that a call is refused with, if it is. */
  takeFailure(): number | undefined {
    if (this.#failing.calls <= 0) return undefined;
    this.#failing.calls--;
    return this.#failing.status;
  }

  /** How the answer of a commit that happened gets lost, if it does. */
  takeLoss(): Loss | undefined {
    return this.#losing?.commits(++this.#commits) ? this.#losing.how : undefined;
  }
}
