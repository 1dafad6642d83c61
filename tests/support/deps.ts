import type { Deps } from "../../lib/ctx.ts";
import { ViewCounter } from "../../lib/content/analytics/mod.ts";
import { parseConfig } from "../../lib/kit/config.ts";
import { Keyring } from "../../lib/kit/crypto.ts";
import type { ResolveDns } from "../../lib/kit/dns.ts";
import { Store } from "../../lib/kit/kv.ts";
import type { RequestLine } from "../../lib/kit/request_log.ts";
import { MicroCache } from "../../lib/kit/micro_cache.ts";
import { createOutbound } from "../../lib/kit/safe_fetch.ts";

/** The secret that every service under test has. */
export const TEST_SECRET = "a secret for tests that is long enough";

/** What a service under test is made of: no network, no names unless given, and its logs, lines of requests and alarms kept. */
export function createDeps(options: {
  kv: Deno.Kv;
  clock: () => number;
  env?: Record<string, string>;
  resolveDns?: ResolveDns;
  /** whether the store is reached over KV Connect */
  remote?: boolean;
}) {
  const { kv, clock, env, remote, resolveDns = () => Promise.resolve([]) } = options;
  const config = parseConfig({ POSTLARK_SECRET: TEST_SECRET, ...env });
  const logs: Record<string, unknown>[] = [];
  const requests: RequestLine[] = [];
  const alarms: number[] = [];
  const deps: Deps = {
    config,
    store: new Store(kv, config.kvDeadline, { remote }),
    keys: new Keyring(config.secret),
    clock,
    pages: new MicroCache(clock),
    hosts: new Map(),
    used: new Map(),
    views: new ViewCounter(clock),
    alarm: (at) => void alarms.push(at),
    fetch: () => Promise.reject(new Error("no network in tests")),
    resolveDns,
    outbound: createOutbound({ resolveDns, allowPrivate: config.outboundPrivate }),
    log: (line) => void logs.push(line),
    requests: (line) => void requests.push(line),
    tracer: null,
  };
  return { deps, logs, requests, alarms };
}
