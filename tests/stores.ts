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

/** Runs the tests of the API on the stores of the arguments, or on each but memory; ends with 1 where one fails. */
const asked = Deno.args.length ? Deno.args : STORES.map(({ store }) => store);
let code = 0;
for (const { store, needs, address } of STORES.filter(({ store }) => asked.includes(store))) {
  const support = await start(needs);
  console.log(`\nThe API on the store "${store}":`);
  const env = { POSTLARK_TEST_STORE: store, [address]: support.address };
  const args = [
    "test",
    "--frozen",
    "--parallel",
    "--no-check",
    "-A",
    `--ignore=${LEFT_OUT}`,
    ...PATHS,
  ];
  const tests = await deno(args, { env }).status;
  code ||= tests.code;
  support.child.kill();
  await support.child.status;
}
Deno.exit(code);
