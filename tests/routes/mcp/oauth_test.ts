import assert from "node:assert/strict";
import type {
  OAuthClientInformationFull,
  OAuthClientProvider,
  OAuthDiscoveryState,
  OAuthTokens,
} from "@modelcontextprotocol/client";
import { checkStore } from "../../../lib/operator/check/mod.ts";
import { type Service, setup, type Tenant } from "../../_setup.ts";
import type { BrowserDouble } from "../../support/browser_double.ts";
import {
  CASES,
  connect,
  type Connected,
  type Kind,
  KINDS,
  transportOf,
} from "../../support/mcp.ts";
import {
  consent,
  decide,
  formOf,
  MCP,
  ORIGIN,
  post,
  REDIRECT,
  refreshForm,
  signedIn,
} from "../oauth/_flow.ts";

const HOUR = 3_600_000;
const WRITER = ["posts:read", "posts:write", "blogs:read"];

/** What a program keeps for the SDK's own OAuth, and how it asks its user. */
class App implements OAuthClientProvider {
  readonly redirectUrl = REDIRECT;
  readonly clientMetadata = { client_name: "Quill", redirect_uris: [REDIRECT] };
  client?: OAuthClientInformationFull;
  saved?: OAuthTokens;
  verifier = "";
  found?: OAuthDiscoveryState;
  /** where the user was sent last */
  asked?: URL;

  state() {
    return crypto.randomUUID();
  }
  clientInformation() {
    return this.client;
  }
  saveClientInformation(client: unknown) {
    this.client = client as OAuthClientInformationFull;
  }
  tokens() {
    return this.saved;
  }
  saveTokens(tokens: OAuthTokens) {
    this.saved = tokens;
  }
  codeVerifier() {
    return this.verifier;
  }
  saveCodeVerifier(verifier: string) {
    this.verifier = verifier;
  }
  discoveryState() {
    return this.found;
  }
  saveDiscoveryState(state: OAuthDiscoveryState) {
    this.found = state;
  }
  redirectToAuthorization(url: URL) {
    this.asked = url;
  }
  invalidateCredentials(what: string) {
    if (what === "all" || what === "client") this.client = undefined;
    if (what === "all" || what === "tokens") this.saved = undefined;
  }
}

/** An app that takes another resource for its server's. */
class Misled extends App {
  constructor(public resource: string) {
    super();
  }
  validateResourceURL() {
    return Promise.resolve(new URL(this.resource));
  }
}

type Asking = {
  kind?: Kind;
  app?: App;
  /** answers of the service, in order */
  seen?: Response[];
};

// Each SDK has a class of its own.
function isUnauthorized(error: Error): boolean {
  return error.constructor.name === "UnauthorizedError";
}

/** Has a client try without a token, which leads its user to the service; gives what takes the answer. */
async function begin(t: Service, { kind = "2026", app = new App(), seen }: Asking = {}) {
  const options = { kind, authProvider: app, seen };
  await assert.rejects(connect(t, options), isUnauthorized);
  const transport = transportOf(t, options);
  const finish = async (back: URL) => {
    assert.equal(back.searchParams.get("state"), app.asked!.searchParams.get("state"));
    await (kind === "v1"
      ? transport.finishAuth(back.searchParams.get("code")!)
      : transport.finishAuth(back.searchParams));
  };
  return { app, options, finish };
}

/** Has a user allow some of what a client asks; where the browser is sent. */
async function allow(browser: BrowserDouble, url: URL, scopes: string[]): Promise<URL> {
  const form = formOf((await browser.open(url.href)).text);
  for (const name of Object.keys(form)) {
    if (name.startsWith("may.") && !scopes.includes(name.slice(4))) delete form[name];
  }
  return new URL((await decide(browser, form)).headers.get("location")!);
}

/** An agent that a user has let in for some scopes. */
async function letIn(t: Service, user: string, scopes: string[]) {
  const { app, options, finish } = await begin(t);
  await finish(await allow(await signedIn(t, user), app.asked!, scopes));
  return { app, agent: await connect(t, options) };
}

async function second(t: Service, { token, blog }: Tenant): Promise<{ id: string; slug: string }> {
  const body = { slug: `${blog.slug}-b`, name: "Second" };
  return (await t.api("POST", "/blogs", { key: token, body })).body;
}

/** The slug of the blog that a post is made in; else what the refusal says. */
async function writes(agent: Connected): Promise<string> {
  const args = { title: "T", content: "C" };
  const { structuredContent, texts } = await agent.call("create_post", args);
  return structuredContent ? new URL(structuredContent.url).hostname.split(".")[0] : texts[0];
}

async function revokeApp(t: Service, { token }: Tenant): Promise<void> {
  const { body } = await t.api("GET", "/account/tokens", { key: token });
  const { id } = body.data.find(({ app }: { app: unknown }) => app !== null);
  assert.equal((await t.api("DELETE", `/account/tokens/${id}`, { key: token })).status, 200);
}

