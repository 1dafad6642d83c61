import { fileURLToPath } from "node:url";
import { type Server, startServer } from "../../support/server.ts";
import { Traffic } from "./_traffic.ts";

/** What the monitored service said of one second. */
export type Second = { rss: number; p50: number; p99: number; max: number };

const MONITORED = fileURLToPath(new URL("monitored.ts", import.meta.url));
const UNLIMITED = {
  POSTLARK_REQUEST_LOG: "off",
  POSTLARK_LIMIT_ENTERPRISE: "1000000000",
  POSTLARK_LIMIT_DISCOVER: "1000000000",
};

/** Runs `use` against a service of its own with 20 blogs of 200 posts. */
export async function withTraffic(
  use: (at: { traffic: Traffic; server: Server; seconds: () => Second[] }) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  const env = { POSTLARK_KV: `${dir}/kv.db`, ...UNLIMITED };
  const server = await startServer(env, { preload: MONITORED });
  const traffic = new Traffic(server, 200);
  const seconds = () =>
    server.output().split("\n").filter((line) => line.includes('"monitor"'))
      .map((line) => JSON.parse(line) as Second);
  try {
    await traffic.fill({ ...env, POSTLARK_ORIGIN: server.origin }, 20);
    await use({ traffic, server, seconds });
  } finally {
    traffic.close();
    await server.stop();
    await Deno.remove(dir, { recursive: true });
  }
}
