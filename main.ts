import type { Deps } from "./lib/ctx.ts";
import { type Config, ConfigError, parseConfig, VARIABLES } from "./lib/kit/config.ts";
import { Keyring } from "./lib/kit/crypto.ts";
import { createDns } from "./lib/kit/dns.ts";
import { Store } from "./lib/kit/kv.ts";
import { MicroCache } from "./lib/kit/micro_cache.ts";
import { Observation, span } from "./lib/kit/observe.ts";
import { LineBuffer, prettyLine } from "./lib/kit/request_log.ts";
import { createOutbound } from "./lib/kit/safe_fetch.ts";
import { openTracer } from "./lib/kit/telemetry.ts";
import { flushUsed } from "./lib/account/api_keys.ts";
import { ViewCounter } from "./lib/content/analytics/mod.ts";
import { stopDraining } from "./lib/content/webhooks/mod.ts";
import { JOBS } from "./lib/jobs/mod.ts";
import { ensureSecret } from "./lib/operator/secret.ts";
import { copyEmbedded } from "./lib/operator/snapshot.ts";
import { warmUp } from "./render/og_image/mod.ts";
import { createApp } from "./routes/mod.ts";
import { makeDemo } from "./routes/operator/demo.ts";
import { runCommand } from "./routes/operator/mod.ts";

const FLUSH_EVERY = 60_000;
const WARM_UP_AFTER = 2_000;
const FLUSH_VIEWS_EVERY = 5_000;
const LONGEST_TIMER = 60_000;
const LOG_EVERY = 50;
// A host that sends SIGTERM kills what is still there some seconds later.
const LONGEST_SHUTDOWN = 4_000;

function readEnv(): Record<string, string | undefined> {
  try {
    // All that may be read, so that a misspelt one is found too.
    return Deno.env.toObject();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    const names = VARIABLES.map((variable) => variable.name);
    return Object.fromEntries(names.map((name) => [name, Deno.env.get(name)]));
  }
}

/** Writes to standard error; with a collector each line at once, as that takes the request's trace from it. */
function openLog({ requestLog }: Config, collected: boolean): Pick<Deps, "log" | "requests"> {
  const encoder = new TextEncoder();
  const write = (text: string) => {
    try {
      let bytes = encoder.encode(text);
      while (bytes.length) bytes = bytes.subarray(Deno.stderr.writeSync(bytes));
    } catch {
      // Nobody reads it any more; that is no reason to end.
    }
  };
  const buffer = new LineBuffer(write, (flush) => setTimeout(flush, LOG_EVERY));
  addEventListener("unload", () => buffer.flush());
  const timed = (line: Record<string, unknown>) =>
    JSON.stringify({ time: new Date().toISOString(), ...line });
  return {
    log(line) {
      buffer.flush();
      console.error(timed({ level: "warn", ...line }));
    },
    requests: requestLog === "off" ? null : (line) => {
      const text = requestLog === "pretty" ? prettyLine(line) : timed(line);
      if (collected) console.error(text);
      else buffer.add(text);
    },
  };
}

async function openDeps(command: boolean): Promise<Deps> {
  const config = parseConfig(readEnv(), { secretOptional: command });
  // On Deploy the store has no address here.
  const remote = !config.kv || /^https?:/.test(config.kv);
  const store = new Store(await Deno.openKv(config.kv), config.kvDeadline, { remote });
  const secret = config.secret || await ensureSecret(store, config.dev);
  const clock = () => Date.now();
  const tracer = await openTracer();
  const resolveDns = createDns(config.dnsServers);
  return {
    config,
    store,
    keys: new Keyring(secret),
    clock,
    pages: new MicroCache(clock),
    hosts: new Map(),
    used: new Map(),
    views: new ViewCounter(clock),
    alarm: () => {},
    fetch: (input, init) => fetch(input, init),
    resolveDns,
    outbound: createOutbound({ resolveDns, allowPrivate: config.outboundPrivate }),
    ...openLog(config, tracer !== null),
    tracer,
  };
}

