/// <reference lib="dom" />
import assert from "node:assert/strict";
import type { Browser, Page as Tab } from "playwright-core";
import { askHost } from "../support/ask_host.ts";
import { readFixture } from "../support/images.ts";
import { runAdmin, type Server } from "../support/server.ts";
import { asVisitor } from "../support/visitors.ts";
import { withServer } from "./_account.ts";
import { findChromium, until } from "./_browser.ts";
import { fill, routesOf, sendForm } from "./_routes.ts";
import { watch } from "./_watch.ts";

const executable = findChromium();
const ENV = {
  ...{ POSTLARK_OUTBOUND_PRIVATE: "1", POSTLARK_WEBHOOK_RETRIES: "3600" },
  ...{ POSTLARK_TRUST_PROXY: "1", POSTLARK_COUNTRY_HEADER: "x-country" },
};
const REDIRECT = "http://localhost:9/callback";
// A pair of RFC 7636.
const VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const TAG = `"><svg onload=alert(1)>`;
// What stands before the last slash is taken for a browser's name, but not with a bracket in it.
const AGENT = '"><svg onload=alert`1`>';
const picture = readFixture("png-rgb.png");
// A blog may have a style sheet elsewhere, which its previews have too, in frames.
const OWN_STYLE =
  /^stylesheet https:\/\/img\.example\/\S+ from \S+\/(?:editor\/frame|theme\/preview)$/;
// What is sent back as it was typed: a page, and a path.
const REFUSED = [
  ["/app", "/app/blogs"],
  ["/app/tokens", "/app/tokens"],
  ["/app/blogs/ada/domain", "/app/blogs/ada/domain"],
  ["/app/blogs/ada/keys", "/app/blogs/ada/keys"],
  ["/app/blogs/ada/webhooks", "/app/blogs/ada/webhooks"],
  ["/app/blogs/ada/theme", "/app/blogs/ada/theme"],
  ["/app/blogs/ada/posts/new", "/app/blogs/ada/posts/new"],
] as const;

/** A text that is harmless nowhere but as text; it names the field that it was written to. */
function mark(field: string): string {
  return `${field}'"></textarea></title></style><img src=//img.example/${field} onload=alert(1)>`;
}

type Json = Record<string, unknown>;
type At = { server: Server; browser: Browser; key: string };

async function call({ server, key }: At, to: { method: string; path: string }, body?: Json) {
  const answer = await fetch(`${server.origin}/v1${to.path}`, {
    method: to.method,
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: body && JSON.stringify(body),
  });
  const told = await answer.json();
  assert.ok(answer.ok, `${to.path}: ${JSON.stringify(told)}`);
  return told;
}

/** An account whose names are hostile, and so is its access token's, which it gives. */
async function makeAccount(env: Record<string, string>): Promise<string> {
  const email = ["--email", "ada@example.com"];
  const names = ["--name", mark("profile"), "--plan", "scale", "--blog", "ada"];
  await runAdmin(env, "user", "create", ...email, ...names);
  const made = await runAdmin(env, "key", "create", ...email, "--name", mark("token"));
  return JSON.parse(made.stdout).key;
}

/** Receives webhooks, and answers with what is not to be believed. */
function hostileReceiver() {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, () => {
    const headers = { "content-type": "text/html" };
    return new Response(mark("answer"), { status: 500, headers });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** What the policies of the tab's own pages refuse; those of frames have to refuse what is in them. */
async function watchPolicy(tab: Tab): Promise<string[]> {
  const violated: string[] = [];
  await tab.exposeBinding("violated", ({ frame }, what: string) => {
    const own = frame.parentFrame() === null && !/\/preview$/.test(frame.url());
    if (own) violated.push(`${frame.url()}: ${what}`);
  });
  await tab.addInitScript(() => {
    addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
      // deno-lint-ignore no-explicit-any -- the binding from above
      (globalThis as any).violated(`${violatedDirective} ${blockedURI}`);
    });
  });
  return violated;
}

