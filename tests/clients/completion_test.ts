import assert from "node:assert/strict";
import { buildPackage, PACKAGES } from "../../clients/build_npm.ts";
import { candidates } from "../../clients/cli/completion.ts";
import { createProgram } from "../../clients/cli/mod.ts";

const names = (...words: string[]) => candidates(createProgram(), words).map(([name]) => name);

Deno.test("completion offers commands, their subcommands, options, and an option's values", () => {
  assert.ok(names("").includes("deploy"));
  assert.ok(!names("").includes("complete"));
  assert.deepEqual(names("pos"), ["posts"]);
  assert.deepEqual(names("posts", "un"), ["unpublish"]);
  assert.deepEqual(names("--blog", "ada", "posts", "pub"), ["publish"]);
  assert.deepEqual(names("posts", "list", "--st"), ["--status"]);
  assert.ok(names("posts", "list", "--").includes("--json"));
  assert.deepEqual(names("posts", "list", "--status", ""), ["draft", "published", "scheduled"]);
  assert.deepEqual(names("posts", "list", "--status", "p"), ["published"]);
  assert.deepEqual(names("posts", "get", "x"), []);
});

Deno.test("every command of the contract is there", () => {
  const all = createProgram().commands.flatMap((command) => [
    command.name(),
    ...command.commands.map((sub) => `${command.name()} ${sub.name()}`),
  ]);
  const promised = "login, logout, whoami, blogs, blogs create, blogs update, blogs delete, " +
    "blogs use, posts, posts list, posts create, posts get, posts update, posts delete, " +
    "posts publish, posts unpublish, posts schedule, deploy, upload, search, discover, analytics, " +
    "analytics post, domains, domains set, domains remove, tokens, tokens create, tokens revoke, " +
    "keys, keys create, keys revoke, packs, packs purchase, account, account export, account delete";
  assert.deepEqual(promised.split(", ").filter((name) => !all.includes(name)), []);
});

Deno.test("the script for bash completes in bash", async () => {
  const dir = await Deno.makeTempDir();
  try {
    await buildPackage(PACKAGES[0], `${dir}/cli`);
    await Deno.writeTextFile(`${dir}/postlark`, `#!/bin/sh\nexec node "${dir}/cli/bin.js" "$@"\n`);
    await Deno.chmod(`${dir}/postlark`, 0o755);
    const complete = async (...words: string[]) => {
      const script = `eval "$(postlark completion bash)"
COMP_WORDS=(postlark "$@"); COMP_CWORD=$#
_postlark
printf '%s\\n' "\${COMPREPLY[@]}"`;
      const { stdout, stderr } = await new Deno.Command("bash", {
        args: ["--norc", "-c", script, "bash", ...words],
        env: { PATH: `${dir}:${Deno.env.get("PATH")}`, HOME: dir },
        clearEnv: true,
        cwd: `${dir}/cli`,
      }).output();
      assert.equal(new TextDecoder().decode(stderr), "");
      return new TextDecoder().decode(stdout).trim().split("\n");
    };
    assert.deepEqual(await complete("posts", "un"), ["unpublish"]);
    assert.deepEqual(await complete("analytics", "--period", "3"), ["30d"]);
    assert.deepEqual(await complete("upload", "READ"), ["README.md"]);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