/** Runs a job when it is asked for, each at its earliest time; a far one is left to the cron. */
function setAlarm(deps: Deps, signal: AbortSignal): void {
  const set = new Map<string, { at: number; timer: ReturnType<typeof setTimeout> }>();
  deps.alarm = (at, job) => {
    const wait = Math.max(0, at - deps.clock());
    const before = set.get(job);
    if (signal.aborted || wait > LONGEST_TIMER || (before && before.at <= at)) return;
    clearTimeout(before?.timer);
    const timer = setTimeout(() => {
      set.delete(job);
      run(deps, job).catch(() => {});
    }, wait);
    set.set(job, { at, timer });
  };
  signal.addEventListener("abort", () => set.forEach(({ timer }) => clearTimeout(timer)));
}

async function run(deps: Deps, job: string): Promise<void> {
  try {
    const work = () => JOBS[job].run(deps);
    await new Observation(deps.tracer).run(() => span(`job ${job}`, work));
  } catch (error) {
    deps.log({ level: "error", event: "job_failed", job, error: String(error) });
    throw error;
  }
}

async function serve(): Promise<void> {
  const deps = await openDeps(false);
  const stop = new AbortController();
  setAlarm(deps, stop.signal);
  for (const [name, { schedule }] of Object.entries(JOBS)) {
    const options = { backoffSchedule: [1000, 5000], signal: stop.signal };
    Deno.cron(name, schedule, options, () => run(deps, name));
  }
  const { config } = deps;
  const server = Deno.serve({
    port: config.port,
    hostname: config.hostname,
    automaticCompression: true,
    onListen: ({ port }) =>
      deps.log({ level: "info", event: "listening", origin: config.origin, port }),
  }, createApp(deps).fetch);
  run(deps, "publish_scheduled").catch(() => {});
  run(deps, "roll_up_views").catch(() => {});
  run(deps, "drain_outbox").catch(() => {});
  // With a store of its own it is to last; on Deploy an instance may end before anyone asks for a picture.
  if (config.kv) setTimeout(() => warmUp().catch(() => {}), WARM_UP_AFTER);
  const flushViews = () =>
    deps.views.flush(deps).catch((error) =>
      deps.log({ event: "views_not_flushed", error: String(error) })
    );
  const flush = () => Promise.all([flushUsed(deps).catch(() => {}), flushViews()]);
  const flushing = [setInterval(flush, FLUSH_EVERY), setInterval(flushViews, FLUSH_VIEWS_EVERY)];
  const finish = async () => {
    stop.abort();
    flushing.forEach(clearInterval);
    setTimeout(() => Deno.exit(0), LONGEST_SHUTDOWN);
    // Requests that are under way may take longer than there is time.
    await flush();
    await Promise.all([server.shutdown(), stopDraining(deps)]);
    await flush();
    deps.store.kv.close();
    Deno.exit(0);
  };
  Deno.addSignalListener("SIGINT", finish);
  Deno.addSignalListener("SIGTERM", finish);
  if (config.dev) await makeDemo(deps);
}

async function admin(args: string[]): Promise<number> {
  const deps = await openDeps(true);
  // Where it can, a backup reads a copy: writers beside it never hold it up.
  const copy = args[0] === "backup" ? await copyEmbedded(deps.config.kv) : null;
  const store = copy ? new Store(await Deno.openKv(copy.path)) : deps.store;
  try {
    return await runCommand({ ...deps, store }, args);
  } finally {
    if (copy) store.kv.close();
    await copy?.remove();
    deps.store.kv.close();
  }
}

try {
  const [first, ...rest] = Deno.args;
  if (first === "admin") Deno.exit(await admin(rest));
  else await serve();
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  console.error(error.message);
  Deno.exit(1);
}
