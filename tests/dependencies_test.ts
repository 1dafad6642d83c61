import assert from "node:assert/strict";
import { exactOf, listPackages, makeDocument } from "./support/dependencies.ts";

const ROOT = new URL("../", import.meta.url);
const PERMISSIVE = [
  "0BSD",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "BlueOak-1.0.0",
  "CC0-1.0",
  "ISC",
  "MIT",
  "Python-2.0",
  "Unlicense",
];
/** Of what is never shipped. */
const IN_TESTS = ["CC-BY-SA-4.0", "MPL-2.0", "PSF-2.0"];

const read = async (place: string) => await Deno.readTextFile(new URL(place, ROOT));
const packages = await listPackages();
const lock = JSON.parse(await read("deno.lock"));

Deno.test("every import of deno.json is one exact version of an npm package, and the lock file is frozen", async () => {
  const config = JSON.parse(await read("deno.json"));
  for (const specifier of Object.values<string>(config.imports)) assert.ok(exactOf(specifier));
  for (
    const loose of [
      "npm:hono@4",
      "npm:hono@^4.13.19",
      "npm:hono",
      "jsr:@std/assert@1.0.0",
      "https:x",
    ]
  ) {
    assert.throws(() => exactOf(loose), loose);
  }
  assert.equal(config.lock.frozen, true);
  for (const name of ["start", "admin", "test", "cli", "npm"]) {
    assert.match(config.tasks[name], /(?:^|&& )deno (?:run|test) --frozen /, name);
  }
});

Deno.test("the lock file holds nothing but npm packages, each with its SHA-512", () => {
  assert.deepEqual(Object.keys(lock).sort(), ["npm", "specifiers", "version", "workspace"]);
  for (const [id, { integrity }] of Object.entries<{ integrity: string }>(lock.npm)) {
    assert.match(integrity ?? "", /^sha512-[\w+/]{86}==$/, id);
  }
  assert.deepEqual(packages.map(({ id }) => id).sort(), Object.keys(lock.npm).sort());
});

Deno.test("no package has a script that runs when it is installed", () => {
  const scripted = Object.entries<{ scripts?: boolean }>(lock.npm).filter(([, one]) => one.scripts);
  assert.deepEqual(scripted.map(([id]) => id), []);
  assert.deepEqual(packages.filter(({ installs }) => installs.length), []);
});

Deno.test("what is shipped has a permissive licence, and what tests use has one that is known", () => {
  const isAllowed = (licence: string, allowed: string[]) =>
    licence.replace(/^\((.*)\)$/, "$1").split(" OR ").some((one) => allowed.includes(one));
  const wrong = packages.filter(({ licence, group }) =>
    !isAllowed(licence, group === "tests" ? [...PERMISSIVE, ...IN_TESTS] : PERMISSIVE)
  );
  assert.deepEqual(wrong.map(({ id, licence }) => `${id}: ${licence}`), []);
});

Deno.test(".github/dependencies.md is what the lock file and the packages say", async () => {
  assert.equal(
    await read(".github/dependencies.md"),
    await makeDocument(),
    "run deno task dependencies",
  );
});
