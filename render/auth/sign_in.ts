import { html } from "hono/html";
import { authDocument, type AuthPage, type Markup } from "./document.ts";

/** `returnTo` is a path of this site; `development`: one click signs in as the demo account; `said` what has just been done. */
export type SignIn = {
  providers: { id: string; name: string }[];
  development: boolean;
  signup: "open" | "closed";
  returnTo: string;
  said: string | null;
};

/** The page to sign in, with a link for each provider. */
export function signInPage(at: SignIn): AuthPage {
  const { providers, development } = at;
  const none = providers.length === 0 && !development &&
    html`<p>No provider is set up on this server: ask its operator for a sign-in link.</p>`;
  const open = at.signup === "open"
    ? "A first sign-in makes an account."
    : "New accounts are not open on this server: ask its operator.";
  return authDocument({
    title: "Sign in",
    narrow: true,
    forms: development ? "here" : undefined,
    main: [
      at.said && html`<p class="said" role="status">${at.said}</p>`,
      html`
        <div class="card">
          <h1>Sign in</h1>
          ${none}
          <div class="stack">
            ${providers.map((provider) => providerLink(provider, at.returnTo))}
            ${development && demoForm(at.returnTo)}
          </div>
          ${providers.length > 0 && html`<p class="soft small">${open}</p>`}
        </div>
      `,
    ],
  });
}

function providerLink({ id, name }: SignIn["providers"][number], returnTo: string): Markup {
  const href = `/auth/sign-in/${id}?${new URLSearchParams({ return_to: returnTo })}`;
  return html`<a class="button wide" href="${href}" rel="nofollow">Continue with ${name}</a>`;
}

function demoForm(returnTo: string): Markup {
  return html`
    <form class="stack" method="post" action="/auth/dev">
      <input type="hidden" name="return_to" value="${returnTo}">
      <button class="button main wide" type="submit">Sign in as the demo account</button>
      <p class="hint">Only on a development server: POSTLARK_DEV=1 and no provider.</p>
    </form>
  `;
}

/** The page to sign out. */
export function signOutPage(): AuthPage {
  return authDocument({
    title: "Sign out",
    narrow: true,
    forms: "here",
    main: html`
      <div class="card">
        <h1>Sign out?</h1>
        <form class="stack" method="post" action="/auth/sign-out">
          <button class="button main wide" type="submit">Sign out</button>
          <button class="button wide" type="submit" name="everywhere" value="1">
            Sign out everywhere
          </button>
        </form>
        <p class="soft small">API keys and tokens go on working.</p>
      </div>
    `,
  });
}

/** The page of a one-time link, which is used up only by its button. */
export function loginLinkPage({ token, who }: { token: string; who: string }): AuthPage {
  return authDocument({
    title: "Sign in",
    narrow: true,
    forms: "here",
    main: html`
      <div class="card">
        <h1>Sign in</h1>
        <p>This link signs you in as <strong>${who}</strong>, once.</p>
        <form class="stack" method="post" action="/auth/login-link">
          <input type="hidden" name="token" value="${token}">
          <button class="button main wide" type="submit">Sign in</button>
        </form>
      </div>
    `,
  });
}

/** The page for what did not work; `code` is the status, `known` leads back to the dashboard, `signOut` offers to leave the session. */
export function faultPage(
  fault: { code: number; message: string; requestId: string; known?: boolean; signOut?: boolean },
): AuthPage {
  const { code, message, requestId, known, signOut } = fault;
  const next = signOut
    ? html`
      <form method="post" action="/auth/sign-out">
        <button class="button" type="submit">Sign out</button>
      </form>
    `
    : known
    ? html`<p><a class="button" href="/app">Your blogs</a></p>`
    : html`<p><a class="button" href="/auth/sign-in">Sign in</a></p>`;
  return authDocument({
    title: TITLES[code] ?? "That did not work",
    narrow: true,
    forms: signOut ? "here" : undefined,
    main: html`
      <div class="card">
        <p class="code">${code}</p>
        <h1>${TITLES[code] ?? "That did not work"}</h1>
        <p>${message}</p>
        ${next}
        <p class="soft small">Request ${requestId}</p>
      </div>
    `,
  });
}

const TITLES: Record<number, string> = {
  404: "Nothing here",
  429: "Too many at once",
  500: "A fault of ours",
  503: "Briefly unavailable",
};
