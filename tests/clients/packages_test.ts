import assert from "node:assert/strict";
import { buildPackage, PACKAGES } from "../../clients/build_npm.ts";
import { run } from "./_cli.ts";

const USE = `
import { Postlark, PostlarkError, receivedWith } from "@postlark/sdk";
const calls = [];
const client = new Postlark({
  apiKey: "pk_live_x",
  apiBase: "https://api.example.com/v1",
  fetch: async (url, init) => {
    calls.push([init.method, url, init.headers.get("idempotency-key") !== null]);
    if (url.endsWith("/gone")) return Response.json({ error: "not_found", message: "m" }, { status: 404 });
    if (init.method === "POST") return Response.json({ slug: "a" }, { headers: { etag: '"1"' } });
    const next_cursor = url.includes("cursor") ? null : "c";
    return Response.json({ data: [{ slug: "a" }], next_cursor });
  },
});
const slugs = [];
for await (const post of client.posts.list()) slugs.push(post.slug);
const made = await client.media.upload({ data: new Blob(["GIF89a"]), filename: "a.gif" });
const error = await client.posts.get("gone").catch((error) => error);
console.log(JSON.stringify({
  calls, slugs, etag: receivedWith(made).etag, known: error instanceof PostlarkError, code: error.code,
}));
`;
const TYPED = `
import { Postlark, type Schemas } from "@postlark/sdk";
const client = new Postlark({ apiKey: "k" });
export async function titles(): Promise<string[]> {
  const page = await client.posts.list({ status: "draft" });
  const all: Schemas["PostSummary"][] = page.data;
  // @ts-expect-error: there is no such status
  await client.posts.list({ status: "hidden" });
  // @ts-expect-error: a post has a title
  await client.posts.create({ content: "x" });
  for await (const post of client.posts.list()) all.push(post);
  return all.map((post) => post.title);
}
`;
// Of minified modules too; the words stand in texts as well, and there no name follows them.
const IMPORT = /(?:\bfrom|(?<![.\w])import) ?\(? ?"([\w@./:-]+)"/g;

/** A folder in which a package is installed, as npm would. */
async function install(folder: string, dir: string): Promise<void> {
  const pack = PACKAGES.find((pack) => pack.folder === folder)!;
  await buildPackage(pack, `${dir}/node_modules/${pack.manifest.name}`);
}

Deno.test("the SDK's package works on Node, and none of its files imports anything", async () => {
  const dir = await Deno.makeTempDir();
  try {
    await install("sdk", dir);
    await Deno.writeTextFile(`${dir}/use.mjs`, USE);
    const env = { PATH: Deno.env.get("PATH")! };
    const { code, stdout, stderr } = await run(["node", "use.mjs"], { cwd: dir, env });
    assert.equal(code, 0, stderr);
    assert.deepEqual(JSON.parse(stdout), {
      calls: [
        ["GET", "https://api.example.com/v1/posts?limit=250", false],
        ["GET", "https://api.example.com/v1/posts?limit=250&cursor=c", false],
        ["POST", "https://api.example.com/v1/upload", true],
        ["GET", "https://api.example.com/v1/posts/gone", false],
      ],
      slugs: ["a", "a"],
      etag: '"1"',
      known: true,
      code: "not_found",
    });
    const text = await Deno.readTextFile(`${dir}/node_modules/@postlark/sdk/sdk.js`);
    assert.doesNotMatch(text, /^import |\brequire\(|\bprocess\.|\bDeno\./m);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("the SDK's types are whole: they accept what is right, and refuse what is not", async () => {
  const dir = await Deno.makeTempDir();
  try {
    await install("sdk", dir);
    await Deno.writeTextFile(`${dir}/typed.ts`, TYPED);
    const types = `${dir}/node_modules/@postlark/sdk/sdk.d.ts`;
    const imports = { "@postlark/sdk": `file://${types}` };
    await Deno.writeTextFile(`${dir}/deno.json`, JSON.stringify({ imports }));
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "--config", `${dir}/deno.json`, `${dir}/typed.ts`],
      cwd: dir,
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

for (const [folder, bin] of [["cli", "postlark"], ["mcp-server", "postlark-mcp-server"]]) {
  Deno.test(`the package of ${bin} has all that it needs, and names no folder of its builder's`, async () => {
    const dir = await Deno.makeTempDir();
    try {
      await install(folder, dir);
      const path = `${dir}/node_modules/@postlark/${folder}`;
      const manifest = JSON.parse(await Deno.readTextFile(`${path}/package.json`));
      assert.deepEqual([manifest.bin, manifest.engines], [{ [bin]: "bin.js" }, { node: ">=20" }]);
      assert.equal(manifest.dependencies, undefined);
      assert.ok((await Deno.stat(`${path}/bin.js`)).mode! & 0o100);
      const imports: string[] = [];
      for await (const { name } of Deno.readDir(path)) {
        if (!name.endsWith(".js")) continue;
        const text = await Deno.readTextFile(`${path}/${name}`);
        imports.push(...[...text.matchAll(IMPORT)].map(([, from]) => from));
        assert.ok(!text.includes(Deno.cwd()), name);
      }
      assert.ok(imports.includes("node:process"));
      assert.deepEqual(imports.filter((from) => !/^(?:node:|\.\/)/.test(from)), []);
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  });
}

Deno.test("the command line's package says its version", async () => {
  const dir = await Deno.makeTempDir();
  try {
    await install("cli", dir);
    const folder = `${dir}/node_modules/@postlark/cli`;
    const manifest = JSON.parse(await Deno.readTextFile(`${folder}/package.json`));
    const env = { PATH: Deno.env.get("PATH")!, HOME: dir };
    const { stdout } = await run(["node", `${folder}/${manifest.bin.postlark}`, "-V"], { env });
    assert.equal(stdout, `${manifest.version}\n`);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
