/// <reference lib="dom" />
import assert from "node:assert/strict";
import type { Browser, BrowserContext, Page as Tab } from "playwright-core";
import { askHost } from "../support/ask_host.ts";
import { runAdmin, type Server, startServer } from "../support/server.ts";
import { tlsFront } from "../support/tls_front.ts";
import { findChromium, launch, PATIENCE } from "./_browser.ts";

const HOST = "postlark.test";
// Every name of the stage is this machine, for the browser alone.
const FLAGS = ["--host-resolver-rules=MAP *.test 127.0.0.1"];
const HOSTILE = `<script>document.documentElement.dataset.hostile = "ran"</script>`;

/** An account of the stage; `blog` is its blog's address, `key` does everything with that. */
export type Person = { slug: string; email: string; blog: string; key: string };
/**
 * A service as it stands on the Internet, over TLS and with cookies that say so, with somebody's blog
 * "ada" and one whose owner means harm, "evil"; `attackers` are pages of the latter and of another site.
 */
export type Stage = {
  server: Server;
  env: Record<string, string>;
  origin: string;
  browser: Browser;
  victim: Person;
  attackers: string[];
  /** a tab of a new profile */
  open: () => Promise<Tab>;
  /** the same, signed in */
  enter: (person: Person) => Promise<Tab>;
  attacker: Person;
  api: (
    person: Person,
    to: { method: string; path: string; body?: unknown },
  ) => Promise<Record<string, unknown>>;
};

/** Runs `use` on a stage, which is taken down afterwards. */
export async function onStage(use: (stage: Stage) => Promise<void>): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const dir = await Deno.makeTempDir();
  stack.defer(() => Deno.remove(dir, { recursive: true }));
  let port = 0;
  const front = stack.use(await tlsFront(() => port));
  const origin = `https://${HOST}:${front.port}`;
  const env = {
    POSTLARK_KV: `${dir}/kv.db`,
    POSTLARK_ORIGIN: origin,
    POSTLARK_LIMIT_SIGN_IN: "100000",
    POSTLARK_LIMIT_SCALE: "100000",
  };
  const server = await startServer(env);
  stack.defer(async () => void await server.stop());
  port = server.port;
  const other = stack.use(await foreignSite());
  const browser = await launch(findChromium()!, FLAGS);
  stack.defer(() => browser.close());
  const [victim, attacker] = await Promise.all(
    ["ada", "evil"].map((slug) => makePerson(env, slug)),
  );
  const stage: Stage = {
    ...{ server, env, origin, browser, victim, attacker },
    attackers: [`${attacker.blog}/`, other.url],
    open: async () => await openTab(browser),
    enter: async (person) => await enter(stage, person),
    api: (person, to) => callApi(stage, person, to),
  };
  const path = `/blogs/${await blogId(stage, attacker)}`;
  await stage.api(attacker, {
    method: "PUT",
    path,
    body: { theme_config: { headerHtml: HOSTILE } },
  });
  await use(stage);
}

/** Opens an attacker's page, whose script runs. */
export async function lure(tab: Tab, url: string): Promise<void> {
  await tab.goto(url);
  await tab.locator("html[data-hostile=ran]").waitFor({ state: "attached" });
}

async function foreignSite() {
  const front = await tlsFront(() => server.addr.port);
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, () => {
    const headers = { "content-type": "text/html" };
    return new Response(`<!doctype html><title>Elsewhere</title>${HOSTILE}<p>Hello`, { headers });
  });
  return {
    url: `https://elsewhere.test:${front.port}/`,
    async [Symbol.asyncDispose]() {
      await front[Symbol.asyncDispose]();
      await server.shutdown();
    },
  };
}

async function makePerson(env: Record<string, string>, slug: string): Promise<Person> {
  const email = `${slug}@example.com`;
  const options = ["--email", email, "--plan", "scale", "--blog", slug];
  const { stdout, stderr } = await runAdmin(env, "user", "create", ...options);
  assert.ok(stdout, stderr);
  const { blog, key } = JSON.parse(stdout);
  return { slug, email, blog: blog.url, key };
}

async function openTab(browser: Browser): Promise<Tab> {
  const context: BrowserContext = await browser.newContext({ ignoreHTTPSErrors: true });
  context.setDefaultTimeout(PATIENCE);
  return await context.newPage();
}

/** The address of a sign-in without a provider. */
export async function loginLink({ env }: Stage, { email }: Person): Promise<string> {
  const { stdout, stderr } = await runAdmin(env, "login-link", "--email", email);
  assert.ok(stdout, stderr);
  return JSON.parse(stdout).url;
}

async function enter(stage: Stage, person: Person): Promise<Tab> {
  const tab = await openTab(stage.browser);
  await tab.goto(await loginLink(stage, person));
  await tab.getByRole("button", { name: "Sign in" }).click();
  await tab.getByText(`Signed in as ${person.email}`).waitFor();
  return tab;
}

async function blogId(stage: Stage, person: Person): Promise<string> {
  const { data } = await stage.api(person, { method: "GET", path: "/blogs" });
  return (data as { id: string }[])[0].id;
}

async function callApi(
  { server, origin }: Stage,
  { key }: Person,
  { method, path, body }: { method: string; path: string; body?: unknown },
): Promise<Record<string, unknown>> {
  const told = await askHost({ host: new URL(origin).host, port: server.port }, {
    method,
    path: `/v1${path}`,
    headers: { "authorization": `Bearer ${key}`, "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  assert.ok(told.status < 300, `${method} ${path}: ${told.text}`);
  return JSON.parse(told.text);
}
