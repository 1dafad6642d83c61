import { startServer } from "../support/server.ts";
import { Store } from "../../lib/kit/kv.ts";
import { blogFilter, tagFilter } from "../../lib/content/search/document.ts";
import { readDocuments } from "../../lib/content/search/documents.ts";
import { findDocuments } from "../../lib/content/search/find.ts";
import { readLog } from "../../lib/content/search/log.ts";
import { parseQuery } from "../../lib/content/search/query.ts";
import { tagOf, wordOf } from "./search_corpus.ts";
import { type Filter, type Postgres, startPostgres } from "./search_postgres.ts";
import { countingKv, type Made, makeStore } from "./search_store.ts";
import { measureWrites } from "./search_writes.ts";
import { median, runWrk } from "./wrk.ts";

const TIMES = 300;
const POSTGRES_TIMES = 60;
const SECONDS = 3;
const CONNECTIONS = 16;
const RUNS = 3;
// Above this PostgreSQL and the measures over HTTP are left out: one run has to do.
const LARGE = 200_000;

const [first, second, third] = [0, 1, 50].map(wordOf);
/** What is asked: words by how many posts have them. */
const QUERIES: Record<string, Filter> = {
  "rare": { q: wordOf(36_000) },
  "2.7 %": { q: wordOf(304) },
  "common, 20 %": { q: first },
  "two common": { q: `${first} ${second}` },
  "three, AND": { q: `${first} ${second} ${third}` },
  "rare and common": { q: `${wordOf(36_000)} ${first}` },
  "common, with a tag": { q: first, tag: tagOf(0) },
  "common, blog with a tenth": { q: first, blog: 0 },
  "common, small blog": { q: first, blog: 7 },
};

type Timed = { p50: number; p99: number; total: number; calls: number; bytes: number };

async function ask(store: Store, blogs: Made["blogs"], { q, tag, blog }: Filter) {
  const filters = [
    ...tag ? [tagFilter(tag)] : [],
    ...blog === undefined ? [] : [blogFilter(blogs[blog].id)],
  ];
  const log = await readLog(store);
  const question = { log, query: parseQuery(q), filters, offset: 0, limit: 20 };
  return await findDocuments(store, question);
}

