import { html } from "hono/html";
import Bowser from "bowser";
import { authDocument, type AuthPage, type Markup } from "./document.ts";

/** A session as it is listed; times in milliseconds. */
export type ListedSession = {
  id: string;
  agent: string;
  createdAt: number;
  seenAt: number;
  current: boolean;
};
/** What an account sees of itself; `figures` are name and value. */
export type Account = {
  email: string;
  name: string;
  plan: string;
  grace: string | null;
  figures: [string, string][];
  blogs: { name: string; url: string; frozen: boolean }[];
  /** what follows the slug in a blog's address; null where it comes first */
  address: { before: string; after: string };
  /** whether the plan has place for another blog */
  room: boolean;
  sessions: ListedSession[];
  /** what was typed, and why it was not taken */
  refused: { name: string; slug: string; fault: string } | null;
};

/** The page of an account that is signed in. */
export function appPage(account: Account): AuthPage {
  const { email, name } = account;
  return authDocument({
    title: "Your blogs",
    signedIn: true,
    main: html`
      <h1>${account.blogs.length ? "Your blogs" : "Welcome"}</h1>
      <p class="soft">Signed in as ${email || name || "an account without an address"}.</p>
      ${blogs(account)}
      <div class="columns">
        <section class="card" aria-labelledby="Plan">
          <h2 id="Plan">Plan: ${account.plan}</h2>
          ${account.grace && html`<p>${account.grace}</p>`}
          <dl class="figures">${account.figures.map(figure)}</dl>
          <p><a href="/upgrade">Compare the plans</a></p>
        </section>
        ${sessions(account)}
      </div>
    `,
  });
}

function figure([name, value]: [string, string]): Markup {
  return html`
    <dt>${name}</dt>
    <dd>${value}</dd>
  `;
}

function blogs(account: Account): Markup {
  const list = account.blogs.length > 0 && html`
    <section class="card" aria-label="Blogs">
      <ul class="list">${account.blogs.map(blog)}</ul>
    </section>
  `;
  if (account.room || account.refused) return [list, form(account)];
  return [list, html`<p class="soft">Your plan has no place for another blog.</p>`];
}

function blog({ name, url, frozen }: Account["blogs"][number]): Markup {
  const state = frozen && html`
    <span class="soft small">(frozen: beyond your plan)</span>
  `;
  return html`
    <li>
      <strong>${name}</strong>${state}<br>
      <a href="${url}">${url.replace(/^https?:\/\//, "")}</a>
    </li>
  `;
}

function form({ blogs, address, refused }: Account): Markup {
  const invalid = refused
    ? html`
      aria-invalid="true" aria-describedby="Fault"
    `
    : "";
  const first = blogs.length === 0;
  return html`
    <section class="card" aria-labelledby="New">
      <h2 id="New">${first ? "Make your first blog" : "Another blog"}</h2>
      ${refused && html`<p class="said bad" role="alert" id="Fault">${refused.fault}</p>`}
      <form class="stack" method="post" action="/app/blogs">
        <label>Name <input type="text" name="name" required maxlength="200" autocomplete="off"
          value="${refused?.name ?? ""}"${invalid}></label>
        <label>Address <input type="text" name="slug" required maxlength="63" autocomplete="off"
          autocapitalize="none" spellcheck="false" pattern="[a-z0-9]([a-z0-9\\-]*[a-z0-9])?"
          title="a to z, 0 to 9 and hyphens" value="${refused?.slug ?? ""}"${invalid}>
          <span class="hint">${address.before}<b>address</b>${address.after}</span></label>
        <div><button class="button main" type="submit">${first
          ? "Make it"
          : "Make another"}</button></div>
      </form>
    </section>
  `;
}

function sessions({ sessions }: Account): Markup {
  return html`
    <section class="card" aria-labelledby="Sessions">
      <h2 id="Sessions">Where you are signed in</h2>
      <ul class="list">${sessions.map(session)}</ul>
      <form method="post" action="/auth/sign-out">
        <button class="button slim" type="submit" name="everywhere" value="1">
          Sign out everywhere
        </button>
      </form>
    </section>
  `;
}

function session(one: ListedSession): Markup {
  const agent = nameOf(one.agent);
  const button = html`
    <form method="post" action="/app/sessions/end">
      <input type="hidden" name="id" value="${one.id}">
      <button class="button slim" type="submit"
        aria-label="End ${agent}, since ${say(one.createdAt)}">End</button>
    </form>
  `;
  return html`
    <li class="row">
      <div>
        <strong>${agent}</strong>${one.current && html`
          <span class="soft">(this one)</span>
        `}<br>
        <span class="soft small">Since ${time(one.createdAt)}, last used ${time(one.seenAt)}</span>
      </div>
      ${!one.current && button}
    </li>
  `;
}

function nameOf(agent: string): string {
  if (!agent) return "The operator's terminal";
  const { browser, os } = Bowser.parse(agent);
  return [browser.name || "A browser", os.name && `on ${os.name}`].filter(Boolean).join(" ");
}

const FORMAT = new Intl.DateTimeFormat("en-GB", {
  ...{ day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" },
  timeZone: "UTC",
});

function say(at: number): string {
  return `${FORMAT.format(at)} UTC`;
}

function time(at: number): Markup {
  return html`<time datetime="${new Date(at).toISOString()}">${say(at)}</time>`;
}
