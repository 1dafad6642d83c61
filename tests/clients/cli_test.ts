import assert from "node:assert/strict";
import { fromSource, type Ran, startWorld, type World } from "./_cli.ts";

const FILE = `---
title: From a file
slug: from-file
tags: [One, two]
description: Said in the file.
---

Some *text*.
`;

async function write(world: World, name: string, text: string): Promise<string> {
  const path = `${world.dir}/${name}`;
  await Deno.writeTextFile(path, text);
  return path;
}

function assertEnds(ran: Ran, code: number, said: RegExp) {
  assert.equal(ran.code, code, JSON.stringify(ran));
  assert.match(ran.stderr, said);
  assert.doesNotMatch(ran.stderr, /\n\s+at /, "a stack trace");
}

Deno.test("the command line, built for npm and run by Node, against a service", async (test) => {
  const world = await startWorld();
  const { postlark, json } = world;
  try {
    await test.step("whoami needs one request, and shows whose key it is", async () => {
      world.takeRequests();
      const { stdout } = await postlark(["whoami"]);
      assert.match(stdout, /ada@example\.com/);
      assert.match(stdout, /scale/);
      assert.deepEqual(world.takeRequests(), [{ method: "GET", path: "/v1/account/profile" }]);
      const self = await json(["whoami"]);
      assert.equal(self.email, "ada@example.com");
      assert.equal(self.key_prefix, world.token.slice(0, 12));
    });

    await test.step("login keeps a key that works, readable by its owner only; logout forgets it", async () => {
      const env = { POSTLARK_API_KEY: "", POSTLARK_API_BASE: "" };
      const rc = `${world.home}/.postlarkrc`;
      await Deno.writeTextFile(rc, JSON.stringify({ editor: "ed" }));
      await Deno.chmod(rc, 0o644);
      const ran = await postlark(["login", world.token, "--api-base", world.apiBase], { env });
      assert.equal(ran.code, 0, ran.stderr);
      assert.match(ran.stdout, /Logged in as ada@example\.com/);
      assert.equal((await Deno.stat(rc)).mode! & 0o777, 0o600);
      const kept = JSON.parse(await Deno.readTextFile(rc));
      assert.deepEqual(kept, { editor: "ed", apiKey: world.token, apiBase: world.apiBase });
      assert.equal((await json(["whoami"], { env })).key_from, "~/.postlarkrc");
      assert.equal((await postlark(["logout"], { env })).code, 0);
      assert.equal(JSON.parse(await Deno.readTextFile(rc)).apiKey, undefined);
      assertEnds(await postlark(["whoami"], { env }), 3, /postlark login/);
      await Deno.remove(rc);
    });

    await test.step("login reads a key from standard input, takes one without account:read, and keeps no wrong one", async () => {
      const env = { POSTLARK_API_KEY: "" };
      const { key } = await json(["tokens", "create", "narrow", "--scopes", "posts:read"]);
      const narrow = await postlark(["login", "-"], { env, input: `${key}\n` });
      assert.equal(narrow.code, 0, narrow.stderr);
      assert.equal((await postlark(["posts"], { env })).code, 0);
      assertEnds(await postlark(["whoami"], { env }), 3, /account:read/);
      const wrong = `pk_live_${"x".repeat(32)}`;
      assertEnds(await postlark(["login", wrong], { env }), 3, /Invalid API key/);
      assertEnds(await postlark(["login", "hunter2"], { env }), 2, /pk_live_/);
      const kept = JSON.parse(await Deno.readTextFile(`${world.home}/.postlarkrc`));
      assert.equal(kept.apiKey, key);
      await Deno.remove(`${world.home}/.postlarkrc`);
    });

    await test.step("posts create publishes unless it is told otherwise, from a file, a pipe, or options", async () => {
      const path = await write(world, "post.md", FILE);
      const made = await json(["posts", "create", path]);
      assert.equal(made.status, "published");
      assert.deepEqual(
        [made.title, made.slug, made.tags, made.meta_description, made.content_md],
        ["From a file", "from-file", ["One", "two"], "Said in the file.", "Some *text*.\n"],
      );
      const piped = await json(["posts", "create", "--draft"], { input: "# Piped in\n\nText\n" });
      assert.deepEqual([piped.title, piped.status, piped.content_md], [
        "Piped in",
        "draft",
        "Text\n",
      ]);
      const given = await json([
        ...["posts", "create", "--title", "Given", "--content", "Text", "--tags", "a, b"],
        ...["--slug", "given", "--noindex", "--canonical-url", "https://example.com/x"],
      ]);
      assert.deepEqual([given.tags, given.noindex], [["a", "b"], true]);
      const later = await json([
        ...["posts", "create", "--title", "Later", "--content", "Text"],
        ...["--schedule", "2040-01-31T09:00:00+01:00"],
      ]);
      assert.deepEqual([later.status, later.scheduled_at], [
        "scheduled",
        "2040-01-31T08:00:00.000Z",
      ]);
    });

    await test.step("a file's front matter gives way to options", async () => {
      const path = await write(world, "post.md", FILE);
      const made = await json(["posts", "create", "-f", path, "-t", "Other", "-s", "other"]);
      assert.deepEqual([made.title, made.slug, made.tags], ["Other", "other", ["One", "two"]]);
    });

    await test.step("posts list shows a table, filters, pages, and takes all", async () => {
      const plain = await postlark(["posts", "list"]);
      assert.match(plain.stdout, /^SLUG +TITLE +STATUS +TAGS +PUBLISHED\n/);
      assert.match(plain.stdout, /^from-file +From a file +published +One, two +\d{4}-\d\d-\d\d$/m);
      assert.equal((await postlark(["posts"])).stdout, plain.stdout);
      const drafts = await json(["posts", "list", "--status", "draft"]);
      assert.deepEqual(drafts.data.map(({ slug }: { slug: string }) => slug), ["piped-in"]);
      const page = await json(["posts", "list", "--per-page", "2", "--page", "2"]);
      assert.deepEqual([page.data.length, page.pagination.total], [2, 5]);
      assert.equal((await json(["posts", "list", "--all"])).data.length, 5);
      const tagged = await json(["posts", "list", "--tag", "b", "--sort", "updated_at"]);
      assert.deepEqual(tagged.data.map(({ slug }: { slug: string }) => slug), ["given"]);
      assertEnds(await postlark(["posts", "list", "--page", "0"]), 2, /whole number/);
    });

    await test.step("posts get shows a post, its Markdown, or its HTML", async () => {
      assert.match((await postlark(["posts", "get", "from-file"])).stdout, /^title +From a file$/m);
      const markdown = await postlark(["posts", "get", "from-file", "--markdown"]);
      assert.equal(markdown.stdout, "Some *text*.\n\n");
      const html = await postlark(["posts", "get", "from-file", "--html"]);
      assert.match(html.stdout, /<em>text<\/em>/);
    });

    await test.step("posts update changes only what is given, and refuses against another version", async () => {
      const changed = await json(["posts", "update", "from-file", "--title", "Renamed"]);
      assert.deepEqual([changed.title, changed.tags], ["Renamed", ["One", "two"]]);
      assertEnds(await postlark(["posts", "update", "from-file"]), 2, /Nothing to change/);
      const stale = await postlark([
        ...["posts", "update", "from-file", "--title", "X", "--if-match", '"old"'],
      ]);
      assertEnds(stale, 1, /changed it in between/);
    });

    await test.step("posts publish, unpublish and schedule move a post", async () => {
      assert.equal((await json(["posts", "publish", "piped-in"])).status, "published");
      assertEnds(
        await postlark(["posts", "schedule", "piped-in", "2040-01-01T00:00:00Z"]),
        1,
        /posts unpublish/,
      );
      assert.equal((await json(["posts", "unpublish", "piped-in"])).status, "draft");
      const moved = await json(["posts", "schedule", "piped-in", "2040-01-01T00:00:00Z"]);
      assert.equal(moved.scheduled_at, "2040-01-01T00:00:00.000Z");
      assertEnds(await postlark(["posts", "schedule", "piped-in", "tomorrow"]), 2, /no time/);
    });

    await test.step("what destroys wants --confirm where nobody can be asked", async () => {
      const commands = [
        ["posts", "delete", "given"],
        ["tokens", "revoke", "x"],
        ["keys", "revoke", "x"],
        ["blogs", "delete", "ada"],
        ["account", "delete"],
      ];
      for (const command of commands) assertEnds(await postlark(command), 2, /--confirm/);
      assert.deepEqual(await json(["posts", "delete", "given", "--confirm"]), {
        slug: "given",
        deleted: true,
      });
      const two = await postlark(["posts", "delete", "other", "later", "--confirm"]);
      assert.equal(two.stdout, "Deleted other\nDeleted later\n");
      assertEnds(await postlark(["posts", "delete", "given", "--confirm"]), 1, /Post not found/);
    });

    await test.step("search and discover find what is published; discover needs no key", async () => {
      const found = await json(["search", "renamed"]);
      assert.deepEqual(found.data.map(({ slug }: { slug: string }) => slug), ["from-file"]);
      const everywhere = await postlark(["discover", "renamed"], { env: { POSTLARK_API_KEY: "" } });
      assert.match(everywhere.stdout, /Renamed · ada\nhttp.*\/from-file\nSome text/);
      assert.equal((await postlark(["search", "nothing"])).stdout, "Nothing found.\n");
    });

    await test.step("analytics shows the blog's views, and a post's", async () => {
      const blog = await json(["analytics", "--period", "7d"]);
      assert.equal(blog.daily_views.length, 7);
      assert.match((await postlark(["analytics"])).stdout, /^all time +0$/m);
      const post = await postlark(["analytics", "post", "from-file"]);
      assert.match(post.stdout, /^Renamed\n/);
      assertEnds(await postlark(["analytics", "--period", "1d"]), 2, /7d, 30d, 90d/);
    });

    await test.step("tokens and keys are made, listed without their secrets, and revoked", async () => {
      const made = await postlark([
        ...["tokens", "create", "ci", "--scopes", "posts:read,posts:write", "--expires", "90d"],
      ]);
      const secret = made.stdout.trim();
      assert.match(secret, /^pk_live_\w{32}$/);
      const { data } = await json(["tokens"]);
      const token = data.find(({ name }: { name: string }) => name === "ci");
      assert.deepEqual(token.scopes, ["posts:read", "posts:write"]);
      assert.ok(token.expires_at);
      assert.doesNotMatch((await postlark(["tokens", "list"])).stdout, new RegExp(secret));
      await json(["tokens", "revoke", token.id, "--confirm"]);
      const env = { POSTLARK_API_KEY: secret };
      assertEnds(await postlark(["posts"], { env }), 3, /revoked/);
      assertEnds(await postlark(["tokens", "create"]), 2, /needs a name/);
      assertEnds(await postlark(["tokens", "create", "x", "--scopes", "all"]), 1, /unknown scope/);
      const key = await json(["keys", "create", "box", "--test", "--blog", "ada"]);
      assert.match(key.key, /^pk_test_/);
      assert.match((await postlark(["keys"])).stdout, /box/);
      await json(["keys", "revoke", key.id, "--confirm"]);
    });

    await test.step("packs are bought, and their balance shown", async () => {
      assert.match((await postlark(["packs"])).stdout, /^posts left +0\n/);
      assert.equal((await json(["packs", "purchase", "100"])).posts, 100);
      assert.equal((await json(["packs", "purchase", "--type", "300"])).total_remaining, 400);
      assert.match((await postlark(["packs", "balance"])).stdout, /^300 +300 +\d{4}/m);
      assertEnds(await postlark(["packs", "purchase", "50"]), 2, /100 or 300/);
    });

    await test.step("account shows its use, and exports it as JSON or a zip", async () => {
      assert.match((await postlark(["account"])).stdout, /^plan +scale$/m);
      const all = JSON.parse((await postlark(["account", "export"])).stdout);
      assert.equal(all.total_posts, 2);
      const zip = `${world.dir}/all.zip`;
      assert.equal((await json(["account", "export", "-o", zip])).file, zip);
      assert.equal(new TextDecoder().decode((await Deno.readFile(zip)).slice(0, 2)), "PK");
    });

    await test.step("blogs are made, chosen, changed and deleted; several without a choice is said", async () => {
      const css = await write(world, "blog.css", "body { color: red }");
      const made = await json(["blogs", "create", "second", "--name", "Second"]);
      assert.match((await postlark(["blogs"])).stdout, /^ +second +Second +http/m);
      assertEnds(await postlark(["posts"]), 1, /blogs use/);
      assertEnds(await postlark(["keys"]), 2, /second, ada|ada, second/);
      assert.equal((await postlark(["posts", "--blog", "SECOND"])).stdout, "No posts.\n");
      assertEnds(await postlark(["posts", "--blog", "third"]), 1, /no blog "third": there is/);
      await json(["blogs", "use", "second"]);
      const rc = JSON.parse(await Deno.readTextFile(`${world.home}/.postlarkrc`));
      assert.equal(rc.defaultBlog, made.id);
      assert.equal((await postlark(["posts"])).stdout, "No posts.\n");
      assert.match((await postlark(["blogs"])).stdout, /^\* +second/m);
      assert.equal((await json(["posts", "--blog", world.user.blog.id])).data.length, 2);
      const changed = await json(["blogs", "update", "--name", "Zwei", "--css", css]);
      assert.deepEqual([changed.slug, changed.name], ["second", "Zwei"]);
      assert.equal(changed.theme_config.customCss, "body { color: red }");
      assertEnds(await postlark(["blogs", "update", "second"]), 2, /Nothing to change/);
      await json(["blogs", "delete", "second", "--confirm"]);
      const after = JSON.parse(await Deno.readTextFile(`${world.home}/.postlarkrc`));
      assert.equal(after.defaultBlog, undefined);
      assertEnds(await postlark(["blogs", "create", "www"]), 1, /reserved/);
    });

    await test.step("--json gives errors as JSON too, on standard error", async () => {
      const ran = await postlark(["posts", "get", "nowhere", "--json"]);
      assert.equal(ran.stdout, "");
      const { error, status, reason } = JSON.parse(ran.stderr);
      assert.deepEqual([ran.code, error, status, reason], [1, "not_found", 404, "post_not_found"]);
      const bad = await postlark([
        "--json",
        "posts",
        "create",
        "--title",
        "x",
        "--content",
        "x",
        "--slug",
        "A!",
      ]);
      assert.deepEqual(JSON.parse(bad.stderr).issues.map(({ path }: { path: string }) => path), [
        "slug",
      ]);
    });

    await test.step("what is called wrongly ends with 2, and says what was meant", async () => {
      assertEnds(await postlark(["post"]), 2, /Did you mean posts\?/);
      assertEnds(
        await postlark(["posts", "list", "--stats", "draft"]),
        2,
        /Did you mean --status\?/,
      );
      assertEnds(await postlark(["posts", "create", "--title", "x"]), 2, /content/);
      assertEnds(await postlark(["posts", "create", "/nowhere.md"]), 2, /cannot be read/);
      assertEnds(await postlark(["whoami", "--api-base", "ftp://x"]), 2, /no address of an API/);
      assert.equal((await postlark(["--help"])).code, 0);
      assert.match((await postlark(["--version"])).stdout, /^\d+\.\d+\.\d+\n$/);
    });

    await test.step("a server that is not there, or is no Postlark, is said with what to check", async () => {
      const away = await fromSource(world, ["whoami", "--api-base", "http://localhost:9/v1"]);
      assertEnds(away, 1, /localhost:9 cannot be reached\nCheck the connection, and --api-base/);
      const root = await postlark(["whoami", "--api-base", `${world.server.origin}/nowhere`]);
      assertEnds(root, 1, /Nothing is here|--api-base/);
    });

    await test.step("--verbose names each request, and colours stay off where there is no terminal", async () => {
      const { stderr, stdout } = await postlark(["whoami", "--verbose"], { env: { NO_COLOR: "" } });
      assert.match(stderr, /^GET http:\S+\/v1\/account\/profile → 200 \([0-9a-f-]{36}\)\n$/);
      assert.ok(!stdout.includes("\x1b"));
    });

    await test.step("a title cannot steer the terminal", async () => {
      await json([
        "posts",
        "create",
        "--title",
        "a\x1b[31mb\u202ec",
        "--content",
        "x",
        "--slug",
        "esc",
      ]);
      const { stdout } = await postlark(["posts"]);
      assert.match(stdout, /^esc +a \[31mb c /m);
    });

    await test.step("a configuration that is no JSON is said, with its path", async () => {
      await Deno.writeTextFile(`${world.home}/.postlarkrc`, "{");
      assertEnds(await postlark(["whoami"]), 1, /\.postlarkrc is not a JSON object/);
      await Deno.remove(`${world.home}/.postlarkrc`);
    });

    await test.step("from source, by Deno, it does the same", async () => {
      const self = await fromSource(world, ["whoami", "--json"]);
      assert.equal(JSON.parse(self.stdout).email, "ada@example.com");
      const path = await write(world, "post.md", FILE.replace("from-file", "by-deno"));
      const made = await fromSource(world, ["posts", "create", path]);
      assert.match(made.stdout, /^Published From a file\nhttp\S+\/by-deno\n$/);
      assertEnds(await fromSource(world, ["posts", "get", "nowhere"]), 1, /Post not found/);
      const env = { POSTLARK_API_KEY: "" };
      assertEnds(await fromSource(world, ["posts"], { env }), 3, /No API key/);
    });

    await test.step("account delete ends the account, and the key with it", async () => {
      assert.equal((await json(["account", "delete", "--confirm"])).deleted, true);
      assertEnds(await postlark(["whoami"]), 3, /Log in again/);
    });
  } finally {
    await world.stop();
  }
});
