import { loadavg } from "node:os";
import { run, startWorld, type World } from "../clients/_cli.ts";

const STARTS = 20;
const FILES = 1000;
const CONCURRENCY = [1, 8, 16];
// Of a usual post: two kilobytes with a heading, a list and code.
const TEXT = "## Part\n\n" + "Some words of a paragraph, *as they come*. ".repeat(30) +
  "\n\n- one\n- two\n\n```ts\nconst answer = await fetch(url);\n```\n\n" +
  "And what follows from it, in a few words more. ".repeat(10) + "\n";

async function time(act: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await act();
  return performance.now() - begun;
}

async function benchStarts(world: World): Promise<void> {
  const env = { ...world.env(), POSTLARK_API_BASE: `${world.server.origin}/v1` };
  const commands: [string, string[]][] = [
    ["node -e 0", ["node", "-e", "0"]],
    ["postlark --version", ["node", world.bin, "--version"]],
    ["postlark whoami", ["node", world.bin, "whoami"]],
    ["npm --version", ["npm", "--version"]],
    ["npm config get registry", ["npm", "config", "get", "registry"]],
  ];
  const times = new Map<string, number[]>(commands.map(([name]) => [name, []]));
  // In turn, so that what else the machine does falls on all of them.
  for (let n = 0; n < STARTS; n++) {
    for (const [name, command] of commands) {
      times.get(name)!.push(await time(() => run(command, { env })));
    }
  }
  console.log("| command | p50 ms | min ms |\n| --- | ---: | ---: |");
  for (const [name, all] of times) {
    const sorted = all.sort((a, b) => a - b);
    console.log(`| ${name} | ${sorted[STARTS >> 1].toFixed(0)} | ${sorted[0].toFixed(0)} |`);
  }
}

async function benchDeploy(world: World): Promise<void> {
  const folder = `${world.dir}/site`;
  await Deno.mkdir(folder);
  const env = { POSTLARK_API_BASE: `${world.server.origin}/v1` };
  const deploy = async (...options: string[]) => {
    const { code, stderr } = await world.postlark(["deploy", folder, ...options], { env });
    if (code !== 0) throw new Error(stderr);
  };
  const rate = (ms: number) => (FILES / ms * 1000).toFixed(0);
  console.log("| deploy of 1,000 files | s | files/s |\n| --- | ---: | ---: |");
  const show = (name: string, ms: number) =>
    console.log(`| ${name} | ${(ms / 1000).toFixed(2)} | ${rate(ms)} |`);
  for (const n of CONCURRENCY) {
    for (let i = 0; i < FILES; i++) {
      await Deno.writeTextFile(`${folder}/c${n}-post-${i}.md`, `# Post ${i}\n\n${TEXT}`);
    }
    show(`first, ${n} at a time`, await time(() => deploy("--concurrency", String(n))));
    show("unchanged", await time(() => deploy()));
    if (n === CONCURRENCY.at(-1)) {
      await Deno.remove(`${folder}/.postlark`, { recursive: true });
      show("unchanged, on a machine that never deployed it", await time(() => deploy()));
    }
    for await (const { name } of Deno.readDir(folder)) {
      if (name.endsWith(".md")) await Deno.remove(`${folder}/${name}`);
    }
  }
}

if (import.meta.main) {
  const world = await startWorld();
  try {
    console.log(`Load ${loadavg().map((load) => load.toFixed(1)).join(" ")}.\n`);
    await benchStarts(world);
    console.log();
    await benchDeploy(world);
  } finally {
    await world.stop();
  }
}
