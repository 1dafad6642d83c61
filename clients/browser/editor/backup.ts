/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import type { Fields } from "./fields.ts";

const KEPT = "postlark-editor ";

/** What was not saved yet, as this browser keeps it; `etag` is the version that it began from. */
export type Backup = { etag: string; fields: Fields; at: number };
/** One that another window left behind. */
export type Left = Backup & { drop: () => void };

/** Where a window keeps what it has not saved; each account and post has its own, and each window on it. */
export class Backups {
  readonly #account: string;
  #prefix = "";
  #key = "";

  constructor({ account, path }: { account: string; path: string }) {
    this.#account = `${KEPT}${account} `;
    // Another account's, whose session here came to its end without a sign-out.
    for (const key of Object.keys(localStorage)) {
      const foreign = key.startsWith(KEPT) && !key.startsWith(this.#account);
      if (foreign) localStorage.removeItem(key);
    }
    this.#keepAt(path);
  }

  /** Goes on at the path that a new post has once it is stored. */
  move(path: string): void {
    this.drop();
    this.#keepAt(path);
  }

  #keepAt(path: string): void {
    this.#prefix = `${this.#account}${path} `;
    this.#key = this.#prefix + crypto.randomUUID();
    // Held for as long as the window is open: what it keeps is not lost yet.
    navigator.locks?.request(this.#key, () => new Promise(() => {}));
  }

  keep(backup: Backup): void {
    try {
      localStorage.setItem(this.#key, JSON.stringify(backup));
    } catch {
      // No room, or not allowed: the page still asks before it is left.
    }
  }

  drop(): void {
    localStorage.removeItem(this.#key);
  }

  /** What windows that are gone have left of this post, newest first. */
  async left(): Promise<Left[]> {
    const { held = [] } = await navigator.locks?.query() ?? {};
    const open = new Set(held.map(({ name }) => name));
    return Object.keys(localStorage)
      .filter((key) => key.startsWith(this.#prefix) && !open.has(key))
      .flatMap((key) => {
        try {
          const backup: Backup = JSON.parse(localStorage.getItem(key)!);
          return [{ ...backup, drop: () => localStorage.removeItem(key) }];
        } catch {
          return [];
        }
      })
      .sort((a, b) => b.at - a.at);
  }
}
