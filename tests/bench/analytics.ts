import { ViewCounter } from "../../lib/content/analytics/mod.ts";
import { newId } from "../../lib/kit/ids.ts";
import { setup } from "../_setup.ts";
import { Random } from "../support/random.ts";
import { runAdmin, startServer } from "../support/server.ts";
import { FIREFOX, GOOGLEBOT, viewOf } from "../support/visitors.ts";
import { median, runWrk } from "./wrk.ts";

/**
 * `deno run --frozen -A tests/bench/analytics.ts`: what counting, flushing, rolling up and reading cost, and
 * (with `wrk`) what counting takes from a page that is kept in memory.
 */
const DAY = 86_400_000;
const VIEWS = 200_000;
const VISITORS = 5000;
const POSTS = 500;
const DAYS = 90;
const SECONDS = 3;

function say(what: string, value: number, unit: string): void {
  console.log(`| ${what} | ${value.toFixed(value < 10 ? 2 : 0)} ${unit} |`);
}

async function timed(what: string, work: () => unknown): Promise<void> {
  const start = performance.now();
  await work();
  say(what, performance.now() - start, "ms");
}

/** Of JavaScript's values and buffers, in MB; the store's is not among it. */
function held(): number {
  const { heapUsed, external } = Deno.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}

async function benchCounter(): Promise<void> {
  using t = await setup();
  const { key, blog: { id: blog } } = await t.tenant();
  const posts = Array.from({ length: POSTS }, () => newId(t.now()));
  const random = new Random(1);
  const views = Array.from({ length: VIEWS }, () => {
    const at = { blog, post: random.pick(posts) };
    const view = viewOf(at, random.below(VISITORS));
    return random.below(10) ? view : { ...view, agent: GOOGLEBOT };
  });
  const { deps } = t;
  deps.views.count(views[0]);
  await deps.views.flush(deps);
  const countAll = () => views.forEach((view) => deps.views.count(view));
  for (const what of ["a first view", "a repeated view"]) {
    const start = performance.now();
    countAll();
    say(what, (performance.now() - start) / VIEWS * 1000, "µs");
  }
  await timed(`flush of ${VIEWS} views over ${POSTS} posts`, () => deps.views.flush(deps));
  await timed("another process reads what the blog's visitors have seen", async () => {
    deps.views = new ViewCounter(t.now);
    deps.views.count(views[0]);
    await deps.views.flush(deps);
  });
  t.advance(DAY);
  await timed(`roll-up of ${POSTS} posts`, () => t.runJob("roll_up_views"));
  for (let day = 0; day < DAYS; day++) {
    for (const [n, post] of posts.entries()) deps.views.count(viewOf({ blog, post }, n));
    await deps.views.flush(deps);
    t.advance(DAY);
    await t.runJob("roll_up_views");
  }
  for (const period of ["7d", "30d", "90d"]) {
    const read = () => t.api("GET", `/analytics/overview?period=${period}`, { key });
    await read();
    await timed(`overview of ${period}, ${POSTS} posts viewed a day`, read);
  }
}

async function benchMemory(): Promise<void> {
  using t = await setup();
  const { blog: { id: blog } } = await t.tenant();
  const posts = Array.from({ length: POSTS }, () => newId(t.now()));
  const { deps } = t;
  deps.views.count(viewOf({ blog, post: posts[0] }, 0));
  await deps.views.flush(deps);
  const before = held();
  for (const post of posts) {
    for (let n = 0; n < VISITORS; n++) deps.views.count(viewOf({ blog, post }, n));
    await deps.views.flush(deps);
  }
  say(`memory of ${VISITORS} visitors who saw all ${POSTS} posts`, held() - before, "MB");
}

async function benchPage(): Promise<void> {
  const dir = await Deno.makeTempDir();
  const env = { POSTLARK_KV: `${dir}/kv.db`, POSTLARK_TRUST_PROXY: "1" };
  const server = await startServer(env);
  try {
    const user = ["--email", "bench@example.com", "--plan", "enterprise", "--blog", "bench"];
    const { key } = JSON.parse((await runAdmin(env, "user", "create", ...user)).stdout);
    const response = await fetch(`${server.origin}/v1/posts`, {
      method: "POST",
      headers: { "authorization": `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({ title: "Post", content: "Text. ".repeat(500), status: "published" }),
    });
    await response.body?.cancel();
    const url = `http://127.0.0.1:${server.port}/post`;
    const host = { "Host": `bench.localhost:${server.port}`, "accept-encoding": "gzip" };
    const script = `${dir}/visitors.lua`;
    await Deno.writeTextFile(
      script,
      `request = function()
         wrk.headers["X-Forwarded-For"] = "10." .. math.random(0, 255) .. "." .. math.random(0, 255) .. ".1"
         return wrk.format("GET", "/post")
       end\n`,
    );
    const loads = {
      "kept page, not counted": { url, headers: host },
      "kept page, one visitor": { url, headers: { ...host, "user-agent": FIREFOX } },
      "kept page, 65,536 visitors": { url, headers: { ...host, "user-agent": FIREFOX }, script },
    };
    for (const [what, load] of Object.entries(loads)) {
      const runs = [];
      for (let i = 0; i < 3; i++) runs.push(await runWrk(load, SECONDS));
      say(what, median(runs).rate, "/s");
    }
  } finally {
    await server.stop();
    await Deno.remove(dir, { recursive: true });
  }
}

console.log("| what | measured |\n| --- | ---: |");
await benchCounter();
await benchMemory();
await benchPage();