async function time(kv: Deno.Kv, made: Made, filter: Filter): Promise<Timed> {
  const { counts, store: counted } = countingKv(kv);
  const { total } = await ask(counted, made.blogs, filter);
  const store = new Store(kv);
  const times: number[] = [];
  for (let i = -TIMES / 10; i < TIMES; i++) {
    const started = performance.now();
    await ask(store, made.blogs, filter);
    if (i >= 0) times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  return { p50: at(times, 0.5), p99: at(times, 0.99), total, ...counts };
}

/** How long the rows of a page take on top, where this instance has not read them before. */
async function timeRows(kv: Deno.Kv, made: Made): Promise<number> {
  const { hits } = await ask(new Store(kv), made.blogs, QUERIES["common, 20 %"]);
  const times: number[] = [];
  for (let i = 0; i < TIMES; i++) {
    const started = performance.now();
    await readDocuments(new Store(kv), hits.map(({ n }) => n));
    times.push(performance.now() - started);
  }
  return at(times.sort((a, b) => a - b), 0.5);
}

function at(sorted: number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
}

async function measureLibrary(file: string, made: Made, postgres: Postgres | null) {
  const kv = await Deno.openKv(file);
  console.log(`\nIn the library; ${machineLoad()}.\n`);
  console.log("| query | hits | p50 ms | p99 ms | KV calls | KB | PostgreSQL p50 / p99 ms |");
  console.log("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
  for (const [name, filter] of Object.entries(QUERIES)) {
    const { p50, p99, total, calls, bytes } = await time(kv, made, filter);
    let theirs = "";
    if (postgres) {
      const times = await postgres.time(filter, POSTGRES_TIMES);
      theirs = `${at(times, 0.5).toFixed(2)} / ${at(times, 0.99).toFixed(2)}`;
      const wanted = await postgres.total(filter);
      if (wanted !== total) throw new Error(`${name}: ${total} hits, PostgreSQL has ${wanted}`);
    }
    const kilobytes = (bytes / 1000).toFixed(1);
    console.log(
      `| ${name} | ${total} | ${p50.toFixed(2)} | ${
        p99.toFixed(2)
      } | ${calls} | ${kilobytes} | ${theirs} |`,
    );
  }
  console.log(`\nThe rows of a page of 20: ${(await timeRows(kv, made)).toFixed(2)} ms more.`);
  kv.close();
}

/** How many processes wanted a processor in the last minute. */
function machineLoad(): string {
  return `load ${Deno.loadavg()[0].toFixed(1)}`;
}

/** Milliseconds that a process has computed so far, in all its threads. */
async function cpuTime(pid: number): Promise<number> {
  const [, fields] = (await Deno.readTextFile(`/proc/${pid}/stat`)).split(") ");
  const [user, system] = fields.split(" ").slice(11, 13).map(Number);
  // In hundredths of a second.
  return (user + system) * 10;
}

async function measureHttp(file: string, made: Made): Promise<void> {
  const server = await startServer({
    POSTLARK_KV: file,
    POSTLARK_LIMIT_ENTERPRISE: "1000000000",
    POSTLARK_LIMIT_DISCOVER: "1000000000",
  });
  try {
    console.log(`\nOver HTTP, ${CONNECTIONS} connections; ${machineLoad()}.\n`);
    console.log("| request | requests/s | p50 ms | p99 ms | CPU ms/request | failed |");
    console.log("| --- | ---: | ---: | ---: | ---: | ---: |");
    for (const [name, { q, tag, blog }] of Object.entries(QUERIES)) {
      if (blog !== undefined && blog > 0) continue;
      const own = blog === 0;
      const path = own ? "/v1/search" : "/v1/discover";
      const parameters = new URLSearchParams({ q, ...tag && { tag } });
      const url = `http://127.0.0.1:${server.port}${path}?${parameters}`;
      const headers = {
        Host: `localhost:${server.port}`,
        ...own && { authorization: `Bearer ${made.key}` },
      };
      const load = { url, headers, connections: CONNECTIONS };
      await runWrk(load, 1);
      const runs = [];
      const before = await cpuTime(server.pid);
      for (let i = 0; i < RUNS; i++) runs.push(await runWrk(load, SECONDS));
      const cpu = await cpuTime(server.pid) - before;
      const requests = runs.reduce((sum, run) => sum + run.rate * SECONDS, 0);
      const { rate, p50, p99, failed } = median(runs);
      const cells = [
        own ? `${name} (/v1/search)` : name,
        rate.toFixed(0),
        p50.toFixed(2),
        p99.toFixed(2),
        (cpu / requests).toFixed(2),
        failed,
      ];
      console.log(`| ${cells.join(" | ")} |`);
    }
  } finally {
    await server.stop();
  }
}

async function measure(posts: number, parts: string[]): Promise<void> {
  const wants = (part: string) => parts.length === 0 || parts.includes(part);
  const dir = await Deno.makeTempDir();
  const file = `${dir}/kv.db`;
  let postgres: Postgres | null = null;
  try {
    const made = await makeStore(file, posts);
    const { size } = await Deno.stat(file);
    console.log(
      `\n### ${posts} posts\n\n${made.postings} postings in ${made.chunks} chunks of ` +
        `${(made.bytes / 1e6).toFixed(1)} MB, ${
          (made.bytes / posts).toFixed(0)
        } bytes a post; the file has ` +
        `${(size / 1e6).toFixed(0)} MB. Built in ${made.seconds.toFixed(1)} s, at most ` +
        `${(made.rss / 1e6).toFixed(0)} MB of memory.`,
    );
    if (posts <= LARGE && wants("postgres")) postgres = await startPostgres(posts);
    if (wants("library")) await measureLibrary(file, made, postgres);
    await postgres?.stop();
    postgres = null;
    if (posts <= LARGE && wants("http")) await measureHttp(file, made);
    if (posts <= LARGE && wants("writes")) await measureWrites(file, made);
  } finally {
    await postgres?.stop();
    await Deno.remove(dir, { recursive: true });
  }
}

/** Measures the search index; arguments are sizes, and parts: library, postgres, http, writes. */
export async function benchSearch(args: string[]): Promise<void> {
  const sizes = args.map(Number).filter(Boolean);
  const parts = args.filter((arg) => !Number(arg));
  for (const posts of sizes.length ? sizes : [1000, 10_000, 100_000]) await measure(posts, parts);
}
