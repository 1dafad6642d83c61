import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { VARIABLES } from "../lib/kit/config.ts";
import { MERMAID_PATH } from "../render/blog/mod.ts";
import { readFixture } from "./support/images.ts";
import { runAdmin, type Server, startArguments, startServer } from "./support/server.ts";

const ROOT = new URL("../", import.meta.url);
const HOSTILE = fileURLToPath(new URL("support/hostile_preload.ts", import.meta.url));
// Each kind of thing that a renderer, a library or a table is loaded for on demand.
const CONTENT = `# Title\n\n[TOC]\n\nMath $x^2$, a note[^1], :tada:, and naïve Ünïcode 日本語.

\`\`\`ts title="a.ts"
const a = 1;
\`\`\`

\`\`\`mermaid
graph TD
\`\`\`

> [!NOTE]
> A callout.

[^1]: There.
`;

type Answer = { status: number; type: string; bytes: Uint8Array };

async function ask(server: Server, path: string, init: RequestInit = {}): Promise<Answer> {
  const answer = await fetch(server.origin + path, { redirect: "manual", ...init });
  const { status, headers } = answer;
  return { status, type: headers.get("content-type") ?? "", bytes: await answer.bytes() };
}

// deno-lint-ignore no-explicit-any
const json = ({ bytes }: Answer): any => JSON.parse(new TextDecoder().decode(bytes));

Deno.test("a process with the permissions of deno task start does what a service does, and hostile code in it does not", async () => {
  const dir = await Deno.makeTempDir();
  const env = {
    POSTLARK_KV: `${dir}/kv.db`,
    POSTLARK_BLOG_ADDRESS: "path",
    CANARY: "canary0canary0canary",
  };
  const server = await startServer(env, { preload: HOSTILE });
  try {
    const user = ["--email", "ada@example.com", "--plan", "creator", "--blog", "ada"];
    const { key } = JSON.parse((await runAdmin(env, "user", "create", ...user)).stdout);
    const email = ["--email", "ada@example.com"];
    const { token } = JSON.parse((await runAdmin(env, "session", "create", ...email)).stdout);
    const call = (method: string, path: string, body?: unknown, credential = key) =>
      ask(server, path, {
        method,
        headers: {
          "authorization": `Bearer ${credential}`,
          "content-type": "application/json",
          "accept": "application/json, text/event-stream",
        },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
    const post = { title: "Ünïcode 日本語", slug: "post", content: CONTENT, status: "published" };
    assert.equal((await call("POST", "/v1/posts", post)).status, 201);
    const { bytes } = readFixture("jpeg-baseline.jpg");
    const upload = { data: bytes.toBase64(), content_type: "image/jpeg" };
    const image = await call("POST", "/v1/upload", upload);
    assert.equal(image.status, 201);
    const tool = { name: "get_post", arguments: { slug: "post" } };
    const message = { jsonrpc: "2.0", id: 1, method: "tools/call", params: tool };
    const script = /\/assets\/scalar\.[^"]+/;
    const docs = new TextDecoder().decode((await ask(server, "/docs")).bytes);
    const page = new TextDecoder().decode((await ask(server, "/@ada/post")).bytes);
    assert.match(page, /<math/);

    const answers: Record<string, [Answer, RegExp]> = {
      "page": [await ask(server, "/@ada/post"), /html/],
      "picture": [await ask(server, "/@ada/post/og.png"), /image\/png/],
      "image": [await ask(server, new URL(json(image).url).pathname), /image\/jpeg/],
      "search page": [await ask(server, "/@ada/search?q=callout"), /html/],
      "search": [await call("GET", "/v1/search?q=callout"), /json/],
      "feed": [await ask(server, "/@ada/rss.xml"), /rss/],
      "mermaid": [await ask(server, MERMAID_PATH), /javascript/],
      "docs": [await ask(server, script.exec(docs)![0]), /javascript/],
      "document": [await ask(server, "/docs/openapi.yaml"), /yaml/],
      "sign-in": [await ask(server, "/auth/sign-in"), /html/],
      "mcp": [await call("POST", "/mcp", message), /json|event-stream/],
      "export": [await call("GET", "/v1/account/export?format=zip", undefined, token), /zip/],
      "ready": [await ask(server, "/ready"), /json/],
    };
    for (const [name, [{ status, type, bytes }, expected]] of Object.entries(answers)) {
      assert.equal(status, 200, name);
      assert.match(type, expected, name);
      assert.ok(bytes.length > 10, name);
    }
    assert.equal(json(answers.search[0]).data.length, 1);
  } finally {
    await server.stop();
    await Deno.remove(dir, { recursive: true });
  }
  // deno-lint-ignore no-explicit-any
  const lines: any[] = server.output().split("\n").filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));
  assert.deepEqual(lines.filter(({ level }) => level === "error"), []);
  const came = Object.fromEntries(
    lines.filter(({ tried }) => tried).map(({ tried, came }) => [tried, came]),
  );
  assert.equal(Object.keys(came).length, 9);
  assert.deepEqual(new Set(Object.values(came)), new Set(["NotCapable"]), JSON.stringify(came));
  assert.ok(lines.some(({ variables }) => variables), "what it saw of the variables");
  assert.ok(!server.output().includes(env.CANARY));
});

Deno.test("a misspelt variable is named by deno task start too", async () => {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...startArguments(":memory:"), "main.ts"],
    cwd: fileURLToPath(ROOT),
    env: { POSTLARK_SECRET: "x".repeat(32), POSTLARK_SIGNUPS: "closed", PORT: "0" },
  }).output();
  assert.equal(code, 1);
  assert.match(new TextDecoder().decode(stderr), /^POSTLARK_SIGNUPS is not a variable/);
});

