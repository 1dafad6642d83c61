import { fileURLToPath } from "node:url";
import { VERSION } from "./cli/_context.ts";

/** A package for npm: what it is made of, and what its package.json says beyond the common. */
type Package = {
  folder: string;
  /** module → whether its types go along */
  modules: Record<string, { types: boolean }>;
  readme: string;
  manifest: Record<string, unknown>;
  /** files as they are */
  files?: Record<string, string>;
  /** modules of types alone, which the bundler leaves where they are */
  types?: string[];
};

/** Every package that `deno task npm` makes. */
export const PACKAGES: Package[] = [
  {
    folder: "cli",
    modules: { "cli/main.ts": { types: false } },
    readme: "npm/cli.md",
    manifest: {
      name: "@postlark/cli",
      description: "Publish to Postlark from a terminal.",
      bin: { postlark: "bin.js" },
    },
    files: { "bin.js": launcherOf("main.js") },
  },
  {
    folder: "mcp-server",
    modules: { "mcp_stdio.ts": { types: false } },
    readme: "npm/mcp-server.md",
    manifest: {
      name: "@postlark/mcp-server",
      description: "MCP server for Postlark over stdio.",
      bin: { "postlark-mcp-server": "bin.js" },
    },
    files: { "bin.js": launcherOf("mcp_stdio.js") },
  },
  {
    folder: "sdk",
    modules: { "sdk.ts": { types: true } },
    types: ["api_types"],
    readme: "npm/sdk.md",
    manifest: {
      name: "@postlark/sdk",
      description: "Typed client for the Postlark API: Node, Deno, browsers.",
      exports: { ".": { types: "./sdk.d.ts", default: "./sdk.js" } },
      sideEffects: false,
    },
  },
];

// A start reads the compiled code of the last one, where Node can keep it.
function launcherOf(module: string): string {
  return `#!/usr/bin/env node
import module from "node:module";
module.enableCompileCache?.();
await import("./${module}");
`;
}

/** Builds a package into a folder, which need not exist. */
export async function buildPackage(pack: Package, folder: string): Promise<void> {
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  await Deno.mkdir(folder, { recursive: true });
  for (const [module, { types }] of Object.entries(pack.modules)) {
    await bundle(module, { folder, types });
  }
  for (const name of pack.types ?? []) await addTypes(name, folder);
  const manifest = {
    version: VERSION,
    type: "module",
    license: "MIT",
    engines: { node: ">=20" },
    ...pack.manifest,
  };
  await Deno.writeTextFile(`${folder}/package.json`, `${JSON.stringify(manifest, null, 2)}\n`);
  await Deno.copyFile(new URL(pack.readme, import.meta.url), `${folder}/README.md`);
  for (const [name, text] of Object.entries(pack.files ?? {})) {
    await Deno.writeTextFile(`${folder}/${name}`, text);
    if (text.startsWith("#!")) await Deno.chmod(`${folder}/${name}`, 0o755);
  }
}

async function addTypes(name: string, folder: string): Promise<void> {
  await Deno.copyFile(new URL(`${name}.ts`, import.meta.url), `${folder}/${name}.d.ts`);
  for await (const { name: file } of Deno.readDir(folder)) {
    if (!file.endsWith(".d.ts")) continue;
    const text = await Deno.readTextFile(`${folder}/${file}`);
    const mended = text.replaceAll(`/${name}.ts"`, `/${name}.d.ts"`);
    await Deno.writeTextFile(`${folder}/${file}`, mended);
  }
}

async function bundle(module: string, { folder, types }: { folder: string; types: boolean }) {
  const here = new URL(".", import.meta.url);
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "bundle",
      "--frozen",
      "--platform=deno",
      "--code-splitting",
      // A command starts sooner by what it need not read.
      ...types ? ["--declaration"] : ["--minify"],
      `--outdir=${folder}`,
      fileURLToPath(new URL(module, here)),
    ],
    cwd: fileURLToPath(new URL("..", here)),
    env: { NO_COLOR: "1" },
    stderr: "piped",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

if (import.meta.main) {
  const root = Deno.args[0] ?? fileURLToPath(new URL("../.data/npm", import.meta.url));
  for (const pack of PACKAGES) {
    await buildPackage(pack, `${root}/${pack.folder}`);
    console.log(`${root}/${pack.folder}`);
  }
}
