import { fileURLToPath } from "node:url";
import { SCRIPTS } from "../../clients/build_browser.ts";

const ROOT = new URL("../../", import.meta.url);
const DOCUMENT = new URL(".github/dependencies.md", ROOT);
const CLIENTS = [
  "clients/cli/main.ts",
  "clients/mcp_stdio.ts",
  "clients/sdk.ts",
  ...Object.values(SCRIPTS),
];
const GROUPS = ["service", "clients", "tests"] as const;
/** What needs a package: the service as it runs, the clients beside it, or nothing but types and tests. */
export type Group = typeof GROUPS[number];
/** A package of the lock file; `id` as it stands there. */
export type Package = {
  id: string;
  name: string;
  version: string;
  licence: string;
  /** of all its files, unpacked */
  bytes: number;
  group: Group;
  direct: boolean;
  /** how many packages come with it */
  brings: number;
  /** scripts of package.json that would run when it is installed */
  installs: string[];
};

/** Why a package is imported. */
const WHY: Record<string, string> = {
  "@apidevtools/swagger-parser": "judges the OpenAPI document",
  "@aws-crypto/sha256-js": "the hash of the next one",
  "@codemirror/commands": "keys of the dashboard's editor",
  "@codemirror/lang-markdown": "Markdown in it",
  "@codemirror/language": "its grammar and colours",
  "@codemirror/merge": "two versions of a post beside each other",
  "@codemirror/state": "the text of the editor",
  "@codemirror/view": "the editor",
  "@hono/zod-openapi": "schemas that are the OpenAPI document too",
  "@lezer/highlight": "names of what the editor colours",
  "@modelcontextprotocol/client": "the official client, of two versions of the protocol",
  "@modelcontextprotocol/sdk": "the official client before it",
  "@modelcontextprotocol/server": "the protocol of `/mcp`, and of the server over stdio",
  "@opentelemetry/api": "spans for the runtime's exporter; loaded under `OTEL_DENO` only",
  "@paddle/paddle-node-sdk": "verifies that we sign and read as the provider does",
  "@peculiar/x509": "certificates of receivers of webhooks",
  "@seriousme/openapi-schema-validator": "a second judge of the OpenAPI document",
  "@smithy/signature-v4": "a second reading of requests to S3",
  "@takumi-rs/wasm": "draws the pictures of posts; WebAssembly",
  "@types/css-tree": "types",
  "@types/dns-packet": "types",
  "@types/sanitize-html": "types",
  "ajv": "judges answers by their JSON Schema",
  "ajv-formats": "formats for it",
  "any-ascii": "slugs and search of text that is not Latin",
  "aws4fetch": "signs requests to S3",
  "axe-core": "accessibility of pages",
  "bowser": "names browsers in the analytics",
  "client-zip": "zips an export as it is sent",
  "commander": "arguments of the command line",
  "commonmark-spec": "the examples of CommonMark",
  "css-tree": "judges a blog's CSS",
  "diff": "lines in which two revisions differ",
  "dns-packet": "a DNS server",
  "fast-check": "properties over random input",
  "fast-xml-parser": "reads exports of WordPress",
  "fflate": "reads zips",
  "gemoji": "the shortcodes of emoji",
  "get-east-asian-width": "the width of a title in a picture",
  "github-slugger": "ids of headings as GitHub has them",
  "hast-util-from-html": "reads the HTML of other blogs",
  "hast-util-to-mdast": "turns it into Markdown",
  "highlight.js": "colours code",
  "hono": "routes",
  "html-validate": "judges HTML",
  "ipaddr.js": "tells addresses of the public internet from others",
  "isbot": "keeps robots out of the analytics",
  "jose": "JWTs and their keys",
  "jsonfeed-schema": "the schema of JSON Feed",
  "katex": "math, as MathML",
  "libxml2-wasm": "judges feeds and sitemaps by their schemas",
  "lru-cache": "bounds what an instance keeps in memory",
  "marked": "reads Markdown",
  "mdast-util-gfm": "tables and task lists for the next one",
  "mdast-util-to-markdown": "writes Markdown",
  "meilisearch": "the official client, against our stand-in for its server",
  "micromark": "a second reading of Markdown",
  "micromark-extension-gfm": "GFM for it",
  "oauth4webapi": "sign-in by OpenID Connect",
  "oidc-provider": "a provider to sign in by",
  "openapi-typescript": "types of the SDK, from the document",
  "playwright-core": "drives a browser",
  "porter2": "stems English words for search",
  "reflect-metadata": "what `@peculiar/x509` asks for",
  "protobufjs": "messages of KV Connect",
  "sanitize-html": "lets only what is allowed through of a post's HTML",
  "smol-toml": "front matter in TOML",
  "sorted-btree": "the rows of the KV Connect server in order",
  "standardwebhooks": "signs webhooks",
  "string-width": "columns of a terminal",
  "tinyld": "tells the language of a post",
  "uuid": "UUIDs in the order of time",
  "yaml": "front matter in YAML, and the OpenAPI document",
  "zod": "input: schemas that say what is wrong",
};

type Info = {
  modules: { npmPackage?: string }[];
  npmPackages: Record<
    string,
    { name: string; version: string; dependencies: string[]; localPath: string }
  >;
};

async function infoOf(place: string): Promise<Info> {
  const path = fileURLToPath(new URL(place, ROOT));
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "--frozen", path],
  }).output();
  if (code) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** All that some packages bring, themselves among them. */
