import { fileURLToPath } from "node:url";
import { askHost } from "./ask_host.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const MAIN = `${ROOT}main.ts`;
const LONGEST_START = 90_000;
const SECRET = "a secret for tests that is long enough";

/** A server process of the project on a port of its own. */
export type Server = {
  origin: string;
  port: number;
  pid: number;
  /** what it has printed so far */
  output: () => string;
  /** SIGTERM, and the exit code once it is gone */
  stop: () => Promise<number>;
  /** SIGKILL */
  kill: () => Promise<void>;
};

/** What `deno task start` says to the runtime, with a store at `kv`; everything before the main module. */
export function startArguments(kv = ".data"): string[] {
  const { tasks } = JSON.parse(Deno.readTextFileSync(`${ROOT}deno.json`));
  const [, command] = tasks.start.split(" && deno ");
  const words: string[] = command.match(/"[^"]*"|\S+/g);
  return words.slice(0, -1).map((word) => word.replaceAll('"', "").replace("$STORE", kv));
}

/** Starts the service as an operator does, and waits until it answers; `preload` is a module to run before. */
export async function startServer(
  env: Record<string, string>,
  { preload }: { preload?: string } = {},
): Promise<Server> {
  const port = freePort();
  const origin = env.POSTLARK_ORIGIN ?? `http://localhost:${port}`;
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...startArguments(env.POSTLARK_KV),
      ...preload ? ["--preload", preload] : [],
      MAIN,
    ],
    cwd: ROOT,
    env: environment({ PORT: String(port), POSTLARK_ORIGIN: origin, ...env }),
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let output = "";
  const readers = [child.stdout, child.stderr].map(async (stream) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) output += text;
  });
  const end = async (signal: Deno.Signal) => {
    try {
      child.kill(signal);
    } catch {
      // It has ended by itself.
    }
    const { code } = await child.status;
    await Promise.all(readers);
    return code;
  };
  const server: Server = {
    origin: `http://localhost:${port}`,
    port,
    pid: child.pid,
    output: () => output,
    stop: () => end("SIGTERM"),
    kill: async () => void await end("SIGKILL"),
  };
  for (const until = Date.now() + LONGEST_START; Date.now() < until;) {
    // Another server may answer at a port that was taken meanwhile.
    if (output.includes('"listening"') && await isHealthy(new URL(origin).host, port)) {
      return server;
    }
    if (/AddrInUse|address already in use/i.test(output) && env.PORT === undefined) {
      await server.kill();
      return await startServer(env, { preload });
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await server.kill();
  throw new Error(`the server did not start:\n${output}`);
}

/** Runs an operator's command beside the servers; gives what it prints. */
export async function runAdmin(
  env: Record<string, string>,
  ...args: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const result = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--frozen", "-A", MAIN, "admin", ...args],
    env: environment(env),
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code: result.code, stdout: text(result.stdout), stderr: text(result.stderr) };
}

/** A port of the loopback that was free a moment ago. */
export function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

function environment(env: Record<string, string>): Record<string, string> {
  const secret: Record<string, string> = env.POSTLARK_DEV ? {} : { POSTLARK_SECRET: SECRET };
  return { POSTLARK_HOSTNAME: "127.0.0.1", NO_COLOR: "1", ...secret, ...env };
}

async function isHealthy(host: string, port: number): Promise<boolean> {
  try {
    return (await askHost({ host, port }, { path: "/health" })).status === 200;
  } catch {
    return false;
  }
}
