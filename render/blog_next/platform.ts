import { html, raw } from "hono/html";
import { policyOf } from "./csp.ts";
import { styleOf } from "./style/mod.ts";

const STYLE = styleOf("ink", { langs: ["en"], kind: "notice" });
const NOTHING = {
  theme: "ink",
  ...{ customCss: "", cssUrl: "", adCode: "", headerHtml: "" },
  ...{ footerHtml: "", headHtml: "", layoutHtml: "" },
} as const;

/** The page for a host that is no blog (404). */
export const platformNotFound: string = String(html`
  <!doctype html>
  <html lang="en">
    <head>
      <title>No blog here</title>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="robots" content="noindex">
      <style>${raw(STYLE)}</style>
    </head>
    <body>
      <main>
        <div class="notice">
          <p class="code">404</p>
          <h1 class="title">No blog here</h1>
          <p>There is no blog at this address. It may be misspelled, or gone.</p>
        </div>
      </main>
    </body>
  </html>
`).trim() + "\n";

/** The policy of platformNotFound. */
export const PLATFORM_CSP = policyOf(NOTHING, {
  scripts: [],
  styles: [STYLE],
  ...{ files: false, mermaid: false, youtube: false },
});
