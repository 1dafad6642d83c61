import type { Deps } from "../../ctx.ts";
import { DnsTimeout } from "../../kit/dns.ts";

/** What DNS says of a claim; null where it does not say. */
export type Evidence = { cname: boolean; txt: boolean } | null;

const MAX_CHAIN = 8;
const DEADLINE = 8000;

/** The name of the TXT record that proves a host to be a claimant's. */
export function txtName(host: string): string {
  return `_postlark.${host}`;
}

/** Asks DNS whether a host leads to `target` by CNAMEs, and whether its TXT record holds `token`. */
export async function readEvidence(
  deps: Deps,
  { host, target, token }: { host: string; target: string; token: string },
): Promise<Evidence> {
  let timer: ReturnType<typeof setTimeout>;
  const late = new Promise<null>((resolve) => timer = setTimeout(resolve, DEADLINE, null));
  const asked = Promise.all([
    leadsTo(deps, host, target),
    deps.resolveDns(txtName(host), "TXT").then((texts) => texts.some((t) => t.trim() === token)),
  ]).then(([cname, txt]) => ({ cname, txt }));
  try {
    return await Promise.race([asked, late]);
  } catch (error) {
    if (error instanceof DnsTimeout) return null;
    throw error;
  } finally {
    clearTimeout(timer!);
    asked.catch(() => {});
  }
}

async function leadsTo(deps: Deps, host: string, target: string): Promise<boolean> {
  let at = host;
  for (let step = 0; step < MAX_CHAIN; step++) {
    const [next] = await deps.resolveDns(at, "CNAME");
    if (!next) return false;
    if (next === target) return true;
    at = next;
  }
  return false;
}
