import assert from "node:assert/strict";
import { createDns } from "../../../lib/kit/dns.ts";
import { HOST, MINUTE, service } from "../../support/domains.ts";
import { setupSignedIn, signedIn, textsOf } from "./_dashboard.ts";

function stateOf(html: string, part: string): string {
  return new RegExp(`data-live="${part}"[^>]*>([^<]*)`).exec(html)?.[1] ?? "";
}

Deno.test("a domain is told its records, says what DNS has of each, and becomes active when they are right", async () => {
  await using at = await service();
  const { t, dns } = at;
  const { browser, home, blog, token } = await signedIn(t);
  const none = await browser.open(`${home}/domain`);
  assert.match(none.text, /Add a domain/);
  const added = await browser.post(`${home}/domain`, { hostname: HOST.toUpperCase() });
  const { body } = await t.api("GET", `/blogs/${blog.id}/domain`, { key: token });
  for (const text of [HOST, body.cname_target, body.txt_record.name, body.txt_record.value]) {
    assert.ok(textsOf(added.text, "code").includes(text), text);
  }
  assert.deepEqual(
    ["badge", "CNAME", "TXT"].map((part) => stateOf(added.text, part)),
    ["Pending", "Not found", "Not found"],
  );
  dns.zone[HOST] = { CNAME: "elsewhere.example.net" };
  dns.zone[`_postlark.${HOST}`] = { TXT: ["postlark-verify=other"] };
  const wrong = await browser.post(`${home}/domain/check`);
  assert.deepEqual(
    ["CNAME", "TXT"].map((part) => stateOf(wrong.text, part)),
    ["Another value", "Another value"],
  );
  assert.match(stateOf(wrong.text, "status"), /leads elsewhere/);
  dns.zone[HOST] = { CNAME: body.cname_target };
  const right = await browser.post(`${home}/domain/check`);
  assert.match(right.text, /The domain is verified/);
  assert.deepEqual(["badge", "CNAME"].map((part) => stateOf(right.text, part)), [
    "Verified",
    "Found",
  ]);
  assert.doesNotMatch(right.text, /data-pending/);
});

Deno.test("looking at a pending domain has DNS asked again, and a verified one is checked when it is asked for", async () => {
  await using at = await service();
  const { t, dns } = at;
  const { browser, home, blog } = await signedIn(t);
  await browser.post(`${home}/domain`, { hostname: HOST });
  dns.zone[HOST] = { CNAME: `${blog.slug}.postlark.test` };
  t.advance(MINUTE);
  assert.equal(stateOf((await browser.open(`${home}/domain`)).text, "badge"), "Verified");
  delete dns.zone[HOST];
  t.advance(MINUTE);
  const failing = await browser.post(`${home}/domain/check`);
  assert.deepEqual(
    ["badge", "CNAME"].map((part) => stateOf(failing.text, part)),
    ["Verified", "Not found"],
  );
  assert.match(stateOf(failing.text, "status"), /not found any more/);
});

Deno.test("DNS that does not answer is said, and leaves what was seen", async () => {
  await using at = await service();
  const { t, dns } = at;
  const { browser, home } = await signedIn(t);
  dns.zone[HOST] = { CNAME: "elsewhere.example.net" };
  await browser.post(`${home}/domain`, { hostname: HOST });
  t.advance(MINUTE);
  for (const name of [HOST, `_postlark.${HOST}`]) dns.silent.add(name);
  t.deps.resolveDns = createDns([dns.address], 100);
  const seen = await browser.post(`${home}/domain/check`);
  assert.match(seen.text, /DNS did not answer in time/);
  assert.equal(stateOf(seen.text, "CNAME"), "Another value");
});

Deno.test("a name that will not do is refused beside the field, with what was typed", async () => {
  using at = await setupSignedIn();
  const bad: [string, RegExp][] = [
    ["", /hostname is required/],
    [`"><script>x</script>`, /full name such as/],
    ["nowhere.invalid", /no public DNS has/],
    ["x".repeat(1001), /too long/],
  ];
  for (const [hostname, words] of bad) {
    const seen = await at.browser.post(`${at.home}/domain`, { hostname });
    assert.equal(seen.status, 400, hostname);
    assert.match(/id="fault-hostname"[^>]*>([^<]+)/.exec(seen.text)![1], words);
    assert.doesNotMatch(seen.text, /<script>x/);
  }
});

Deno.test("a domain that is verified for another is refused in words, and who owns it is not said", async () => {
  await using at = await service();
  const { t, dns } = at;
  const owner = await signedIn(t);
  const other = await signedIn(t);
  dns.zone[HOST] = { CNAME: `${owner.blog.slug}.postlark.test` };
  await owner.browser.post(`${owner.home}/domain`, { hostname: HOST });
  const seen = await other.browser.post(`${other.home}/domain`, { hostname: HOST });
  assert.equal(seen.status, 409);
  assert.match(seen.text, /is verified for another blog/);
  assert.ok(!seen.text.includes(owner.blog.slug));
});

Deno.test("a removed domain is gone, and there is nothing more to remove or check", async () => {
  await using at = await service();
  const { browser, home } = await signedIn(at.t);
  await browser.post(`${home}/domain`, { hostname: HOST });
  const seen = await browser.post(`${home}/domain/remove`);
  assert.match(seen.text, /The domain was removed[^]*Add a domain/);
  assert.equal((await browser.post(`${home}/domain/remove`)).status, 404);
  assert.equal((await browser.post(`${home}/domain/check`)).status, 404);
});

Deno.test("a plan without domains is told which has them, and its form is refused", async () => {
  await using at = await service();
  const { browser, home } = await signedIn(at.t, "free");
  const page = await browser.open(`${home}/domain`);
  assert.match(page.text, /requires the Starter plan/);
  assert.doesNotMatch(page.text, /name="hostname"/);
  const refused = await browser.post(`${home}/domain`, { hostname: HOST });
  assert.equal(refused.status, 403);
  assert.match(refused.text, /A custom domain requires the Starter plan/);
  assert.deepEqual(at.dns.asked, []);
});
