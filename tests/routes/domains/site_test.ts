import assert from "node:assert/strict";
import { createDns } from "../../../lib/kit/dns.ts";
import { changePlan, suspendAccount } from "../../../lib/account/plan_changes.ts";
import { setup } from "../../_setup.ts";
import { dnsServer } from "../../support/dns_server.ts";
import {
  DAY,
  domain,
  ENV,
  HOST,
  MINUTE,
  publish,
  refused,
  service,
  settled,
  shown,
} from "../../support/domains.ts";
import type { Hooks } from "../../support/hooked_kv.ts";
import { countRounds } from "../../support/kv_rounds.ts";

Deno.test("a blog is served at its active domain, and its subdomain redirects there with path and query", async () => {
  await using s = await service();
  const { t, dns } = s;
  const tenant = await t.tenant("creator", "ada");
  await publish(t, tenant);
  const before = await t.view("ada", "/hello");
  assert.ok(before.text.includes("https://ada.postlark.test/hello"));
  assert.equal((await t.send("GET", `https://${HOST}/hello`)).status, 404);
  dns.zone[HOST] = { CNAME: "ada.postlark.test" };
  await domain(t, tenant).set(HOST);
  for (const url of [`https://${HOST}/hello`, `http://${HOST}/hello`, `http://${HOST}.:80/hello`]) {
    const page = await t.send("GET", url);
    assert.equal(page.status, 200, url);
    assert.ok(page.text.includes(`<link rel="canonical" href="https://${HOST}/hello">`));
    assert.ok(!page.text.includes("ada.postlark.test"));
  }
  const paths = ["/", "/hello", "/hello?a=1&b=%20", "/tag/x", "/rss.xml", "/hello.md", "/no/such"];
  for (
    const path of [...paths, "/hello/og.png", "/search?q=a", "/sitemap.xml", "//evil.example/"]
  ) {
    const got = await t.view("ada", path);
    assert.equal(got.status, 302, path);
    assert.equal(got.headers.get("location"), `https://${HOST}${path}`);
  }
  const files = [
    "/",
    "/rss.xml",
    "/atom.xml",
    "/feed.json",
    "/sitemap.xml",
    "/llms.txt",
    "/robots.txt",
  ];
  for (const path of [...files, "/llms-full.txt", "/hello/llms.txt", "/archive"]) {
    const got = await t.send("GET", `https://${HOST}${path}`);
    assert.equal(got.status, 200, path);
    assert.ok(got.text.includes(`https://${HOST}`) || path === "/archive", path);
    assert.ok(!got.text.includes("postlark.test"), path);
  }
});

Deno.test("the API hands out the active domain wherever it hands out an address", async () => {
  await using s = await service();
  const { t, dns } = s;
  const tenant = await settled(t, dns);
  const origin = `https://${HOST}`;
  const { key, token } = tenant;
  assert.equal((await publish(t, tenant)).body.url, `${origin}/hello`);
  const [post, list, blog, blogs, search, discover] = await Promise.all([
    t.api("GET", "/posts/hello", { key }),
    t.api("GET", "/posts", { key }),
    t.api("GET", `/blogs/${tenant.blog.id}`, { key: token }),
    t.api("GET", "/blogs", { key: token }),
    t.api("GET", "/search?q=hello", { key }),
    t.api("GET", "/discover?q=hello"),
  ]);
  assert.equal(post.body.url, `${origin}/hello`);
  assert.equal(list.body.data[0].url, `${origin}/hello`);
  assert.deepEqual([blog.body.url, blog.body.custom_domain], [origin, HOST]);
  assert.deepEqual([blogs.body.data[0].url, blogs.body.data[0].custom_domain], [origin, HOST]);
  assert.equal(search.body.data[0].url, `${origin}/hello`);
  const [found] = discover.body.data;
  assert.deepEqual([found.url, found.blog_domain], [`${origin}/hello`, HOST]);
  assert.equal(found.llms_txt_url, `${origin}/hello/llms.txt`);
});

