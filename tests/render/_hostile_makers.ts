/** A text that goes for a weak point, written when it is read; verdict is "ok" or the bound passed at 1 MB. */
export type Hostile = { readonly source: string; verdict: string };

type Around = { before?: string; after?: string };

/** Ways to write sources of about `size` characters. */
export function makersOf(size: number) {
  /** One piece again and again. */
  function of(verdict: string, unit: string, { before = "", after = "" }: Around = {}): Hostile {
    return {
      get source() {
        const middle = unit.repeat(Math.max(1, Math.floor(size / unit.length)));
        return (before + middle + after).slice(0, 1_048_576);
      },
      verdict,
    };
  }
  /** Pieces that differ by their number. */
  function each(verdict: string, unit: (index: number) => string): Hostile {
    return {
      get source() {
        const units: string[] = [];
        for (let length = 0; length < size; length += units.at(-1)!.length) {
          units.push(unit(units.length));
        }
        return units.join("").slice(0, 1_048_576);
      },
      verdict,
    };
  }
  return { of, each };
}
