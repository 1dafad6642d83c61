import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { JOBS } from "../lib/jobs/mod.ts";

/** The folders in the order in which they may import each other: a module imports what stands above its own, and its siblings. */
const ORDER = [
  "lib/kit/",
  "render/",
  "lib/ctx.ts",
  "lib/events/",
  "lib/metering/",
  "lib/content/",
  "lib/account/",
  "lib/jobs/",
  "lib/operator/",
  "routes/",
  "main.ts",
  "clients/",
  "tests/",
];
const MAX_LINES = 400;
const ROOT = new URL("../", import.meta.url);

type Module = { specifier: string; dependencies?: { code?: { specifier?: string } }[] };

async function readGraph(): Promise<Module[]> {
  const output = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "--frozen", fileURLToPath(new URL("main.ts", ROOT))],
  }).output();
  return JSON.parse(new TextDecoder().decode(output.stdout)).modules;
}

function place(specifier: string): string | null {
  return specifier.startsWith(ROOT.href) ? specifier.slice(ROOT.href.length) : null;
}

function rank(path: string): number {
  return ORDER.findIndex((entry) => path === entry || path.startsWith(entry));
}

async function* sources(folder: URL): AsyncGenerator<URL> {
  for await (const entry of Deno.readDir(folder)) {
    if (entry.name.startsWith(".")) continue;
    const child = new URL(entry.isDirectory ? `${entry.name}/` : entry.name, folder);
    if (entry.isDirectory) yield* sources(child);
    else if (/\.tsx?$/.test(entry.name)) yield child;
  }
}

Deno.test("no module imports from a folder below its own", async () => {
  const wrong: string[] = [];
  let edges = 0;
  for (const module of await readGraph()) {
    const from = place(module.specifier);
    if (from === null) continue;
    assert.notEqual(rank(from), -1, `${from} stands in no folder of the order`);
    for (const dependency of module.dependencies ?? []) {
      const to = place(dependency.code?.specifier ?? "");
      if (to === null) continue;
      edges++;
      if (rank(to) > rank(from)) wrong.push(`${from} → ${to}`);
    }
  }
  assert.ok(edges > 100, "the graph was not read");
  assert.deepEqual(wrong, []);
});

Deno.test("the README's tree lists every folder of the order that is there, in the order", async () => {
  const readme = await Deno.readTextFile(new URL("README.md", ROOT));
  const tree = /^## The tree$.*?^```$(.*?)^```$/ms.exec(readme)![1];
  const listed = [...tree.matchAll(/^(\S+) /gm)].map(([, path]) => path);
  const there = await Promise.all(ORDER.map(async (path) => {
    const found = await Deno.stat(new URL(path, ROOT)).catch(() => null);
    return found ? [path] : [];
  }));
  assert.deepEqual(listed, there.flat());
});

Deno.test("no two modules import each other, directly or in a ring", async () => {
  const graph = new Map((await readGraph()).flatMap((module) => {
    const from = place(module.specifier);
    const to = (module.dependencies ?? []).map((d) => place(d.code?.specifier ?? ""));
    return from === null ? [] : [[from, to.filter((path) => path !== null)] as const];
  }));
  const done = new Set<string>();
  function visit(path: string, trail: string[]): void {
    assert.ok(!trail.includes(path), [...trail, path].join(" → "));
    if (done.has(path)) return;
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  }
  for (const path of graph.keys()) visit(path, []);
});

Deno.test("no source file that was written by hand is longer than 400 lines", async () => {
  const long: string[] = [];
  for await (const url of sources(ROOT)) {
    const text = await Deno.readTextFile(url);
    const lines = text.split("\n").length - 1;
    if (lines > MAX_LINES && !text.startsWith("/** Generated")) {
      long.push(`${place(url.href)}: ${lines}`);
    }
  }
  assert.deepEqual(long, []);
});

Deno.test("nothing in lib, render or routes takes the world from anywhere but its arguments", async () => {
  const wrong: string[] = [];
  for (const folder of ["lib/", "render/", "routes/"]) {
    for await (const url of sources(new URL(folder, ROOT))) {
      const text = await Deno.readTextFile(url);
      for (const word of ["Deno.env", "await Deno.openKv", "Date.now(", "new Date()"]) {
        if (text.includes(word)) wrong.push(`${place(url.href)}: ${word}`);
      }
    }
  }
  assert.deepEqual(wrong, []);
});

Deno.test("nothing in routes calls the store or opens a transaction", async () => {
  const wrong: string[] = [];
  for await (const url of sources(new URL("routes/", ROOT))) {
    const [found] = /\btransact\b|\bstore\.\w+/.exec(await Deno.readTextFile(url)) ?? [];
    if (found) wrong.push(`${place(url.href)}: ${found}`);
  }
  assert.deepEqual(wrong, []);
});

Deno.test("only lib/kit/kv.ts opens an atomic operation", async () => {
  const opens: string[] = [];
  for (const folder of ["lib/", "render/", "routes/"]) {
    for await (const url of sources(new URL(folder, ROOT))) {
      if ((await Deno.readTextFile(url)).includes(".atomic(")) opens.push(place(url.href)!);
    }
  }
  assert.deepEqual(opens, ["lib/kit/kv.ts"]);
});

Deno.test("the jobs are no more than the crons of a free plan of Deno Deploy, under names that it takes", () => {
  const names = Object.keys(JOBS);
  assert.ok(names.length <= 10, names.join());
  for (const name of names) assert.match(name, /^[\w -]{1,64}$/);
});
