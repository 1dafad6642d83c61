import assert from "node:assert/strict";
import { setup } from "../../_setup.ts";
import { domain, ENV, HOST, service, settled } from "../../support/domains.ts";

Deno.test("ask says 200 for our own names, blogs and active domains, 404 for all else", async () => {
  await using s = await service();
  const { t, dns } = s;
  const tenant = await settled(t, dns);
  const pending = await t.tenant("starter");
  await domain(t, pending).set("pending.example.com");
  const ask = async (query: string) =>
    (await t.send("GET", `https://postlark.test/domains/ask${query}`)).status;
  const own = ["postlark.test", "api.postlark.test", "app.postlark.test", "media.postlark.test"];
  for (const name of [...own, `${tenant.blog.slug}.postlark.test`, HOST, "BLOG.example.com."]) {
    assert.equal(await ask(`?domain=${name}`), 200, name);
  }
  const not = ["pending.example.com", "nobody.postlark.test", "www.postlark.test", "example.com"];
  for (
    const name of [...not, "a.api.postlark.test", "127.0.0.1", "", "%00", "a/b", "*.example.com"]
  ) {
    assert.equal(await ask(`?domain=${name}`), 404, name);
  }
  assert.equal(await ask(""), 404);
  for (const at of ["127.0.0.1:8000", "[::1]:8000", "localhost:8000", "postlark:8000"]) {
    const { status } = await t.send("GET", `http://${at}/domains/ask?domain=${HOST}`);
    assert.equal(status, 200, at);
    assert.equal((await t.send("GET", `http://${at}/v1/posts`)).status, 404);
  }
});

Deno.test("ask looks up no more than 200 names a second for one address", async () => {
  using t = await setup({ env: ENV });
  const ask = () => t.send("GET", "https://postlark.test/domains/ask?domain=no.example.com");
  for (let i = 0; i < 200; i++) assert.equal((await ask()).status, 404);
  const over = await ask();
  assert.deepEqual([over.status, over.headers.get("retry-after")], [429, "1"]);
  t.advance(1000);
  assert.equal((await ask()).status, 404);
});

Deno.test("who asks too often does not keep the proxy from asking", async () => {
  using t = await setup({ env: { ...ENV, POSTLARK_TRUST_PROXY: "1" } });
  const ask = (headers: Record<string, string>) =>
    t.send("GET", "https://postlark.test/domains/ask?domain=postlark.test", { headers });
  const stranger = { "x-forwarded-for": "203.0.113.7" };
  for (let i = 0; i < 200; i++) await ask(stranger);
  assert.equal((await ask(stranger)).status, 429);
  assert.equal((await ask({})).status, 200);
});
