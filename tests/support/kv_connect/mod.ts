import { ACCESS_TOKEN, KvConnectServer } from "./server.ts";

export { ACCESS_TOKEN, KvConnectServer };

const connected = new WeakSet<Deno.Kv>();

/** Opens a database of a server for tests. */
export async function connect(url: string): Promise<Deno.Kv> {
  // The one way in which `Deno.openKv` takes it.
  Deno.env.set("DENO_KV_ACCESS_TOKEN", ACCESS_TOKEN);
  const kv = await Deno.openKv(url);
  connected.add(kv);
  return kv;
}

/** Whether a database is one of a server. */
export function isConnected(kv: Deno.Kv): boolean {
  return connected.has(kv);
}
