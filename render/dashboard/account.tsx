import Bowser from "bowser";
import type { FramedBlog } from "./document.tsx";
import { type Faults, Notes, sayTime, TextField, Time, Title } from "./parts.tsx";

/** A session as it is listed; times in milliseconds. */
export type ListedSession = {
  id: string;
  agent: string;
  createdAt: number;
  seenAt: number;
  current: boolean;
};
/** `phrase` is what confirms the deletion, `more` how many sessions are not listed, `refused` what was typed into which form and why it was not taken. */
export type Account = {
  profile: { id: string; email: string; name: string; created_at: string };
  plan: string;
  sessions: ListedSession[];
  more: number;
  /** what goes with the account; `media` as words, null where there is none */
  holds: { blogs: FramedBlog[]; posts: number; media: string | null; packs: number };
  /** as many posts as an export holds, and whether there are more */
  exported: { most: number; over: boolean };
  phrase: string;
  refused: { form: "profile" | "delete"; faults: Faults; typed: string } | null;
};

const EXPORT = "/app/account/export?format=";

/** The page of the account itself. */
export function accountMain(page: Account) {
  return (
    <>
      <Title title="Account" />
      <div class="columns wide">
        <Profile {...page} />
        <Sessions {...page} />
      </div>
      <Export {...page.exported} />
      <Deletion {...page} />
    </>
  );
}

function Profile({ profile, plan, refused }: Account) {
  const mine = refused?.form === "profile" ? refused : null;
  const said = mine?.faults.name ?? mine?.faults[""];
  return (
    <section class="card" aria-labelledby="Profile">
      <h2 id="Profile">Profile</h2>
      <dl class="figures">
        <dt>E-mail</dt>
        <dd>{profile.email || "The sign-in gives none"}</dd>
        <dt>Plan</dt>
        <dd>
          {plan} (<a href="/app/billing">billing</a>)
        </dd>
        <dt>Since</dt>
        <dd>
          <Time at={profile.created_at} />
        </dd>
        <dt>Account</dt>
        <dd>
          <code>{profile.id}</code>
        </dd>
      </dl>
      <form class="stack" method="post" action="/app/account/profile">
        <TextField
          label="Name"
          name="name"
          value={mine?.typed ?? profile.name}
          fault={said}
          hint="Shown to you alone."
          maxlength={200}
        />
        <div>
          <button class="button main" type="submit">Save</button>
        </div>
      </form>
    </section>
  );
}

function Sessions({ sessions, more }: Account) {
  return (
    <section class="card" aria-labelledby="Sessions">
      <h2 id="Sessions">Where you are signed in</h2>
      <ul class="list">{sessions.map((one) => <Session {...one} />)}</ul>
      {more > 0 && <p class="soft">And {more.toLocaleString("en")} older.</p>}
      <form class="stack" method="post" action="/auth/sign-out">
        <div>
          <button class="button slim" type="submit" name="everywhere" value="1">
            Sign out everywhere
          </button>
        </div>
        <p class="soft small">This browser too. API keys and tokens go on working.</p>
      </form>
    </section>
  );
}

function Session(one: ListedSession) {
  const agent = nameOf(one.agent);
  return (
    <li class="row">
      <div>
        <strong>{agent}</strong>
        {one.current && <span class="soft after">(this one)</span>}
        <br />
        <span class="soft small">
          Since <Time at={one.createdAt} />, last used <Time at={one.seenAt} />
        </span>
      </div>
      {!one.current && (
        <form method="post" action="/app/sessions/end">
          <input type="hidden" name="id" value={one.id} />
          <button
            class="button slim"
            type="submit"
            aria-label={`End ${agent}, since ${sayTime(one.createdAt)}`}
          >
            End
          </button>
        </form>
      )}
    </li>
  );
}

function nameOf(agent: string): string {
  if (!agent) return "The operator's terminal";
  const { browser, os } = Bowser.parse(agent);
  return [browser.name || "A browser", os.name && `on ${os.name}`].filter(Boolean).join(" ");
}

function Export({ most, over }: Account["exported"]) {
  const posts = most.toLocaleString("en");
  return (
    <section class="card" aria-labelledby="Export">
      <h2 id="Export">Take everything along</h2>
      <p>
        The ZIP has a folder a blog: a Markdown file with front matter for each post, drafts too,
        the images, and the blog's settings. The JSON has the posts alone.
      </p>
      <p class="soft small">
        One export holds at most {posts} posts, and counts as an API request.
        {over && " You have more: the posts of your newest blogs will be missing from it."}
      </p>
      <div class="bulk">
        <a class="button" href={`${EXPORT}zip`} download="" data-export>Download as ZIP</a>
        <a class="button" href={`${EXPORT}json`} download="" data-export>Download as JSON</a>
      </div>
      <div class="exporting" data-exporting hidden>
        <progress aria-label="Export"></progress>
        <div class="row">
          <span data-bytes></span>
          <button class="button slim" type="button" data-stop>Stop</button>
        </div>
      </div>
      <p data-exported role="status"></p>
    </section>
  );
}

function Deletion({ holds, phrase, refused }: Account) {
  const mine = refused?.form === "delete" ? refused : null;
  const fault = mine?.faults.confirm ?? mine?.faults[""];
  const many = (n: number, one: string) => `${n.toLocaleString("en")} ${one}${n === 1 ? "" : "s"}`;
  const { blogs, posts, media, packs } = holds;
  return (
    <section class="card danger" aria-labelledby="Delete">
      <h2 id="Delete">Delete the account</h2>
      <details open={mine !== null}>
        <summary>See what would be lost, and delete it</summary>
        <div class="stack short">
          <p>There is no way back. From that moment on, these are gone:</p>
          <ul class="dashed">
            {blogs.map(({ name, url }) => (
              <li>
                {name}: every page under {url.replace(/^https?:\/\//, "")}
              </li>
            ))}
            {posts > 0 && <li>{many(posts, "post")}, with all revisions</li>}
            {media !== null && <li>{media} of images</li>}
            {packs > 0 && <li>{many(packs, "post")} in packs</li>}
            <li>All API keys, access tokens, connected apps and webhooks</li>
            <li>A subscription, if there is one: it is cancelled</li>
          </ul>
          {blogs.length > 0 && (
            <p>For 90 days nobody can take the addresses of your blogs, you neither.</p>
          )}
          <form class="stack" method="post" action="/app/account/delete">
            <div class="field">
              <label>
                <span>
                  Type <b>{phrase}</b> to confirm
                </span>
                <input
                  type="text"
                  name="confirm"
                  value={mine?.typed ?? ""}
                  required
                  autocomplete="off"
                  autocapitalize="none"
                  spellcheck={false}
                  aria-invalid={fault ? "true" : undefined}
                  aria-describedby={fault ? "fault-confirm" : undefined}
                />
              </label>
              <Notes name="confirm" fault={fault} />
            </div>
            <div>
              <button class="button bad" type="submit">Delete the account for good</button>
            </div>
          </form>
        </div>
      </details>
    </section>
  );
}
