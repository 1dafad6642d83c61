import { connect, isConnected } from "./kv_connect/mod.ts";

const files = new WeakMap<Deno.Kv, string>();
const replicated = new WeakSet<Deno.Kv>();

/**
 * A database of its own, empty, on the store that the test run is for by `POSTLARK_TEST_STORE`: "memory", also
 * where it is unset; "file", which a second process may open too; or "connect", at the KV Connect server whose
 * address `POSTLARK_TEST_STORE_URL` has.
 */
export async function openStore(): Promise<Deno.Kv> {
  const kind = Deno.env.get("POSTLARK_TEST_STORE") ?? "memory";
  if (kind === "memory") return await Deno.openKv(":memory:");
  if (kind === "file") return await openFile();
  if (kind === "connect") return await openConnected(Deno.env.get("POSTLARK_TEST_STORE_URL")!);
  throw new Error(`POSTLARK_TEST_STORE is "${kind}"`);
}

/** Where the database is kept, if it is one that a second process can open. */
export function fileOf(kv: Deno.Kv): string | undefined {
  return files.get(kv);
}

/** Whether it is reached over KV Connect. */
export function isRemote(kv: Deno.Kv): boolean {
  return isConnected(kv) || replicated.has(kv);
}

async function openFile(): Promise<Deno.Kv> {
  const dir = Deno.makeTempDirSync({ prefix: "postlark-test-" });
  const kv = await Deno.openKv(`${dir}/kv.db`);
  const wrapped = override(kv, {
    close() {
      kv.close();
      Deno.removeSync(dir, { recursive: true });
    },
  });
  files.set(wrapped, `${dir}/kv.db`);
  return wrapped;
}

async function openConnected(origin: string): Promise<Deno.Kv> {
  const url = origin + crypto.randomUUID();
  return readFromReplica(await connect(url), await connect(`${url}/replica`));
}

/** Sends reads that may be eventually consistent to the replica: `Deno.openKv` itself never does. */
export function readFromReplica(kv: Deno.Kv, replica: Deno.Kv): Deno.Kv {
  const pick = (options?: { consistency?: Deno.KvConsistencyLevel }) =>
    options?.consistency === "eventual" ? replica : kv;
  const wrapped = override(kv, {
    get: (key, options) => pick(options).get(key, options),
    getMany: (keys, options) => pick(options).getMany(keys, options),
    list: (selector, options) => pick(options).list(selector, options),
    close() {
      kv.close();
      replica.close();
    },
  });
  replicated.add(wrapped);
  return wrapped;
}

function override(kv: Deno.Kv, own: Partial<Deno.Kv> & { close(): void }): Deno.Kv {
  const members: Record<PropertyKey, unknown> = { ...own, [Symbol.dispose]: own.close };
  return new Proxy(kv, {
    get(target, name) {
      const member = members[name] ?? Reflect.get(target, name);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}
