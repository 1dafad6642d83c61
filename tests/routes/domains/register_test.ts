import assert from "node:assert/strict";
import { changePlan } from "../../../lib/account/plan_changes.ts";
import { setup } from "../../_setup.ts";
import {
  DAY,
  domain,
  ENV,
  HOST,
  HOUR,
  MINUTE,
  refused,
  service,
  settled,
  shown,
} from "../../support/domains.ts";
import { atOnce } from "../../support/pair.ts";

Deno.test("a blog without a domain has status none and nulls", async () => {
  await using s = await service();
  const tenant = await s.t.tenant("starter");
  const got = await domain(s.t, tenant).get();
  assert.equal(got.status, 200);
  const { status, ...others } = got.body;
  assert.equal(status, "none");
  assert.deepEqual(new Set(Object.values(others)), new Set([null]));
  refused(await domain(s.t, tenant).remove(), 404, "domain_not_found");
});

Deno.test("a domain without records is pending, and says which records it wants", async () => {
  await using s = await service();
  const tenant = await s.t.tenant("starter", "my-tech-blog");
  const got = await domain(s.t, tenant).set(HOST);
  assert.deepEqual(shown(got), [200, "pending"]);
  const { hostname, cname_target, ssl_status, txt_record, instructions, checked_at } = got.body;
  assert.deepEqual([hostname, cname_target], [HOST, "my-tech-blog.postlark.test"]);
  assert.equal(ssl_status, "pending");
  assert.equal(txt_record.name, "_postlark.blog.example.com");
  assert.match(txt_record.value, /^postlark-verify=[0-9a-f]{32}$/);
  assert.equal(txt_record.required, false);
  assert.ok(
    instructions.startsWith(
      "Add a CNAME record: blog.example.com → my-tech-blog.postlark.test",
    ),
  );
  assert.equal(checked_at, "2026-03-24T10:00:00.000Z");
  assert.deepEqual((await domain(s.t, tenant).get()).body, got.body);
});

Deno.test("a second POST of the same host keeps its TXT record, and of another makes a new one", async () => {
  await using s = await service();
  const tenant = await s.t.tenant("starter");
  const tokens: string[] = [];
  for (const host of [HOST, HOST, "other.example.com", HOST]) {
    tokens.push((await domain(s.t, tenant).set(host)).body.txt_record.value);
  }
  assert.equal(tokens[0], tokens[1]);
  assert.equal(new Set(tokens).size, 3);
});

Deno.test("a hostname is judged in one form: case, a trailing dot and IDN are normalised", async () => {
  await using s = await service();
  const tenant = await s.t.tenant("starter");
  const forms: Record<string, string> = {
    "Blog.Example.COM": HOST,
    " blog.example.com. ": HOST,
    "bücher.example.com": "xn--bcher-kva.example.com",
    "BÜCHER.example.com": "xn--bcher-kva.example.com",
    "xn--bcher-kva.example.com": "xn--bcher-kva.example.com",
    "例え.jp": "xn--r8jz45g.jp",
    "ｂｌｏｇ.example.com": HOST,
  };
  for (const [given, host] of Object.entries(forms)) {
    assert.equal((await domain(s.t, tenant).set(given)).body.hostname, host, given);
  }
});

Deno.test("IP addresses, names of no public DNS, our own domains and what is no name are 400", async () => {
  await using s = await service({}, { POSTLARK_BLOG_DOMAIN: "blogs.test:8443" });
  const tenant = await s.t.tenant("starter");
  const bad = [
    ...["127.0.0.1", "8.8.8.8", "0x7f.1", "2130706433", "1.2.3.4.", "[::1]", "::1", "2001:db8::1"],
    ...["localhost", "blog.localhost", "LOCALHOST.", "printer.local", "a.internal", "x.onion"],
    ...["1.0.0.127.in-addr.arpa", "postlark.test", "Postlark.test.", "api.postlark.test"],
    ...["media.postlark.test", "ada.postlark.test", "blogs.test", "ada.blogs.test", "example"],
    ...["https://blog.example.com", "blog.example.com/x", "blog.example.com:8000", "a@example.com"],
    ...["*.example.com", "_a.example.com", "-a.example.com", "a-.example.com", "a..example.com"],
    ...[
      ".example.com",
      "a b.example.com",
      `${"a".repeat(64)}.com`,
      `${"a.".repeat(130)}com`,
      ".",
      "",
    ],
    ...["blog.example.com\0", "blog%2eexample.com", "xn--a.example.com", "a.0x1", "x".repeat(2000)],
  ];
  for (const hostname of bad) {
    const got = await domain(s.t, tenant).set(hostname);
    refused(got, 400, "validation");
    assert.equal(got.body.issues[0].path, "hostname");
  }
  assert.equal((await domain(s.t, tenant).get()).body.status, "none");
  assert.deepEqual(s.dns.asked, []);
});

Deno.test("Free has no custom domain: 403 with where to upgrade, and DNS is not asked", async () => {
  await using s = await service();
  const got = await domain(s.t, await s.t.tenant("free")).set(HOST);
  refused(got, 403, "plan_required");
  assert.equal(got.body.upgrade_url, "https://postlark.test/upgrade");
  assert.deepEqual(s.dns.asked, []);
});

