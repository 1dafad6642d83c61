import { type DayRow, type Kind, KINDS, OTHER } from "./_keys.ts";

/** Figures of a blog or a post, as they are added up. */
export class Tally implements Record<Kind, Map<string, number>> {
  views = 0;
  visitors = 0;
  readonly referrer = new Map<string, number>();
  readonly country = new Map<string, number>();
  readonly browser = new Map<string, number>();

  /** Adds one counter: of a kind, or `view` or `visitor`; another is left out. */
  add(what: string, name: string, n: number): void {
    if (what === "view") this.views += n;
    else if (what === "visitor") this.visitors += n;
    else if (KINDS.includes(what as Kind)) this.#add(what as Kind, name, n);
  }

  /** Adds all of another. */
  merge(other: Tally | DayRow): void {
    this.views += other.views;
    this.visitors += other.visitors;
    for (const kind of KINDS) {
      const names = other[kind];
      const entries = names instanceof Map ? names : Object.entries(names);
      for (const [name, n] of entries) this.#add(kind, name, n);
    }
  }

  /** The names of a kind, most seen first; beyond the first `most` they are one, `other`, which stands last. */
  ranked(kind: Kind, most: number): [string, number][] {
    const named = [...this[kind]].filter(([name]) => name !== OTHER)
      .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
    const rest = named.slice(most).reduce((sum, [, n]) => sum + n, this[kind].get(OTHER) ?? 0);
    return [...named.slice(0, most), ...rest ? [[OTHER, rest] as [string, number]] : []];
  }

  #add(kind: Kind, name: string, n: number): void {
    this[kind].set(name, (this[kind].get(name) ?? 0) + n);
  }
}
