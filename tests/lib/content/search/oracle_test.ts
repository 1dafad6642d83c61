import assert from "node:assert/strict";
import type { IndexedPost } from "../../../../lib/content/search/document.ts";
import { mergeLog } from "../../../../lib/content/search/merge.ts";
import { LOG_ROWS } from "../../../../lib/content/search/keys.ts";
import type { Store } from "../../../../lib/kit/kv.ts";
import type { Hooks } from "../../../support/hooked_kv.ts";
import { Random } from "../../../support/random.ts";
import {
  expectContents,
  findMisplaced,
  makeIndexed,
  openIndex,
  readContents,
} from "../../../support/search_index.ts";
import { openStore } from "../../../support/store.ts";

const SEEDS = 10;
const CHUNK_BYTES = 60;
// What has to happen in a run before it ends, and how many calls to the store it may take at most.
const ENOUGH = { published: 80, merges: 4, broken: 2, searches: 50 };
const MAX_CALLS = 60_000;
// Publishers leave the mergers time to follow.
const MAX_LOGGED = 50;
const CROWD = 50;
const KINDS = ["published", "merges", "broken", "searches"] as const;
const WORDS = ["ant", "bee", "cat", "dog"];
const BLOGS = ["one", "two"];

/** A document's life, in steps of the run: between asking and answer it may or may not be there. */
type Life = {
  row: IndexedPost;
  asked: number;
  published: number;
  killing: number;
  killed: number;
};

/** Everyone at work on one database, each in an instance of their own, and what happened to every document. */
class Run {
  readonly lives = new Map<number, Life>();
  readonly violations: string[] = [];
  /** merges that came to their end, and that did not */
  readonly counts = { published: 0, merges: 0, broken: 0, searches: 0 };
  /** to the store, of everyone: the clock that leases go by */
  calls = 0;
  #step = 0;
  #next = 1;

  constructor(readonly kv: Deno.Kv, readonly random: Random) {}

  step(): number {
    return ++this.#step;
  }

  isOver(): boolean {
    return this.hasEnough() || this.calls >= MAX_CALLS;
  }

  hasEnough(): boolean {
    return KINDS.every((kind) => this.counts[kind] >= ENOUGH[kind]);
  }

  /** Calls take their time, and overtake each other. */
  jitter(): Promise<void> {
    this.calls++;
    const wait = this.random.below(12) === 0 ? this.random.below(8) : this.random.below(2);
    return new Promise((resolve) => setTimeout(resolve, wait));
  }

  open(hooks: Hooks = {}) {
    return openIndex({ kv: this.kv, hooks: { before: () => this.jitter(), ...hooks } });
  }

  async hasRoom(store: Store): Promise<boolean> {
    return (await store.list(LOG_ROWS, MAX_LOGGED)).length < MAX_LOGGED;
  }

  /** Numbers mostly rise; some come from a clock that is behind. */
  draw(): number {
    let n: number;
    do {
      n = this.random.below(5) ? this.#next++ * 100_000 : this.random.below(this.#next * 100_000);
    } while (this.lives.has(n));
    return n;
  }

  makePost(): IndexedPost {
    const words = Array.from({ length: 1 + this.random.below(3) }, () => this.random.pick(WORDS));
    return makeIndexed({ title: words.join(" "), blog: this.random.pick(BLOGS) });
  }

  living(): number[] {
    return [...this.lives].flatMap(([n, { published, killing }]) =>
      published < Infinity && killing === Infinity ? [n] : []
    );
  }

  pickLiving(): number | null {
    const living = this.living();
    return living.length ? this.random.pick(living) : null;
  }
}

async function publish(run: Run): Promise<void> {
  using t = await run.open();
  while (!run.isOver()) {
    if (!await run.hasRoom(t.store)) continue;
    const n = run.draw();
    const life = {
      row: run.makePost(),
      asked: run.step(),
      published: Infinity,
      killing: Infinity,
      killed: Infinity,
    };
    run.lives.set(n, life);
    const kill = run.living().length > CROWD || run.random.below(3) === 0 ? run.pickLiving() : null;
    if (kill === null) await t.publish(life.row, { n });
    else await edit(run, () => t.publish(life.row, { n, kill }), kill);
    life.published = run.step();
    run.counts.published++;
  }
}

