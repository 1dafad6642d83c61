import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import { Buffer } from "node:buffer";
import { createHash, timingSafeEqual } from "node:crypto";

type Stored = { bytes: Uint8Array<ArrayBuffer>; type: string };
/** What the server does beside storing. */
export type S3State = {
  objects: Map<string, Stored>;
  requests: string[];
  /** answers 503 to everything */
  down: boolean;
  /** stores what it is sent, and then breaks the connection */
  forgetful: boolean;
};

const CREDENTIALS = { accessKeyId: "AKIATEST", secretAccessKey: "secret/of+tests" };
const REGION = "eu-test-1";
const BUCKET = "images";

/**
 * A store that speaks S3 on a port of its own, and takes only requests that AWS's own signer would have
 * signed in the same way, with a body of the hash that they name.
 */
export function startS3() {
  const state: S3State = { objects: new Map(), requests: [], down: false, forgetful: false };
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    (request) => answer(state, request),
  );
  const endpoint = `http://127.0.0.1:${server.addr.port}`;
  return {
    state,
    endpoint,
    env: {
      POSTLARK_S3_ENDPOINT: endpoint,
      POSTLARK_S3_BUCKET: BUCKET,
      POSTLARK_S3_REGION: REGION,
      POSTLARK_S3_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      POSTLARK_S3_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

async function answer(state: S3State, request: Request): Promise<Response> {
  const url = new URL(request.url);
  const bytes = await request.bytes() as Uint8Array<ArrayBuffer>;
  state.requests.push(`${request.method} ${url.pathname}`);
  if (state.down) return fault(503, "ServiceUnavailable");
  const refusal = await judge(request, url, bytes);
  if (refusal) return refusal;
  const prefix = `/${BUCKET}/`;
  if (!url.pathname.startsWith(prefix)) return fault(404, "NoSuchBucket");
  const key = decodeURIComponent(url.pathname.slice(prefix.length));
  switch (request.method) {
    case "PUT":
      state.objects.set(key, { bytes, type: request.headers.get("content-type") ?? "" });
      if (state.forgetful) return fault(500, "InternalError");
      return new Response(null, { headers: { etag: '"x"' } });
    case "DELETE":
      state.objects.delete(key);
      return new Response(null, { status: 204 });
    case "GET": {
      const stored = state.objects.get(key);
      return stored ? part(stored, request.headers.get("range")) : fault(404, "NoSuchKey");
    }
    default:
      return fault(405, "MethodNotAllowed");
  }
}

function part({ bytes, type }: Stored, range: string | null): Response {
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range ?? "") ?? [];
  if (from === undefined) return new Response(bytes, { headers: { "content-type": type } });
  const piece = bytes.slice(Number(from), Number(to) + 1);
  return new Response(piece, {
    status: 206,
    headers: { "content-type": type, "content-range": `bytes ${from}-${to}/${bytes.length}` },
  });
}

/** What is wrong with a request's signature or body, or null. */
async function judge(request: Request, url: URL, bytes: Uint8Array): Promise<Response | null> {
  const form = /^AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=(\w+)$/;
  const [, credential, names, signature] = form.exec(request.headers.get("authorization") ?? "") ??
    [];
  if (!signature) return fault(403, "AccessDenied");
  const hash = request.headers.get("x-amz-content-sha256") ?? "";
  const actual = createHash("sha256").update(bytes).digest("hex");
  if (hash !== "UNSIGNED-PAYLOAD" && hash !== actual) {
    return fault(400, "XAmzContentSHA256Mismatch");
  }
  if (!credential.startsWith(`${CREDENTIALS.accessKeyId}/`)) {
    return fault(403, "InvalidAccessKeyId");
  }
  const signed = names.split(";");
  const headers = Object.fromEntries(signed.map((name) => [
    name,
    name === "host" ? url.host : request.headers.get(name) ?? "",
  ]));
  const date = headers["x-amz-date"].replace(
    /^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)(\d\dZ)$/,
    "$1-$2-$3:$4:$5",
  );
  const signer = new SignatureV4({
    service: "s3",
    region: REGION,
    sha256: Sha256,
    credentials: CREDENTIALS,
    uriEscapePath: false,
    applyChecksum: false,
  });
  const again = await signer.sign({
    method: request.method,
    protocol: "http:",
    hostname: url.hostname,
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: { ...headers, "x-amz-content-sha256": hash },
  }, { signingDate: new Date(date), signableHeaders: new Set(signed) });
  const [, wanted] = /Signature=(\w+)$/.exec(again.headers.authorization)!;
  const same = wanted.length === signature.length &&
    timingSafeEqual(Buffer.from(wanted), Buffer.from(signature));
  return same ? null : fault(403, "SignatureDoesNotMatch");
}

function fault(status: number, code: string): Response {
  return new Response(`<Error><Code>${code}</Code></Error>`, { status });
}
