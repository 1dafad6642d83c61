import assert from "node:assert/strict";
import { hostname } from "node:os";
import { runAdmin } from "../support/server.ts";
import { startWorld, type World } from "./_cli.ts";
import { hasTmux, Terminal } from "./_terminal.ts";

/** Runs `use` with a command in a terminal, as someone at it would: no CI, colours as they come. */
async function withTerminal(
  world: World,
  { args, env }: { args: string[]; env?: Record<string, string> },
  use: (terminal: Terminal) => Promise<void>,
): Promise<void> {
  const { CI: _, NO_COLOR: __, ...rest } = world.env(env);
  const terminal = await Terminal.open(["node", world.bin, ...args], rest);
  try {
    await use(terminal);
  } finally {
    await terminal.close();
  }
}

/** A command that notes its argument in place of opening a browser. */
async function fakeBrowser(world: World): Promise<{ path: string; opened: () => Promise<string> }> {
  const folder = `${world.dir}/browser`;
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(`${folder}/xdg-open`, `#!/bin/sh\necho "$1" > "${folder}/opened"\n`);
  await Deno.chmod(`${folder}/xdg-open`, 0o755);
  return {
    path: `${folder}:${Deno.env.get("PATH")}`,
    opened: async () => (await Deno.readTextFile(`${folder}/opened`)).trim(),
  };
}

/** Signs in on the service's pages; gives what sends their forms. */
async function signIn(world: World) {
  const { server: { origin }, serverEnv, user } = world;
  const admin = await runAdmin(serverEnv, "login-link", "--email", user.email);
  const { url } = JSON.parse(admin.stdout);
  const token = new URL(url).searchParams.get("token")!;
  let cookie = "";
  return async (path: string, form: Record<string, string> = { token }) => {
    const answer = await fetch(origin + path, {
      method: "POST",
      headers: { origin, cookie },
      body: new URLSearchParams(form),
      redirect: "manual",
    });
    cookie = answer.headers.get("set-cookie")?.split(";")[0] ?? cookie;
    return { status: answer.status, text: await answer.text() };
  };
}

if (hasTmux()) {
  Deno.test("the command line in a terminal", async (test) => {
    const world = await startWorld();
    const { json } = world;
    const direct = { POSTLARK_API_BASE: `${world.server.origin}/v1`, POSTLARK_API_KEY: "" };
    const rc = `${world.home}/.postlarkrc`;
    try {
      await test.step("login opens the browser, waits for the click, and keeps a token named after the device", async () => {
        const browser = await fakeBrowser(world);
        const send = await signIn(world);
        await send("/auth/login-link");
        const env = { ...direct, PATH: browser.path };
        await withTerminal(world, { args: ["login"], env }, async (terminal) => {
          const [, code] = await terminal.until(/confirm this code: (\w{4}-\w{4})/);
          const [, url] = await terminal.until(/^Open (http\S+)$/m);
          assert.equal(url, `${world.server.origin}/auth/device?user_code=${code}`);
          assert.ok((await terminal.screen({ styled: true })).includes(`\x1b[1m${code}`));
          const form = { user_code: code, user: world.user.id, decision: "allow" };
          const done = await send("/auth/device/confirm", form);
          assert.equal(done.status, 200, done.text);
          await terminal.until(/Logged in as ada@example\.com\.\s+\[exit 0\]/);
          assert.equal(await browser.opened(), url);
        });
        assert.equal((await Deno.stat(rc)).mode! & 0o777, 0o600);
        assert.equal((await json(["whoami"], { env: direct })).key_from, "~/.postlarkrc");
        const { data } = await json(["tokens"]);
        assert.ok(data.some(({ name }: { name: string }) => name === hostname().slice(0, 60)));
        await Deno.remove(rc);
      });

      await test.step("a login that is denied ends with 3, and keeps nothing", async () => {
        const send = await signIn(world);
        await send("/auth/login-link");
        const args = ["login", "--no-browser"];
        await withTerminal(world, { args, env: direct }, async (terminal) => {
          const [, code] = await terminal.until(/confirm this code: (\w{4}-\w{4})/);
          await send("/auth/device/confirm", {
            user_code: code,
            user: world.user.id,
            decision: "deny",
          });
          await terminal.until(/denied, or its code is too old[^]*\[exit 3\]/);
        });
        await assert.rejects(Deno.stat(rc), Deno.errors.NotFound);
      });

      await test.step("what destroys asks; only the word goes ahead", async () => {
        await json(["posts", "create", "--title", "Kept", "--content", "x"]);
        const args = ["posts", "delete", "kept"];
        for (const keys of [["no", "Enter"], ["Enter"], ["C-d"]]) {
          await withTerminal(world, { args }, async (terminal) => {
            await terminal.until(/deletes the post "kept"\.[^]*Type yes to go ahead: /);
            await terminal.press(...keys);
            await terminal.until(/Nothing was changed\.\s+\[exit 1\]/);
          });
        }
        assert.equal((await json(["posts", "get", "kept"])).slug, "kept");
        await withTerminal(world, { args }, async (terminal) => {
          await terminal.until(/Type yes to go ahead: /);
          await terminal.press("yes", "Enter");
          await terminal.until(/Deleted kept\s+\[exit 0\]/);
        });
        assert.equal((await world.postlark(["posts", "get", "kept"])).code, 1);
      });

      await test.step("a table gives way to the terminal's width", async () => {
        const title = "A title that is far too long for a line of a terminal, as titles go";
        await json(["posts", "create", "--title", title, "--content", "x", "--slug", "long"]);
        await withTerminal(world, { args: ["posts"] }, async (terminal) => {
          const [row] = await terminal.until(/^long .*$/m);
          assert.match(row, /^long +A title that is.*… +published +\d{4}-\d\d-\d\d$/);
          assert.ok(row.length <= 80, row);
        });
        await json(["posts", "delete", "long", "--confirm"]);
      });

      await test.step("deploy shows how far it is, stops at Ctrl-C, goes on, and leaves no bar behind", async () => {
        const folder = `${world.dir}/many`;
        await Deno.mkdir(folder);
        for (let n = 0; n < 60; n++) await Deno.writeTextFile(`${folder}/p${n}.md`, "Text.\n");
        const args = ["deploy", folder];
        const release = world.holdAfter(20);
        await withTerminal(world, { args }, async (terminal) => {
          await terminal.until(/█+░+ 20\/60 posts/);
          await terminal.press("C-c");
          await terminal.until(/Stopping after what is under way/);
          release();
          await terminal.until(/ created, [^]*run it again[^]*\[exit 130\]/);
        });
        await withTerminal(world, { args }, async (terminal) => {
          await terminal.until(/ created, \d+ unchanged in [\d.]+ s\.\s+\[exit 0\]/);
          assert.doesNotMatch(await terminal.screen(), /[█░]/);
        });
        assert.equal((await json(["posts", "list", "--all"])).data.length, 60);
      });
    } finally {
      await world.stop();
    }
  });
}