/** What an API call makes of the hostile texts: the ids of what is there then. */
async function fillByApi(at: At, receiver: string): Promise<Record<string, string>> {
  const { data: [blog] } = await call(at, { method: "GET", path: "/blogs" });
  const own = `/blogs/${blog.id}`;
  const html = `<script>alert(1)</script>${mark("html")}`;
  const theme_config = {
    ...{ customCss: `a{color:red}/*${mark("css")}*/`, cssUrl: "https://img.example/</style>.css" },
    ...{ adCode: html, headerHtml: html, footerHtml: html, headHtml: html },
  };
  await call(at, { method: "PUT", path: own }, { name: mark("blog"), theme_config });
  const post = await call(at, { method: "POST", path: "/posts" }, {
    ...{ title: mark("title"), slug: "hostile", tags: [TAG], status: "published" },
    content: `${mark("content")}\n\n<script>alert(1)</script>\n\n[a](javascript:alert(1))`,
    meta: { description: mark("description"), og_image: `https://img.example/?${mark("og")}` },
  });
  const path = `/posts/${post.slug}`;
  await call(at, { method: "PUT", path }, { content: `${mark("content")} again` });
  const url = `${receiver}?${mark("url")}`;
  const hook = await call(at, { method: "POST", path: `${own}/webhooks` }, {
    ...{ url, description: mark("hook") },
  });
  await call(at, { method: "POST", path: `${own}/webhooks/${hook.id}/test` }, {});
  await call(at, { method: "POST", path: `${own}/api-keys` }, { name: mark("key") });
  await call(at, { method: "POST", path: "/upload" }, {
    ...{ data: picture.bytes.toBase64(), content_type: picture.type },
    filename: `${mark("file")}.png`,
  });
  const seen = await askHost({ host: new URL(post.url).host, port: at.server.port }, {
    path: "/hostile",
    headers: asVisitor(1, {
      "referer": `https://evil.example/${mark("referrer")}`,
      "x-country": TAG,
    }),
  });
  assert.equal(seen.status, 200);
  return { posts: post.id, hook: hook.id, slug: "hostile", revisions: "1" };
}

/** Lets a hostile app in, after looking at how it asks. */
async function connectApp(tab: Tab, origin: string): Promise<void> {
  const registered = await fetch(`${origin}/oauth/register`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ client_name: mark("app"), redirect_uris: [REDIRECT] }),
  });
  const { client_id } = await registered.json();
  const query = new URLSearchParams({
    ...{ response_type: "code", client_id, scope: "posts:*", code_challenge_method: "S256" },
    ...{ code_challenge: CHALLENGE, state: mark("state") },
  });
  await tab.context().route(`${REDIRECT}?**`, (route) => (
    route.fulfill({ contentType: "text/html", body: "<h1>Back in the app</h1>" })
  ));
  await tab.goto(`${origin}/oauth/authorize?${query}`);
  assert.ok((await textOf(tab)).includes(mark("app")), "the consent page does not name the app");
  await tab.getByRole("button", { name: "Allow" }).click();
  await tab.getByRole("heading", { name: "Back in the app" }).waitFor();
  const code = new URL(tab.url()).searchParams.get("code")!;
  const form = { grant_type: "authorization_code", client_id, code, code_verifier: VERIFIER };
  const answer = await fetch(`${origin}/oauth/token`, {
    method: "POST",
    body: new URLSearchParams(form),
  });
  assert.equal(answer.status, 200, await answer.text());
}

/** All that a page says, also where it is folded up, and what stands in its fields. */
async function textOf(tab: Tab): Promise<string> {
  return await tab.evaluate(() => {
    for (const details of document.querySelectorAll("details")) details.open = true;
    const fields = document.querySelectorAll<HTMLInputElement>("input, textarea");
    return [document.body.textContent, ...[...fields].map(({ value }) => value)].join("\n");
  });
}

/** Signs a tab in, by a browser that calls itself something hostile. */
async function enterHostile(tab: Tab, env: Record<string, string>): Promise<void> {
  await tab.context().setExtraHTTPHeaders({ "user-agent": `${AGENT}/1 x` });
  const link = await runAdmin(env, "login-link", "--email", "ada@example.com");
  await tab.goto(JSON.parse(link.stdout).url);
  await tab.getByRole("button", { name: "Sign in" }).click();
  await tab.getByRole("heading", { name: "Your blogs" }).waitFor();
  await tab.context().setExtraHTTPHeaders({});
}

/** Opens each page of the dashboard; gives what each says. */
async function readPages(
  tab: Tab,
  { origin, paths }: { origin: string; paths: string[] },
): Promise<Map<string, string>> {
  const said = new Map<string, string>();
  for (const path of paths) {
    const answer = await tab.goto(origin + path);
    assert.ok(answer!.status() < 500, path);
    said.set(path, await textOf(tab));
  }
  return said;
}

