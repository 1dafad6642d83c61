import { blogPath, type FramedBlog } from "./document.tsx";
import { Copyable, type Faults, TextField, Time, Title } from "./parts.tsx";

/** What DNS had of a record when it last answered. */
export type RecordState = "found" | "other" | "missing";
type Record = { name: string; value: string; required: boolean };
/**
 * `own` is the blog's address without a domain, `gate` the lowest plan that has domains where the account's
 * has none; `shown`: the account's pages show it still; times are ISO 8601, `failingSince` in milliseconds.
 */
export type DomainPage = {
  blog: FramedBlog;
  own: string;
  gate: string | null;
  domain: {
    hostname: string;
    active: boolean;
    shown: boolean;
    checkedAt: string | null;
    cname: string;
    txt: Record;
  } | null;
  seen: { cname: RecordState; txt: RecordState } | null;
  failingSince: number | null;
  /** as it was typed */
  hostname: string;
  faults: Faults;
};
type Claimed = DomainPage & { domain: NonNullable<DomainPage["domain"]> };

/** The domain of a blog: how to have one, which records it needs, and what DNS has of them. */
export function domainMain(page: DomainPage) {
  const { blog, domain, gate, own } = page;
  return (
    <>
      <Title title="Domain" />
      {domain ? <Status {...page} domain={domain} /> : (
        <p>
          The blog is at{" "}
          <a href={own}>{withoutScheme(own)}</a>. With a domain of your own it is there instead, and
          this address leads to it.
        </p>
      )}
      {domain && <Records {...page} domain={domain} />}
      {gate && (
        <p class="said">
          A domain of your own requires the {gate} plan or above.{" "}
          <a href="/upgrade">Compare the plans</a>
        </p>
      )}
      {!blog.frozen && !gate && <Form {...page} />}
      {domain && <Removal {...page} domain={domain} />}
    </>
  );
}

function Status({ blog, domain, seen, failingSince, gate }: Claimed) {
  const { hostname, active, checkedAt } = domain;
  return (
    <section
      class="card"
      aria-labelledby="Status"
      data-domain={blogPath(blog, "/domain")}
      data-pending={!active && !gate ? "" : undefined}
    >
      <div class="title">
        <h2 id="Status" class="host">{hostname}</h2>
        <span class={active ? "badge on" : "badge"} data-live="badge">
          {active ? "Verified" : "Pending"}
        </span>
      </div>
      <p role="status" data-live="status">{sayStatus({ domain, seen, failingSince })}</p>
      <div class="row">
        <p class="soft small" data-live="checked">
          {checkedAt
            ? (
              <>
                DNS last answered <Time at={checkedAt} />
              </>
            )
            : "DNS has not answered yet"}
        </p>
        {!gate && !blog.frozen && (
          <form method="post" action={blogPath(blog, "/domain/check")}>
            <button class="button slim" type="submit">Check now</button>
          </form>
        )}
      </div>
      {!active && !gate && (
        <p class="soft small" data-follow>
          <a href={blogPath(blog, "/domain")}>Look again</a>
        </p>
      )}
    </section>
  );
}

function sayStatus(
  { domain, seen, failingSince }: Pick<Claimed, "domain" | "seen" | "failingSince">,
) {
  const { hostname, active, shown, txt } = domain;
  if (!shown) return "Your plan has no domains: the blog is at its own address.";
  if (active && failingSince !== null) {
    return `Verified, but its records are not found any more. Where they stay away for a day, ${hostname} is lost to the blog: put them back.`;
  }
  if (active) return `The blog is at ${hostname}. Keep the records as they are.`;
  if (!seen) return "DNS has not answered yet. It is asked again every now and then.";
  if (seen.cname === "found" && txt.required) {
    return "The CNAME record is found. The TXT record is wanted too: it is what tells whose the domain is.";
  }
  if (seen.cname === "found" || seen.txt === "found") {
    return `The records are right, but ${hostname} is verified for another blog.`;
  }
  if (seen.cname === "other") return `${hostname} leads elsewhere: change its CNAME record.`;
  if (seen.txt === "other") return "There is a TXT record, but with another value: change it.";
  return "No record is found yet. New ones can take minutes, sometimes hours, to be seen.";
}

