import { Buffer } from "node:buffer";
import type { Deps, PageView, Views } from "../../ctx.ts";
import { randomHex } from "../../kit/ids.ts";
import { transact, under } from "../../kit/kv.ts";
import { GRACE, LONGEST_ADDRESS, LONGEST_AGENT, MOST_WAITING } from "./_bounds.ts";
import { BlogDay, Day, type Visit } from "./_day.ts";
import { type Part, takeParts, writePart } from "./_flush.ts";
import { dayOf, endOfDay, openDayKey, saltKey, visitorsPrefix } from "./_keys.ts";
import { Memo } from "./_memo.ts";
import { browserOf, countryOf, referrerOf } from "./_source.ts";

const REMEMBERED_AGENTS = 5000;
const KEPT_SALT = 86_400_000;
const AT_ONCE = 16;
// More than this at a time would hold up the requests that come in meanwhile.
const SLICE = 1000;

type Waiting = { visit: Visit; day: string };

/**
 * Counts views in memory, one a visitor, post and day; bots are left out. Counting asks the store for
 * nothing: views wait until the next flush has read the day's salt and what the blog's visitors have seen.
 * An instance that is killed loses what it has counted since its last flush.
 */
export class ViewCounter implements Views {
  readonly #instance: string = crypto.randomUUID();
  readonly #browsers = new Memo<string | null>(REMEMBERED_AGENTS);
  #days = new Map<string, Day>();
  #waiting: Waiting[] = [];
  #parts: Part[] = [];
  #lost = 0;
  #flushing: Promise<void> = Promise.resolve();

  /** `clock` in milliseconds since the epoch. */
  constructor(readonly clock: () => number) {}

  count(view: PageView): void {
    if (view.agent.length > LONGEST_AGENT) return;
    const browser = this.#browsers.of(view.agent, browserOf);
    if (browser === null) return;
    const day = dayOf(this.clock());
    const at = this.#days.get(day);
    const blog = at?.blogs.get(view.blog);
    const visit = {
      blog: view.blog,
      post: view.post,
      visitor: `${view.address.slice(0, LONGEST_ADDRESS)}\n${view.agent}`,
      browser,
      country: countryOf(view.country),
      referrer: referrerOf(view.referrer, view.url),
    };
    if (blog) {
      if (!at!.count(blog, visit)) this.#lost++;
    } else if (this.#waiting.length < MOST_WAITING) {
      // A slice of a header would keep the whole header.
      visit.visitor = Buffer.from(visit.visitor).toString();
      this.#waiting.push({ visit, day });
    } else {
      this.#lost++;
    }
  }

  /** Writes all that was counted before; throws 503 where some of it is left for the next flush. */
  async flush(deps: Deps): Promise<void> {
    const flushed = this.#flushing.then(() => this.#flush(deps));
    this.#flushing = flushed.catch(() => {});
    await flushed;
  }

  async #flush(deps: Deps): Promise<void> {
    // First what an earlier flush has left: until that is written, counts add up where they are.
    await this.#write(deps);
    await this.#readWaiting(deps);
    // Of what is over by now; a day that ends while it is written is counted in meanwhile.
    const today = dayOf(this.clock());
    for (const day of this.#days.values()) this.#parts.push(...takeParts(day, this.#instance));
    await this.#write(deps);
    for (const day of this.#days.keys()) if (day < today) this.#days.delete(day);
    if (this.#lost) deps.log({ event: "views_not_counted", views: this.#lost });
    this.#lost = 0;
  }

  async #write(deps: Deps): Promise<void> {
    for (let part = this.#parts[0]; part; part = this.#parts[0]) {
      if (!await writePart(deps, part, this.#instance)) {
        this.#lost += part.views;
        this.#days.delete(part.day);
      }
      this.#parts.shift();
    }
  }

  async #readWaiting(deps: Deps): Promise<void> {
    while (this.#waiting.length) {
      const asked = Map.groupBy(this.#waiting, ({ day }) => day);
      for (const [day, waiting] of asked) {
        const at = this.#days.get(day) ?? await this.#begin(deps, day);
        const blogs = [...new Set(waiting.map(({ visit }) => visit.blog))];
        if (at) await beginBlogs(deps, at, blogs.filter((blog) => !at.blogs.has(blog)));
      }
      const waiting = this.#waiting;
      this.#waiting = [];
      for (let i = 0; i < waiting.length; i += SLICE) {
        if (i) await new Promise((resolve) => setTimeout(resolve, 0));
        for (const one of waiting.slice(i, i + SLICE)) this.#countWaiting(one);
      }
    }
  }

  // One that came in while the others' blogs were read waits once more.
  #countWaiting(one: Waiting): void {
    const at = this.#days.get(one.day);
    const blog = at?.blogs.get(one.visit.blog);
    if (at && !blog) this.#waiting.push(one);
    else if (!at || !at.count(blog!, one.visit)) this.#lost++;
  }

  async #begin(deps: Deps, day: string): Promise<Day | undefined> {
    const salt = await openDay(deps, day);
    if (salt === null) return;
    const begun = new Day(day, salt, deps.keys.key("visitor", salt));
    this.#days.set(day, begun);
    return begun;
  }
}

async function beginBlogs(deps: Deps, day: Day, blogs: string[]): Promise<void> {
  for (let i = 0; i < blogs.length; i += AT_ONCE) {
    await Promise.all(
      blogs.slice(i, i + AT_ONCE).map(async (blog) => {
        const at = new BlogDay();
        const stored = under(visitorsPrefix(day.day, blog));
        for await (const { value } of deps.store.scan<Uint8Array>(stored)) at.know(value);
        day.begin(blog, at);
      }),
    );
  }
}

/** The salt of a day, made by whoever comes first; null once the day is over. */
async function openDay(deps: Deps, day: string): Promise<string | null> {
  return await transact(deps.store, async (tx) => {
    const salt = await tx.get<string>(saltKey(day));
    const now = deps.clock();
    if (salt !== null || now >= endOfDay(day) + GRACE.open) return salt;
    const made = randomHex(32);
    tx.set(saltKey(day), made, { expireIn: endOfDay(day) + KEPT_SALT - now });
    tx.set(openDayKey(day), now);
    return made;
  });
}
