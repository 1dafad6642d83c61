import assert from "node:assert/strict";
import { type Service, setup } from "../_setup.ts";
import { runCommand } from "../../routes/operator/mod.ts";

/** Runs a command as the terminal would; `json` is its one object. */
async function admin(t: Service, ...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await runCommand(t.deps, args, {
    out: (line) => void out.push(line),
    err: (line) => void err.push(line),
  });
  assert.ok(out.length <= 1);
  return { code, json: out.length ? JSON.parse(out[0]) : null, err: err.join("\n") };
}

Deno.test("admin user create prints the account, its blog, and a key that publishes there", async () => {
  using t = await setup();
  const made = await admin(
    t,
    ...["user", "create", "--email", "Ann@Example.com", "--plan", "scale", "--blog", "anns"],
  );
  assert.equal(made.code, 0);
  const { user, blog, key } = made.json;
  assert.deepEqual({ ...user, id: "" }, { id: "", email: "ann@example.com", plan: "scale" });
  assert.deepEqual({ ...blog, id: "" }, {
    id: "",
    slug: "anns",
    url: "http://anns.localhost:8000",
  });
  const body = { title: "Hi", content: "Hello." };
  const post = await t.api("POST", "/posts", { key, body });
  assert.equal(post.status, 201);
});

Deno.test("admin user create without --blog gives an account token with every scope", async () => {
  using t = await setup();
  const { json } = await admin(t, "user", "create", "--email", "a@example.com");
  assert.equal(json.blog, null);
  assert.equal(json.user.plan, "free");
  const blog = { slug: "new-one", name: "New" };
  assert.equal((await t.api("POST", "/blogs", { key: json.key, body: blog })).status, 201);
  const again = await admin(t, "user", "create", "--email", "a@example.com");
  assert.deepEqual([again.code, again.json], [1, null]);
  assert.match(again.err, /already exists/);
});

Deno.test("admin user plan moves an account to a plan", async () => {
  using t = await setup();
  const { email, key } = await t.tenant("free");
  const { code, json } = await admin(t, "user", "plan", "--email", email, "--plan", "creator");
  assert.deepEqual([code, json.user.plan], [0, "creator"]);
  assert.equal((await t.api("GET", "/account/profile", { key })).body.plan, "creator");
  const unknown = await admin(t, "user", "plan", "--email", "no@example.com", "--plan", "creator");
  assert.equal(unknown.code, 1);
  assert.match(unknown.err, /^No account has no@example\.com: give its address/);
});

Deno.test("an operator's command finds an account by its id, and none by what is too long for any", async () => {
  using t = await setup();
  const { id, key } = await t.tenant("free");
  for (const [name, plan] of [[id, "starter"], [` ${id.toUpperCase()}`, "creator"]]) {
    const { code, json } = await admin(t, "user", "plan", "--email", name, "--plan", plan);
    assert.deepEqual([code, json.user.id], [0, id]);
    assert.equal((await t.api("GET", "/account/profile", { key })).body.plan, plan);
  }
  const nobody = ["login-link", "--email", `${"x".repeat(3000)}@example.com`];
  const nowhere = ["key", "create", "--email", id, "--blog", "x".repeat(3000)];
  for (const [args, fault] of [[nobody, /^No account has x+/], [nowhere, /has no blog "x+"/]]) {
    const { code, err } = await admin(t, ...args as string[]);
    assert.equal(code, 1);
    assert.match(err, fault as RegExp);
  }
});

Deno.test("admin session create gives a JWT that the API accepts until it expires", async () => {
  using t = await setup();
  const { email } = await t.tenant();
  const { json } = await admin(t, "session", "create", "--email", email);
  assert.equal((await t.api("GET", "/account/profile", { key: json.jwt })).body.email, email);
  t.advance(Date.parse(json.expires_at) - t.now());
  assert.equal((await t.api("GET", "/account/profile", { key: json.jwt })).status, 401);
});

