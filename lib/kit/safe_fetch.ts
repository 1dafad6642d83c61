import http from "node:http";
import https from "node:https";
import { Buffer } from "node:buffer";
import { isIP, type LookupFunction } from "node:net";
import ipaddr from "ipaddr.js";
import type { ResolveDns } from "./dns.ts";
import { span } from "./observe.ts";

/** Why an address that a tenant named was not asked, or its answer not taken. */
export type OutboundFault =
  | "url"
  | "address"
  | "unresolved"
  | "connection"
  | "timeout"
  | "too_large";

/** Thrown where there is no answer; the message says why, and may be shown to the tenant. */
export class OutboundError extends Error {
  override name = "OutboundError";
  constructor(readonly fault: OutboundFault, message: string, options?: ErrorOptions) {
    super(message, options);
  }
}

export type OutboundRequest = {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  /** milliseconds for all of it, 10,000 unless given */
  deadline?: number;
  /** of the answer's body, 65,536 unless given */
  maxBytes?: number;
};
/** `address` is the one that the connection went to. */
export type OutboundAnswer = {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: Uint8Array;
  address: string;
};
/** Sends one request to an address that a tenant named; whatever the status, redirects too, is an answer. */
export type Outbound = (url: string, request?: OutboundRequest) => Promise<OutboundAnswer>;

const DEADLINE = 10_000;
const MAX_BYTES = 65_536;
const MAX_HEADERS = 16_384;
const MAX_ADDRESSES = 4;

// Special, or a cloud's own, and "unicast" to ipaddr.js.
const SPECIAL = [
  "168.63.129.16/32", // Azure's host agent
  "192.31.196.0/24", // AS112
  "192.52.193.0/24", // AMT
  "192.88.99.0/24", // 6to4 relays
  "192.175.48.0/24", // AS112
  "2001::/23", // IETF protocols: Teredo, ORCHID, benchmarks
  "2001:db8::/32", // documentation
  "2002::/16", // 6to4
  "2620:4f:8000::/48", // AS112
  "3fff::/20", // documentation
].map((range) => ipaddr.parseCIDR(range));
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR("2000::/3");

/** Whether an IP address, in its usual form, is one of the public internet. */
export function isPublicAddress(text: string): boolean {
  if (!isIP(text) || text.includes("%")) return false;
  const address = ipaddr.parse(text);
  if (address.range() !== "unicast") return false;
  if (address instanceof ipaddr.IPv6 && !address.match(GLOBAL_IPV6)) return false;
  return !SPECIAL.some(([range, bits]) => (
    range.kind() === address.kind() && address.match([range, bits] as never)
  ));
}

/** What is wrong with the URL of a target before its name is resolved, as a sentence; null where nothing is. */
export function targetFault(text: string, allowed: { private?: boolean } = {}): string | null {
  const url = URL.parse(text);
  if (!url) return "It must be an absolute URL such as https://example.com/hook.";
  if (url.protocol !== "https:" && !(allowed.private && url.protocol === "http:")) {
    return "It must be an https URL.";
  }
  if (url.username || url.password) return "It must not hold credentials.";
  const host = hostOf(url);
  if (!host || host.endsWith(".")) return "Its host is not a name.";
  const local = isIP(host) ? !isPublicAddress(host) : isLocalName(host);
  if (local && !allowed.private) return "Its address is not one of the public internet.";
  return null;
}

/**
 * The one way out to addresses that tenants name: resolves the name itself, refuses it where any of its
 * addresses is not public, connects to what was judged and to nothing else, follows no redirect, and ends at
 * the deadline and at the size. `ca` are certificates (PEM) to trust in place of the system's.
 */
export function createOutbound(
  world: { resolveDns: ResolveDns; allowPrivate: boolean; ca?: string },
): Outbound {
  return async (text, request = {}) => {
    const fault = targetFault(text, { private: world.allowPrivate });
    if (fault) throw new OutboundError("url", fault);
    const url = new URL(text);
    const end = AbortSignal.timeout(request.deadline ?? DEADLINE);
    const addresses = await before(end, judgedAddresses(world, hostOf(url)));
    const sending = { ...request, addresses, end, ca: world.ca };
    return await span("outbound request", () => send(url, sending));
  };
}

