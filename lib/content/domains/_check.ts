import type { Deps } from "../../ctx.ts";
import { DnsTimeout } from "../../kit/dns.ts";
import type { Seen } from "./_claims.ts";

/** What DNS says of a claim; null where it does not say. */
export type Evidence = Seen | null;

const MAX_CHAIN = 8;
const DEADLINE = 8000;
// An account's own servers may be as slow as they like: it waits for so many at once, and holds up nobody else.
const AT_ONCE = 2;
const waiting = new Map<string, number>();

/** The name of the TXT record that proves a host to be a claimant's. */
export function txtName(host: string): string {
  return `_postlark.${host}`;
}

/** Asks DNS for an account that waits for it; null, and nothing asked, where it waits for two answers already. */
export async function askFor<T>(user: string, ask: () => Promise<T>): Promise<T | null> {
  const before = waiting.get(user) ?? 0;
  if (before >= AT_ONCE) return null;
  waiting.set(user, before + 1);
  try {
    return await ask();
  } finally {
    const left = waiting.get(user)! - 1;
    if (left) waiting.set(user, left);
    else waiting.delete(user);
  }
}

/** Asks DNS whether a host leads to `target` by CNAMEs, and whether its TXT records have `token`. */
export async function readEvidence(
  deps: Deps,
  { host, target, token }: { host: string; target: string; token: string },
): Promise<Evidence> {
  let timer: ReturnType<typeof setTimeout>;
  const late = new Promise<null>((resolve) => timer = setTimeout(resolve, DEADLINE, null));
  const asked: Promise<Seen> = Promise.all([
    leadsTo(deps, host, target),
    deps.resolveDns(txtName(host), "TXT").then((texts) => {
      if (texts.some((text) => text.trim() === token)) return "found";
      return texts.length > 0 ? "other" : "missing";
    }),
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

async function leadsTo(deps: Deps, host: string, target: string): Promise<Seen["cname"]> {
  let at = host;
  for (let step = 0; step < MAX_CHAIN; step++) {
    const [next] = await deps.resolveDns(at, "CNAME");
    if (!next) return step > 0 ? "other" : "missing";
    if (next === target) return "found";
    at = next;
  }
  return "other";
}
