import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { buildPackage, PACKAGES } from "../../clients/build_npm.ts";
import { runAdmin, type Server, startServer } from "../support/server.ts";

const SOURCE = fileURLToPath(new URL("../../clients/cli/main.ts", import.meta.url));

export type Ran = { code: number; stdout: string; stderr: string };
export type RunOptions = {
  env?: Record<string, string>;
  /** standard input; closed at once unless given */
  input?: string;
  cwd?: string;
};
export type Request = { method: string; path: string };

/** The command line as npm installs it, and a service of its own with an account on Scale. */
export type World = {
  dir: string;
  home: string;
  server: Server;
  /** the variables of the server, for the operator's commands */
  serverEnv: Record<string, string>;
  user: { id: string; email: string; key: string; blog: { id: string; slug: string } };
  /** an account token, for all blogs */
  token: string;
  /** what has been asked of the service since the last call of this */
  takeRequests: () => Request[];
  /** lets so many writes through, and holds those after them until what it gives is called */
  holdAfter: (writes: number) => () => void;
  /** the address that counts requests */
  apiBase: string;
  bin: string;
  /** runs the built command line on Node, with the account's token */
  postlark: (args: string[], options?: RunOptions) => Promise<Ran>;
  /** the same, parsed from its JSON; throws unless it ends with 0 */
  // deno-lint-ignore no-explicit-any
  json: (args: string[], options?: RunOptions) => Promise<any>;
  env: (more?: Record<string, string>) => Record<string, string>;
  stop: () => Promise<void>;
};

/** Builds the package, and starts a service behind a proxy that counts. */
export async function startWorld(): Promise<World> {
  const dir = await Deno.makeTempDir({ prefix: "postlark-cli-" });
  const home = `${dir}/home`;
  await Deno.mkdir(home);
  await buildPackage(PACKAGES.find(({ folder }) => folder === "cli")!, `${dir}/cli`);
  const bin = `${dir}/cli/bin.js`;
  const serverEnv = { POSTLARK_KV: `${dir}/kv.db`, POSTLARK_BILLING: "manual" };
  const made = await runAdmin(
    serverEnv,
    ...["user", "create", "--email", "ada@example.com", "--plan", "scale", "--blog", "ada"],
  );
  assert.equal(made.code, 0, made.stderr);
  const { key, blog, user } = JSON.parse(made.stdout);
  const server = await startServer(serverEnv);
  const counter = countRequests(server.origin);
  const apiBase = `${counter.origin}/v1`;
  const env = (more: Record<string, string> = {}) => ({
    PATH: Deno.env.get("PATH")!,
    HOME: home,
    NO_COLOR: "1",
    CI: "true",
    POSTLARK_API_BASE: apiBase,
    POSTLARK_API_KEY: world.token,
    ...more,
  });
  const world: World = {
    dir,
    home,
    server,
    // A session is of the service's origin, which its port is a part of.
    serverEnv: { ...serverEnv, POSTLARK_ORIGIN: server.origin },
    user: { id: user.id, email: user.email, key, blog },
    token: key,
    takeRequests: counter.take,
    holdAfter: counter.holdAfter,
    apiBase,
    bin,
    env,
    postlark: (args, options = {}) =>
      run(["node", bin, ...args], { ...options, env: env(options.env) }),
    async json(args, options) {
      const { code, stdout, stderr } = await world.postlark([...args, "--json"], options);
      assert.equal(code, 0, `${args.join(" ")}: ${stderr}`);
      return JSON.parse(stdout);
    },
    async stop() {
      await counter.stop();
      await server.stop();
      await Deno.remove(dir, { recursive: true });
    },
  };
  try {
    world.token = await createToken(world);
    counter.take();
    return world;
  } catch (error) {
    await world.stop();
    throw error;
  }
}

/** An account token for all blogs, as someone who is signed in makes it. */
async function createToken({ serverEnv, user, json }: World): Promise<string> {
  const session = await runAdmin(serverEnv, "session", "create", "--email", user.email);
  const signedIn = { POSTLARK_API_KEY: JSON.parse(session.stdout).jwt };
  return (await json(["tokens", "create", "tests"], { env: signedIn })).key;
}

/** Runs the command line from source, by Deno. */
export async function fromSource(world: World, args: string[], options: RunOptions = {}) {
  const command = [Deno.execPath(), "run", "--frozen", "-A", SOURCE, ...args];
  // With another home, Deno would have another cache.
  const env = { DENO_DIR: await denoDir(), ...options.env };
  return await run(command, { ...options, env: world.env(env) });
}

async function denoDir(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  return JSON.parse(new TextDecoder().decode(stdout)).denoDir;
}

/** Runs a command to its end. */
export async function run(
  [command, ...args]: string[],
  { env, input, cwd }: RunOptions,
): Promise<Ran> {
  const child = new Deno.Command(command, {
    args,
    env,
    cwd,
    clearEnv: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  // A command that reads nothing may be gone already.
  await writer.write(new TextEncoder().encode(input ?? "")).catch(() => {});
  await writer.close().catch(() => {});
  const { code, stdout, stderr } = await child.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** A proxy in front of a service that notes every request of it. */
function countRequests(target: string) {
  let seen: Request[] = [];
  let left = Infinity;
  let held = Promise.resolve();
  const proxy = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { pathname, search } = new URL(request.url);
      seen.push({ method: request.method, path: pathname + search });
      const headers = new Headers(request.headers);
      headers.delete("host");
      const hasBody = !["GET", "HEAD"].includes(request.method);
      if (hasBody && left-- <= 0) await held;
      const answer = await fetch(target + pathname + search, {
        method: request.method,
        headers,
        body: hasBody ? await request.arrayBuffer() : undefined,
        redirect: "manual",
      });
      const passed = new Headers(answer.headers);
      for (const name of ["content-encoding", "content-length"]) passed.delete(name);
      return new Response(await answer.arrayBuffer(), { status: answer.status, headers: passed });
    },
  );
  return {
    origin: `http://localhost:${proxy.addr.port}`,
    take: () => {
      const taken = seen;
      seen = [];
      return taken;
    },
    holdAfter: (writes: number) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      [left, held] = [writes, promise];
      return () => {
        left = Infinity;
        resolve();
      };
    },
    stop: () => proxy.shutdown(),
  };
}
