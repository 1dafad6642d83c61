import { html } from "hono/html";
import { authDocument, type AuthPage, type Markup } from "./document.ts";

/** One thing that an app may be given. */
export type ScopeChoice = { scope: string; words: string; ticked: boolean };
/** What an app asks a user for; nothing that it says of itself is verified. */
type Consent = {
  app: string;
  /** where the answer goes, in words, and the address itself */
  destination: string;
  redirectUri: string;
  /** a source of a content security policy */
  formAction: string;
  who: string;
  user: string;
  choices: ScopeChoice[];
  /** the query of the request */
  request: string;
  fault: string | null;
};

/** The page on which a user lets an app in, and says how far. */
export function consentPage(consent: Consent): AuthPage {
  const { app, who, user, choices, request, fault } = consent;
  return authDocument({
    title: "Connect an app",
    narrow: true,
    signedIn: true,
    forms: { to: consent.formAction },
    main: html`
      <div class="card">
        <h1>Connect <bdi>${app}</bdi>?</h1>
        <p>An app that calls itself <strong><bdi>${app}</bdi></strong> <span class="tag">unverified</span>
          wants to act for <strong><bdi>${who}</bdi></strong>.</p>
        ${fault && html`<p class="said bad" role="alert">${fault}</p>`}
        <form class="stack" method="post" action="/oauth/authorize">
          <input type="hidden" name="request" value="${request}">
          <input type="hidden" name="user" value="${user}">
          <fieldset class="ticks">
            <legend>It may</legend>
            ${choices.map(choice)}
          </fieldset>
          <p class="small">You are then sent to ${consent.destination}:<br>
            <code>${consent.redirectUri}</code></p>
          <p class="soft small">Only go on if you have just started this yourself, and trust the app.
            It cannot delete your account or make tokens; you can end its access at any time.</p>
          <button class="button main wide" type="submit" name="decision" value="allow">Allow</button>
          <button class="button wide" type="submit" name="decision" value="deny">Deny</button>
        </form>
      </div>
    `,
  });
}

function choice({ scope, words, ticked }: ScopeChoice): Markup {
  return html`
    <label><input type="checkbox" name="may.${scope}" value="1"${ticked ? " checked" : ""}>
      <span>${words} <code class="soft">${scope}</code></span></label>
  `;
}

/** The page for an app's request that cannot be met; `back` leads to the app, which is told why. */
export function appRefusedPage(
  { app, message, back }: { app: string; message: string; back: string },
): AuthPage {
  return authDocument({
    title: "Connect an app",
    narrow: true,
    main: html`
      <div class="card">
        <h1>That did not work</h1>
        <p>The request of <strong><bdi>${app}</bdi></strong> <span class="tag">unverified</span> is not valid: ${message}</p>
        <p><a class="button" href="${back}" rel="noreferrer nofollow">Go back to the app</a></p>
      </div>
    `,
  });
}
