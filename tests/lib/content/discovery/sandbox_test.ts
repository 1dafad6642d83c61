import assert from "node:assert/strict";
import { backstage } from "../../../../lib/ctx.ts";
import { type Store, under } from "../../../../lib/kit/kv.ts";
import { blogKey, type BlogRow } from "../../../../lib/content/blogs.ts";
import { searchSandbox } from "../../../../lib/content/discovery/sandbox.ts";
import { type PostRow, postsPrefix } from "../../../../lib/content/posts/_record.ts";
import { setup } from "../../../_setup.ts";

Deno.test("while a sandbox is searched, other work goes on", async () => {
  using t = await setup();
  const tenant = await t.tenant();
  const path = `/blogs/${tenant.blog.id}/api-keys`;
  const made = await t.api("POST", path, { key: tenant.key, body: { mode: "test" } });
  const body = { title: "Wombats", content: "Text.", status: "published" };
  await t.api("POST", "/posts", { key: made.body.key, body });
  const blog = (await t.deps.store.get<BlogRow>(blogKey(tenant.blog.id))).value!;
  const [row] = await t.deps.store.list<PostRow>(under(postsPrefix(blog.sandbox)), 1);
  const list = () => Promise.resolve(Array.from({ length: 100 }, () => row));
  const ctx = backstage({ ...t.deps, store: { list } as unknown as Store }, { kind: "job" });
  let turns = 0;
  const other = setInterval(() => turns++, 0);
  const slice = { page: { number: 1, size: 20 } };
  const { data } = await searchSandbox(ctx, { blog, q: "wombats", slice });
  clearInterval(other);
  assert.equal(data.length, 20);
  assert.notEqual(turns, 0);
});
