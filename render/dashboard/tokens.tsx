import {
  Credentials,
  type ListedCredential,
  MadeSecret,
  NewCredential,
  type ScopeWords,
  type TypedCredential,
} from "./credentials.tsx";
import { countOf, type Faults, Older, type Place, SelectField, Title } from "./parts.tsx";

/** `made` is the secret that is shown once; `blogs` are id and name; `reach` of what is typed is a blog's id, or "". */
export type TokensPage = {
  tokens: ListedCredential[];
  place: Place;
  blogs: (readonly [string, string])[];
  scopes: ScopeWords;
  made: { name: string; secret: string } | null;
  typed: TypedCredential;
  faults: Faults;
};

const PATH = "/app/tokens";

/** The access tokens of an account, and the form of a new one. */
export function tokensMain(
  { tokens, place, blogs, scopes, made, typed, faults }: TokensPage,
) {
  return (
    <>
      <Title title="Access tokens" />
      <p class="soft">
        A token lets a program act for your account, on one blog or on all. Devices that you logged
        in from a command line hold one too, under their own name.
      </p>
      {made && <MadeSecret title={`${made.name} is made`} what="the token" secret={made.secret} />}
      <section class="card" aria-labelledby="Tokens">
        <h2 id="Tokens">{countOf(tokens.length, { one: "token", place })}</h2>
        {tokens.length > 0
          ? <Credentials list={tokens} path={PATH} caption="Tokens in use, newest first" />
          : <p class="empty">No token is in use.</p>}
        <Older path={PATH} {...place} />
      </section>
      <NewCredential what="token" path={PATH} scopes={scopes} typed={typed} faults={faults}>
        <SelectField
          label="Reaches"
          name="blog"
          value={typed.reach}
          options={[["", "All your blogs, and those to come"], ...blogs]}
          fault={faults.blog_id}
          hint="A program that reaches several names one at each request, by the header X-Blog-Id."
        />
      </NewCredential>
    </>
  );
}