Deno.test("deno task start serves from the file that POSTLARK_KV names, and ends when it is told to", async () => {
  const dir = await Deno.makeTempDir();
  const file = `${dir}/a store.db`;
  const env = { PORT: "0", POSTLARK_HOSTNAME: "127.0.0.1", POSTLARK_KV: file };
  const child = new Deno.Command(Deno.execPath(), {
    args: ["task", "start"],
    cwd: fileURLToPath(ROOT),
    env: { ...env, POSTLARK_SECRET: "x".repeat(32) },
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let output = "";
  const listening = Promise.withResolvers<string>();
  const reading = (async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
      output += text;
      const said = /"listening".*"port":(\d+)[,}]/.exec(output);
      if (said) listening.resolve(said[1]);
    }
    listening.reject(new Error(output));
  })();
  listening.promise.catch(() => {});
  try {
    const port = await listening.promise;
    const answer = await fetch(`http://127.0.0.1:${port}/ready`);
    assert.deepEqual([answer.status, await answer.json()], [200, { status: "ok" }]);
    assert.ok((await Deno.stat(file)).isFile);
    child.kill("SIGTERM");
    assert.equal((await child.status).code, 0);
  } finally {
    await child.status;
    await reading;
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("deno task start never says -A, lets the store be written and nothing else, and grants every variable", () => {
  const words = startArguments("/var/lib/postlark/kv.db");
  assert.deepEqual(words.filter((word) => word.startsWith("--allow-") || word === "-A"), [
    "--allow-net",
    "--allow-env=PORT,POSTLARK_*",
    "--allow-sys=networkInterfaces",
    "--allow-read=render,/var/lib/postlark/kv.db",
    "--allow-write=/var/lib/postlark/kv.db",
  ]);
  for (const { name } of VARIABLES) assert.match(name, /^(?:PORT|POSTLARK_[A-Z0-9_]+)$/);
});

Deno.test("the README gives the very command of deno task start", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  const readme = await Deno.readTextFile(new URL("README.md", ROOT));
  const squeezed = readme.replace(/ \\\n\s*/g, " ");
  const [, command] = tasks.start.split(" && ");
  const given = command.replaceAll("$STORE", "$POSTLARK_KV");
  assert.ok(squeezed.includes(`\n${given}\n`), given);
  for (const [name, command] of Object.entries<string>(tasks)) {
    assert.ok(readme.includes(`deno task ${name}`), `the table of tasks lacks ${name}`);
    if (!["test", "test:stores", "bench"].includes(name)) assert.ok(!/ -A /.test(command), command);
  }
});
