import { Tick } from "./credentials.tsx";
import { blogPath, type FramedBlog } from "./document.tsx";
import { type Faults, Notes, TextField, Time, Title } from "./parts.tsx";

/** A webhook as it is listed; times ISO 8601. `disabled_reason` is null while it is enabled. */
export type ListedHook = {
  id: string;
  url: string;
  events: string[];
  description: string;
  disabled_reason: "owner" | "gone" | "failing" | null;
  disabled_at: string | null;
  failing_since: string | null;
};
/** What was typed into the form of a webhook; `all`: every event, whichever are ticked. */
export type TypedHook = { url: string; description: string; all: boolean; events: string[] };
/** Each event that there is, with what has happened in words. */
export type EventWords = readonly (readonly [event: string, words: string])[];
/** `refusal` is why the account's plan lets none be made, or null. */
export type WebhooksPage = {
  blog: FramedBlog;
  hooks: ListedHook[];
  events: EventWords;
  refusal: string | null;
  typed: TypedHook;
  faults: Faults;
};

/** The webhooks of a blog, and the form of a new one. */
export function webhooksMain({ blog, hooks, events, refusal, typed, faults }: WebhooksPage) {
  return (
    <>
      <Title title="Webhooks" />
      <p class="soft">
        A webhook tells a server of yours, by a signed POST request, what happens on this blog.
      </p>
      {refusal && <PlanRefusal refusal={refusal} />}
      <section class="card" aria-labelledby="Hooks">
        <h2 id="Hooks">{hooks.length === 1 ? "1 webhook" : `${hooks.length} webhooks`}</h2>
        {hooks.length > 0
          ? <ul class="list">{hooks.map((hook) => <Hook blog={blog} hook={hook} />)}</ul>
          : <p class="empty">Nothing is told of this blog yet.</p>}
      </section>
      {!blog.frozen && !refusal && (
        <section class="card" aria-labelledby="New">
          <h2 id="New">New webhook</h2>
          <HookForm
            {...{ path: blogPath(blog, "/webhooks"), events, typed, faults }}
            button="Make the webhook"
          />
        </section>
      )}
    </>
  );
}

/** Says that the plan has no webhooks. */
export function PlanRefusal({ refusal }: { refusal: string }) {
  return (
    <p class="said bad">
      {refusal} <a href="/upgrade">Compare the plans</a>
    </p>
  );
}

function Hook({ blog, hook }: { blog: FramedBlog; hook: ListedHook }) {
  return (
    <li class="row">
      <div>
        <a class="address" href={blogPath(blog, `/webhooks/${hook.id}`)}>{hook.url}</a>
        <br />
        <span class="soft small">
          {hook.description && <>{hook.description} ·{" "}</>}
          {hook.events.includes("*") ? "All events" : hook.events.join(", ")}
        </span>
        {hook.disabled_reason && (
          <>
            <br />
            <span class="small">
              {WHY[hook.disabled_reason]}, on <Time at={hook.disabled_at!} />.
            </span>
          </>
        )}
      </div>
      <HookBadge {...hook} />
    </li>
  );
}

const WHY = {
  owner: "Disabled by you",
  gone: "Disabled because it answered 410 Gone",
  failing: "Disabled because it took nothing for 24 hours",
};

/** The state of a webhook, in a word. */
export function HookBadge(
  { disabled_reason, failing_since }: Pick<ListedHook, "disabled_reason" | "failing_since">,
) {
  if (disabled_reason) {
    return <span class={disabled_reason === "owner" ? "badge" : "badge bad"}>Disabled</span>;
  }
  return failing_since
    ? <span class="badge bad">Failing</span>
    : <span class="badge on">Active</span>;
}

/** The fields of a webhook, sent to `path`. */
export function HookForm(
  { path, events, typed, faults, button }: {
    path: string;
    events: EventWords;
    typed: TypedHook;
    faults: Faults;
    button: string;
  },
) {
  return (
    <>
      {faults[""] && <p class="said bad" role="alert">{faults[""]}</p>}
      <form class="stack short" method="post" action={path}>
        <TextField
          label="Address"
          name="url"
          value={typed.url}
          fault={faults.url}
          hint="Where events are sent: https, and reachable from the public internet."
          maxlength={2048}
          required
        />
        <TextField
          label="Description"
          name="description"
          value={typed.description}
          fault={faults.description}
          hint="For you to tell it by; may be empty."
          maxlength={200}
        />
        <fieldset class="ticks">
          <legend>It hears of</legend>
          <label>
            <input type="radio" name="hears" value="all" checked={typed.all} /> Every event
          </label>
          <label>
            <input type="radio" name="hears" value="some" checked={!typed.all} />{" "}
            Only what is ticked
          </label>
        </fieldset>
        <fieldset class="ticks" data-when="hears=some">
          <legend>Events</legend>
          <Notes name="events" fault={faults.events} />
          <div class="scopes">
            {events.map(([value, words]) => (
              <Tick name="event" checked={typed.events.includes(value)} {...{ value, words }} />
            ))}
          </div>
        </fieldset>
        <div>
          <button class="button main" type="submit">{button}</button>
        </div>
      </form>
    </>
  );
}
