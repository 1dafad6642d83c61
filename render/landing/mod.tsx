import { raw } from "hono/html";
import { sourceOf } from "../blog/csp.ts";
import { ICON_SVG } from "../icon.ts";
import { STYLE } from "./style.ts";

/** `blog` is the address of the blog in the example, `free` what the plan without a price holds, `indexed` the first that search engines list. */
export type Landing = {
  origin: string;
  blog: string;
  signup: "open" | "closed";
  free: { title: string; blogs: number; posts: number };
  indexed: string;
  /** path of the picture for previews */
  picture: string;
};

/** What the picture for previews says. */
export const HEADLINE = "Post Markdown, get a blog";
const TITLE = "Postlark: an API-first blog platform";
const DESCRIPTION =
  "Send Markdown in one HTTP request and it is a published post, with feeds, search and a sitemap. REST API, command line, MCP server, editor.";
const POST = { title: "Hello world", content: "My **first** post.", status: "published" };
const RETRY = "POST /v1/posts\nIdempotency-Key: build-1042";
const MARK = ICON_SVG.replace("<svg ", '<svg aria-hidden="true" ');

/** The policy of the landing page. */
export const LANDING_CSP = [
  "default-src 'none'",
  `style-src ${sourceOf(STYLE)}`,
  "img-src 'self'",
  // Lighthouse reads robots.txt and llms.txt as the page, under its policy.
  "connect-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The page at `/` of the platform. */
export function landingPage(page: Landing): string {
  const { origin, signup } = page;
  const markup = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>{TITLE}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="description" content={DESCRIPTION} />
        <link rel="canonical" href={`${origin}/`} />
        <link rel="icon" href="/favicon.ico" />
        <link rel="service-doc" href="/docs" />
        <link rel="service-desc" type="application/json" href="/docs/openapi.json" />
        <meta property="og:type" content="website" />
        <meta property="og:site_name" content="Postlark" />
        <meta property="og:title" content={TITLE} />
        <meta property="og:description" content={DESCRIPTION} />
        <meta property="og:url" content={`${origin}/`} />
        <meta property="og:image" content={origin + page.picture} />
        <meta property="og:image:width" content="1200" />
        <meta property="og:image:height" content="630" />
        <meta property="og:image:alt" content={`${HEADLINE}: Postlark`} />
        <meta name="twitter:card" content="summary_large_image" />
        <style>{raw(STYLE)}</style>
      </head>
      <body>
        <header>
          <a class="brand" href="/">{raw(MARK)} Postlark</a>
          <nav aria-label="Main">
            <a href="/docs">API</a>
            <a class="wide-only" href="/upgrade">Plans</a>
            <a class="button slim" href="/app">Sign in</a>
          </nav>
        </header>
        <main>
          <section class="hero">
            <h1>{HEADLINE}</h1>
            <p class="lead">
              Postlark is an API-first blog platform. Send a post from a terminal, a script, an
              agent or the editor; readers get finished pages, feeds and search. There is no site to
              build or to host.
            </p>
            <p class="actions">
              <a class="button main" href="/app">
                {signup === "open" ? "Make a blog" : "Sign in"}
              </a>
              <a class="button" href="/docs">Read the API</a>
            </p>
            <Demo {...page} />
          </section>
          <Ways {...page} />
          <Readers />
          <div class="pair">
            <Price {...page} />
            <Leaving {...page} />
          </div>
        </main>
        <footer>
          <nav aria-label="Further">
            <ul>
              <li>
                <a href="/docs">API reference</a>
              </li>
              <li>
                <a href="/docs/openapi-3.1.json">OpenAPI 3.1</a>
              </li>
              <li>
                <a href="/llms.txt">llms.txt</a>
              </li>
              <li>
                <a href="/upgrade">Plans</a>
              </li>
              <li>
                <a href="/app">Your blogs</a>
              </li>
            </ul>
          </nav>
        </footer>
      </body>
    </html>
  );
  return `<!doctype html>\n${markup}\n`;
}

