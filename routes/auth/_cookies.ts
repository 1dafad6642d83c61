import type { Deps } from "../../lib/ctx.ts";
import { SESSION_LIFE } from "../../lib/account/sessions.ts";
import { FLOW_LIFE } from "../../lib/account/sign_in/mod.ts";

const FLASH_LIFE = 60_000;
const LIVES = { session: SESSION_LIFE, flow: FLOW_LIFE, flash: FLASH_LIFE };
/** What a cookie of ours is: who is signed in, a sign-in under way, or what the next page shows once. */
export type Kind = keyof typeof LIVES;

// The prefix keeps the cookie from every other host, and asks for https: a development server has none.
function nameOf({ config }: Deps, kind: Kind): string {
  const name = kind === "session" ? "postlark" : `postlark-${kind}`;
  return isSecure(config.origin) ? `__Host-${name}` : name;
}

function isSecure(origin: string): boolean {
  return origin.startsWith("https:");
}

/** The value of a cookie of ours that a request carries. */
export function readCookie(deps: Deps, request: Request, kind: Kind): string | undefined {
  const name = nameOf(deps, kind);
  for (const pair of (request.headers.get("cookie") ?? "").split(";")) {
    const at = pair.indexOf("=");
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
}

/** The `Set-Cookie` of a value; null takes the cookie away. */
export function writeCookie(deps: Deps, kind: Kind, value: string | null): string {
  return [
    `${nameOf(deps, kind)}=${value ?? ""}`,
    "Path=/",
    `Max-Age=${value === null ? 0 : LIVES[kind] / 1000}`,
    "HttpOnly",
    "SameSite=Lax",
    ...isSecure(deps.config.origin) ? ["Secure"] : [],
  ].join("; ");
}