function closure(packages: Info["npmPackages"], ids: Iterable<string>): Set<string> {
  const found = new Set<string>();
  const open = [...ids];
  while (open.length) {
    const id = open.pop()!;
    if (found.has(id)) continue;
    found.add(id);
    open.push(...packages[id].dependencies);
  }
  return found;
}

async function sizeOf(folder: string): Promise<number> {
  let bytes = 0;
  for await (const entry of Deno.readDir(folder)) {
    const path = `${folder}/${entry.name}`;
    // What is unpacked beside it is a package of its own.
    if (entry.isDirectory) bytes += await sizeOf(path);
    else bytes += (await Deno.stat(path)).size;
  }
  return bytes;
}

/** Every package of the lock file, by name, as the runtime's cache has it. */
export async function listPackages(): Promise<Package[]> {
  const [service, ...clients] = await Promise.all(["main.ts", ...CLIENTS].map(infoOf));
  const all = service.npmPackages;
  const used = (infos: Info[]) =>
    closure(all, infos.flatMap(({ modules }) => modules.flatMap((one) => one.npmPackage ?? [])));
  const [inService, inClients] = [used([service]), used(clients)];
  const { imports } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  const named = new Set(Object.values<string>(imports).map((text) => exactOf(text)));
  const packages = Object.entries(all).map(async ([id, { name, version, localPath }]) => {
    const { license, licenses, scripts = {} } = JSON.parse(
      await Deno.readTextFile(`${localPath}/package.json`),
    );
    const built = await Deno.stat(`${localPath}/binding.gyp`).then(() => ["binding.gyp"], () => []);
    const listed = license ?? licenses?.map(({ type }: { type: string }) => type).join(" OR ");
    return {
      ...{ id, name, version, bytes: await sizeOf(localPath) },
      licence: String(listed?.type ?? listed ?? "none"),
      group: inService.has(id) ? "service" : inClients.has(id) ? "clients" : "tests",
      direct: named.has(`${name}@${version}`),
      brings: closure(all, [id]).size - 1,
      installs: [
        ...["preinstall", "install", "postinstall"].filter((script) => script in scripts),
        ...built,
      ],
    } satisfies Package;
  });
  const by = (one: Package) => `${one.name}@${one.version}`;
  return (await Promise.all(packages)).sort((a, b) => by(a) < by(b) ? -1 : 1);
}

/** `name@version` of an import of deno.json; throws where that is not one exact version of an npm package. */
export function exactOf(specifier: string): string {
  const [, exact] = /^npm:\/?((?:@[\w.-]+\/)?[\w.-]+@\d+\.\d+\.\d+(?:-[\w.]+)?)(?:\/.*)?$/
    .exec(specifier) ?? [];
  if (!exact) throw new Error(`not an exact version of an npm package: ${specifier}`);
  return exact;
}

function table(head: string[], rows: (string | number)[][]): string {
  const right = new Set(["KB", "brings"]);
  const widths = head.map((name, i) =>
    Math.max(3, name.length, ...rows.map((row) => [...String(row[i])].length))
  );
  const line = (cells: (string | number)[]) =>
    `| ${
      cells.map((cell, i) =>
        right.has(head[i]) ? String(cell).padStart(widths[i]) : String(cell).padEnd(widths[i])
      ).join(" | ")
    } |`;
  const rule = head.map((name, i) =>
    right.has(name) ? `${"-".repeat(widths[i] - 1)}:` : "-".repeat(widths[i])
  );
  return [line(head), `| ${rule.join(" | ")} |`, ...rows.map(line)].join("\n");
}

const kb = ({ bytes }: Package) => Math.ceil(bytes / 1000);
const total = (some: Package[]) => (some.reduce((sum, one) => sum + one.bytes, 0) / 1e6).toFixed(1);

/** `.github/dependencies.md`, whole; throws where a package is imported and nobody says why. */
export async function makeDocument(): Promise<string> {
  const packages = await listPackages();
  const titles: Record<Group, string> = {
    service: "What the service runs",
    clients: "What the clients and the dashboard's scripts add",
    tests: "What types, tests and benchmarks add",
  };
  const parts = GROUPS.map((group) => {
    const own = packages.filter((one) => one.group === group);
    const direct = own.filter((one) => one.direct).map((one) => {
      const why = WHY[one.name];
      if (!why) throw new Error(`${one.name} is imported: say why in ${import.meta.filename}`);
      return [one.name, one.version, one.licence, kb(one), one.brings, why];
    });
    const brought = own.filter((one) => !one.direct)
      .map((one) => [one.name, one.version, one.licence, kb(one)]);
    return `## ${titles[group]}\n\n${own.length} packages, ${total(own)} MB.\n\n${
      table(["package", "version", "licence", "KB", "brings", "why"], direct)
    }\n${
      brought.length
        ? `\n<details><summary>The ${brought.length} that come with them</summary>\n\n${
          table(["package", "version", "licence", "KB"], brought)
        }\n\n</details>\n`
        : ""
    }`;
  });
  return `# Dependencies

Written by \`deno task dependencies\`, from the lock file and the packages themselves; a test
compares. All come from npm, in exact versions, and none runs a script when it is installed. Sizes
are of all files of a package, unpacked; "brings" is how many further packages it needs.

${parts.join("\n")}`;
}

if (import.meta.main) await Deno.writeTextFile(DOCUMENT, await makeDocument());
