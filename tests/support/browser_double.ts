import assert from "node:assert/strict";
import type { Service } from "../_setup.ts";
import { createLoginLink } from "../../lib/account/sign_in/mod.ts";

/** What a browser shows in the end. */
export type Seen = { url: string; status: number; text: string; headers: Headers; hops: string[] };

/** A browser without JavaScript: cookies of each host, redirects, forms. `elsewhere` answers for other hosts. */
export class BrowserDouble {
  #jars = new Map<string, Map<string, string>>();

  constructor(readonly t: Service, readonly elsewhere: typeof fetch = fetch) {}

  /** Opens an address, and follows where it leads; `until` stops before an address that it fits. */
  async open(url: string, { until }: { until?: RegExp } = {}): Promise<Seen> {
    const hops: string[] = [];
    let at = new URL(url, this.t.deps.config.origin).href;
    while (true) {
      const answer = await this.send(at);
      const location = answer.headers.get("location");
      if (!location) {
        return { ...answer, url: at, hops };
      }
      at = new URL(location, at).href;
      hops.push(at);
      if (until?.test(at)) return { ...answer, url: at, hops };
    }
  }

  /** Sends a form as a page of the service does, and follows; `headers` come on top. */
  async post(
    path: string,
    form: Record<string, string> = {},
    headers: Record<string, string> = {},
  ): Promise<Seen> {
    const { origin } = this.t.deps.config;
    const answer = await this.send(origin + path, {
      method: "POST",
      headers: { origin, "sec-fetch-site": "same-origin", ...headers },
      body: new URLSearchParams(form),
    });
    const location = answer.headers.get("location");
    if (!location) return { ...answer, url: origin + path, hops: [] };
    const seen = await this.open(location);
    return { ...seen, hops: [location, ...seen.hops] };
  }

  /** One request, without following. */
  async send(url: string, init: RequestInit = {}) {
    const { host, origin } = new URL(url);
    const jar = this.jar(host);
    const headers = new Headers(init.headers);
    headers.set("user-agent", "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0.0.0 Safari/537.36");
    headers.set("cookie", [...jar].map(([name, value]) => `${name}=${value}`).join("; "));
    const request = { ...init, headers, redirect: "manual" } as const;
    const answer = origin === this.t.deps.config.origin
      ? await this.t.app.fetch(new Request(url, request))
      : await this.elsewhere(url, request);
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
      if (value && !/max-age=0|expires=thu, 01 jan 1970/i.test(line)) jar.set(name, value);
      else jar.delete(name);
    }
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  }

  /** Signs in to an account, by a link of the operator's. */
  async signInTo(user: string): Promise<void> {
    const { url } = await createLoginLink(this.t.deps, user);
    const token = new URL(url).searchParams.get("token")!;
    assert.match((await this.post("/auth/login-link", { token })).url, /\/app$/);
  }

  /** The cookies of a host. */
  jar(host = this.t.deps.config.baseHost): Map<string, string> {
    if (!this.#jars.has(host)) this.#jars.set(host, new Map());
    return this.#jars.get(host)!;
  }
}
