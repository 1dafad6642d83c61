import assert from "node:assert/strict";
import { setup } from "../../_setup.ts";
import { checkStore } from "../../../lib/operator/check/mod.ts";
import { runCommand } from "../../../routes/operator/mod.ts";
import { atOnce } from "../../support/pair.ts";
import { BrowserDouble } from "../../support/browser_double.ts";

type Service = Awaited<ReturnType<typeof setup>>;

/** What `admin login-link` prints. */
async function linkTo(t: Service, email: string): Promise<{ url: string; token: string }> {
  const out: string[] = [];
  const code = await runCommand(t.deps, ["login-link", "--email", email], {
    out: (line) => void out.push(line),
    err: () => {},
  });
  assert.equal(code, 0);
  const { url, expires_at } = JSON.parse(out[0]);
  assert.equal(Date.parse(expires_at) - t.now(), 900_000);
  return { url, token: new URL(url).searchParams.get("token")! };
}

Deno.test("the operator's link signs in by its button, once; looking at it does not use it up", async () => {
  using t = await setup();
  const { email } = await t.tenant();
  const { url, token } = await linkTo(t, email);
  const browser = new BrowserDouble(t);
  for (let i = 0; i < 3; i++) {
    const page = await browser.open(url);
    assert.equal(page.status, 200);
    assert.ok(page.text.includes(`signs you in as <strong>${email}</strong>`));
    assert.equal(browser.jar().size, 0);
  }
  assert.match((await browser.post("/auth/login-link", { token })).url, /\/app$/);
  const again = new BrowserDouble(t);
  for (const seen of [await again.open(url), await again.post("/auth/login-link", { token })]) {
    assert.equal(seen.status, 403);
    assert.match(seen.text, /used already, or is too old: ask the operator for a new one/);
    assert.ok(!seen.text.includes(token));
  }
  assert.equal(again.jar().size, 0);
  assert.deepEqual((await checkStore(t.deps, 0)).differences, []);
});

Deno.test("a link ends after fifteen minutes, and when another one is made", async () => {
  using t = await setup();
  const { email } = await t.tenant();
  const first = await linkTo(t, email);
  const second = await linkTo(t, email);
  const browser = new BrowserDouble(t);
  assert.equal((await browser.open(first.url)).status, 403);
  t.advance(899_999);
  assert.equal((await browser.open(second.url)).status, 200);
  t.advance(1);
  assert.equal((await browser.open(second.url)).status, 403);
  assert.equal((await browser.post("/auth/login-link", { token: second.token })).status, 403);
});

Deno.test("a token that is not the link's is refused, whatever its form", async () => {
  using t = await setup();
  const { email } = await t.tenant();
  const stranger = await t.tenant();
  const { token } = await linkTo(t, email);
  const [user, secret] = token.split(".");
  const wrong = ["", ".", user, `${user}.`, `${user}.${"A".repeat(43)}`, `x.${secret}`];
  wrong.push(`${stranger.id}.${secret}`, `${user}.${secret.slice(1)}`, "\0", `${user}.\ud800`);
  for (const one of wrong) {
    const { status } = await new BrowserDouble(t).post("/auth/login-link", { token: one });
    assert.equal(status, 403, JSON.stringify(one));
    const query = new URLSearchParams({ token: one });
    assert.equal((await new BrowserDouble(t).open(`/auth/login-link?${query}`)).status, 403);
  }
  assert.equal((await new BrowserDouble(t).post("/auth/login-link", { token })).status, 200);
});

Deno.test("of ten who use a link at once, one is signed in", async () => {
  using t = await setup();
  const { email } = await t.tenant();
  const { token } = await linkTo(t, email);
  const answers = await atOnce(10, () => new BrowserDouble(t).post("/auth/login-link", { token }));
  const statuses = answers.map(({ status }) => status).sort();
  assert.deepEqual(statuses, [200, ...Array(9).fill(403)]);
});
