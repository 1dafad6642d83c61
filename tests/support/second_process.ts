import { Buffer } from "node:buffer";
import { createApp } from "../../routes/mod.ts";
import { createDeps } from "./deps.ts";

/** A request, and the service that it is for: on which file, with which variables, at what time. */
type Sent = {
  file: string;
  env: Record<string, string>;
  now: number;
  method: string;
  url: string;
  headers: [string, string][];
  /** base64 */
  body: string | null;
};
type Answered = {
  status: number;
  headers: [string, string][];
  body: string;
  logs: Record<string, unknown>[];
  alarms: number[];
};

/** Instances of the service in another process, whose address `POSTLARK_TEST_SECOND` has. */
export class SecondProcess {
  constructor(
    readonly service: { file: string; env: Record<string, string>; clock: () => number },
    readonly seen: { logs: Record<string, unknown>[]; alarms: number[] },
  ) {}

  /** The answer of the service's instance there. */
  async fetch(request: Request): Promise<Response> {
    const { file, env, clock } = this.service;
    const body = request.body && Buffer.from(await request.arrayBuffer()).toString("base64");
    const { method, url } = request;
    const sent: Sent = {
      file,
      env,
      now: clock(),
      method,
      url,
      headers: [...request.headers],
      body,
    };
    const response = await fetch(Deno.env.get("POSTLARK_TEST_SECOND")!, {
      method: "POST",
      body: JSON.stringify(sent),
    });
    if (!response.ok) throw new Error(await response.text());
    const answered: Answered = await response.json();
    this.seen.logs.push(...answered.logs);
    this.seen.alarms.push(...answered.alarms);
    const { status, headers } = answered;
    const bytes = Buffer.from(answered.body, "base64");
    const empty = [204, 205, 304].includes(status);
    return new Response(empty ? null : bytes, { status, headers });
  }
}

type Instance = ReturnType<typeof createDeps> & {
  fetch: (request: Request) => Response | Promise<Response>;
  kv: Deno.Kv;
  file: string;
  now: number;
};
const instances = new Map<string, Promise<Instance>>();

function instanceFor({ file, env }: Sent): Promise<Instance> {
  const name = JSON.stringify([file, env]);
  let instance = instances.get(name);
  if (!instance) {
    closeGone();
    instances.set(name, instance = open(file, env));
    instance.catch(() => instances.delete(name));
  }
  return instance;
}

async function open(file: string, env: Record<string, string>): Promise<Instance> {
  const kv = await Deno.openKv(file);
  const made = createDeps({ kv, env, clock: () => instance.now });
  const instance = { ...made, kv, file, now: 0, fetch: createApp(made.deps).fetch };
  return instance;
}

/** Those whose test has ended have no file any more. */
function closeGone(): void {
  for (const [name, opened] of instances) {
    opened.then(({ kv, file }) => {
      if (exists(file)) return;
      instances.delete(name);
      kv.close();
    }, () => {});
  }
}

function exists(file: string): boolean {
  try {
    return Deno.statSync(file).isFile;
  } catch {
    return false;
  }
}

async function answer(sent: Sent): Promise<Answered> {
  const instance = await instanceFor(sent);
  instance.now = Math.max(instance.now, sent.now);
  const { method, headers } = sent;
  const body = sent.body === null ? undefined : Buffer.from(sent.body, "base64");
  const response = await instance.fetch(new Request(sent.url, { method, headers, body }));
  const bytes = Buffer.from(await response.arrayBuffer());
  return {
    status: response.status,
    headers: [...response.headers],
    body: bytes.toString("base64"),
    logs: instance.logs.splice(0),
    alarms: instance.alarms.splice(0),
  };
}

if (import.meta.main) {
  Deno.serve({
    port: 0,
    hostname: "127.0.0.1",
    onListen: ({ port }) => console.log(`http://127.0.0.1:${port}/`),
    onError: (error) => new Response(String(error), { status: 500 }),
  }, async (request) => Response.json(await answer(await request.json())));
}
