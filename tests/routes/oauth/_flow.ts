import assert from "node:assert/strict";
import * as oauth from "oauth4webapi";
import type { Service, Tenant } from "../../_setup.ts";
import { BrowserDouble } from "../../support/browser_double.ts";

export const ORIGIN = "http://localhost:8000";
export const REDIRECT = "https://app.example/callback?from=postlark";
export const MCP = `${ORIGIN}/mcp`;

/** What a page of the service sends with a form. */
const OWN = { origin: ORIGIN, "sec-fetch-site": "same-origin" };

/** How the client's library reaches the service. */
export function options(t: Service) {
  return {
    [oauth.customFetch]: async (url: string, init: unknown) =>
      await t.app.fetch(new Request(url, init as RequestInit)),
    [oauth.allowInsecureRequests]: true,
  };
}

/** The authorization server, found from the API as a client finds it. */
export async function discover(t: Service, resource = new URL(MCP)) {
  const found = await oauth.resourceDiscoveryRequest(resource, options(t));
  const { authorization_servers } = await oauth.processResourceDiscoveryResponse(resource, found);
  const issuer = new URL(authorization_servers![0]);
  const answer = await oauth.discoveryRequest(issuer, { ...options(t), algorithm: "oauth2" });
  return await oauth.processDiscoveryResponse(issuer, answer);
}

/** Registers a client. */
export async function register(t: Service, metadata: Partial<oauth.Client> = {}) {
  const as = await discover(t);
  const asked = { client_name: "Quill", redirect_uris: [REDIRECT], ...metadata };
  const answer = await oauth.dynamicClientRegistrationRequest(
    as,
    asked as Partial<oauth.OmitSymbolProperties<oauth.Client>>,
    options(t),
  );
  return await oauth.processDynamicClientRegistrationResponse(answer);
}

export type Asked = {
  client: oauth.Client;
  /** of the query, on top; null leaves one out */
  query?: Record<string, string | null>;
};

/** The address at which a client asks a user, and what it keeps meanwhile. */
export async function ask({ client, query = {} }: Asked) {
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const url = new URL(`${ORIGIN}/oauth/authorize`);
  const params: Record<string, string | null> = {
    response_type: "code",
    client_id: client.client_id,
    redirect_uri: REDIRECT,
    scope: "posts:read posts:write",
    state,
    resource: MCP,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    ...query,
  };
  for (const [name, value] of Object.entries(params)) {
    if (value !== null) url.searchParams.set(name, value);
  }
  return { url, verifier, state };
}

/** A browser that is signed in to an account. */
export async function signedIn(t: Service, user: string): Promise<BrowserDouble> {
  const browser = new BrowserDouble(t);
  await browser.signInTo(user);
  return browser;
}

/** The fields of the form on a consent page, as a browser would send them. */
export function formOf(text: string, decision = "allow"): Record<string, string> {
  const form: Record<string, string> = { decision };
  for (const [tag] of text.matchAll(/<input [^>]*>/g)) {
    const of = (name: string) => new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1];
    if (of("type") === "checkbox" && !/ checked/.test(tag)) continue;
    form[of("name")!] = of("value")!.replaceAll("&amp;", "&");
  }
  return form;
}

/** Sends the consent form, without following. */
export async function decide(
  browser: BrowserDouble,
  form: Record<string, string>,
  headers: Record<string, string> = OWN,
) {
  const init = { method: "POST", headers, body: new URLSearchParams(form) };
  return await browser.send(`${ORIGIN}/oauth/authorize`, init);
}

/** Has a user allow what a client asks; where the browser is sent. */
export async function consent(browser: BrowserDouble, url: URL): Promise<URL> {
  const page = await browser.open(url.href);
  assert.equal(page.status, 200, page.text);
  const { status, headers, text } = await decide(browser, formOf(page.text));
  assert.equal(status, 303, text);
  return new URL(headers.get("location")!);
}

/** The code that a user's consent gives a client. */
export async function codeFor(browser: BrowserDouble, asked: Asked) {
  const { url, verifier } = await ask(asked);
  const code = (await consent(browser, url)).searchParams.get("code")!;
  return { code, verifier };
}

/** Sends a form to the token endpoint, or another. */
export async function post(
  t: Service,
  form: Record<string, string>,
  { path = "/oauth/token", headers = {} as Record<string, string> } = {},
) {
  return await t.send("POST", ORIGIN + path, { raw: new URLSearchParams(form), headers });
}

/** The form that fetches the tokens of a code. */
export function codeForm(
  client: oauth.Client,
  { code, verifier }: { code: string; verifier: string },
): Record<string, string> {
  return {
    grant_type: "authorization_code",
    client_id: client.client_id,
    redirect_uri: REDIRECT,
    code,
    code_verifier: verifier,
  };
}

/** The form that refreshes. */
export function refreshForm(client: oauth.Client, token: string): Record<string, string> {
  return { grant_type: "refresh_token", client_id: client.client_id, refresh_token: token };
}

/** A browser of an account's, a client, and the tokens that the account has allowed it. */
export async function connect(t: Service, tenant: Tenant, query: Asked["query"] = {}) {
  const browser = await signedIn(t, tenant.id);
  const client = await register(t) as oauth.Client;
  const got = await post(t, codeForm(client, await codeFor(browser, { client, query })));
  assert.equal(got.status, 200, got.text);
  const { access_token, refresh_token } = got.body as Record<string, string>;
  return { tenant, browser, client, access: access_token, refresh: refresh_token };
}

/** The same with a tenant of its own. */
export async function connected(t: Service) {
  const tenant = await t.tenant();
  // So that what is listed by its time has an order.
  t.advance(1000);
  return await connect(t, tenant);
}

/** The status of a read of posts with a credential. */
export async function reads(t: Service, key: string): Promise<number> {
  return (await t.api("GET", "/posts", { key })).status;
}
