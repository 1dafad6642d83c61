import { seal, unseal } from "../../lib/kit/crypto.ts";
import { readCookie, writeCookie } from "../auth/_cookies.ts";
import type { Page } from "./_page.ts";

/** What the next page shows once: a secret that is stored nowhere. */
export type Flash = { of: string; name: string; secret: string };

type Sealed = Flash & { user: string; until: number };
const LIFE = 60_000;

/** The value of a cookie that only the same account's next page of `of` reads, within a minute. */
export function sealFlash({ ctx }: Page, flash: Flash): string {
  const sealed: Sealed = { ...flash, user: ctx.actor.user, until: ctx.now + LIFE };
  const plain = new TextEncoder().encode(JSON.stringify(sealed));
  return seal(ctx.deps.keys.key("flash"), plain).toBase64({ alphabet: "base64url" });
}

/** What was kept for this page, or null; a cookie that is not ours counts for nothing. */
export function openFlash({ visit, ctx }: Page, of: string): Flash | null {
  const value = readCookie(ctx.deps, visit.request, "flash");
  if (!value) return null;
  try {
    const bytes = Uint8Array.fromBase64(value, { alphabet: "base64url" });
    const plain = new TextDecoder().decode(unseal(ctx.deps.keys.key("flash"), bytes));
    const flash: Sealed = JSON.parse(plain);
    const ours = flash.of === of && flash.user === ctx.actor.user && flash.until > ctx.now;
    return ours ? flash : null;
  } catch {
    return null;
  }
}

/** Takes away what the page has shown. */
export function withoutFlash({ ctx }: Page, answer: Response): Response {
  answer.headers.append("set-cookie", writeCookie(ctx.deps, "flash", null));
  return answer;
}