Deno.test("a domain that is taken away, replaced or pending leaves the blog at its subdomain", async () => {
  await using s = await service();
  const { t, dns } = s;
  const tenant = await settled(t, dns);
  await publish(t, tenant);
  const slug = tenant.blog.slug;
  const open = async (url: string) => (await t.send("GET", url)).status;
  const etag = (await t.api("GET", `/blogs/${tenant.blog.id}`, { key: tenant.token })).headers
    .get("etag");
  assert.deepEqual(shown(await domain(t, tenant).set("new.example.com")), [200, "pending"]);
  const after = await t.api("GET", `/blogs/${tenant.blog.id}`, { key: tenant.token });
  assert.equal(after.body.custom_domain, null);
  assert.notEqual(after.headers.get("etag"), etag);
  assert.equal(await open(`https://${HOST}/hello`), 404);
  assert.equal(await open(`https://${slug}.postlark.test/hello`), 200);
  dns.zone["new.example.com"] = { CNAME: `${slug}.postlark.test` };
  t.advance(MINUTE);
  assert.deepEqual(shown(await domain(t, tenant).get()), [200, "active"]);
  assert.equal(await open("https://new.example.com/hello"), 200);
  const gone = await domain(t, tenant).remove();
  assert.deepEqual(gone.body, { removed: true, deleted: true });
  assert.equal(await open("https://new.example.com/hello"), 404);
  assert.equal(await open(`https://${slug}.postlark.test/hello`), 200);
  assert.equal((await domain(t, tenant).get()).body.status, "none");
});

Deno.test("a domain shows through the grace after a downgrade, stops at its end, and comes back with the plan", async () => {
  await using s = await service();
  const { t, dns } = s;
  const tenant = await settled(t, dns);
  const at = async () => [
    (await t.send("GET", `https://${HOST}/`)).status,
    (await t.view(tenant.blog.slug, "/")).status,
    (await domain(t, tenant).get()).body.status,
  ];
  await changePlan(t.deps, tenant.id, { plan: "free" });
  assert.deepEqual(await at(), [200, 302, "active"]);
  refused(await domain(t, tenant).set("new.example.com"), 403, "plan_required");
  t.advance(29 * DAY);
  for (const job of ["verify_domains", "grace_and_freeze"]) await t.runJob(job);
  assert.deepEqual(await at(), [200, 302, "active"]);
  t.advance(2 * DAY);
  await t.runJob("grace_and_freeze");
  assert.deepEqual(await at(), [404, 200, "pending"]);
  assert.match((await domain(t, tenant).get()).body.instructions, /Starter plan/);
  t.advance(2 * DAY);
  await t.runJob("verify_domains");
  assert.deepEqual(await at(), [404, 200, "pending"]);
  await changePlan(t.deps, tenant.id, { plan: "starter" });
  await t.runJob("verify_domains");
  assert.deepEqual(await at(), [200, 302, "active"]);
});

Deno.test("a suspended account's domain shows nothing, and a deleted account leaves no claim", async () => {
  await using s = await service();
  const { t, dns } = s;
  const tenant = await settled(t, dns);
  await suspendAccount(t.deps, tenant.id, true);
  assert.equal((await t.send("GET", `https://${HOST}/`)).status, 404);
  await suspendAccount(t.deps, tenant.id, false);
  assert.equal((await t.send("GET", `https://${HOST}/`)).status, 200);
  const left = await t.api("POST", "/account/delete", { key: tenant.token });
  assert.equal(left.status, 200, left.text);
  assert.equal((await t.send("GET", `https://${HOST}/`)).status, 404);
  for (const noun of ["claim", "claimdue", "host"]) {
    const rows = await t.deps.store.list({ start: [noun], end: [noun, true] }, 10);
    assert.deepEqual(rows, [], noun);
  }
});

