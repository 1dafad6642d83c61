import { blogPath, type FramedBlog } from "./document.tsx";
import {
  Credentials,
  type ListedCredential,
  MadeSecret,
  NewCredential,
  type ScopeWords,
  type TypedCredential,
} from "./credentials.tsx";
import { countOf, type Faults, Older, type Place, SelectField, Title } from "./parts.tsx";

/** `made` is the secret that is shown once; `reach` of what is typed is a mode. */
export type ApiKeysPage = {
  blog: FramedBlog;
  keys: ListedCredential[];
  place: Place;
  scopes: ScopeWords;
  made: { name: string; secret: string } | null;
  typed: TypedCredential;
  faults: Faults;
};

const MODES = [
  ["live", "Live: this blog"],
  ["test", "Test: a sandbox that nobody sees"],
] as const;

/** The API keys of a blog, and the form of a new one. */
export function apiKeysMain({ blog, keys, place, scopes, made, typed, faults }: ApiKeysPage) {
  const path = blogPath(blog, "/keys");
  return (
    <>
      <Title title="API keys" />
      <p class="soft">
        A key lets a program act on this blog. Send it as <code>Authorization: Bearer KEY</code>.
        {" "}
        For all your blogs at once, make an <a href="/app/tokens">access token</a>.
      </p>
      {made && <MadeSecret title={`${made.name} is made`} what="the key" secret={made.secret} />}
      <section class="card" aria-labelledby="Keys">
        <h2 id="Keys">{countOf(keys.length, { one: "key", place })}</h2>
        {keys.length > 0
          ? <Credentials list={keys} path={path} caption="Keys in use, newest first" />
          : <p class="empty">No key is in use.</p>}
        <Older path={path} {...place} />
      </section>
      {!blog.frozen && (
        <NewCredential what="key" path={path} scopes={scopes} typed={typed} faults={faults}>
          <SelectField
            label="Reaches"
            name="mode"
            value={typed.reach}
            options={MODES}
            fault={faults.mode}
          />
        </NewCredential>
      )}
    </>
  );
}
