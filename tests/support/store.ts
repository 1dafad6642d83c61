import { connect } from "./kv_connect/mod.ts";

/**
 * A database of its own, empty, on the store that the test run is for: in memory, or, where
 * `POSTLARK_TEST_STORE` is "connect", at the KV Connect server whose address `POSTLARK_TEST_STORE_URL` has.
 */
export async function openStore(): Promise<Deno.Kv> {
  const kind = Deno.env.get("POSTLARK_TEST_STORE") ?? "memory";
  if (kind === "memory") return await Deno.openKv(":memory:");
  if (kind === "connect") return await openConnected(Deno.env.get("POSTLARK_TEST_STORE_URL")!);
  throw new Error(`POSTLARK_TEST_STORE is "${kind}"`);
}

async function openConnected(origin: string): Promise<Deno.Kv> {
  const url = origin + crypto.randomUUID();
  return readFromReplica(await connect(url), await connect(`${url}/replica`));
}

/** Sends reads that may be eventually consistent to the replica: `Deno.openKv` itself never does. */
export function readFromReplica(kv: Deno.Kv, replica: Deno.Kv): Deno.Kv {
  const pick = (options?: { consistency?: Deno.KvConsistencyLevel }) =>
    options?.consistency === "eventual" ? replica : kv;
  const own: Partial<Deno.Kv> = {
    get: (key, options) => pick(options).get(key, options),
    getMany: (keys, options) => pick(options).getMany(keys, options),
    list: (selector, options) => pick(options).list(selector, options),
    close() {
      kv.close();
      replica.close();
    },
  };
  return new Proxy(kv, {
    get(target, name) {
      const member = own[name as keyof Deno.Kv] ?? Reflect.get(target, name);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}