Deno.test("pending claims never block anybody; the first that is verified has the host, the others get 409", async () => {
  await using s = await service();
  const { t, dns } = s;
  const [squatter, owner, late] = [
    await t.tenant("starter"),
    await t.tenant("starter"),
    await t.tenant("starter"),
  ];
  assert.deepEqual(shown(await domain(t, squatter).set(HOST)), [200, "pending"]);
  dns.zone[HOST] = { CNAME: `${owner.blog.slug}.postlark.test` };
  assert.deepEqual(shown(await domain(t, owner).set(HOST)), [200, "active"]);
  refused(await domain(t, late).set(HOST), 409, "domain_taken");
  refused(await domain(t, squatter).set(HOST), 409, "domain_taken");
  t.advance(MINUTE);
  assert.deepEqual(shown(await domain(t, squatter).get()), [200, "pending"]);
});

Deno.test("a host that was verified for another account needs the TXT record, whoever gave it up", async () => {
  await using s = await service();
  const { t, dns } = s;
  for (const leave of ["remove", "delete blog", "lose"] as const) {
    const host = `${leave.replace(" ", "-")}.example.com`;
    const former = await settled(t, dns, host);
    if (leave === "remove") await domain(t, former).remove();
    if (leave === "delete blog") {
      await t.api("DELETE", `/blogs/${former.blog.id}`, { key: former.token });
    }
    const next = await t.tenant("starter");
    dns.zone[host] = { CNAME: `${next.blog.slug}.postlark.test` };
    if (leave === "lose") {
      refused(await domain(t, next).set(host), 409, "domain_taken");
      for (const _ of [1, 2, 3]) {
        t.advance(13 * HOUR);
        await t.runJob("verify_domains");
      }
    }
    const got = await domain(t, next).set(host);
    assert.deepEqual(shown(got), [200, "pending"], leave);
    assert.equal(got.body.txt_record.required, true);
    assert.ok(got.body.instructions.startsWith(`Add a TXT record: _postlark.${host} `));
    dns.zone[got.body.txt_record.name] = { TXT: [got.body.txt_record.value] };
    t.advance(MINUTE);
    assert.deepEqual(shown(await domain(t, next).get()), [200, "active"], leave);
    // From now on it is theirs, and the CNAME is enough.
    delete dns.zone[got.body.txt_record.name];
    t.advance(8 * HOUR);
    await t.runJob("verify_domains");
    assert.equal((await domain(t, next).get()).body.txt_record.required, false);
  }
});

Deno.test("a host that was verified for a blog of the same account needs no TXT record", async () => {
  await using s = await service();
  const { t, dns } = s;
  const tenant = await settled(t, dns);
  const body = { slug: "second", name: "Second" };
  const { body: second } = await t.api("POST", "/blogs", { key: tenant.token, body });
  const other = { ...tenant, blog: second };
  refused(await domain(t, other).set(HOST), 409, "domain_taken");
  await domain(t, tenant).remove();
  dns.zone[HOST] = { CNAME: "second.postlark.test" };
  assert.deepEqual(shown(await domain(t, other).set(HOST)), [200, "active"]);
});

Deno.test("of ten blogs that claim a verified host at once exactly one gets it", async () => {
  await using s = await service();
  const { t, dns } = s;
  const tenants = await Promise.all(Array.from({ length: 10 }, () => t.tenant("starter")));
  const claims = await Promise.all(tenants.map((tenant) => domain(t, tenant).set(HOST)));
  dns.zone[`_postlark.${HOST}`] = { TXT: claims.map(({ body }) => body.txt_record.value) };
  t.advance(MINUTE);
  const got = await Promise.all(tenants.map((tenant) => domain(t, tenant).get()));
  assert.deepEqual(got.map(({ status }) => status), Array(10).fill(200));
  assert.equal(got.filter(({ body }) => body.status === "active").length, 1);
  assert.equal((await t.send("GET", `https://${HOST}/`)).status, 200);
});

Deno.test("a frozen blog keeps its domain, takes no new one, and may give it up", async () => {
  await using s = await service();
  const { t, dns } = s;
  const tenant = await t.tenant("creator");
  t.advance(1000);
  const body = { slug: "newer", name: "Newer" };
  const { body: newer } = await t.api("POST", "/blogs", { key: tenant.token, body });
  const other = { ...tenant, blog: newer };
  dns.zone[HOST] = { CNAME: "newer.postlark.test" };
  await domain(t, other).set(HOST);
  await changePlan(t.deps, tenant.id, { plan: "starter" });
  t.advance(31 * DAY);
  await t.runJob("grace_and_freeze");
  refused(await domain(t, other).set("new.example.com"), 403, "blog_frozen");
  assert.equal((await t.send("GET", `https://${HOST}/`)).status, 200);
  assert.equal((await domain(t, other).remove()).status, 200);
});

Deno.test("an account whose DNS is slow waits for two answers at once; what it asks beyond that is not looked up", async () => {
  const slow = Promise.withResolvers<void>();
  let asked = 0;
  using t = await setup({
    env: ENV,
    async resolveDns(_, type) {
      if (type === "TXT") asked++;
      await slow.promise;
      return [];
    },
  });
  const [one, other] = [await t.tenant("starter"), await t.tenant("starter")];
  const waiting = atOnce(2, () => domain(t, one).set(HOST));
  const until = async (count: number) => {
    for (let n = 0; n < 1000 && asked < count; n++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  await until(2);
  const third = await domain(t, one).set(HOST);
  assert.deepEqual(shown(third), [200, "pending"]);
  assert.deepEqual([third.body.checked_at, asked], [null, 2]);
  const others = domain(t, other).set("other.example.com");
  await until(3);
  assert.equal(asked, 3);
  slow.resolve();
  for (const got of [...await waiting, await others]) {
    assert.deepEqual(shown(got), [200, "pending"]);
  }
  await domain(t, one).set(HOST);
  assert.equal(asked, 4);
});
