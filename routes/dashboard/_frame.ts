import { AppError } from "../../lib/kit/errors.ts";
import type { FramePage } from "../../render/dashboard/editor_frame.ts";
import type { Visit } from "../auth/_visit.ts";
import { sentence } from "./_page.ts";

/** What a tenant wrote, as a document of no origin: its policy holds wherever it is opened. */
export function sendFrame({ visit }: { visit: Visit }, { html, csp }: FramePage): Response {
  return new Response(html, {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": csp,
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "x-request-id": visit.id,
    },
  });
}

/** Why there is nothing to be framed, in words; throws what is no refusal of the input. */
export function sayRefusal(error: unknown): string {
  if (!(error instanceof AppError) || error.status >= 500) throw error;
  return error.details.issues?.map(({ message }) => sentence(message)).join(" ") ?? error.message;
}
