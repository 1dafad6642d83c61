import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { ASSETS, MERMAID_PATH } from "../../render/blog/mod.ts";
import { requestId, takesGzip } from "../_answer.ts";

const IMMUTABLE = "public, max-age=31536000, immutable";
const MERMAID_FILE = new URL("../../render/blog/mermaid.js.gz", import.meta.url);
const BODIES = new Map(ASSETS.map((asset) => [asset.path, asset]));

let mermaid: Promise<Uint8Array> | undefined;

/** A file that pages of blogs refer to, under `/_/`; undefined where the path is none. */
export function serveAsset(request: Request, target: string): Promise<Response> | undefined {
  if (!target.startsWith("/_/")) return;
  const asset = BODIES.get(target);
  if (asset) {
    const headers = {
      "content-type": asset.type,
      "cache-control": IMMUTABLE,
      "x-request-id": requestId(request),
    };
    return Promise.resolve(new Response(asset.body, { headers }));
  }
  if (target === MERMAID_PATH) return serveMermaid(request);
}

/** The module that draws diagrams. */
export async function serveMermaid(request: Request): Promise<Response> {
  const gz = await (mermaid ??= readFile(MERMAID_FILE).then((bytes) => new Uint8Array(bytes)));
  const headers = {
    "content-type": "text/javascript; charset=utf-8",
    "cache-control": IMMUTABLE,
    "vary": "Accept-Encoding",
    "x-request-id": requestId(request),
  };
  if (takesGzip(request)) {
    return new Response(gz as BodyInit, { headers: { ...headers, "content-encoding": "gzip" } });
  }
  return new Response(gunzipSync(gz) as BodyInit, { headers });
}
