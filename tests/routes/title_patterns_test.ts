import assert from "node:assert/strict";
import { type Service, setup, type Tenant } from "../_setup.ts";
import { changePlan } from "../../lib/account/plan_changes.ts";

async function titleOf(t: Service, tenant: Tenant, slug: string): Promise<string> {
  const { text } = await t.view(tenant.blog.slug, `/${slug}`);
  return /<title>(.*?)<\/title>/s.exec(text)![1];
}

function put(t: Service, { blog, token }: Tenant, body: unknown) {
  return t.api("PUT", `/blogs/${blog.id}`, { key: token, body });
}

Deno.test("titles follow the blog's pattern, and that of the first tag that has one, on every page at once", async () => {
  using t = await setup();
  const tenant = await t.tenant("scale", "kitchen");
  const posts = [["plain", []], ["soup", ["Winter", "Soups"]], ["tart", ["other"]]] as const;
  for (const [slug, tags] of posts) {
    const body = { title: `On ${slug} & $&`, content: "x", slug, tags, status: "published" };
    assert.equal((await t.api("POST", "/posts", { key: tenant.key, body })).status, 201);
  }
  assert.equal(await titleOf(t, tenant, "soup"), "On soup &amp; $&amp; · kitchen");
  const set = await put(t, tenant, {
    title_pattern: "{title} | {blog}",
    tag_title_patterns: { soups: "{tag}: {title}", "  OTHER ": "{title}!" },
  });
  assert.equal(set.body.title_pattern, "{title} | {blog}");
  assert.deepEqual(set.body.tag_title_patterns, { soups: "{tag}: {title}", other: "{title}!" });
  assert.equal(await titleOf(t, tenant, "plain"), "On plain &amp; $&amp; | kitchen");
  assert.equal(await titleOf(t, tenant, "soup"), "Soups: On soup &amp; $&amp;");
  assert.equal(await titleOf(t, tenant, "tart"), "On tart &amp; $&amp;!");
  const less = await put(t, tenant, { tag_title_patterns: { soups: null } });
  assert.deepEqual(less.body.tag_title_patterns, { other: "{title}!" });
  assert.equal(await titleOf(t, tenant, "soup"), "On soup &amp; $&amp; | kitchen");
  await put(t, tenant, { title_pattern: null });
  assert.equal(await titleOf(t, tenant, "soup"), "On soup &amp; $&amp; · kitchen");
});

Deno.test("a pattern without {title}, with an unknown placeholder, too long or of another type is 400 and changes nothing", async () => {
  using t = await setup();
  const tenant = await t.tenant("scale");
  const faults: [unknown, RegExp][] = [
    [{ title_pattern: "Always the same" }, /\{title\}/],
    [{ title_pattern: "{title} {author}" }, /\{author\}/],
    [{ title_pattern: `{title}${"x".repeat(200)}` }, /200/],
    [{ title_pattern: 7 }, /string/],
    [{ tag_title_patterns: { a: "{blog}" } }, /\{title\}/],
    [{ tag_title_patterns: ["{title}"] }, /tag_title_patterns|record/i],
    [{
      tag_title_patterns: Object.fromEntries(
        Array.from({ length: 201 }, (_, n) => [`t${n}`, "{title}"]),
      ),
    }, /200/],
  ];
  for (const [body, message] of faults) {
    const got = await put(t, tenant, { ...body as object, name: "New" });
    assert.equal(got.status, 400, JSON.stringify(body));
    assert.match(JSON.stringify(got.body), message);
  }
  const { body } = await t.api("GET", `/blogs/${tenant.blog.id}`, { key: tenant.token });
  assert.notEqual(body.name, "New");
  assert.equal(body.title_pattern, null);
});

Deno.test("patterns need Scale; below it they show no more after the grace, and can be taken away", async () => {
  using t = await setup();
  const tenant = await t.tenant("scale", "mine");
  const body = { title: "Hi", content: "x", slug: "hi", status: "published" };
  await t.api("POST", "/posts", { key: tenant.key, body });
  await put(t, tenant, { title_pattern: "{title}?", tag_title_patterns: { a: "{title}!" } });
  await changePlan(t.deps, tenant.id, { plan: "creator" });
  assert.equal(await titleOf(t, tenant, "hi"), "Hi?");
  for (const edit of [{ title_pattern: "{title}." }, { tag_title_patterns: { b: "{title}" } }]) {
    const got = await put(t, tenant, edit);
    assert.equal(got.status, 403);
    assert.equal(got.body.message, `${Object.keys(edit)[0]} requires the Scale plan or above.`);
  }
  t.advance(30 * 86_400_000);
  await t.runJob("grace_and_freeze");
  assert.equal(await titleOf(t, tenant, "hi"), "Hi · mine");
  const cleared = await put(t, tenant, { title_pattern: null, tag_title_patterns: { a: null } });
  assert.equal(cleared.body.title_pattern, null);
  assert.deepEqual(cleared.body.tag_title_patterns, {});
});

Deno.test("patterns of tags have at most 20,000 characters together, with those that are there", async () => {
  using t = await setup();
  const tenant = await t.tenant("scale");
  const patterns = (prefix: string, count: number) => ({
    tag_title_patterns: Object.fromEntries(
      Array.from({ length: count }, (_, n) => [`${prefix}${10 + n}`, "{title}".padEnd(197, "가")]),
    ),
  });
  assert.equal((await put(t, tenant, patterns("a", 60))).status, 200);
  assert.equal((await put(t, tenant, patterns("b", 40))).status, 200);
  const over = await put(t, tenant, patterns("c", 1));
  assert.equal(over.status, 400);
  assert.match(over.body.message, /20,000/);
  const set = await t.api("GET", `/blogs/${tenant.blog.id}`, { key: tenant.token });
  assert.equal(Object.keys(set.body.tag_title_patterns).length, 100);
});
