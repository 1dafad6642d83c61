import { countOf, Older, type Place, Time, Title } from "./parts.tsx";

/** An app as it is listed: where it sends people and what it may do, in words; times ISO 8601. */
export type ListedApp = {
  client_id: string;
  name: string;
  destinations: string[];
  may: string[];
  connected_at: string;
  last_used_at: string | null;
  expires_at: string;
};
/** `mcp` is the address that most apps are given. */
export type AppsPage = { apps: ListedApp[]; place: Place; mcp: string };

const PATH = "/app/apps";

/** The apps that an account has let in. */
export function appsMain({ apps, place, mcp }: AppsPage) {
  return (
    <>
      <Title title="Connected apps" />
      <p class="soft">
        Apps and assistants that you have allowed to act for you, on all your blogs. What they call
        themselves is not verified. A device that you logged in from a command line holds an{" "}
        <a href="/app/tokens">access token</a> instead.
      </p>
      <section class="card" aria-labelledby="Apps">
        <h2 id="Apps">{countOf(apps.length, { one: "app", place })}</h2>
        {apps.length > 0
          ? <ul class="list">{apps.map((app) => <App {...app} />)}</ul>
          : (
            <p class="empty">
              No app is connected. An assistant that speaks MCP asks for access once you give it
              {" "}
              <code>{mcp}</code>
            </p>
          )}
        <Older path={PATH} {...place} />
      </section>
    </>
  );
}

function App(app: ListedApp) {
  const { client_id, name, destinations } = app;
  return (
    <li class="row app">
      <div class="stack">
        <h3>
          <bdi>{name}</bdi>
        </h3>
        <dl class="figures small">
          <dt>Sends you to</dt>
          <dd>{destinations.length ? destinations.join(", ") : "nowhere any more"}</dd>
          <dt>Reaches</dt>
          <dd>All your blogs</dd>
          <dt>Connected</dt>
          <dd>
            <Time at={app.connected_at} />
          </dd>
          <dt>Last used</dt>
          <dd>{app.last_used_at ? <Time at={app.last_used_at} /> : "Never"}</dd>
          <dt>Ends</dt>
          <dd>
            <Time at={app.expires_at} /> <span class="soft">unless it is used before</span>
          </dd>
          <dt>It may</dt>
          <dd>
            <ul class="points">{app.may.map((words) => <li>{words}</li>)}</ul>
          </dd>
        </dl>
      </div>
      <details class="menu" data-menu>
        <summary class="button slim bad" aria-label={`Disconnect ${name}`}>Disconnect</summary>
        <form class="stack" method="post" action={`${PATH}/${client_id}/disconnect`}>
          <p>It can do nothing for you any more, until you connect it again.</p>
          <button class="button slim bad" type="submit">Disconnect {name}</button>
        </form>
      </details>
    </li>
  );
}
