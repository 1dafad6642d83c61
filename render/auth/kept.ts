import { html } from "hono/html";
import { authDocument, type AuthPage } from "./document.ts";

// Characters: what is longer, or has lines, is shown.
const SHORT = 80;

/** What a form held that was sent after its session's end; `away`: its answer may lead to another site. */
export type KeptForm = { action: string; fields: [string, string][]; away?: boolean };

/** The page that keeps a form until somebody is signed in. */
export function keptFormPage({ action, fields, away }: KeptForm): AuthPage {
  const isLong = ([, value]: [string, string]) => value.length > SHORT || /[\r\n]/.test(value);
  return authDocument({
    title: "Signed out",
    forms: away ? "away" : "here",
    main: html`
      <div class="card">
        <p class="code">401</p>
        <h1>You are signed out</h1>
        <p>
          Nothing was changed yet, and what you sent is kept on this page alone. Sign in in another
          tab, come back to this one, and send it again.
        </p>
        <p>
          <a class="button main" href="/auth/sign-in" target="_blank">Sign in in another tab</a>
        </p>
        <form class="stack" method="post" action="${action}">
          ${fields.map((field) => isLong(field) ? shown(field) : hidden(field))}
          <div><button class="button" type="submit">Send it again</button></div>
        </form>
      </div>
    `,
  });
}

function hidden([name, value]: [string, string]) {
  return html`<input type="hidden" name="${name}" value="${value}">`;
}

// A line's end at the beginning would be left out.
function shown([name, value]: [string, string]) {
  return html`
    <label>${name}<textarea class="kept" name="${name}" rows="12" readonly>${"\n" +
      value}</textarea></label>
  `;
}