for (const kind of KINDS) {
  Deno.test(`the OAuth of a client of ${kind} goes from a 401 to calls, a refresh and a revocation`, async () => {
    using t = await setup();
    const tenant = await t.tenant();
    const seen: Response[] = [];
    const { app, options, finish } = await begin(t, { kind, seen });

    const challenge = seen[0].headers.get("www-authenticate")!;
    assert.equal(seen[0].status, 401);
    const metadata = `${ORIGIN}/.well-known/oauth-protected-resource/mcp`;
    assert.ok(challenge.includes(`resource_metadata="${metadata}"`), challenge);
    assert.deepEqual(seen.slice(1).map(({ status }) => status), [200, 200, 201]);
    const asked = app.asked!.searchParams;
    assert.equal(app.asked!.origin + app.asked!.pathname, `${ORIGIN}/oauth/authorize`);
    assert.deepEqual(
      ["client_id", "resource", "code_challenge_method"].map((name) => asked.get(name)),
      [app.client!.client_id, MCP, "S256"],
    );

    await finish(await consent(await signedIn(t, tenant.id), app.asked!));
    const first = app.saved!;
    assert.match(first.access_token, /^pk_oauth_/);
    await using agent = await connect(t, options);
    assert.deepEqual(await agent.tools(), CASES.map(({ name }) => name).sort());
    assert.equal(await writes(agent), tenant.blog.slug);

    t.advance(HOUR);
    // Both find their token expired at once, and neither is locked out by the other's refresh.
    const late = await Promise.all([writes(agent), writes(agent)]);
    assert.deepEqual(late, [tenant.blog.slug, tenant.blog.slug]);
    assert.notEqual(app.saved!.access_token, first.access_token);
    assert.notEqual(app.saved!.refresh_token, first.refresh_token);

    app.asked = undefined;
    const { client_id } = app.client!;
    const form = { client_id, token: app.saved!.refresh_token! };
    assert.equal((await post(t, form, { path: "/oauth/revoke" })).status, 200);
    const from = seen.length;
    await assert.rejects(writes(agent), isUnauthorized);
    assert.equal(seen[from].status, 401);
    // It asks its user anew, as the app that it is known as.
    assert.equal(app.asked!.searchParams.get("client_id"), client_id);
    assert.deepEqual(t.logs, []);
    assert.deepEqual((await checkStore(t.deps, 0)).differences, []);
  });
}

Deno.test("an agent sees the tools of the scopes that its user has ticked, and is refused the others", async () => {
  using t = await setup();
  const tenant = await t.tenant();
  const { app, agent } = await letIn(t, tenant.id, WRITER);
  await using _ = agent;
  assert.equal(app.saved!.scope, WRITER.join(" "));
  const allowed = CASES.filter(({ scope }) => scope === null || WRITER.includes(scope));
  assert.deepEqual(await agent.tools(), allowed.map(({ name }) => name).sort());
  const { isError, texts } = await agent.call("delete_blog", { blog_id: tenant.blog.id });
  assert.equal(isError, true);
  assert.match(texts[0], /lacks the scope "blogs:write".*\nNext: /);
});

Deno.test("the blog that an app has chosen outlasts its tokens, and ends with its access", async () => {
  using t = await setup();
  const tenant = await t.tenant();
  const { id, slug } = await second(t, tenant);
  const { app, agent } = await letIn(t, tenant.id, WRITER);
  await using _ = agent;
  assert.match(await writes(agent), /^No blog is named/);
  await agent.call("set_active_blog", { blog_id: id });
  const { access_token } = app.saved!;
  for (let n = 0; n < 2; n++) {
    t.advance(HOUR);
    assert.equal(await writes(agent), slug);
  }
  assert.notEqual(app.saved!.access_token, access_token);

  await revokeApp(t, tenant);
  await assert.rejects(writes(agent), isUnauthorized);
  assert.deepEqual(await Array.fromAsync(t.deps.store.kv.list({ prefix: ["active"] })), []);
  const again = await letIn(t, tenant.id, WRITER);
  await using other = again.agent;
  assert.match(await writes(other), /^No blog is named/);
  assert.deepEqual((await checkStore(t.deps, 0)).differences, []);
});

Deno.test("an app that asks for a token of a foreign resource is refused at every step", async () => {
  using t = await setup();
  const tenant = await t.tenant();
  const browser = await signedIn(t, tenant.id);
  const foreign = "https://mcp.elsewhere.example/mcp";

  const { app } = await begin(t, { app: new Misled(foreign) });
  assert.equal(app.asked!.searchParams.get("resource"), foreign);
  const { status, text } = await browser.open(app.asked!.href);
  assert.equal(status, 400);
  assert.match(text, /resource must be this server/);

  const misled = new Misled(MCP);
  const { options, finish } = await begin(t, { app: misled });
  const back = await consent(browser, misled.asked!);
  misled.resource = foreign;
  await assert.rejects(finish(back), /resource must be this server/);
  assert.equal(misled.saved, undefined);

  misled.resource = MCP;
  await finish(back);
  const { refresh_token } = misled.saved!;
  const form = { ...refreshForm(misled.client!, refresh_token!), resource: foreign };
  const refused = await post(t, form);
  assert.deepEqual([refused.status, refused.body.error], [400, "invalid_target"]);
  // None of it has cost the app what it was given.
  await using agent = await connect(t, options);
  assert.equal(await writes(agent), tenant.blog.slug);
});
