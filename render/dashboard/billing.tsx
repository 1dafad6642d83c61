import { Time, Title } from "./parts.tsx";

/** How much of one thing is used; `limit` null where there is none, `warns`: it is no good when little is left, `anew` when it begins again, ISO 8601. */
export type Gauge = {
  name: string;
  used: number;
  limit: number | null;
  says: string;
  warns: boolean;
  anew: string | null;
};
/** A pack as it is listed. */
export type ListedPack = { id: string; balance: number; size: number; purchased_at: string };
/** A movement of the quota as it is listed; `balance` is what all packs held after it. */
export type ListedMovement = {
  id: string;
  kind: "grant" | "consumption" | "reset" | "refund";
  source: "month" | "pack";
  amount: number;
  balance: number;
  reference: string | null;
  created_at: string;
};
/** `now` in milliseconds; `plans` and `offer.says` are how to change the plan, and to buy; `ledger.next` is a cursor. */
export type Billing = {
  now: number;
  plan: string;
  plans: string;
  /** after a downgrade: what is shown still, until when, and what ends then */
  grace: { until: string; plan: string; ends: string[] } | null;
  gauges: Gauge[];
  packs: ListedPack[];
  remaining: number;
  /** `once` is a key of a purchase, which sent again is the same one */
  offer: { packs: { type: string; price: string; once: string }[]; says: string };
  ledger: { movements: ListedMovement[]; next: string | null; first: boolean };
};

const DAY = 86_400_000;
// Of what is used, from where on a bar warns.
const HIGH = 0.8;
const UNITS = ["bytes", "KiB", "MiB", "GiB"];

/** Bytes for people, such as "12.3 MiB". */
export function sayBytes(bytes: number): string {
  const step = Math.min(UNITS.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10));
  const n = bytes / 1024 ** step;
  return `${n.toLocaleString("en", { maximumFractionDigits: n < 100 ? 1 : 0 })} ${UNITS[step]}`;
}

/** The plan of an account, what it has used of it, its packs and their ledger. */
export function billingMain(page: Billing) {
  const { plan, grace, gauges } = page;
  return (
    <>
      <Title title="Billing">
        <a class="button" href="/upgrade">Compare the plans</a>
      </Title>
      <div class="columns wide">
        <section class="card" aria-labelledby="Plan">
          <h2 id="Plan">Plan: {plan}</h2>
          {grace && <Grace {...grace} plan={plan} former={grace.plan} />}
          <ul class="gauges">{gauges.map((gauge, i) => <Bar {...gauge} id={`gauge-${i}`} />)}</ul>
          <p class="soft small">{page.plans}</p>
        </section>
        <Packs {...page} />
      </div>
      <Ledger {...page.ledger} />
    </>
  );
}

function Grace(
  { until, plan, former, ends }: { until: string; plan: string; former: string; ends: string[] },
) {
  return (
    <div class="said">
      <p>
        What you write goes by {plan} now; until <Time at={until} /> your pages show as on {former}.
        {ends.length > 0 && " Then these end:"}
      </p>
      {ends.length > 0 && <ul class="dashed">{ends.map((one) => <li>{one}</li>)}</ul>}
    </div>
  );
}

function Bar({ id, name, used, limit, says, warns, anew }: Gauge & { id: string }) {
  return (
    <li class="gauge">
      <div class="line">
        <span id={id}>{name}</span>
        <span>{says}</span>
      </div>
      {limit !== null && (
        <meter
          min={0}
          max={Math.max(1, limit)}
          high={warns ? Math.floor(limit * HIGH) : undefined}
          optimum={0}
          value={used}
          aria-labelledby={id}
        >
          {says}
        </meter>
      )}
      {anew && (
        <span class="soft small">
          Begins anew <Time at={anew} />
        </span>
      )}
    </li>
  );
}

function Packs({ now, packs, remaining, offer }: Billing) {
  return (
    <section class="card" aria-labelledby="Packs">
      <h2 id="Packs">
        {remaining === 1 ? "1 post in packs" : `${remaining.toLocaleString("en")} posts in packs`}
      </h2>
      <p class="soft">
        Packs are used up, oldest first, once the period's own posts are. They never expire.
      </p>
      {remaining < 0 && (
        <p>A refund took back posts that were used: the next pack makes up for it.</p>
      )}
      {packs.length > 0 && (
        <ul class="list">
          {packs.map((pack) => (
            <li class="row">
              <strong>
                {pack.balance.toLocaleString("en")} of {pack.size.toLocaleString("en")} left
              </strong>
              <span class="soft small">
                Bought <Time at={pack.purchased_at} />, {sayAge(now, pack.purchased_at)}
              </span>
            </li>
          ))}
        </ul>
      )}
      {offer.packs.length > 0 && (
        <div class="bulk">
          {offer.packs.map(({ type, price, once }) => (
            <form method="post" action="/app/billing/packs">
              <input type="hidden" name="idempotency_key" value={once} />
              <button class="button" type="submit" name="pack_type" value={type}>
                Buy {type} posts for {price}
              </button>
            </form>
          ))}
        </div>
      )}
      <p class="soft small">{offer.says}</p>
    </section>
  );
}

function sayAge(now: number, at: string): string {
  const days = Math.max(0, Math.floor((now - Date.parse(at)) / DAY));
  return days === 0 ? "today" : days === 1 ? "a day ago" : `${days.toLocaleString("en")} days ago`;
}

function Ledger({ movements, next, first }: Billing["ledger"]) {
  return (
    <section class="card" aria-labelledby="Ledger">
      <h2 id="Ledger">Ledger</h2>
      {movements.length === 0
        ? <p class="empty">{first ? "Nothing has moved yet." : "Nothing older."}</p>
        : (
          <table class="rows ledger">
            <caption class="hidden">Movements of the quota, newest first</caption>
            <thead>
              <tr>
                <th scope="col">What</th>
                <th scope="col">When</th>
                <th scope="col" class="number">Posts</th>
                <th scope="col" class="number">In packs after it</th>
              </tr>
            </thead>
            <tbody>{movements.map((movement) => <Row {...movement} />)}</tbody>
          </table>
        )}
      {(next || !first) && (
        <nav class="pager" aria-label="Pages of the ledger">
          {first ? <span></span> : <a class="button slim" href="/app/billing#Ledger">Newest</a>}
          {next && (
            <a
              class="button slim"
              href={`/app/billing?${new URLSearchParams({ cursor: next })}#Ledger`}
            >
              Older
            </a>
          )}
        </nav>
      )}
    </section>
  );
}

function Row({ kind, source, amount, balance, reference, created_at }: ListedMovement) {
  const words = {
    grant: "Pack bought",
    refund: "Pack refunded",
    reset: "A new period: its posts begin anew",
    consumption: source === "pack" ? "Post from a pack" : "Post of the period",
  };
  return (
    <tr>
      <th scope="row">
        {words[kind]}
        {reference !== null && (
          <>
            <br />
            <code class="soft">{reference}</code>
          </>
        )}
      </th>
      <td class="small">
        <Time at={created_at} />
      </td>
      <td class="number">
        {amount > 0 ? "+" : "−"}
        {Math.abs(amount).toLocaleString("en")}
        <span class="soft only-small units">{Math.abs(amount) === 1 ? "post" : "posts"}</span>
      </td>
      <td class="number">
        {balance.toLocaleString("en")}
        <span class="soft only-small units">in packs</span>
      </td>
    </tr>
  );
}
