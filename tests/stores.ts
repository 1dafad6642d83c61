import { fileURLToPath } from "node:url";

// Beside all tests in memory: those of the API, and of what it stands on where the store matters.
const PATHS = [
  "tests/routes",
  "tests/every_operation_test.ts",
  "tests/every_operation_idempotency_test.ts",
  "tests/lib/kit",
  "tests/lib/metering",
  "tests/lib/content/webhooks",
];
// Pages for people, and a thousand random runs that take no other way through the store than the rest.
const LEFT_OUT = [
  "tests/routes/dashboard",
  "tests/routes/landing_test.ts",
  "tests/routes/billing/paddle_test.ts",
];
/** The stores, each with the process that a run on it needs and the variable that names its address. */
const STORES = [
  { store: "connect", needs: "kv_connect/main.ts", address: "POSTLARK_TEST_STORE_URL" },
  { store: "file", needs: "second_process.ts", address: "POSTLARK_TEST_SECOND" },
];

function deno(args: string[], options: Deno.CommandOptions = {}): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), { args, ...options }).spawn();
}

/** Starts a process of the tests' support, which prints its address as its first line. */
async function start(script: string): Promise<{ child: Deno.ChildProcess; address: string }> {
  const file = fileURLToPath(new URL(`support/${script}`, import.meta.url));
  const child = deno(["run", "--frozen", "-A", "--no-check", file], { stdout: "piped" });
  const lines = child.stdout.pipeThrough(new TextDecoderStream())[Symbol.asyncIterator]();
  const { value } = await lines.next();
  if (!value) throw new Error(`${script} did not start`);
  return { child, address: value.trim() };
}

/** The test files at or below some paths, but for those left out. */
async function filesOf(paths: string[]): Promise<string[]> {
  const found = await Promise.all(paths.map(async (path) => {
    // A folder that --ignore names is read all the same where it lies below one that is asked for.
    if (LEFT_OUT.includes(path)) return [];
    if (path.endsWith("_test.ts")) return [path];
    if (!(await Deno.stat(path)).isDirectory) return [];
    const inside = await Array.fromAsync(Deno.readDir(path), ({ name }) => `${path}/${name}`);
    return await filesOf(inside);
  }));
  return found.flat().sort();
}

/** Runs the tests of the API on a store, prints at its end all that they said, and gives their exit code. */
async function runOn(
  { store, needs, address }: typeof STORES[number],
  files: string[],
): Promise<number> {
  const support = await start(needs);
  // Both run at once: with more beside them calls of the store would seem to have been sent twice.
  const jobs = String(navigator.hardwareConcurrency);
  const env = { POSTLARK_TEST_STORE: store, [address]: support.address, DENO_JOBS: jobs };
  const args = ["test", "--frozen", "--parallel", "--no-check", "-A", ...files];
  const tests = deno(args, { env, stdout: "piped", stderr: "piped" });
  const [out, error, { code }] = await Promise.all([
    new Response(tests.stdout).text(),
    new Response(tests.stderr).text(),
    tests.status,
  ]);
  console.log(`\nThe API on the store "${store}":\n${out}${error}`);
  support.child.kill();
  await support.child.status;
  return code;
}

/** The stores of the arguments, or each but memory, at once: much of either's time is waiting. Ends with 1 where a test fails. */
const asked = Deno.args.length ? Deno.args : STORES.map(({ store }) => store);
const files = await filesOf(PATHS);
const chosen = STORES.filter(({ store }) => asked.includes(store));
const codes = await Promise.all(chosen.map((one) => runOn(one, files)));
Deno.exit(codes.some((code) => code !== 0) ? 1 : 0);
