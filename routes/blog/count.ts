import type { Deps } from "../../lib/ctx.ts";
import { clientAddress } from "../_admit.ts";

/** The address of a request's connection; asked for only where it is needed. */
export type Peer = () => string;

// Each browser family has its own name for what a reader may never see.
const AHEAD = ["sec-purpose", "purpose", "x-purpose", "x-moz"];

/** Counts a request for a post's page, unless it is a HEAD or made ahead of any reader (prefetch, preview). */
export function countView(
  deps: Deps,
  request: Request,
  { post, peer }: { post: { blog: string; id: string }; peer: Peer },
): void {
  const { headers } = request;
  if (request.method !== "GET" || AHEAD.some((name) => headers.has(name))) return;
  const { countryHeader } = deps.config;
  deps.views.count({
    blog: post.blog,
    post: post.id,
    address: clientAddress(deps, request, peer()),
    agent: headers.get("user-agent") ?? "",
    url: request.url,
    referrer: headers.get("referer"),
    country: countryHeader && headers.get(countryHeader),
  });
}
