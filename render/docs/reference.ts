import { html } from "hono/html";

/** Where the page finds what it shows, all paths of our own origin. */
export type Sources = { document: string; script: string };

/** The page of the API reference; Scalar finds its settings in the empty script element. */
export function referencePage({ document, script }: Sources): string {
  const settings = {
    url: document,
    withDefaultFonts: false,
    telemetry: false,
    showDeveloperTools: "never",
    hideClientButton: true,
    agent: { disabled: true },
    mcp: { disabled: true },
    authentication: { preferredSecurityScheme: "bearer" },
  };
  const page = html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <title>Postlark API</title>
        <meta name="viewport" content="width=device-width, initial-scale=1">
      </head>
      <body>
        <noscript><p>The reference needs JavaScript; <a href="${document}">the OpenAPI document</a> does not.</p></noscript>
        <script id="api-reference" data-configuration="${JSON.stringify(settings)}"></script>
        <script src="${script}"></script>
      </body>
    </html>
  `;
  return String(page).trim() + "\n";
}
