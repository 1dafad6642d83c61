import assert from "node:assert/strict";
import { createDns } from "../../../lib/kit/dns.ts";
import { DAY, domain, HOST, HOUR, MINUTE, service, settled, shown } from "../../support/domains.ts";

Deno.test("a CNAME to the blog's own name, straight or by a chain, makes a domain active at once", async () => {
  await using s = await service();
  const { t, dns: { zone } } = s;
  const tenant = await t.tenant("starter", "ada");
  zone[HOST] = { CNAME: "a.example.net" };
  zone["a.example.net"] = { CNAME: "B.Example.NET" };
  zone["b.example.net"] = { CNAME: "ada.postlark.test" };
  const got = await domain(t, tenant).set(HOST);
  assert.deepEqual(shown(got), [200, "active"]);
  assert.equal(got.body.ssl_status, "active");
});

Deno.test("a chain that goes in a circle, is too long, or leads to another blog does not verify", async () => {
  await using s = await service();
  const { t, dns: { zone } } = s;
  const tenant = await t.tenant("starter", "ada");
  await t.tenant("starter", "bob");
  zone["circle.example.com"] = { CNAME: "circle2.example.com" };
  zone["circle2.example.com"] = { CNAME: "circle.example.com" };
  for (let i = 0; i < 20; i++) zone[`c${i}.example.com`] = { CNAME: `c${i + 1}.example.com` };
  zone["c20.example.com"] = { CNAME: "ada.postlark.test" };
  zone["other.example.com"] = { CNAME: "bob.postlark.test" };
  zone["near.example.com"] = { CNAME: "ada.postlark.test.example.com" };
  zone["apex.example.com"] = { CNAME: "postlark.test" };
  for (const host of ["circle", "c0", "other", "near", "apex"]) {
    const got = await domain(t, tenant).set(`${host}.example.com`);
    assert.deepEqual(shown(got), [200, "pending"], host);
  }
});

Deno.test("the TXT record verifies an apex, and another text or another blog's does not", async () => {
  await using s = await service();
  const { t, dns: { zone } } = s;
  const [ada, bob] = [await t.tenant("starter"), await t.tenant("starter")];
  const mine = domain(t, ada);
  const { txt_record } = (await mine.set("example.org")).body;
  const others = (await domain(t, bob).set("example.org")).body.txt_record;
  assert.notEqual(txt_record.value, others.value);
  for (const TXT of [["v=spf1 -all"], [others.value], [`${txt_record.value}0`], [""]]) {
    zone[txt_record.name] = { TXT };
    t.advance(MINUTE);
    assert.deepEqual(shown(await mine.get()), [200, "pending"], TXT[0]);
  }
  zone[txt_record.name] = { TXT: ["x".repeat(600), "v=spf1 -all", txt_record.value] };
  t.advance(MINUTE);
  assert.deepEqual(shown(await mine.get()), [200, "active"]);
  assert.ok(s.dns.asked.length > 0);
});

Deno.test("DNS that is silent leaves a pending domain pending and an active one active, however long", async () => {
  await using s = await service();
  const { t, dns } = s;
  const tenant = await settled(t, dns);
  const other = await t.tenant("starter");
  dns.silent.add(HOST);
  t.deps.resolveDns = createDns([dns.address], 100);
  for (let day = 0; day < 3; day++) {
    t.advance(DAY);
    await t.runJob("verify_domains");
  }
  assert.deepEqual(shown(await domain(t, tenant).get()), [200, "active"]);
  dns.silent.add("_postlark.new.example.com");
  const got = await domain(t, other).set("new.example.com");
  assert.deepEqual(shown(got), [200, "pending"]);
  assert.equal(got.body.checked_at, null);
});

