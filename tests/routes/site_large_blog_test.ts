import assert from "node:assert/strict";
import { changePlan } from "../../lib/account/plan_changes.ts";
import { checkStore } from "../../lib/operator/check/mod.ts";
import { type Service, setup } from "../_setup.ts";
import { copySlug, growBlog } from "../support/large_blog.ts";
import { setupPair } from "../support/pair.ts";
import { openStore } from "../support/store.ts";

const PAGES = 5000;
const STEP = 250;
/** The pages of lists that such a blog has the last of. */
const LISTS = ["/", `/?page=${PAGES / 20}`, "/archive", `/archive?page=${PAGES / 500}`];
const FILES = ["/rss.xml", "/atom.xml", "/feed.json", "/llms.txt"];

/** Addresses spread over all the posts; others for each `offset` below the step between them. */
function spread(offset: number): string[] {
  const count = Math.ceil((PAGES - 1 - offset) / STEP);
  return Array.from({ length: count }, (_, n) => `/${copySlug(offset + n * STEP)}`);
}

Deno.test("a change to a blog of 5,000 pages shows on all at once here, and within a second on another instance", async () => {
  using pair = await setupPair();
  const { one, two, kv } = pair;
  const tenant = await one.tenant("free");
  const { blog, key, token } = tenant;
  await growBlog(one, { tenant, kv, copies: PAGES - 1 });
  const viewed = [...spread(0), ...LISTS, ...FILES];
  const assertShows = async (t: Service, paths: string[], text: RegExp) => {
    for (const path of paths) {
      const got = await t.view(blog.slug, path);
      assert.equal(got.status, 200, path);
      assert.match(got.text, text, path);
    }
  };
  /** What was viewed before and what was not, first where the change was made and then on the other instance. */
  const assertChanged = async (paths: string[], text: RegExp) => {
    await assertShows(one, paths, text);
    pair.advance(1000);
    await assertShows(two, paths, text);
  };
  const change = async (body: Record<string, unknown>) => {
    const { status } = await one.api("PUT", `/blogs/${blog.id}`, { key: token, body });
    assert.equal(status, 200);
  };
  for (const t of [one, two]) {
    await assertShows(t, viewed, /./);
    await assertShows(t, spread(0), /noindex/);
  }

  await change({ name: "Renamed blog" });
  await assertChanged([...viewed, ...spread(1)], /Renamed blog/);

  await changePlan(one.deps, tenant.id, { plan: "creator" });
  const pages = [...spread(0), ...LISTS];
  await assertChanged([...pages, ...spread(2)], /^(?![^]*noindex)/);

  await change({ theme_config: { theme: "terminal", customCss: ".changed{color:red}" } });
  await assertChanged([...pages, ...spread(3)], /\.changed\{color:red\}/);

  const body = { title: "Edited title" };
  const { status } = await one.api("PUT", `/posts/${copySlug(17)}`, { key, body });
  assert.equal(status, 200);
  await assertChanged([`/${copySlug(17)}`], /Edited title/);
});

Deno.test("a blog that is grown for tests holds together but for the search, and its copies have addresses of their own", async () => {
  const kv = await openStore();
  using _ = { [Symbol.dispose]: () => kv.close() };
  using t = await setup({ kv });
  const tenant = await t.tenant("creator");
  await growBlog(t, { tenant, kv, copies: 3 });
  const { differences } = await checkStore(t.deps, 0);
  assert.deepEqual(differences.filter(({ key }) => !String(key[0]).startsWith("fts")), []);
  const { body } = await t.api("GET", "/posts", { key: tenant.key });
  const slugs = body.data.map(({ slug }: { slug: string }) => slug);
  assert.deepEqual(slugs.toSorted(), [copySlug(0), copySlug(1), copySlug(2), "original"]);
});
