import { keyText } from "../../kit/kv.ts";
import {
  claimDueKey,
  claimKey,
  type ClaimRow,
  heldKey,
  type HeldRow,
  hostKey,
  type HostRow,
} from "../../content/domains/_claims.ts";
import type { Blogs } from "./blogs.ts";
import type { Walk } from "./walk.ts";

/** Compares claims, and the hosts that are verified, with the blogs that have them. */
export async function checkDomains(walk: Walk, blogs: Blogs): Promise<void> {
  const claims = new Map<string, ClaimRow>();
  for await (const { key, value } of walk.rows<ClaimRow>("claim")) {
    const [, host, id] = key as string[];
    const blog = blogs.live.get(id);
    if (value.host !== host || value.blog !== id) walk.report(key, "it names another claim");
    else if (blog?.domain?.host !== host) walk.report(key, "the blog has no such domain");
    else if (blog.owner !== value.owner) walk.report(key, "it is not the owner's of its blog");
    claims.set(keyText(key), value);
  }
  await checkDue(walk, claims);
  await checkHosts(walk, blogs);
  for (const { id, domain } of blogs.live.values()) {
    const key = domain && claimKey(domain.host, id);
    if (key && !claims.has(keyText(key))) walk.report(key, "is missing: the blog has this domain");
  }
}

async function checkDue(walk: Walk, claims: Map<string, ClaimRow>): Promise<void> {
  const wanted = new Map([...claims.values()].map((claim) => {
    const key = claimDueKey(claim);
    return [keyText(key), key];
  }));
  for await (const { key } of walk.rows("claimdue")) {
    if (!wanted.delete(keyText(key))) walk.report(key, "no claim is due then");
  }
  for (const key of wanted.values()) walk.report(key, "is missing: the claim is due then");
}

async function checkHosts(walk: Walk, blogs: Blogs): Promise<void> {
  const active = [...blogs.live.values()].filter(({ domain }) => domain?.active);
  const wanted = new Map(active.map((blog) => [blog.domain!.host, blog]));
  const holders = new Map<string, HeldRow>();
  for await (const { key, value } of walk.rows<HeldRow>("held")) holders.set(keyText(key), value);
  for (const { id, owner, domain } of active) {
    const key = heldKey(domain!.host);
    if (wanted.get(domain!.host)!.id !== id) {
      walk.report(hostKey(domain!.host), `another blog is there too: ${id}`);
    } else if (holders.get(keyText(key))?.owner !== owner) {
      walk.report(key, `it does not name ${owner}, for whom ${domain!.host} is verified`);
    }
  }
  for await (const { key, value } of walk.rows<HostRow>("host")) {
    const blog = wanted.get(key[1] as string);
    wanted.delete(key[1] as string);
    if (!blog) walk.report(key, "it is verified for no blog");
    else if (value.blog !== blog.id || value.owner !== blog.owner) {
      walk.report(key, `it does not lead to its blog ${blog.id}`);
    }
  }
  for (const [host, { id }] of wanted) {
    walk.report(hostKey(host), `is missing: the blog ${id} has it`);
  }
}
