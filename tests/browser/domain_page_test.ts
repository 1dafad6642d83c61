import assert from "node:assert/strict";
import { dnsServer } from "../support/dns_server.ts";
import { enter, judge, openTab, withServer } from "./_account.ts";
import { findChromium } from "./_browser.ts";

const executable = findChromium();
const HOST = "blog.example.com";

if (executable) {
  Deno.test("a domain is added, its records are told and followed until it is verified, and it is removed", async () => {
    await using dns = await dnsServer();
    await withServer(
      { POSTLARK_DNS_SERVERS: dns.address },
      async ({ server: { origin }, browser, env }) => {
        const { tab, faults } = await openTab(browser);
        await enter(tab, env, "starter");
        await tab.goto(`${origin}/app/blogs/ada/domain`);
        await judge(tab, "domain-none");
        await tab.getByLabel("Domain", { exact: true }).fill("ada.localhost");
        await tab.getByRole("button", { name: "Add the domain" }).click();
        await tab.getByRole("alert").filter({ hasText: "no public DNS has" }).waitFor();
        await judge(tab, "domain-refused");
        await tab.getByLabel("Domain", { exact: true }).fill(HOST);
        await tab.getByRole("button", { name: "Add the domain" }).click();
        await tab.getByText("Make these DNS records").waitFor();
        const status = tab.locator("[data-live=status]");
        assert.match(await status.innerText(), /No record is found yet/);
        const badge = tab.locator("[data-live=CNAME]");
        assert.equal(await badge.innerText(), "Not found");
        await judge(tab, "domain-pending");

        dns.zone[HOST] = { CNAME: "elsewhere.example.net" };
        await tab.getByRole("button", { name: "Check now" }).click();
        await status.filter({ hasText: "leads elsewhere" }).waitFor();
        assert.equal(await badge.innerText(), "Another value");
        await judge(tab, "domain-elsewhere");

        const target = tab.getByLabel("the value of the CNAME record", { exact: true });
        dns.zone[HOST] = { CNAME: await target.innerText() };
        // Nobody presses anything: the page looks by itself.
        await status.filter({ hasText: `The blog is at ${HOST}` }).waitFor();
        assert.equal(await badge.innerText(), "Found");
        assert.equal(await tab.locator("[data-live=badge]").innerText(), "Verified");
        assert.ok(await tab.getByText("This page follows by itself").isHidden());
        await judge(tab, "domain-active");
        await tab.setViewportSize({ width: 1280, height: 900 });
        await judge(tab, "domain-wide");

        await tab.locator("summary", { hasText: "Remove the domain" }).click();
        await tab.getByRole("button", { name: `Remove ${HOST}` }).click();
        await tab.getByRole("status").filter({ hasText: "The domain was removed" }).waitFor();
        await tab.getByLabel("Domain", { exact: true }).waitFor();
        assert.deepEqual(faults, []);
      },
    );
  });
}
