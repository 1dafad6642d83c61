import { MadeSecret } from "./credentials.tsx";
import { Deliveries, type ListedDelivery } from "./deliveries.tsx";
import { blogPath, type FramedBlog } from "./document.tsx";
import { Copyable, type Faults, type Place, Time } from "./parts.tsx";
import {
  type EventWords,
  HookBadge,
  HookForm,
  type ListedHook,
  PlanRefusal,
  type TypedHook,
} from "./webhooks.tsx";

/** `secret` is what is shown once; `rotated` says that there was another before. */
export type WebhookPage = {
  blog: FramedBlog;
  hook: ListedHook;
  secret: string | null;
  rotated: boolean;
  deliveries: ListedDelivery[];
  place: Place;
  events: EventWords;
  refusal: string | null;
  typed: TypedHook;
  faults: Faults;
};

// Runs as it is wherever the Fetch API is: Node, Deno, Bun, workers.
const VERIFY = `import { Webhook } from "standardwebhooks";

const webhook = new Webhook(process.env.POSTLARK_WEBHOOK_SECRET!);

export async function receive(request: Request): Promise<Response> {
  const body = await request.text();
  const headers = Object.fromEntries(request.headers);
  try {
    // Throws where the signature is wrong, or older than five minutes.
    const event = webhook.verify(body, headers) as { type: string; data: unknown };
    console.log(headers["webhook-id"], event.type, event.data);
  } catch {
    return new Response("The signature is not valid.", { status: 401 });
  }
  return new Response("Taken.");
}`;

/** One webhook: its state, what was sent, and what can be done with it. */
export function webhookMain(page: WebhookPage) {
  const { blog, hook, secret, refusal } = page;
  const path = blogPath(blog, `/webhooks/${hook.id}`);
  const changeable = !blog.frozen && !refusal;
  return (
    <>
      <p class="small">
        <a href={blogPath(blog, "/webhooks")}>All webhooks</a>
      </p>
      <div class="title">
        <h1>Webhook</h1>
        <span data-live="badge">
          <HookBadge {...hook} />
        </span>
      </div>
      <p>
        <code class="address">{hook.url}</code>
        {hook.description && (
          <>
            <br />
            <span class="soft">{hook.description}</span>
          </>
        )}
      </p>
      {secret && (
        <MadeSecret
          title={page.rotated ? "The secret was replaced" : "The webhook is made"}
          what="the secret"
          secret={secret}
        >
          {page.rotated &&
            ". For 24 hours all is signed with the one before as well, so that you can change over"}
          {". "}
          <a href="#Verify">How to verify with it</a>
        </MadeSecret>
      )}
      {refusal && <PlanRefusal refusal={refusal} />}
      <div data-live="state">
        <State hook={hook} path={path} changeable={changeable} />
      </div>
      <Deliveries
        path={path}
        deliveries={page.deliveries}
        place={page.place}
        sends={changeable && !hook.disabled_reason}
      />
      <section class="card" aria-labelledby="Verify">
        <h2 id="Verify">Verify what you receive</h2>
        <p>
          Anyone can send to your address. What comes from here is signed as{" "}
          <a href="https://www.standardwebhooks.com/">Standard Webhooks</a> says; with{" "}
          <code>npm install standardwebhooks</code>:
        </p>
        <Copyable what="the code that verifies" text={VERIFY} />
        <p class="soft small">
          Answer with 2xx within ten seconds. Anything else is sent again, for a day;{" "}
          <code>webhook-id</code>{" "}
          stays the same, so that you can tell what you have had already. 410 disables the webhook.
        </p>
      </section>
      {changeable && (
        <section class="card" aria-labelledby="Settings">
          <h2 id="Settings">Settings</h2>
          <HookForm
            {...{ path, events: page.events, typed: page.typed, faults: page.faults }}
            button="Save"
          />
        </section>
      )}
      <Ends hook={hook} path={path} changeable={changeable} />
    </>
  );
}

function State(
  { hook, path, changeable }: { hook: ListedHook; path: string; changeable: boolean },
) {
  const { disabled_reason: why, failing_since: since, disabled_at } = hook;
  if (!why && !since) return null;
  if (!why) {
    return (
      <p class="said bad">
        Your server has taken nothing since{" "}
        <Time at={since!} />. What it did not take is sent again, for a day; where it takes nothing
        for 24 hours, the webhook is disabled.
      </p>
    );
  }
  return (
    <section class="card alarm" aria-labelledby="State">
      <h2 id="State">
        {why === "owner" ? "Disabled by you" : "Disabled because it did not work"}
      </h2>
      {why === "gone" && (
        <p>
          Your server answered 410 Gone on{" "}
          <Time at={disabled_at!} />, which asks us to stop. Correct the address or the server, then
          enable it.
        </p>
      )}
      {why === "failing" && (
        <p>
          Your server took nothing for 24 hours{since && (
            <>
              , since <Time at={since} />
            </>
          )}. Look below at what it answered, mend it, then enable it.
        </p>
      )}
      <p>
        Nothing is sent. What happens meanwhile is not told later; what failed before can be
        delivered again once it is enabled.
      </p>
      {changeable && (
        <form method="post" action={`${path}/enable`}>
          <button class="button main" type="submit">Enable the webhook</button>
        </form>
      )}
    </section>
  );
}

function Ends(
  { hook, path, changeable }: { hook: ListedHook; path: string; changeable: boolean },
) {
  return (
    <section class="card" aria-labelledby="Ends">
      <h2 id="Ends">Secret, pause and end</h2>
      <div class="bulk">
        {changeable && (
          <Behind
            {...{ path: `${path}/rotate`, summary: "Replace the secret", button: "Make another" }}
            words="You see the new secret once. For 24 hours all is signed with both."
          />
        )}
        {changeable && !hook.disabled_reason && (
          <Behind
            {...{ path: `${path}/disable`, summary: "Disable", button: "Disable the webhook" }}
            words="Nothing more is sent, and what waits has failed, until you enable it."
          />
        )}
        <Behind
          {...{ path: `${path}/delete`, summary: "Delete", button: "Delete it, for good" }}
          words="It goes with its deliveries and its secret."
          bad
        />
      </div>
    </section>
  );
}

function Behind(
  { path, summary, words, button, bad }: {
    path: string;
    summary: string;
    words: string;
    button: string;
    bad?: boolean;
  },
) {
  const tone = bad ? "button slim bad" : "button slim";
  return (
    <details class="menu start" data-menu>
      <summary class={tone}>{summary}</summary>
      <form class="stack" method="post" action={path}>
        <p>{words}</p>
        <button class={tone} type="submit">{button}</button>
      </form>
    </details>
  );
}
