import { ACCESS_TOKEN, KvConnectServer } from "./server.ts";

export { ACCESS_TOKEN, KvConnectServer };

/** Opens a database of a server for tests. */
export async function connect(url: string): Promise<Deno.Kv> {
  // The one way in which `Deno.openKv` takes it.
  Deno.env.set("DENO_KV_ACCESS_TOKEN", ACCESS_TOKEN);
  return await Deno.openKv(url);
}
