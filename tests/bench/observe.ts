import { startCollector } from "../support/collector.ts";
import { runAdmin, type Server, startServer } from "../support/server.ts";
import { runWrk } from "./wrk.ts";

const SECONDS = 2;
const RUNS = 5;
// What the kernel counts a process's time in (Linux).
const TICK_MS = 10;

/** Milliseconds of processor time that a process has used. */
async function cpuOf(pid: number): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  const [user, system] = stat.slice(stat.lastIndexOf(")") + 2).split(" ").slice(11, 13);
  return (Number(user) + Number(system)) * TICK_MS;
}

type Target = { path: string; headers: Record<string, string> };

/** Microseconds of processor time that a request takes, of all threads. */
async function measure(server: Server, { path, headers }: Target): Promise<number> {
  const before = await cpuOf(server.pid);
  const url = `http://127.0.0.1:${server.port}${path}`;
  const { rate, failed } = await runWrk({ url, headers, connections: 32 }, SECONDS);
  if (failed) throw new Error(`${failed} failed`);
  return (await cpuOf(server.pid) - before) * 1000 / (rate * SECONDS);
}

const middle = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(RUNS / 2)];

await using collector = startCollector();
const ways: Record<string, Record<string, string>> = {
  "off": { POSTLARK_REQUEST_LOG: "off" },
  "json": {},
  "json, OpenTelemetry": collector.env,
};
const dir = await Deno.makeTempDir();
const env = { POSTLARK_KV: `${dir}/kv.db`, POSTLARK_LIMIT_ENTERPRISE: "1000000000" };
const results: Record<string, Record<string, number[]>> = {};
const user = ["--email", "bench@example.com", "--plan", "enterprise", "--blog", "bench"];
const { key } = JSON.parse((await runAdmin(env, "user", "create", ...user)).stdout);
for (let run = 0; run < RUNS; run++) {
  for (const [way, more] of Object.entries(ways)) {
    const server = await startServer({ ...env, ...more });
    const api = { "Authorization": `Bearer ${key}`, "Content-Type": "application/json" };
    const post = { title: "Post", slug: "post", content: "Text", status: "published" };
    const made = await fetch(`${server.origin}/v1/posts`, {
      ...{ method: "POST", headers: api, body: JSON.stringify(post) },
    });
    await made.body?.cancel();
    const blog = { Host: `bench.localhost:${server.port}`, "Accept-Encoding": "gzip" };
    const targets: Record<string, Target> = {
      "/health": { path: "/health", headers: { Host: `localhost:${server.port}` } },
      "public page": { path: "/post", headers: blog },
      "GET post": {
        path: "/v1/posts/post",
        headers: { ...api, Host: `localhost:${server.port}` },
      },
    };
    // What a process does as it starts is not a request's.
    await new Promise((resolve) => setTimeout(resolve, 3000));
    for (const [name, target] of Object.entries(targets)) {
      ((results[name] ??= {})[way] ??= []).push(await measure(server, target));
    }
    await server.stop();
  }
}
await Deno.remove(dir, { recursive: true });
console.log(`| µs of processor time a request | ${Object.keys(ways).join(" | ")} | ratios |`);
console.log(`| --- | ${Object.keys(ways).map(() => "---:").join(" | ")} | --- |`);
for (const [name, of] of Object.entries(results)) {
  const figures = Object.values(of).map(middle);
  const ratios = figures.slice(1).map((one) => (one / figures[0]).toFixed(2)).join(", ");
  console.log(`| ${name} | ${figures.map((one) => one.toFixed(1)).join(" | ")} | ${ratios} |`);
}