function Records({ domain, seen }: Claimed) {
  const { hostname, cname, txt, active } = domain;
  return (
    <section class="card" aria-labelledby="Records">
      <h2 id="Records" data-live="records">
        {active ? "Its DNS records" : "Make these DNS records"}
      </h2>
      <p data-live="need">
        {active && "Keep what is found here. "}
        {!active && (txt.required ? "Both are needed. " : "The first is enough. ")}
        {!active && "They go where the domain's DNS is kept: at the registrar, as a rule."}
      </p>
      <RecordOf
        type="CNAME"
        name={hostname}
        value={cname}
        state={seen?.cname}
        need={txt.required
          ? "Needed, to lead to the blog"
          : "Proves the domain, and leads to the blog"}
      />
      <RecordOf
        type="TXT"
        name={txt.name}
        value={txt.value}
        state={seen?.txt}
        need={txt.required ? "Needed, to prove the domain" : "Only where there can be no CNAME"}
      />
      {!txt.required && (
        <p class="soft small">
          The apex of a domain, such as example.com itself, cannot have a CNAME: there the TXT
          record proves it, and an ALIAS or A record has to lead to the same place as {cname}.
        </p>
      )}
      <p class="soft small">
        Some registrars want the name without the domain at its end.
      </p>
    </section>
  );
}

const SHADES = { found: "on", other: "bad", missing: "" };
const STATES = { found: "Found", other: "Another value", missing: "Not found" };

function RecordOf(
  { type, name, value, state, need }: {
    type: string;
    name: string;
    value: string;
    state?: RecordState;
    need: string;
  },
) {
  return (
    <section class="record" aria-label={`${type} record`}>
      <div class="title">
        <h3>
          {type} <span class="soft small">{need}</span>
        </h3>
        <span class={`badge ${state ? SHADES[state] : ""}`} data-live={type}>
          {state ? STATES[state] : "Not looked at"}
        </span>
      </div>
      <dl class="record-parts">
        <dt>Name</dt>
        <dd>
          <Copyable what={`the name of the ${type} record`} text={name} wrap />
        </dd>
        <dt>Value</dt>
        <dd>
          <Copyable what={`the value of the ${type} record`} text={value} wrap />
        </dd>
      </dl>
    </section>
  );
}

function Form({ blog, domain, hostname, faults }: DomainPage) {
  const form = (
    <form class="stack short" method="post" action={blogPath(blog, "/domain")}>
      <TextField
        label="Domain"
        name="hostname"
        value={hostname}
        fault={faults.hostname}
        hint="Such as blog.example.com, of a domain that you own."
        required
        maxlength={1000}
      />
      <div>
        <button class={domain ? "button" : "button main"} type="submit">
          {domain ? "Use it instead" : "Add the domain"}
        </button>
      </div>
    </form>
  );
  if (!domain) {
    return (
      <section class="card" aria-labelledby="Add">
        <h2 id="Add">Add a domain</h2>
        {form}
      </section>
    );
  }
  return (
    <details class="card" open={!!faults.hostname}>
      <summary>
        <h2>Another domain</h2>
      </summary>
      <p>It takes the place of {domain.hostname} at once, also before it is verified.</p>
      {form}
    </details>
  );
}

function Removal({ blog, domain, own }: Claimed) {
  return (
    <details class="card">
      <summary>
        <h2>Remove the domain</h2>
      </summary>
      <p data-live="removal">
        {domain.active
          ? `The blog is at ${
            withoutScheme(own)
          } again, and links to ${domain.hostname} lead nowhere.`
          : `${domain.hostname} is not looked at any more.`}
      </p>
      <form method="post" action={blogPath(blog, "/domain/remove")}>
        <button class="button bad" type="submit">Remove {domain.hostname}</button>
      </form>
    </details>
  );
}

function withoutScheme(url: string): string {
  return url.replace(/^https?:\/\//, "");
}
