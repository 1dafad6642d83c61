import { html } from "hono/html";
import { authDocument, type AuthPage } from "./document.ts";

/** A device that asks to be let in; `from` is a sentence on where it asked from, `asked` one on when. */
type WaitingDevice = {
  code: string;
  name: string;
  from: string;
  asked: string;
  who: string;
  user: string;
};

/** The page on which a user lets a device in. */
export function devicePage({ code, name, from, asked, who, user }: WaitingDevice): AuthPage {
  return authDocument({
    title: "Log a device in",
    narrow: true,
    signedIn: true,
    main: html`
      <div class="card">
        <h1>Log this device in?</h1>
        <p class="usercode">${code}</p>
        <p>Compare the code with the one on your device.</p>
        <dl class="figures">
          <dt>Device</dt>
          <dd><bdi>${name}</bdi> <span class="tag">unverified</span></dd>
          <dt>Asked</dt>
          <dd>${asked}</dd>
          <dt>From</dt>
          <dd>${from}</dd>
          <dt>Account</dt>
          <dd><bdi>${who}</bdi></dd>
        </dl>
        <p class="said bad">It will get full access to this account. If you have not started this
          yourself, or somebody sent you here, deny it.</p>
        <form class="stack" method="post" action="/auth/device/confirm">
          <input type="hidden" name="user_code" value="${code}">
          <input type="hidden" name="user" value="${user}">
          <button class="button main wide" type="submit" name="decision" value="allow">Log it in</button>
          <button class="button wide" type="submit" name="decision" value="deny">Deny</button>
        </form>
      </div>
    `,
  });
}

/** The page to type a device's code; `fault` is why the one before was not taken. */
export function deviceStartPage({ fault }: { fault: string | null }): AuthPage {
  return authDocument({
    title: "Log a device in",
    narrow: true,
    signedIn: true,
    main: html`
      <div class="card">
        <h1>Log a device in</h1>
        ${fault && html`<p class="said bad" role="alert">${fault}</p>`}
        <form class="stack" method="get" action="/auth/device">
          <label>Code on the device <input type="text" name="user_code" required maxlength="20"
            autocomplete="off" autocapitalize="characters" spellcheck="false"></label>
          <button class="button main wide" type="submit">Go on</button>
        </form>
      </div>
    `,
  });
}

/** The page after the decision. */
export function deviceDonePage({ name, allowed }: { name: string; allowed: boolean }): AuthPage {
  return authDocument({
    title: "Log a device in",
    narrow: true,
    signedIn: true,
    main: html`
      <div class="card">
        <h1>${allowed ? "The device is logged in" : "The device was turned away"}</h1>
        <p role="status">${allowed
          ? "You can close this page, and go on there."
          : "Nothing was given to it."}</p>
        ${allowed && html`
          <p
            class="soft small">Its token is listed as <bdi>${name}</bdi>, and can be revoked like any other.</p>
        `}
      </div>
    `,
  });
}