/** The request and its answer as a terminal shows them, and beside them the page that it makes. */
function Demo({ origin, blog }: Landing) {
  const url = `${blog}/hello-world`;
  const [first, ...fields] = JSON.stringify(POST, null, 2).split("\n");
  const prompt = "$ ";
  const call = `curl -s ${origin}/v1/posts \\\n  -H "Authorization: Bearer $KEY" \\\n  --json `;
  const pipe = " | jq -r .url\n";
  const json = [first, ...fields.map((line) => `  ${line}`)].join("\n");
  return (
    <div class="demo">
      <div class="screen terminal">
        <p class="bar">Terminal</p>
        <pre><code><span class="prompt">{prompt}</span>{call}<span class="json">'{json}'</span>{pipe}<span class="out">{url}</span></code></pre>
      </div>
      <div class="screen page">
        <p class="bar">{url.replace(/^https?:\/\//, "")}</p>
        <div class="sheet">
          <p class="blog soft">Ada's notes</p>
          <p class="headline">{POST.title}</p>
          <p>
            My <strong>first</strong> post.
          </p>
        </div>
      </div>
    </div>
  );
}

function Ways({ origin }: Landing) {
  return (
    <section aria-labelledby="Write">
      <h2 id="Write">Four ways to write</h2>
      <div class="ways">
        <div class="card">
          <h3>REST API</h3>
          <pre><code>{RETRY}</code></pre>
          <p>
            Keys have scopes and may expire; a test key writes to a sandbox that nobody sees. With
            an <code>Idempotency-Key</code> a retry is safe, <code>If-Match</code>{" "}
            keeps two writers apart, and every error says how to mend it.
          </p>
          <p class="more">
            <a href="/docs">API reference</a> · <a href="/docs/openapi.json">OpenAPI</a>
          </p>
        </div>
        <div class="card">
          <h3>Command line</h3>
          <pre><code>{[
            `npx @postlark/cli login --api-base ${origin}`,
            "npx @postlark/cli posts create post.md",
            "npx @postlark/cli deploy content/",
          ].join("\n")}</code></pre>
          <p>
            <code>deploy</code> sends what changed in a folder of Markdown; <code>import</code>{" "}
            takes posts over from WordPress, Ghost, Hugo and Jekyll.
          </p>
        </div>
        <div class="card">
          <h3>Agents, by MCP</h3>
          <pre><code>{`claude mcp add --transport http postlark ${origin}/mcp`}</code></pre>
          <p>
            The operations of the API as tools. The agent signs in by OAuth, and you tick what it
            may do.
          </p>
        </div>
        <div class="card">
          <h3>Editor</h3>
          <p>
            In the browser, with a live preview by the renderer of the site, images by drag and
            drop, revisions, and a notice when someone else changed the post meanwhile.
          </p>
          <p class="more">
            <a href="/app">Open it</a>
          </p>
        </div>
      </div>
    </section>
  );
}

function Readers() {
  const facts = [
    [
      "Pages",
      "Rendered on the server, light and dark. JavaScript only for what needs it, such as diagrams and copy buttons.",
    ],
    [
      "Markdown",
      "GFM with footnotes, math, Mermaid, callouts, and code with highlighting and diffs.",
    ],
    ["Feeds", "RSS, Atom and JSON Feed with whole posts, and a sitemap."],
    ["Search", "Full text over each blog, which finds words in their other forms too."],
    [
      "For machines",
      "Each post's Markdown at its address with .md, llms.txt, JSON-LD, and a drawn preview picture.",
    ],
    ["Addresses", "One at once, and a domain of your own on the paid plans."],
  ];
  return (
    <section aria-labelledby="Read">
      <h2 id="Read">What readers get</h2>
      <dl class="facts">
        {facts.map(([name, text]) => (
          <div>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Price({ free, indexed, signup }: Landing) {
  const many = (n: number, one: string) => `${n} ${one}${n === 1 ? "" : "s"}`;
  return (
    <section aria-labelledby="Price">
      <h2 id="Price">Plans</h2>
      <p>
        {free.title} has {many(free.blogs, "blog")} and {many(free.posts, "post")}
        , and asks search engines not to list them. From {indexed}{" "}
        on they may, and posts are counted by the month.
        {signup === "closed" && " New accounts are made by the operator of this server."}
      </p>
      <p>
        <a href="/upgrade">Compare the plans</a>
      </p>
    </section>
  );
}

function Leaving({ origin }: Landing) {
  return (
    <section aria-labelledby="Leave">
      <h2 id="Leave">Leaving</h2>
      <p>
        One request gives a ZIP with a Markdown file for each post, the images and the settings:
      </p>
      <pre><code>{`GET ${origin}/v1/account/export?format=zip`}</code></pre>
    </section>
  );
}
