import type { Deps } from "../../ctx.ts";
import { type Key, under } from "../../kit/kv.ts";
import { checkAccounts, checkCounts, requireUser } from "./accounts.ts";
import { checkApps } from "./apps.ts";
import { checkAnalytics } from "./analytics.ts";
import { checkBlogs, checkThemes } from "./blogs.ts";
import { checkCredentials } from "./credentials.ts";
import { checkDomains } from "./domains.ts";
import { FAMILIES } from "./families.ts";
import { checkKept } from "./kept.ts";
import { checkMedia } from "./media.ts";
import { checkPosts } from "./posts.ts";
import { checkQuotas } from "./quotas.ts";
import { Removals } from "./removals.ts";
import { checkSearch } from "./search.ts";
import { type Difference, Walk } from "./walk.ts";
import { checkWebhooks } from "./webhooks.ts";

const LISTED = 1000;
// Long enough for the commits that a walk has seen half of.
const PAUSE = 300;

// What `admin check` prints: at most a thousand differences, their number, and the rows read of each noun.
type CheckReport = {
  ok: boolean;
  differences: Difference[];
  total: number;
  counted: Record<string, number>;
};

/**
 * Walks the whole store and lists what is not as the records say. A second walk, `pause` milliseconds
 * later, weeds out what writers beside it made look wrong. Holds an entry for each account, blog,
 * credential and searched document, and the posts of one blog at a time.
 */
export async function checkStore(deps: Deps, pause = PAUSE): Promise<CheckReport> {
  let walk = await walkStore(deps);
  let found = [...walk.differences];
  if (found.length) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    walk = await walkStore(deps);
    found = found.filter(([text]) => walk.differences.has(text));
  }
  const total = found.length + walk.overflow;
  const differences = found.slice(0, LISTED).map(([, difference]) => difference);
  return { ok: total === 0, differences, total, counted: walk.counted };
}

async function walkStore(deps: Deps): Promise<Walk> {
  const walk = new Walk(deps);
  const removals = await Removals.read(walk);
  const users = await checkAccounts(walk);
  const blogs = await checkBlogs(walk, users);
  const apps = await checkCredentials(walk, users, blogs);
  await checkApps(walk, users, apps);
  await checkDomains(walk, blogs);
  await checkThemes(walk, blogs, removals);
  await checkKept(walk, blogs, removals);
  const posts = await checkPosts(walk, blogs, removals);
  const bytes = await checkMedia(walk, blogs, removals);
  await checkSearch(walk, blogs);
  await checkAnalytics(walk, blogs, removals);
  await checkWebhooks(walk, { users, blogs, removals });
  const owned = new Map<string, number>();
  for (const { owner } of blogs.live.values()) owned.set(owner, (owned.get(owner) ?? 0) + 1);
  await checkCounts(walk, users, { posts, blogs: owned, bytes });
  await checkQuotas(walk, users);
  await checkAlone(walk, users);
  await reportStrangers(walk);
  return walk;
}

/** What nothing else follows from: their form is all there is to compare. */
async function checkAlone(walk: Walk, users: Set<string>): Promise<void> {
  const alone = ["idem", "rlip", "dev", "billed", "customer", "subscription", "flow"] as const;
  const codes = ["oauthcode", "device", "usercode"] as const;
  for (const name of [...alone, ...codes]) {
    for await (const _ of walk.rows(name)) continue;
  }
  for (
    const name of [
      "rl",
      "rlup",
      "created",
      "notice",
      "settle",
      "billing",
      "loginlink",
      "active",
    ] as const
  ) {
    for await (const { key } of walk.rows(name)) {
      requireUser(walk, users, { key, user: key[1] as string });
    }
  }
  for await (const { key } of walk.rows("restore")) {
    walk.report(key, "a restore was cut short: run it again, with the same file");
  }
}

/** Rows under a noun that is nobody's. */
async function reportStrangers(walk: Walk): Promise<void> {
  const { store } = walk.deps;
  let start: Key = [];
  while (true) {
    const [row] = await store.list({ start, end: [true, true, true] }, 1);
    if (!row) return;
    const noun = row.key[0];
    const seen = typeof noun === "string" && Object.hasOwn(FAMILIES, noun) &&
      row.key[1] !== true;
    if (!seen) walk.report(row.key, "no row of the service has such a key");
    start = seen ? under([noun]).end : [...row.key, false];
  }
}
