import assert from "node:assert/strict";
import { createDns } from "../../lib/kit/dns.ts";
import { checkStore } from "../../lib/operator/check/mod.ts";
import { type Got, type Service, setup, type Tenant } from "../_setup.ts";
import { type DnsServer, dnsServer, type Zone } from "./dns_server.ts";

/** Milliseconds. */
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const ENV = { POSTLARK_ORIGIN: "https://postlark.test" };
export const HOST = "blog.example.com";

/** A service that asks a real DNS server on loopback, and whose store is checked at the end. */
export async function service(zone: Zone = {}, env: Record<string, string> = {}) {
  const dns = await dnsServer(zone);
  const resolveDns = createDns([dns.address]);
  const t = await setup({ env: { ...ENV, ...env }, resolveDns });
  return {
    t,
    dns,
    async [Symbol.asyncDispose]() {
      const { differences } = await checkStore(t.deps, 0);
      t[Symbol.dispose]();
      await dns[Symbol.asyncDispose]();
      assert.deepEqual(differences, []);
    },
  };
}

/** The operations on a tenant's domain. */
export function domain(t: Service, tenant: Tenant) {
  const path = `/blogs/${tenant.blog.id}/domain`;
  const key = tenant.token;
  return {
    set: (hostname: string) => t.api("POST", path, { key, body: { hostname } }),
    get: () => t.api("GET", path, { key }),
    remove: () => t.api("DELETE", path, { key }),
  };
}

/** The two statuses of an answer. */
export function shown(got: Got): [number, string] {
  return [got.status, got.body?.status];
}

/** Asserts that an answer is a refusal. */
export function refused(got: Got, status: number, reason: string): void {
  assert.deepEqual([got.status, got.body.reason], [status, reason], got.text);
}

/** A tenant whose blog is at HOST. */
export async function settled(t: Service, dns: DnsServer, host = HOST): Promise<Tenant> {
  const tenant = await t.tenant("creator");
  dns.zone[host] = { CNAME: `${tenant.blog.slug}.postlark.test` };
  assert.deepEqual(shown(await domain(t, tenant).set(host)), [200, "active"]);
  return tenant;
}

/** Publishes a post of a tenant. */
export async function publish(t: Service, tenant: Tenant, slug = "hello"): Promise<Got> {
  const body = { title: "Hello", slug, content: "Text.", status: "published" };
  return await t.api("POST", "/posts", { key: tenant.key, body });
}
