import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { buildPackage, PACKAGES } from "../../clients/build_npm.ts";
import { type Service, setup } from "../_setup.ts";
import { callAll, CASES, connectStdio, KINDS, worldOf } from "../support/mcp.ts";
import { freePort } from "../support/server.ts";

const STDIO = fileURLToPath(new URL("../../clients/mcp_stdio.ts", import.meta.url));

/** A service that listens. */
async function listening(env: Record<string, string> = {}) {
  const port = freePort();
  const t = await setup({ env: { PORT: String(port), ...env } });
  const server = Deno.serve({ port, hostname: "127.0.0.1", onListen() {} }, t.app.fetch);
  return {
    t,
    base: t.deps.config.origin,
    async [Symbol.asyncDispose]() {
      await server.shutdown();
      t[Symbol.dispose]();
    },
  };
}

async function second(t: Service, key: string): Promise<{ id: string; slug: string }> {
  const slug = `second-${crypto.randomUUID().slice(0, 8)}`;
  return (await t.api("POST", "/blogs", { key, body: { slug, name: "Second" } })).body;
}

/** The SDK's clients leave a timer of two seconds behind when they end the process. */
function withClient(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, fn, sanitizeOps: false, sanitizeResources: false });
}

for (
  const [what, env, said] of [
    ["without a key", {}, /^Set POSTLARK_API_KEY/],
    [
      "with an address that is none",
      { POSTLARK_API_KEY: "pk_live_x", POSTLARK_API_BASE: "postlark" },
      /^POSTLARK_API_BASE must be an address/,
    ],
  ] as const
) {
  Deno.test(`the stdio server does not start ${what}, and says so on standard error`, async () => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--frozen", "--no-check", "--allow-net", "--allow-env", STDIO],
      env: { POSTLARK_API_KEY: "", POSTLARK_API_BASE: "", ...env },
    }).output();
    assert.equal(code, 2);
    assert.equal(stdout.length, 0);
    assert.match(new TextDecoder().decode(stderr), said);
  });
}

Deno.test("the stdio server ends when its input does", async () => {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--frozen", "--no-check", "--allow-net", "--allow-env", STDIO],
    env: { POSTLARK_API_KEY: "pk_live_x", POSTLARK_API_BASE: "http://localhost:1" },
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  }).spawn();
  await child.stdin.close();
  assert.equal((await child.status).code, 0);
});

for (const kind of KINDS) {
  withClient(`a client of ${kind} lists every tool over stdio and calls it`, async () => {
    await using at = await listening();
    const tenant = await at.t.tenant("enterprise");
    await using agent = await connectStdio(kind, {
      POSTLARK_API_KEY: tenant.token,
      POSTLARK_API_BASE: `${at.base}/v1`,
    });
    assert.deepEqual(await agent.tools(), CASES.map(({ name }) => name).sort());
    await callAll(agent, worldOf(tenant));
    const { resourceTemplates } = await agent.client.listResourceTemplates();
    assert.equal(resourceTemplates.length, 1);
    assert.equal((await agent.client.listPrompts()).prompts.length, 2);
  });
}

withClient(
  "POSTLARK_ACTIVE_BLOG, an id or a slug, is acted on until set_active_blog chooses another",
  async () => {
    await using at = await listening();
    const { token, blog } = await at.t.tenant();
    const other = await second(at.t, token);
    for (const named of [other.id, other.slug]) {
      await using agent = await connectStdio("2026", {
        POSTLARK_API_KEY: token,
        POSTLARK_API_BASE: at.base,
        POSTLARK_ACTIVE_BLOG: named,
      });
      const host = async () => {
        const { structuredContent } = await agent.call("create_post", { title: "T", content: "C" });
        return new URL(structuredContent.url).hostname.split(".")[0];
      };
      assert.equal(await host(), other.slug);
      const { isError } = await agent.call("set_active_blog", { blog_id: blog.id });
      assert.ok(!isError);
      assert.equal(await host(), blog.slug);
    }
  },
);

withClient("what the service refuses is told to the client in its words", async () => {
  await using at = await listening({ POSTLARK_LIMIT_STARTER: "3" });
  const { key } = await at.t.tenant("starter");
  const env = { POSTLARK_API_KEY: key, POSTLARK_API_BASE: at.base };
  const unknown = { ...env, POSTLARK_API_KEY: `pk_live_${"0".repeat(32)}` };
  for (const blog of ["", "a-slug"]) {
    await assert.rejects(
      connectStdio("v1", { ...unknown, POSTLARK_ACTIVE_BLOG: blog }),
      /: Invalid API key \(check POSTLARK_API_KEY\)$/,
    );
  }
  await assert.rejects(
    connectStdio("v1", { ...env, POSTLARK_ACTIVE_BLOG: "nobodys" }),
    /: POSTLARK_ACTIVE_BLOG: you have no blog "nobodys"\.$/,
  );
  await assert.rejects(
    connectStdio("v1", { ...env, POSTLARK_API_BASE: `http://localhost:${freePort()}` }),
    /Postlark did not answer/,
  );
  await using agent = await connectStdio("2025", env);
  await assert.rejects(async () => {
    for (let n = 0; n < 3; n++) await agent.call("list_posts");
  }, /Rate limit exceeded.*Retry after \d+ s/s);
});

withClient("the package for npm is the same server, on Node", async () => {
  const dir = await Deno.makeTempDir();
  try {
    await buildPackage(PACKAGES.find(({ folder }) => folder === "mcp-server")!, dir);
    const { bin } = JSON.parse(await Deno.readTextFile(`${dir}/package.json`));
    await using at = await listening();
    const tenant = await at.t.tenant("enterprise");
    const env = { POSTLARK_API_KEY: tenant.token, POSTLARK_API_BASE: `${at.base}/v1` };
    for (const kind of KINDS) {
      const command = ["node", `${dir}/${Object.values(bin)}`];
      await using agent = await connectStdio(kind, env, command);
      assert.deepEqual(await agent.tools(), CASES.map(({ name }) => name).sort());
      if (kind === "2026") await callAll(agent, worldOf(tenant));
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