async function judgedAddresses(
  { resolveDns, allowPrivate }: { resolveDns: ResolveDns; allowPrivate: boolean },
  host: string,
): Promise<string[]> {
  const addresses = isIP(host) ? [host] : await resolve(resolveDns, host);
  if (!addresses.length) {
    throw new OutboundError("unresolved", `The name ${host} has no address.`);
  }
  if (!allowPrivate && !addresses.every(isPublicAddress)) {
    throw new OutboundError("address", `The address of ${host} is not one of the public internet.`);
  }
  return addresses.slice(0, MAX_ADDRESSES);
}

async function resolve(resolveDns: ResolveDns, host: string): Promise<string[]> {
  if (isLocalName(host)) return ["127.0.0.1", "::1"];
  const answers = await Promise.allSettled([resolveDns(host, "A"), resolveDns(host, "AAAA")]);
  const found = answers.flatMap((one) => one.status === "fulfilled" ? one.value : []);
  const failed = answers.find((one) => one.status === "rejected");
  if (failed && !found.length) {
    throw new OutboundError("unresolved", `The name ${host} could not be resolved.`, {
      cause: failed.reason,
    });
  }
  return found;
}

type Sending = OutboundRequest & { addresses: string[]; end: AbortSignal; ca?: string };

function send(url: URL, sending: Sending): Promise<OutboundAnswer> {
  const { method = "GET", headers, body, addresses, end, ca } = sending;
  const { promise, resolve, reject } = Promise.withResolvers<OutboundAnswer>();
  const secure = url.protocol === "https:";
  const request = (secure ? https : http).request({
    method,
    hostname: hostOf(url),
    port: url.port || (secure ? 443 : 80),
    path: url.pathname + url.search,
    headers: {
      ...headers,
      ...body !== undefined && { "content-length": String(Buffer.byteLength(body)) },
    },
    lookup: pinned(addresses),
    // A kept connection would be one that was judged for another request.
    agent: false,
    maxHeaderSize: MAX_HEADERS,
    ...ca && { ca },
  });
  const fail = (error: unknown) => {
    end.removeEventListener("abort", late);
    request.destroy();
    reject(error);
  };
  const late = () => fail(timedOut());
  end.addEventListener("abort", late);
  request.on("error", (cause: Error & { code?: string }) => {
    const why = cause.code ?? cause.message;
    fail(
      new OutboundError("connection", `The connection to ${url.host} failed: ${why}.`, { cause }),
    );
  });
  request.on("response", (answer) => {
    const address = answer.socket.remoteAddress ?? "";
    read(answer, sending.maxBytes ?? MAX_BYTES).then((bytes) => {
      end.removeEventListener("abort", late);
      request.destroy();
      resolve({ status: answer.statusCode!, headers: answer.headers, body: bytes, address });
    }, fail);
  });
  if (end.aborted) late();
  else {
    request.end(body);
    dropSpan(request);
  }
  return promise;
}

// The span that the runtime makes by itself tells the whole address, and a tenant's may hold a secret: it never ends.
function dropSpan(request: http.ClientRequest): void {
  const own = Object.getOwnPropertySymbols(request);
  const name = own.find(({ description }) => description === "kOtelSpan");
  if (name) Reflect.set(request, name, null);
}

function read(answer: http.IncomingMessage, max: number): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const chunks: Uint8Array[] = [];
  let size = 0;
  answer.on("data", (chunk: Uint8Array) => {
    size += chunk.length;
    if (size <= max) chunks.push(chunk);
    else reject(new OutboundError("too_large", `The answer is larger than ${max} bytes.`));
  });
  answer.on("end", () => resolve(new Uint8Array(Buffer.concat(chunks))));
  answer.on("aborted", () => reject(new OutboundError("connection", "The answer was cut off.")));
  answer.on("error", (cause) => (
    reject(new OutboundError("connection", "The answer was cut off.", { cause }))
  ));
  return promise;
}

/** A lookup that knows only what was judged, whatever it is asked for. */
function pinned(addresses: string[]): LookupFunction {
  const entries = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_host, options, callback) => {
    if (options.all) callback(null, entries);
    else callback(null, entries[0].address, entries[0].family);
  };
}

async function before<T>(end: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const late = () => reject(timedOut());
  end.addEventListener("abort", late);
  try {
    return await Promise.race([work, promise]);
  } finally {
    end.removeEventListener("abort", late);
    work.catch(() => {});
  }
}

function timedOut(): OutboundError {
  return new OutboundError("timeout", "There was no whole answer before the deadline.");
}

/** A URL's host: an IPv6 address without its brackets. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, "$1");
}

// RFC 6761: never asked of a DNS server.
function isLocalName(host: string): boolean {
  return host === "localhost" || host.endsWith(".localhost");
}