Deno.test("admin key create binds the key to its blog, scopes, mode and end", async () => {
  using t = await setup();
  const { email, blog } = await t.tenant();
  const options = ["key", "create", "--email", email, "--scopes", "posts:read, posts:write"];
  const { code, json } = await admin(
    t,
    ...[...options, "--blog", blog.slug, "--mode", "test", "--name", "CI", "--expires-in", "7"],
  );
  assert.equal(code, 0);
  assert.match(json.key, /^pk_test_/);
  assert.deepEqual(
    [json.blog_id, json.scopes, json.mode, json.name, json.token],
    [blog.id, ["posts:read", "posts:write"], "test", "CI", json.key],
  );
  assert.equal(Date.parse(json.expires_at) - t.now(), 7 * 86_400_000);
  assert.equal((await t.api("GET", "/posts", { key: json.key })).status, 200);
  const token = await admin(t, ...options, "--expires-in", "90d");
  assert.equal(token.json.blog_id, null);
  assert.equal((await t.api("GET", "/account/tokens", { key: token.json.key })).status, 403);
});

Deno.test("admin key create says which blogs an account does not have", async () => {
  using t = await setup();
  const { email } = await t.tenant();
  const { blog } = await t.tenant();
  const { code, err } = await admin(t, "key", "create", "--email", email, "--blog", blog.slug);
  assert.deepEqual([code, err], [1, `The account has no blog "${blog.slug}".`]);
});

Deno.test("admin job run prints the report of the job", async () => {
  using t = await setup();
  const { json } = await admin(t, "job", "run", "publish_scheduled");
  assert.deepEqual(json, { published: 0, failed: 0, next: null });
});

Deno.test("admin check exits with 1 and names the row where one differs", async () => {
  using t = await setup();
  const { email } = await t.tenant();
  assert.equal((await admin(t, "check")).code, 0);
  await t.deps.store.writeAll([{ key: ["email", email] }]);
  const { code, json } = await admin(t, "check");
  assert.equal(code, 1);
  assert.deepEqual(json.differences.map((found: { key: string[] }) => found.key), [[
    "email",
    email,
  ]]);
});

Deno.test("admin backup leaves no file where it fails, and restore takes what it wrote", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  await t.api("POST", "/posts", { key, body: { title: "Kept", content: "Text." } });
  const folder = await Deno.makeTempDir();
  try {
    const file = `${folder}/store.jsonl`;
    assert.equal((await admin(t, "backup", `${folder}/none/store.jsonl`)).code, 1);
    const { code, json } = await admin(t, "backup", file);
    assert.deepEqual([code, json.file], [0, file]);
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["store.jsonl"]);
    using other = await setup();
    assert.equal((await admin(other, "restore", file)).json.rows, json.rows);
    assert.equal((await other.api("GET", "/posts/kept", { key })).status, 200);
    assert.equal((await admin(other, "restore", file)).code, 1);
    assert.equal((await admin(other, "restore", `${folder}/none`)).code, 1);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a command that is called wrongly exits with 2, prints nothing, and says what is allowed", async () => {
  using t = await setup();
  const { email, blog } = await t.tenant();
  const wrong: [string[], RegExp][] = [
    [[], /user create/],
    [
      ["frob"],
      /user create, user plan, .*session create, login-link, key create, job run, check, search rebuild, media copy, backup/,
    ],
    [["user"], /user create/],
    [["user", "create"], /--email is required/],
    [["user", "create", "--email", "nobody"], /e-mail address/],
    [["user", "create", "--mail", "a@b.c"], /--email, --name, --plan, --blog/],
    [["user", "create", "--email"], /--email/],
    [["user", "create", "--email", "a@b.c", "more"], /one word too many/],
    [["user", "plan", "--email", email, "--plan", "gold"], /free, starter, creator, scale/],
    [["key", "create", "--email", email, "--mode", "test"], /needs --blog/],
    [["key", "create", "--email", email, "--mode", "dry"], /live, test/],
    [["key", "create", "--email", email, "--scopes", "all"], /posts:read/],
    [["key", "create", "--email", email, "--expires-in", "soon"], /"30d", "90d", "1y"/],
    [["job", "run", "nothing"], /publish_scheduled/],
    [["job", "run"], /NAME/],
    [["backup"], /FILE/],
    [["check", "--fix"], /Options: none/],
  ];
  for (const [args, says] of wrong) {
    const { code, json, err } = await admin(t, ...args);
    assert.deepEqual([code, json], [2, null], args.join(" "));
    assert.match(err, says);
  }
  assert.equal((await t.api("GET", `/blogs/${blog.id}/api-keys`, { key: null })).status, 401);
});
