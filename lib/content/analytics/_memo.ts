/** Remembers what was made of the last keys, and forgets all of it when it holds `capacity` of them. */
export class Memo<T> {
  #made = new Map<string, T>();

  constructor(readonly capacity: number) {}

  of(key: string, make: (key: string) => T): T {
    let value = this.#made.get(key);
    if (value === undefined) {
      if (this.#made.size >= this.capacity) this.#made.clear();
      value = make(key);
      this.#made.set(key, value);
    }
    return value;
  }
}