/** Sends hostile texts to the forms that say them back; gives what each page says. */
async function readRefusals(tab: Tab, origin: string): Promise<Map<string, string>> {
  const names = ["name", "slug", "expires", "confirm", "hostname", "mode", "url", "title", "etag"];
  const more = ["description", "content", "tags", "theme", "customCss", "headerHtml", "og_image"];
  const fields = Object.fromEntries([...names, ...more].map((name) => [name, mark("typed")]));
  const said = new Map<string, string>();
  for (const [page, path] of REFUSED) {
    await tab.goto(origin + page);
    const { status } = await sendForm(tab, { url: origin + path, fields });
    assert.ok(status >= 400 && status < 500, `${path}: ${status}`);
    said.set(path, await textOf(tab));
  }
  return said;
}

/** Where each field is to be read, as text. */
const SHOWN = [
  ["profile", "/app/account"],
  ["blog", "/app"],
  ["blog", "/app/blogs/ada"],
  ["token", "/app/tokens"],
  ["app", "/app/apps"],
  ["title", "/app/blogs/ada"],
  ["title", "/app/blogs/ada/posts"],
  ["title", "/app/blogs/ada/analytics"],
  ["file", "/app/blogs/ada/media"],
  ["css", "/app/blogs/ada/theme"],
  ["html", "/app/blogs/ada/theme"],
  ["hook", "/app/blogs/ada/webhooks"],
  ["key", "/app/blogs/ada/keys"],
  ["blog", "/app/blogs/ada/settings"],
] as const;

/** Opens the pages and sends the forms, and asserts that the texts are there as texts. */
async function judgePages(
  tab: Tab,
  { origin, ids, paths }: { origin: string; ids: Record<string, string>; paths: string[] },
): Promise<void> {
  const asked = `/app/blogs/ada/posts?q=${encodeURIComponent(mark("asked"))}`;
  const all = [...paths.map((path) => fill(path, { ids, slug: "ada" })), asked];
  const said = await readPages(tab, { origin, paths: all });
  const editor = `/app/blogs/ada/posts/${ids.posts}`;
  const shown = [
    ...SHOWN.map(([field, path]) => [mark(field), path]),
    ...["title", "content", "description", "og"].map((field) => [mark(field), editor]),
    ...[[TAG, editor], [AGENT, "/app/account"], [mark("asked"), asked]],
    ...[[mark("hook"), `/app/blogs/ada/webhooks/${ids.hook}`]],
  ];
  const missing = shown.filter(([text, path]) => !said.get(path)?.includes(text));
  assert.deepEqual(missing, []);
  for (const [path, text] of await readRefusals(tab, origin)) {
    assert.ok(text.includes(mark("typed")), `${path} does not say what was typed`);
  }
}

if (executable) {
  for (const bypassCSP of [false, true]) {
    const how = bypassCSP ? "even without a policy" : "and the policy has nothing to refuse";
    Deno.test(`no text of a tenant's runs in the dashboard, ${how}`, () => (
      withServer(ENV, async ({ server, browser, env }) => {
        await using receiver = hostileReceiver();
        const seen = await watch(browser, { bypassCSP });
        const { origin } = server;
        const at = { server, browser, key: await makeAccount(env) };
        const tab = await seen.context.newPage();
        await tab.goto(`${origin}/health`);
        await tab.evaluate((html) => document.body.innerHTML = html, mark("control"));
        await until("a text that is taken for HTML runs", () => seen.ran.splice(0).length > 0);
        const violated = await watchPolicy(tab);
        await enterHostile(tab, env);
        const ids = await fillByApi(at, receiver.url);
        await connectApp(tab, origin);
        await until("the delivery and the view are there", async () => {
          await tab.goto(`${origin}/app/blogs/ada/webhooks/${ids.hook}`);
          const delivered = /500/.test(await textOf(tab));
          await tab.goto(`${origin}/app/blogs/ada/analytics`);
          return delivered && (await textOf(tab)).includes("evil.example");
        });
        const paths = (await routesOf("GET")).filter((path) => (
          !/^\/assets\/|\/export$/.test(path) && !(bypassCSP && /\/preview$/.test(path))
        ));
        await judgePages(tab, { origin, ids, paths });
        assert.deepEqual(seen.ran, []);
        assert.deepEqual(seen.foreign.filter((one) => !OWN_STYLE.test(one)), []);
        assert.deepEqual(violated, []);
      })
    ));
  }
}