Deno.test("the job finds what was verified since, and asks rarer the longer it waits", async () => {
  await using s = await service();
  const { t, dns } = s;
  const tenant = await t.tenant("starter", "ada");
  await domain(t, tenant).set(HOST);
  let checks = 0;
  for (let minute = 0; minute < 3 * 24 * 60; minute += 5) {
    t.advance(5 * MINUTE);
    checks += (await t.runJob("verify_domains")).checked as number;
  }
  assert.ok(checks > 10 && checks < 60, String(checks));
  dns.zone[HOST] = { CNAME: "ada.postlark.test" };
  t.advance(DAY);
  const report = await t.runJob("verify_domains");
  assert.deepEqual(report, { checked: 1, activated: 1, lost: 0, failed: 0 });
  assert.deepEqual(shown(await domain(t, tenant).get()), [200, "active"]);
});

Deno.test("whoever looks at a pending domain has DNS asked again, at most every ten seconds", async () => {
  await using s = await service();
  const { t, dns } = s;
  const tenant = await t.tenant("starter", "ada");
  await domain(t, tenant).set(HOST);
  dns.zone[HOST] = { CNAME: "ada.postlark.test" };
  const asked = dns.asked.length;
  assert.deepEqual(shown(await domain(t, tenant).get()), [200, "pending"]);
  assert.equal(dns.asked.length, asked);
  t.advance(10_000);
  assert.deepEqual(shown(await domain(t, tenant).get()), [200, "active"]);
});

Deno.test("a verification is lost after three failed checks over a day, and not before", async () => {
  await using s = await service();
  const { t, dns } = s;
  const tenant = await settled(t, dns);
  const check = async (): Promise<string> => {
    await t.runJob("verify_domains");
    return (await domain(t, tenant).get()).body.status;
  };
  dns.zone[HOST] = {};
  t.advance(8 * HOUR);
  assert.equal(await check(), "active");
  t.advance(12 * HOUR);
  assert.equal(await check(), "active");
  // What was wrong for a while is forgotten once it is right.
  dns.zone[HOST] = { CNAME: `${tenant.blog.slug}.postlark.test` };
  t.advance(12 * HOUR);
  assert.equal(await check(), "active");
  dns.failing.add(HOST);
  for (const hours of [8, 11, 1, 11]) {
    t.advance(hours * HOUR);
    assert.equal(await check(), "active");
  }
  t.advance(HOUR);
  assert.equal(await check(), "pending");
  assert.equal((await t.send("GET", `https://${HOST}/`)).status, 404);
  assert.equal((await t.view(tenant.blog.slug, "/")).status, 200);
  dns.failing.clear();
  t.advance(DAY);
  assert.equal(await check(), "active");
});

Deno.test("a domain that becomes active is told to webhooks, once each time", async () => {
  await using s = await service();
  const { t, dns } = s;
  const tenant = await t.tenant("creator", "ada");
  const path = `/blogs/${tenant.blog.id}/webhooks`;
  const key = tenant.token;
  const body = { url: "https://receiver.example/hook", events: ["domain.active"] };
  const { body: hook } = await t.api("POST", path, { key, body });
  const told = async () => {
    const { body } = await t.api("GET", `${path}/${hook.id}/deliveries`, { key });
    return body.data.map(({ event }: { event: string }) => event);
  };
  await domain(t, tenant).set(HOST);
  assert.deepEqual(await told(), []);
  dns.zone[HOST] = { CNAME: "ada.postlark.test" };
  for (const _ of [1, 2]) {
    await domain(t, tenant).set(HOST);
    assert.deepEqual(await told(), ["domain.active"]);
  }
  await domain(t, tenant).remove();
  await domain(t, tenant).set(HOST);
  assert.deepEqual(await told(), ["domain.active", "domain.active"]);
});

Deno.test("a silence after failed checks does not count as one more", async () => {
  await using s = await service();
  const { t, dns } = s;
  const tenant = await settled(t, dns);
  dns.zone[HOST] = {};
  for (let n = 0; n < 3; n++) await domain(t, tenant).set(HOST);
  dns.silent.add(HOST);
  t.deps.resolveDns = createDns([dns.address], 100);
  t.advance(DAY);
  await t.runJob("verify_domains");
  assert.deepEqual(shown(await domain(t, tenant).get()), [200, "active"]);
});
