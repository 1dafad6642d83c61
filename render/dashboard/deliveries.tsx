import { Said } from "./credentials.tsx";
import { Older, type Place, sayTime, Time } from "./parts.tsx";

/** A delivery as it is listed, its attempts oldest first; times ISO 8601. */
export type ListedDelivery = {
  id: string;
  event: string;
  status: "pending" | "delivered" | "failed";
  error: string | null;
  attempts: ListedAttempt[];
  next_attempt_at: string | null;
  created_at: string;
};
type ListedAttempt = {
  at: string;
  duration_ms: number;
  status: number | null;
  error: string | null;
};

const STATES = {
  pending: ["badge", "Waiting"],
  delivered: ["badge on", "Delivered"],
  failed: ["badge bad", "Failed"],
} as const;

/** What was sent to a webhook, or waits; `sends`: whether more can be sent now. */
export function Deliveries(
  { path, deliveries, place, sends }: {
    path: string;
    deliveries: ListedDelivery[];
    place: Place;
    sends: boolean;
  },
) {
  return (
    <section
      class="card"
      aria-labelledby="Deliveries"
      data-deliveries
      data-pending={deliveries.some(({ status }) => status === "pending") ? "" : undefined}
    >
      <div class="title">
        <h2 id="Deliveries">Deliveries</h2>
        <div class="bulk">
          <a class="button slim" href={path}>Look again</a>
          {sends && (
            <form method="post" action={`${path}/test`}>
              <button class="button slim" type="submit">Send a test event</button>
            </form>
          )}
        </div>
      </div>
      <div data-live="deliveries">
        {deliveries.length > 0 && (
          <table class="rows">
            <caption class="hidden">Deliveries, newest first</caption>
            <thead>
              <tr>
                <th scope="col">Event</th>
                <th scope="col">State</th>
                <th scope="col">Answers</th>
                <th scope="col">Next attempt</th>
                {sends && (
                  <th scope="col">
                    <span class="hidden">Deliver again</span>
                  </th>
                )}
              </tr>
            </thead>
            <tbody>
              {deliveries.map((one) => <Row delivery={one} path={path} sends={sends} />)}
            </tbody>
          </table>
        )}
        {deliveries.length === 0 && (
          <p class="empty">
            {place.after ? "Nothing older is kept." : "Nothing was sent yet."}
          </p>
        )}
      </div>
      <Older path={path} {...place} />
      <p class="soft small">About the newest 200 are kept, for 30 days, and all that wait.</p>
    </section>
  );
}

function Row(
  { delivery, path, sends }: { delivery: ListedDelivery; path: string; sends: boolean },
) {
  const { id, event, status, next_attempt_at, created_at } = delivery;
  const [tone, words] = STATES[status];
  const again = status === "pending" ? "Try now" : "Deliver again";
  return (
    <tr>
      <th scope="row">
        <code>{event}</code>
        <br />
        <span class="soft small">
          <Time at={created_at} />
        </span>
      </th>
      <td>
        <span class={tone}>{words}</span>
      </td>
      <td class="small">
        <Attempts {...delivery} />
      </td>
      <td class="small">
        {next_attempt_at ? <Said what="Next attempt" at={next_attempt_at} /> : ""}
      </td>
      {sends && (
        <td class="act">
          <form method="post" action={`${path}/deliveries/${id}/redeliver`}>
            <button
              class="button slim"
              type="submit"
              aria-label={`${again}: ${event} of ${sayTime(created_at)}`}
            >
              {again}
            </button>
          </form>
        </td>
      )}
    </tr>
  );
}

function Attempts({ attempts, error }: Pick<ListedDelivery, "attempts" | "error">) {
  const last = attempts.at(-1);
  return (
    <>
      {error && <>{error}{" "}</>}
      {attempts.length === 0 && !error && "Not tried yet"}
      {attempts.length === 1 && <Attempt {...last!} />}
      {attempts.length > 1 && (
        <details class="attempts">
          <summary>
            {attempts.length} attempts, the last: <Answer {...last!} />
          </summary>
          <ol reversed>
            {attempts.toReversed().map((one) => (
              <li>
                <Attempt {...one} />
              </li>
            ))}
          </ol>
        </details>
      )}
    </>
  );
}

function Attempt(attempt: ListedAttempt) {
  return (
    <>
      <Answer {...attempt} />{" "}
      <span class="soft">
        in {attempt.duration_ms} ms, <Time at={attempt.at} />
      </span>
    </>
  );
}

function Answer({ status, error }: Pick<ListedAttempt, "status" | "error">) {
  return status === null ? <>{error}</> : <strong>{status}</strong>;
}
