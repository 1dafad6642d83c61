/// <reference lib="dom" />
import assert from "node:assert/strict";
import { Webhook } from "standardwebhooks";
import type { Locator, Page as Tab } from "playwright-core";
import { runAdmin } from "../support/server.ts";
import { judge, openTab, withServer } from "./_account.ts";
import { findChromium } from "./_browser.ts";

const executable = findChromium();
// Once, and then not before the test is over: what is sent again is sent by hand.
const ENV = { POSTLARK_OUTBOUND_PRIVATE: "1", POSTLARK_WEBHOOK_RETRIES: "3600" };

/** A receiver on this machine: answers with `status`, and keeps what came. */
function startReceiver() {
  const receiver = { status: 500, got: [] as { headers: Record<string, string>; body: string }[] };
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    async (request) => {
      const body = await request.text();
      receiver.got.push({ headers: Object.fromEntries(request.headers), body });
      return new Response(null, { status: receiver.status });
    },
  );
  return Object.assign(receiver, {
    url: `http://127.0.0.1:${server.addr.port}/postlark`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  });
}

/** Looks again until the page shows it. */
async function lookUntil(tab: Tab, shown: Locator): Promise<void> {
  for (let tries = 0; tries < 100 && !await shown.isVisible(); tries++) {
    await tab.waitForTimeout(300);
    await tab.getByRole("link", { name: "Look again" }).click();
    await tab.getByRole("heading", { name: "Deliveries" }).waitFor();
  }
  await shown.waitFor();
}

if (executable) {
  Deno.test("a webhook is made, its delivery fails, is delivered again, and the webhook is disabled and enabled", () =>
    withServer(ENV, async ({ server: { origin }, browser, env }) => {
      await using receiver = startReceiver();
      const options = ["--email", "ada@example.com", "--plan", "creator", "--blog", "ada"];
      await runAdmin(env, "user", "create", ...options);
      const link = await runAdmin(env, "login-link", "--email", "ada@example.com");
      const { tab, faults } = await openTab(browser);
      await tab.goto(JSON.parse(link.stdout).url);
      await tab.getByRole("button", { name: "Sign in" }).click();
      await tab.getByRole("heading", { name: "Your blogs" }).waitFor();

      await tab.goto(`${origin}/app/blogs/ada/webhooks`);
      await judge(tab, "webhooks-none");
      await tab.getByLabel("Address").fill("ftp://nowhere");
      await tab.getByLabel("Only what is ticked").check();
      await tab.getByRole("button", { name: "Make the webhook" }).click();
      await tab.getByRole("alert").filter({ hasText: "at least one event" }).waitFor();
      await judge(tab, "webhooks-refused");
      await tab.getByLabel("Address").fill(receiver.url);
      await tab.getByLabel("Description").fill("Rebuilds the front page");
      await tab.getByLabel("post.published").check();
      await tab.getByRole("button", { name: "Make the webhook" }).click();
      await tab.getByRole("heading", { name: "The webhook is made" }).waitFor();
      await judge(tab, "webhook-made");
      const secret = await tab.getByLabel("the secret", { exact: true }).innerText();

      await tab.getByRole("button", { name: "Send a test event" }).click();
      await tab.getByRole("row").filter({ hasText: /test.*500/s }).waitFor();
      await judge(tab, "webhook-failing");
      receiver.status = 204;
      await tab.getByRole("button", { name: "Try now" }).click();
      await tab.getByRole("row").filter({ hasText: "Delivered" }).waitFor();
      await tab.locator("summary", { hasText: "2 attempts" }).click();
      await judge(tab, "webhook-delivered");
      for (const { headers, body } of receiver.got) {
        assert.doesNotThrow(() => new Webhook(secret).verify(body, headers));
      }
      await tab.getByRole("button", { name: "Deliver again" }).click();
      await tab.getByRole("row").filter({ hasText: "3 attempts" }).waitFor();
      assert.equal(receiver.got.length, 3);
      assert.equal(new Set(receiver.got.map(({ headers }) => headers["webhook-id"])).size, 1);

      receiver.status = 410;
      await tab.getByRole("button", { name: "Send a test event" }).click();
      await lookUntil(tab, tab.getByRole("heading", { name: "Disabled because it did not work" }));
      await tab.getByRole("row").filter({ hasText: /test.*410/s }).waitFor();
      await judge(tab, "webhook-disabled");
      await tab.getByRole("link", { name: "All webhooks" }).click();
      await tab.getByText("it answered 410 Gone").waitFor();
      await judge(tab, "webhooks-disabled");
      await tab.getByRole("link", { name: receiver.url }).click();
      await tab.getByRole("button", { name: "Enable the webhook" }).click();
      await tab.getByRole("status").filter({ hasText: "The webhook is enabled" }).waitFor();

      await tab.locator("summary", { hasText: "Replace the secret" }).click();
      await judge(tab, "webhook-rotate");
      await tab.getByRole("button", { name: "Make another" }).click();
      await tab.getByRole("heading", { name: "The secret was replaced" }).waitFor();
      assert.notEqual(await tab.getByLabel("the secret", { exact: true }).innerText(), secret);
      await tab.locator("summary", { hasText: "Delete" }).click();
      await tab.getByRole("button", { name: "Delete it, for good" }).click();
      await tab.getByRole("heading", { name: "0 webhooks" }).waitFor();
      assert.deepEqual(faults, []);
    }));
}
