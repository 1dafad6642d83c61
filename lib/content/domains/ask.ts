import type { Deps } from "../../ctx.ts";
import { normaliseHost } from "../../kit/dns.ts";
import { subdomainKey, type SubdomainRow } from "../blogs.ts";
import { hostKey, type HostRow } from "./_claims.ts";

const OWN = ["api", "app", "media"];

/** Whether a certificate for a name is worth having: one of the service's own, of a blog, or an active custom domain. */
export async function isServedHost(deps: Deps, name: string): Promise<boolean> {
  const host = normaliseHost(name);
  if (!host) return false;
  const [base, blogs] = ownDomains(deps);
  if (host === base || OWN.some((label) => host === `${label}.${base}`)) return true;
  if (host.endsWith(`.${blogs}`)) {
    const subdomain = host.slice(0, -blogs.length - 1);
    if (deps.config.blogAddress === "path" || subdomain.includes(".")) return false;
    const { value } = await deps.store.get<SubdomainRow>(subdomainKey(subdomain));
    return value?.blog != null;
  }
  return (await deps.store.get<HostRow>(hostKey(host))).value !== null;
}

/** The apex and what blogs are subdomains of, without ports. */
export function ownDomains({ config }: Deps): [string, string] {
  return [config.baseHost.replace(/:\d+$/, ""), config.blogHost.replace(/:\d+$/, "")];
}
