import { html, raw } from "hono/html";
import { sourceOf } from "../blog/csp.ts";
import { ICON_SVG } from "../icon.ts";
import { STYLE } from "./style.ts";

/** What html`` has made, lists of it, or nothing. */
export type Markup = ReturnType<typeof html> | Markup[] | "" | false | null | undefined;

/** A page with its policies; `referrer` is what a browser may tell of it. */
export type AuthPage = { html: string; csp: string; referrer: "no-referrer" | "same-origin" };

/**
 * `forms`: where the forms on it lead in the end, "away" where the answer sends the browser to another site,
 * `to` where that is one source of a content security policy;
 * `signedIn` puts a button to sign out on top.
 */
type Content = {
  title: string;
  main: Markup;
  narrow?: boolean;
  forms?: "here" | "away" | { to: string };
  signedIn?: boolean;
};

/** A page of the service's own, as a whole document. */
export function authDocument(content: Content): AuthPage {
  const { title, main, narrow, signedIn } = content;
  const forms = content.forms ?? (signedIn ? "here" : undefined);
  const markup = html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <title>${title} · Postlark</title>
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="robots" content="noindex">
        <style>${raw(STYLE)}</style>
      </head>
      <body>
        <header>
          <a class="brand" href="/app">${raw(MARK)} Postlark</a>
          ${signedIn && SIGN_OUT}
        </header>
        <main class="${narrow ? "narrow" : ""}">${main}</main>
      </body>
    </html>
  `;
  return {
    html: String(markup).trim() + "\n",
    csp: policy(forms),
    // Without a referrer a browser keeps back the origin that a form's answer is judged by.
    referrer: forms ? "same-origin" : "no-referrer",
  };
}

const MARK = ICON_SVG.replace("<svg ", '<svg aria-hidden="true" ');
const SIGN_OUT = html`
  <form method="post" action="/auth/sign-out">
    <button class="button slim" type="submit">Sign out</button>
  </form>
`;

function policy(forms: Content["forms"]): string {
  const actions = forms === undefined
    ? "'none'"
    : forms === "here"
    ? "'self'"
    : `'self' ${forms === "away" ? "https:" : forms.to}`;
  return [
    "default-src 'none'",
    `style-src ${sourceOf(STYLE)}`,
    "img-src 'self'",
    // A browser judges what a form's answer redirects to as well.
    `form-action ${actions}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}