Deno.test("where blogs are at paths, the apex is the CNAME's target, TXT is needed, and the path redirects", async () => {
  await using s = await service({}, { POSTLARK_BLOG_ADDRESS: "path" });
  const { t, dns } = s;
  const tenant = await t.tenant("scale", "ada");
  await publish(t, tenant);
  const theme = { theme_config: { footerHtml: "<p>Mine</p>" } };
  await t.api("PUT", `/blogs/${tenant.blog.id}`, { key: tenant.token, body: theme });
  const page = await t.send("GET", "https://postlark.test/@ada/hello");
  assert.equal(page.status, 200);
  assert.ok(!page.text.includes("<p>Mine</p>"));
  dns.zone[HOST] = { CNAME: "postlark.test" };
  const got = await domain(t, tenant).set(HOST);
  assert.deepEqual(shown(got), [200, "pending"]);
  assert.deepEqual([got.body.cname_target, got.body.txt_record.required], ["postlark.test", true]);
  dns.zone[got.body.txt_record.name] = { TXT: [got.body.txt_record.value] };
  t.advance(MINUTE);
  assert.deepEqual(shown(await domain(t, tenant).get()), [200, "active"]);
  const moved = await t.send("GET", "https://postlark.test/@ada/hello?a=1");
  assert.deepEqual([moved.status, moved.headers.get("location")], [
    302,
    `https://${HOST}/hello?a=1`,
  ]);
  const own = await t.send("GET", `https://${HOST}/hello`);
  assert.ok(own.text.includes("<p>Mine</p>"));
  assert.ok(!own.text.includes("/@ada"));
  await domain(t, tenant).remove();
  assert.equal((await t.send("GET", "https://postlark.test/@ada/hello")).status, 200);
});

Deno.test("the page of a post at a custom domain takes one round once its host is known, then none", async () => {
  const hooks: Hooks = {};
  await using dns = await dnsServer();
  using t = await setup({ env: ENV, hooks, resolveDns: createDns([dns.address]) });
  const tenant = await settled(t, dns);
  await publish(t, tenant);
  const view = () => t.send("GET", `https://${HOST}/hello`);
  await view();
  t.advance(MINUTE);
  const got = await countRounds(hooks, view);
  assert.equal(got.value.status, 200);
  assert.deepEqual(got.waves, [{ reads: 1, commits: 0 }]);
  assert.deepEqual((await countRounds(hooks, view)).waves, []);
});

Deno.test("a change at one instance shows at the custom domain of another within a second", async () => {
  await using s = await service();
  const { t, dns } = s;
  using other = await setup({ env: ENV, kv: t.deps.store.kv, resolveDns: t.deps.resolveDns });
  const tenant = await settled(t, dns);
  await publish(t, tenant);
  assert.equal((await other.send("GET", `https://${HOST}/hello`)).status, 200);
  assert.equal((await other.view(tenant.blog.slug, "/hello")).status, 302);
  await domain(t, tenant).remove();
  other.advance(1000);
  assert.equal((await other.send("GET", `https://${HOST}/hello`)).status, 404);
  assert.equal((await other.view(tenant.blog.slug, "/hello")).status, 200);
});

Deno.test("a custom host serves the blog and nothing of the platform", async () => {
  await using s = await service();
  const { t, dns } = s;
  await settled(t, dns);
  for (
    const path of ["/v1/posts", "/docs", "/health", "/domains/ask?domain=postlark.test", "/app"]
  ) {
    assert.equal((await t.send("GET", `https://${HOST}${path}`)).status, 404, path);
  }
  assert.equal((await t.send("POST", `https://${HOST}/v1/posts`)).status, 405);
});

Deno.test("a custom domain's name before ours is nobody's host", async () => {
  await using s = await service();
  const { t, dns } = s;
  await publish(t, await settled(t, dns));
  assert.equal((await t.send("GET", `https://${HOST}/hello`)).status, 200);
  for (const path of ["/hello", "/hello/og.png", "/rss.xml"]) {
    const got = await t.view(HOST, path);
    assert.equal(got.status, 404, path);
  }
});
