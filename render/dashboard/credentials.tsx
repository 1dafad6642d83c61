import type { Child } from "hono/jsx";
import { Copyable, type Faults, Notes, SelectField, TextField, Time } from "./parts.tsx";

/** A key or token as it is listed; times ISO 8601. `reaches` is which blogs, in words. */
export type ListedCredential = {
  id: string;
  name: string;
  prefix: string;
  scopes: string[];
  reaches?: string;
  mode: "live" | "test";
  expires_at: string | null;
  last_used_at: string | null;
  created_at: string;
};
/** What was typed into the form of a new one; `all`: every scope, whichever are ticked. `reach` is its mode, or its blog. */
export type TypedCredential = {
  name: string;
  all: boolean;
  scopes: string[];
  expires: string;
  reach: string;
};
/** Each scope that there is, with what it allows in words. */
export type ScopeWords = readonly (readonly [scope: string, words: string])[];

const EXPIRIES = [
  ["30d", "After 30 days"],
  ["90d", "After 90 days"],
  ["1y", "After a year"],
  ["never", "Never"],
] as const;

/** A secret that is shown this once; `what` names it. */
export function MadeSecret(
  { title, what, secret, children }: {
    title: string;
    what: string;
    secret: string;
    children?: Child;
  },
) {
  return (
    <section class="card" aria-labelledby="Made" role="status">
      <h2 id="Made">{title}</h2>
      <p>Copy it now: it is shown this once{children ?? ", and kept nowhere."}</p>
      <Copyable what={what} text={secret} wrap />
    </section>
  );
}

/** Keys or tokens that are in use; under `path` each is revoked. */
export function Credentials(
  { list, path, caption }: { list: ListedCredential[]; path: string; caption: string },
) {
  const reaching = list.some(({ reaches }) => reaches !== undefined);
  return (
    <table class="rows">
      <caption class="hidden">{caption}</caption>
      <thead>
        <tr>
          <th scope="col">Name</th>
          {reaching && <th scope="col">Reaches</th>}
          <th scope="col">May</th>
          <th scope="col">Last used</th>
          <th scope="col">Expires</th>
          <th scope="col">
            <span class="hidden">Revoke</span>
          </th>
        </tr>
      </thead>
      <tbody>{list.map((one) => <Row shown={one} path={path} reaching={reaching} />)}</tbody>
    </table>
  );
}

function Row(
  { shown, path, reaching }: { shown: ListedCredential; path: string; reaching: boolean },
) {
  const { name, expires_at, last_used_at } = shown;
  return (
    <tr>
      <th scope="row">
        {name} {shown.mode === "test" && <span class="badge">Test</span>}
        <br />
        <code class="soft">{shown.prefix}…</code>
      </th>
      {reaching && <td class="small">{shown.reaches}</td>}
      <td class="small">
        {shown.scopes.includes("*") ? "Everything" : shown.scopes.join(", ")}
      </td>
      <td class="small">
        {last_used_at ? <Said what="Last used" at={last_used_at} /> : "Never used"}
      </td>
      <td class="small">
        {expires_at ? <Said what="Expires" at={expires_at} /> : "Does not expire"}
      </td>
      <td class="act">
        <details class="menu" data-menu>
          <summary class="button slim bad" aria-label={`Revoke ${name}`}>Revoke</summary>
          <form class="stack" method="post" action={`${path}/${shown.id}/revoke`}>
            <p>What uses it stops working at once.</p>
            <button class="button slim bad" type="submit">Revoke {name}</button>
          </form>
        </details>
      </td>
    </tr>
  );
}

/** A time in a table, with what it is where the head of its column is not to be seen. */
export function Said({ what, at }: { what: string; at: string }) {
  return (
    <>
      <span class="soft only-small">{what}</span>
      <Time at={at} />
    </>
  );
}

/** The form of a new key or token, sent to `path`; `children` is the field of what it reaches. */
export function NewCredential(
  { what, path, scopes, typed, faults, children }: {
    what: string;
    path: string;
    scopes: ScopeWords;
    typed: TypedCredential;
    faults: Faults;
    children: Child;
  },
) {
  return (
    <section class="card" aria-labelledby="New">
      <h2 id="New">New {what}</h2>
      {faults[""] && <p class="said bad" role="alert">{faults[""]}</p>}
      <form class="stack short" method="post" action={path}>
        <TextField
          label="Name"
          name="name"
          value={typed.name}
          fault={faults.name}
          hint={`For you to tell it by, such as the program that gets the ${what}.`}
          maxlength={100}
        />
        <SelectField
          label="Expires"
          name="expires"
          value={typed.expires}
          options={EXPIRIES}
          fault={faults.expires_in}
        />
        {children}
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
            {scopes.map(([value, words]) => (
              <Tick name="scope" checked={typed.scopes.includes(value)} {...{ value, words }} />
            ))}
          </div>
        </fieldset>
        <div>
          <button class="button main" type="submit">Make the {what}</button>
        </div>
      </form>
    </section>
  );
}

/** A box to tick for a name that programs use, with what it means in words. */
export function Tick(
  { name, value, words, checked }: {
    name: string;
    value: string;
    words: string;
    checked: boolean;
  },
) {
  const id = `${name}-${value.replace(/\W/g, "-")}`;
  return (
    <label>
      <input
        type="checkbox"
        name={name}
        value={value}
        checked={checked}
        aria-labelledby={id}
        aria-describedby={`${id}-means`}
      />
      <span>
        <code id={id}>{value}</code>
        <span class="soft small meaning" id={`${id}-means`}>{words}</span>
      </span>
    </label>
  );
}
