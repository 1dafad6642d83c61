import { createHash } from "node:crypto";
import type { Theme } from "./types.ts";

/** What of a page its policy has to allow; scripts and styles are the texts of inline elements. */
export type Needs = {
  scripts: string[];
  styles: string[];
  files: boolean;
  mermaid: boolean;
  youtube: boolean;
};

const ALWAYS = ["base-uri 'none'", "frame-ancestors 'none'"];

/** The policy of a page: a strict one, or a wider one where the owner's own HTML is on it. */
export function policyOf(theme: Theme, needs: Needs): string {
  return hasOwnHtml(theme) ? wide() : strict(theme, needs);
}

/** Whether HTML of the owner's own is on the pages. */
function hasOwnHtml(theme: Theme): boolean {
  const { adCode, headerHtml, footerHtml, headHtml, layoutHtml } = theme;
  return [adCode, headerHtml, footerHtml, headHtml, layoutHtml].some((html) => html !== "");
}

function strict(theme: Theme, needs: Needs): string {
  const scripts = [...needs.scripts.map(sourceOf), needs.files && "'self'"];
  // Mermaid styles its drawings in place, which a list of hashes would forbid.
  const styles = needs.mermaid ? ["'unsafe-inline'"] : needs.styles.map(sourceOf);
  const ownFonts = theme.customCss !== "" || theme.cssUrl !== "";
  return [
    "default-src 'none'",
    sources("script-src", scripts),
    sources("style-src", [...styles, theme.cssUrl !== "" && "https:"]),
    "img-src https: http:",
    sources("font-src", [ownFonts && "https:"]),
    sources("frame-src", [needs.youtube && "https://www.youtube-nocookie.com"]),
    // Lighthouse reads robots.txt and llms.txt as the page, under its policy.
    "connect-src 'self'",
    "form-action 'self'",
    ...ALWAYS,
  ].filter(Boolean).join("; ");
}

function wide(): string {
  return [
    "default-src 'none'",
    "script-src 'self' 'unsafe-inline' https:",
    "style-src 'self' 'unsafe-inline' https:",
    "img-src https: http: data:",
    "font-src https: data:",
    "connect-src 'self' https:",
    "media-src https:",
    "frame-src https:",
    "form-action 'self' https:",
    "object-src 'none'",
    ...ALWAYS,
  ].join("; ");
}

function sources(directive: string, list: (string | false)[]): string | false {
  const given = list.filter(Boolean);
  return given.length > 0 && `${directive} ${given.join(" ")}`;
}

/** The source of an inline element in a policy, by its text. */
export function sourceOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
