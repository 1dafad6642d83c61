import type { Deps } from "../../ctx.ts";
import { sha256 } from "../../kit/crypto.ts";
import { compress } from "../../kit/blob.ts";
import { type Entry, type Key, transact, type Tx } from "../../kit/kv.ts";
import { note } from "../../kit/observe.ts";
import { planKey, type PlanRow } from "../../metering/plans.ts";
import { blogKey, type BlogRow, blogUrl, subdomainKey, type SubdomainRow } from "../blogs.ts";
import { hostKey, type HostRow } from "../domains/_claims.ts";
import { type Shell, shellVersion } from "../posts/page.ts";

/** How long an instance may show what another has changed, milliseconds. */
const FRESH = 1000;
// A page that is made with it may be kept for the rest of that time.
const REUSED = 500;
const MAX_HOSTS = 10_000;

/** What a reader gets: gzipped bytes with their ETag, or a way to another address. */
export type View = Shown | { kind: "redirect"; url: string } | Elsewhere;
/** Where a host leads to no page: to no blog, or to one that has its own domain, whose origin `url` is. */
export type Elsewhere = { kind: "no_blog" } | { kind: "moved"; url: string };
/** `csp` is null where the answer is no document; `keep` is null where it may not be repeated. */
export type Shown = {
  kind: "page";
  status: number;
  type: string;
  gz: Uint8Array;
  etag: string;
  csp: string | null;
  /** a secret address, not for search engines */
  hidden?: boolean;
  keep: Keep | null;
  /** the published post whose page it is: its views are counted */
  post?: { blog: string; id: string };
};
/** For how long, and until which write, an instance may repeat a view. */
export type Keep = { group: string; until: number };

/** A blog as it was read; `version` names it as pages do that were built with it. */
type Seen = { shell: Shell; version: string; until: number };
type Found = Seen & { rows: Entry<unknown>[] };

const NOWHERE: Elsewhere = { kind: "no_blog" };

/**
 * The blog of a subdomain or a custom domain (which has a dot) and its plan, at most a second old, with
 * further rows in the same round trip.
 */
export async function readShell(
  deps: Deps,
  name: string,
  further: (blog: string) => Key[],
): Promise<Found | Elsewhere> {
  const kept = deps.pages.get(`shell:${name}`) as Seen | Elsewhere | undefined;
  if (kept && "kind" in kept) return kept;
  if (kept) {
    const { shell, version, until } = kept;
    note({ blog: shell.blog.id });
    return { shell, version, until, rows: await deps.store.getMany(further(shell.blog.id)) };
  }
  const begun = deps.pages.begin();
  const until = deps.clock() + FRESH;
  let guess = deps.hosts.get(name) ?? await findHost(deps, name);
  while (guess) {
    const [host, blog, plan, ...rows] = await deps.store.getMany<unknown>([
      leadKey(name),
      blogKey(guess.blog),
      planKey(guess.owner),
      ...further(guess.blog),
    ]);
    if ((host.value as SubdomainRow | HostRow | null)?.blog === guess.blog) {
      if (!blog.value || !plan.value) return NOWHERE;
      note({ blog: guess.blog });
      const shell = { blog: blog.value as BlogRow, plan: plan.value as PlanRow };
      if (shell.plan.suspendedAt !== null) return NOWHERE;
      const options = { group: shell.blog.id, begun, until: until - FRESH + REUSED, size: 1000 };
      const moved = movedFrom(deps, shell.blog, name);
      const seen = moved ?? { shell, version: shellVersion(deps, shell), until };
      deps.pages.put(`shell:${name}`, seen, options);
      return "kind" in seen ? seen : { ...seen, rows };
    }
    deps.hosts.delete(name);
    guess = await findHost(deps, name);
  }
  return NOWHERE;
}

function movedFrom(deps: Deps, blog: BlogRow, name: string): Elsewhere | null {
  const shown = blog.domain?.active ? blog.domain.host : blog.slug;
  return name === shown ? null : { kind: "moved", url: blogUrl(deps, blog) };
}

/** Where the row is that says whose a subdomain or a custom domain is. */
function leadKey(name: string): Key {
  return name.includes(".") ? hostKey(name) : subdomainKey(name);
}

/** A view of text that was made just now. */
export async function show(
  text: string,
  options: Omit<Shown, "kind" | "gz" | "etag">,
): Promise<Shown> {
  return { kind: "page", gz: await compress(text), etag: etagOf(text), ...options };
}

/** Stores what a view has made of a blog, unless the blog went meanwhile; the view does not fail for it. */
export async function storeMade(
  deps: Deps,
  blog: string,
  stage: (tx: Tx) => void | Promise<void>,
): Promise<void> {
  await transact(deps.store, async (tx) => {
    if (await tx.get(blogKey(blog))) await stage(tx);
  }).catch(() => {
    // The store is slow: the reader has it all the same.
  });
}

/** The ETag of bytes or text, of 96 bits. */
export function etagOf(content: string | Uint8Array): string {
  return sha256(content).slice(0, 24);
}

async function findHost(deps: Deps, name: string) {
  if (!/^[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*$/.test(name) || name.length > 253) return null;
  const { value } = await deps.store.get<SubdomainRow | HostRow>(leadKey(name));
  if (!value?.blog) return null;
  if (deps.hosts.size >= MAX_HOSTS) deps.hosts.clear();
  const found = { blog: value.blog, owner: value.owner };
  deps.hosts.set(name, found);
  return found;
}