async function kill(run: Run): Promise<void> {
  using t = await run.open();
  while (!run.isOver()) {
    await run.jitter();
    const n = await run.hasRoom(t.store) ? run.pickLiving() : null;
    if (n !== null) await edit(run, () => t.kill(n), n);
  }
}

async function edit(run: Run, commit: () => Promise<unknown>, killed: number): Promise<void> {
  const life = run.lives.get(killed)!;
  life.killing = run.step();
  await commit();
  life.killed = run.step();
}

/** Merges again and again; now and then it dies at one of its commits, or one fails, or its answer is lost. */
async function merge(run: Run): Promise<void> {
  while (!run.isOver()) {
    let dead = false;
    using t = await run.open({
      async before(kind) {
        await run.jitter();
        if (kind === "commit" && run.random.below(80) === 0) dead = true;
        const failed = kind === "commit" && run.random.below(60) === 0;
        if (dead || failed) throw new Error("the network is down");
      },
      committed() {
        if (run.random.below(120) === 0) throw new Error("the answer is lost");
      },
    });
    const options = {
      batch: run.random.pick([15, 80, 80]),
      chunkBytes: CHUNK_BYTES,
      lease: run.random.pick([20, 300, 800]),
    };
    const passing = { ...t.deps, clock: () => run.calls };
    try {
      const { added, killed } = await mergeLog(passing, options);
      if (added + killed > 0) run.counts.merges++;
    } catch {
      run.counts.broken++;
    }
  }
}

type Question = { q: string; filters: string[]; matches: (row: IndexedPost) => boolean };

function ask(random: Random): Question {
  const [a, b] = [random.pick(WORDS), random.pick(WORDS)];
  const blog = random.pick(BLOGS);
  const has = (row: IndexedPost, word: string) => row.title.split(" ").includes(word);
  return random.pick<Question>([
    { q: a, filters: [], matches: (row) => has(row, a) },
    { q: `${a} ${b}`, filters: [], matches: (row) => has(row, a) && has(row, b) },
    { q: `${a} OR ${b}`, filters: [], matches: (row) => has(row, a) || has(row, b) },
    { q: a, filters: [`@${blog}`], matches: (row) => has(row, a) && row.blog === blog },
    { q: `${a} -${b}`, filters: [], matches: (row) => has(row, a) && !has(row, b) },
  ]);
}

async function search(run: Run): Promise<void> {
  using t = await run.open();
  while (!run.isOver()) {
    const { q, filters, matches } = ask(run.random);
    const from = run.step();
    const { total, hits } = await t.find(q, filters);
    const to = run.step();
    run.counts.searches++;
    const found = new Set(hits.map(({ n }) => n));
    const says = (n: number, what: string) => run.violations.push(`${n} ${what} "${q}" ${filters}`);
    if (total !== hits.length || found.size !== hits.length) says(total, "is a wrong total of");
    for (const [n, { row, asked, published, killing, killed }] of run.lives) {
      const steady = published < from && killing > to;
      if (found.has(n)) {
        if (asked > to || killed < from) says(n, "is back in");
        // What comes or goes meanwhile may be in some of the lists only.
        if (!matches(row) && (steady || !q.includes("-"))) says(n, "does not match");
      } else if (steady && matches(row)) says(n, "is missing from");
    }
  }
}

Deno.test("no search misses a document that is there or finds one that is gone, whatever the mergers do", async (t) => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    await t.step(`seed ${seed}`, async () => {
      using kv = await openStore();
      const run = new Run(kv, new Random(seed));
      await Promise.all([publish, publish, publish, kill, merge, merge, search, search, search]
        .map((work) => work(run)));
      assert.deepEqual(run.violations, []);
      assert.ok(run.hasEnough(), JSON.stringify(run.counts));

      using last = await openIndex({ kv });
      last.advance(1e15);
      await last.merge({ batch: 40, chunkBytes: CHUNK_BYTES });
      const living = [...run.lives].filter(([, { killed }]) => killed === Infinity);
      const expected = expectContents(new Map(living.map(([n, { row }]) => [n, row])));
      assert.deepEqual(await readContents(last.store), expected);
      assert.deepEqual(await findMisplaced(last.store, CHUNK_BYTES), []);
    });
  }
});
