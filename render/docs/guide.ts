/** What the prose of the documents depends on. */
export type Service = {
  /** of the platform, without a trailing slash */
  origin: string;
  plans: { title: string; requests: number }[];
  /** searches an hour and address over all blogs */
  discover: number;
  scopes: readonly string[];
  /** seconds before each further attempt at a webhook's delivery */
  retries: readonly number[];
};
type Section = { title: string; text: string };

/** What is true of every operation, as Markdown; both documents, for people and for models, carry it. */
export function guide(service: Service): Section[] {
  const { origin, plans, discover, scopes, retries } = service;
  const hourly = plans.map(({ title, requests }) => `${title} ${requests.toLocaleString("en")}`);
  return [
    {
      title: "Authentication",
      text:
        `Send \`Authorization: Bearer KEY\` or \`X-API-Key: KEY\`. Keys begin with \`pk_live_\`; ` +
        `\`pk_test_\` keys reach only a blog's sandbox. A key is bound to one blog; an account token may ` +
        `reach all of its owner's: name the one to act on with \`X-Blog-Id\`. ` +
        `Scopes: ${scopes.join(", ")}; \`posts:*\` is both of posts', \`*\` is all.`,
    },
    {
      title: "Apps and devices",
      text: `An app gets a key of its user's by OAuth 2.1 with PKCE: it finds ` +
        `[the authorization server](${origin}/.well-known/oauth-authorization-server), registers itself ` +
        `there, and its user ticks the scopes, never \`account:write\`. Access tokens begin with ` +
        `\`pk_oauth_\` and last an hour; refresh tokens rotate. A command line logs in with ` +
        `\`POST ${origin}/auth/device\`: show \`user_code\`, open \`verify_url\`, and poll ` +
        `\`GET ${origin}/auth/device/poll?code=DEVICE_CODE\` every two seconds until it answers ` +
        `\`{"status": "authorized", "token": …}\`.`,
    },
    {
      title: "Errors",
      text:
        `Every error is JSON: \`error\` is a code, \`reason\` a finer one, \`message\` says how to ` +
        `mend it, \`request_id\` names the request, and \`issues\` lists every fault of the input. ` +
        `Credential (401), rate limit (429), permission (403) and input (400) are judged in this order.`,
    },
    {
      title: "Rate limits",
      text: `Requests an hour, for all credentials of an account together: ${hourly.join(", ")}. ` +
        `\`/discover\`, which needs no credential: ${discover} for an address. ` +
        `Every answer has \`X-RateLimit-Limit\`, \`X-RateLimit-Remaining\` and \`X-RateLimit-Reset\` ` +
        `(unix seconds); a 429 also \`Retry-After\`.`,
    },
    {
      title: "Safe retries",
      text:
        `A POST, PUT or DELETE with an \`Idempotency-Key\` happens once: within 24 hours the same ` +
        `request gives the first answer again, with \`Idempotency-Replayed: true\`.`,
    },
    {
      title: "Concurrent edits",
      text:
        `A GET of one post or blog has an \`ETag\`. Send it in \`If-Match\` with a change, and ` +
        `it is refused (412) where someone else was faster; in \`If-None-Match\` with a GET, and what ` +
        `has not changed is not sent again (304).`,
    },
    {
      title: "Lists",
      text:
        `With \`limit\` (at most 250) and \`cursor\` a list answers \`data\` and \`next_cursor\`, ` +
        `null on the last page. Posts and searches also take \`page\` and \`per_page\`, with an exact total.`,
    },
    {
      title: "Webhooks",
      text: `A webhook (Creator and above) gets a POST for each event that it names: ` +
        `\`post.created\`, \`post.updated\`, \`post.published\`, \`post.unpublished\`, ` +
        `\`post.scheduled\`, \`post.deleted\`, \`domain.active\`, \`pack.low\`. The body is ` +
        `\`{"type", "timestamp", "data"}\`; \`data\` has \`blog_id\`, and of a post its \`post\`, as lists ` +
        `show it. Verify \`webhook-id\`, \`webhook-timestamp\` and \`webhook-signature\` with a library of ` +
        `Standard Webhooks and the webhook's secret. Answer 2xx within ` +
        `10 seconds, in at most 64 kB. Any other answer is tried again after ${
          retries.map(duration).join(", ")
        }; an event comes at least once, under the same \`webhook-id\`, and those of a post in their ` +
        `order, but none later than 24 hours. Redirects are not followed. A webhook that answers 410, or ` +
        `takes nothing for a day, is disabled.`,
    },
    {
      title: "Agents",
      text:
        `\`${origin}/mcp\` is an MCP server over Streamable HTTP: its tools do what these operations do, ` +
        `for the same credentials, scopes and rate limits.`,
    },
    {
      title: "Links",
      text: [
        `- [API reference](${origin}/docs)`,
        `- [OpenAPI 3.0](${origin}/docs/openapi.json), also as [YAML](${origin}/docs/openapi.yaml)`,
        `- [OpenAPI 3.1](${origin}/docs/openapi-3.1.json), also as [YAML](${origin}/docs/openapi-3.1.yaml)`,
      ].join("\n"),
    },
  ];
}

function duration(seconds: number): string {
  const units = [[3600, "h"], [60, "min"], [1, "s"]] as const;
  const [size, unit] = units.find(([size]) => seconds % size === 0)!;
  return `${seconds / size} ${unit}`;
}
