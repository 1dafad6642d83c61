import {
  appendFileSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

/** What was last sent of a post, and the `updated_at` that it got for it. */
export type Entry = { id: string; digest: string; updated_at: string };

/**
 * Remembers in the folder what was sent: a line for each post, written as soon as its answer is there, so
 * that an interruption loses nothing. It only saves reading posts: what it says of a post counts only
 * while the post's `updated_at` is the one that it has.
 */
export class Journal {
  #entries = new Map<string, Entry>();
  #lines = 0;
  #path: string;
  #draft: string;

  constructor(readonly dir: string) {
    this.#path = join(dir, ".postlark", "deploy.jsonl");
    this.#draft = `${this.#path}.new`;
    for (const line of read(this.#path).split("\n")) {
      const entry = parse(line);
      if (!entry) continue;
      this.#entries.set(entry.id, entry);
      this.#lines++;
    }
  }

  get(id: string): Entry | undefined {
    return this.#entries.get(id);
  }

  /** Notes what was sent; a folder that cannot be written to is none of a deploy's business. */
  note(entry: Entry): void {
    this.#entries.set(entry.id, entry);
    this.#write(() => appendFileSync(this.#path, `${JSON.stringify(entry)}\n`));
    this.#lines++;
  }

  /** Leaves out the lines that later ones replaced, once there are as many of them as of the others. */
  compact(): void {
    if (this.#lines < 2 * this.#entries.size) return;
    this.#write(() => {
      const lines = [...this.#entries.values()].map((entry) => `${JSON.stringify(entry)}\n`);
      writeFileSync(this.#draft, lines.join(""));
      renameSync(this.#draft, this.#path);
    });
  }

  #write(act: () => void): void {
    try {
      const folder = join(this.dir, ".postlark");
      mkdirSync(folder, { recursive: true });
      // A link that came with the folder would have another file overwritten.
      if (![folder, this.#path, this.#draft].some(isLink)) act();
    } catch {
      // The next deploy reads the posts instead.
    }
  }
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

// A line that was cut off is as good as none.
function parse(line: string): Entry | null {
  try {
    const entry = JSON.parse(line);
    return typeof entry?.id === "string" ? entry : null;
  } catch {
    return null;
  }
}
