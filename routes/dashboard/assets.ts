import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { Hono } from "hono";
import { DIAGRAMS_PATH, type Script, SCRIPTS, STYLE_SHEET } from "../../render/dashboard/mod.ts";
import { requestId, takesGzip } from "../_answer.ts";
import { serveMermaid } from "../blog/assets.ts";

const FOLDER = new URL("../../render/dashboard/built/", import.meta.url);

const files = new Map<Script, Promise<Uint8Array>>();

/** What pages of the dashboard refer to; each path holds the same for ever. */
export function assetRoutes() {
  const app = new Hono();
  app.get(STYLE_SHEET.path, (c) => send(c.req.raw, "text/css", STYLE_SHEET.body));
  app.get(DIAGRAMS_PATH, async (c) => {
    const answer = await serveMermaid(c.req.raw);
    answer.headers.set("access-control-allow-origin", "*");
    answer.headers.set("x-content-type-options", "nosniff");
    return answer;
  });
  for (const [path, name] of SCRIPTS) app.get(path, (c) => sendScript(c.req.raw, name));
  return app;
}

async function sendScript(request: Request, name: Script): Promise<Response> {
  let file = files.get(name);
  if (!file) {
    file = readFile(new URL(`${name}.js.gz`, FOLDER)).then((bytes) => new Uint8Array(bytes));
    files.set(name, file);
  }
  const gz = await file;
  const packed = takesGzip(request);
  const answer = send(request, "text/javascript", (packed ? gz : gunzipSync(gz)) as BodyInit);
  answer.headers.set("vary", "Accept-Encoding");
  if (packed) answer.headers.set("content-encoding", "gzip");
  return answer;
}

function send(request: Request, type: string, body: BodyInit): Response {
  const headers = {
    "content-type": `${type}; charset=utf-8`,
    "cache-control": "public, max-age=31536000, immutable",
    "cross-origin-resource-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-request-id": requestId(request),
  };
  return new Response(body, { headers });
}
