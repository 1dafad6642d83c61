import { blogPath, type FramedBlog } from "./document.tsx";
import { Copyable, type Faults, Notes, SelectField, TextField, Time, Title } from "./parts.tsx";

/** A key as it is listed; times ISO 8601. */
export type ListedKey = {
  id: string;
  name: string;
  prefix: string;
  scopes: string[];
  mode: "live" | "test";
  expires_at: string | null;
  last_used_at: string | null;
  created_at: string;
};
/** What was typed into the form of a new key; `all`: every scope, whichever are ticked. */
export type TypedKey = {
  name: string;
  all: boolean;
  scopes: string[];
  expires: string;
  mode: string;
};
/** `made` is the secret that is shown once; `scopes` are all that there are. */
export type ApiKeysPage = {
  blog: FramedBlog;
  keys: ListedKey[];
  scopes: readonly string[];
  made: { name: string; secret: string } | null;
  typed: TypedKey;
  faults: Faults;
};

const EXPIRIES = [
  ["30d", "After 30 days"],
  ["90d", "After 90 days"],
  ["1y", "After a year"],
  ["never", "Never"],
] as const;
const MODES = [
  ["live", "Live: this blog"],
  ["test", "Test: a sandbox that nobody sees"],
] as const;

/** The API keys of a blog, and the form of a new one. */
export function apiKeysMain(page: ApiKeysPage) {
  const { blog, keys, made } = page;
  return (
    <>
      <Title title="API keys" />
      <p class="soft">
        A key lets a program act on this blog. Send it as <code>Authorization: Bearer KEY</code>.
      </p>
      {made && (
        <section class="card" aria-labelledby="Made" role="status">
          <h2 id="Made">{made.name} is made</h2>
          <p>Copy it now: it is shown this once, and kept nowhere.</p>
          <Copyable what="the key" text={made.secret} wrap />
        </section>
      )}
      <section class="card" aria-labelledby="Keys">
        <h2 id="Keys">{keys.length === 1 ? "1 key" : `${keys.length} keys`}</h2>
        {keys.length > 0
          ? <Keys blog={blog} keys={keys} />
          : <p class="empty">No key is in use.</p>}
      </section>
      {!blog.frozen && <NewKey {...page} />}
    </>
  );
}

function Keys({ blog, keys }: Pick<ApiKeysPage, "blog" | "keys">) {
  return (
    <table class="rows">
      <caption class="hidden">Keys in use, newest first</caption>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">May</th>
          <th scope="col">Last used</th>
          <th scope="col">Expires</th>
          <th scope="col">
            <span class="hidden">Revoke</span>
          </th>
        </tr>
      </thead>
      <tbody>{keys.map((key) => <Row blog={blog} shown={key} />)}</tbody>
    </table>
  );
}

function Row({ blog, shown: key }: { blog: FramedBlog; shown: ListedKey }) {
  return (
    <tr>
      <th scope="row">
        {key.name} {key.mode === "test" && <span class="badge">Test</span>}
        <br />
        <code class="soft">{key.prefix}…</code>
      </th>
      <td class="small">{key.scopes.includes("*") ? "Everything" : key.scopes.join(", ")}</td>
      <td class="small">
        {key.last_used_at
          ? (
            <>
              <span class="soft only-small">Last used</span>
              <Time at={key.last_used_at} />
            </>
          )
          : "Never used"}
      </td>
      <td class="small">
        {key.expires_at
          ? (
            <>
              <span class="soft only-small">Expires</span>
              <Time at={key.expires_at} />
            </>
          )
          : "Does not expire"}
      </td>
      <td>
        <details class="menu" data-menu>
          <summary class="button slim bad" aria-label={`Revoke ${key.name}`}>Revoke</summary>
          <form class="stack" method="post" action={blogPath(blog, `/keys/${key.id}/revoke`)}>
            <p>What uses it stops working at once.</p>
            <button class="button slim bad" type="submit">Revoke {key.name}</button>
          </form>
        </details>
      </td>
    </tr>
  );
}

function NewKey({ blog, scopes, typed, faults }: ApiKeysPage) {
  return (
    <section class="card" aria-labelledby="New">
      <h2 id="New">New key</h2>
      {faults[""] && <p class="said bad" role="alert">{faults[""]}</p>}
      <form class="stack short" method="post" action={blogPath(blog, "/keys")}>
        <TextField
          label="Name"
          name="name"
          value={typed.name}
          fault={faults.name}
          hint="For you to tell it by, such as the program that gets it."
          maxlength={100}
        />
        <SelectField
          label="Expires"
          name="expires"
          value={typed.expires}
          options={EXPIRIES}
          fault={faults.expires_in}
        />
        <SelectField
          label="Reaches"
          name="mode"
          value={typed.mode}
          options={MODES}
          fault={faults.mode}
        />
        <fieldset class="ticks">
          <legend>It may do</legend>
          <label>
            <input type="radio" name="may" value="all" checked={typed.all} /> Everything
          </label>
          <label>
            <input type="radio" name="may" value="some" checked={!typed.all} /> Only what is ticked
          </label>
        </fieldset>
        <fieldset class="ticks" data-when="may=some">
          <legend>Scopes</legend>
          <Notes name="scopes" fault={faults.scopes} />
          <div class="scopes">
            {scopes.map((scope) => (
              <label>
                <input
                  type="checkbox"
                  name="scope"
                  value={scope}
                  checked={typed.scopes.includes(scope)}
                />{" "}
                <code>{scope}</code>
              </label>
            ))}
          </div>
        </fieldset>
        <div>
          <button class="button main" type="submit">Make the key</button>
        </div>
      </form>
    </section>
  );
}
