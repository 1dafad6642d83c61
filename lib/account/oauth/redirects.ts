const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];
// Schemes that a browser or the system acts on itself; what is left is an app's own.
const TAKEN = new Set(
  ("about blob chrome chrome-extension content data devtools file filesystem ftp ftps gopher http https " +
    "intent jar javascript livescript mailto moz-extension resource search search-ms shell sms smb ssh tel " +
    "telnet urn vbscript view-source ws wss").split(" "),
);
const MAX_URI = 500;

/** What is wrong with an address that a client wants its users to be sent to, or null. */
export function redirectFault(text: string): string | null {
  if (text.length > MAX_URI) return `must have at most ${MAX_URI} characters`;
  // A browser drops or turns what is refused here, and would go elsewhere than what was compared.
  if (!/^[!-~]+$/.test(text) || text.includes("\\")) return "must be an absolute URI in ASCII";
  if (!URL.canParse(text)) return "must be an absolute URI";
  const url = new URL(text);
  if (text.includes("#")) return "must have no fragment";
  if (url.username || url.password || /^[^:]+:\/\/[^/?]*@/.test(text)) {
    return "must have no user or password";
  }
  const web = /^https?:$/.test(url.protocol);
  if (web && !/^(\[::1\]|[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?)$/.test(url.hostname)) {
    return "must name a host by its domain or IPv4 address";
  }
  if (url.protocol === "https:") return null;
  if (url.protocol === "http:") {
    return isLoopback(text) ? null : "must be https; http is for 127.0.0.1, [::1] and localhost";
  }
  return isPrivateScheme(text) ? null : "must be https, http on loopback, or a scheme of the app's";
}

// RFC 8252, 7.1 wants a reversed domain; editors have plain ones, with an authority.
function isPrivateScheme(text: string): boolean {
  const [, scheme, rest] = /^([a-z][a-z0-9+.-]*):(.*)$/i.exec(text) ?? [];
  // Windows opens its own tools by what begins with ms-.
  if (!scheme || TAKEN.has(scheme.toLowerCase()) || /^ms-/i.test(scheme)) return false;
  return scheme.includes(".") || rest.startsWith("//");
}

/** Whether a redirect stays on the user's own machine. */
export function isLoopback(text: string): boolean {
  const url = new URL(text);
  return url.protocol === "http:" && LOOPBACK.includes(url.hostname);
}

/** Whether an asked redirect is a registered one: the same text, of loopback with any port (RFC 8252, 7.3). */
export function isRegistered(registered: string[], asked: string): boolean {
  if (registered.includes(asked)) return true;
  if (redirectFault(asked) !== null || !isLoopback(asked)) return false;
  return registered.some((one) => isLoopback(one) && withoutPort(one) === withoutPort(asked));
}

function withoutPort(text: string): string {
  return text.replace(/^(http:\/\/(?:\[::1\]|[^/?:]+))(?::\d+)?/i, (_, host) => host.toLowerCase());
}

/** Where a redirect leads, in words. */
export function destinationOf(text: string): string {
  const { protocol, host } = new URL(text);
  if (isLoopback(text)) return `a program on this computer (${host})`;
  return protocol === "https:" ? host : `an app on this device (${protocol})`;
}

/** Where a form of ours may lead so that its answer can redirect there: a source of a content security policy. */
export function formActionOf(text: string): string {
  const url = new URL(text);
  // The policy's grammar has no IPv6 address.
  if (url.hostname === "[::1]") return "http:";
  return /^https?:$/.test(url.protocol) ? url.origin : url.protocol;
}

/** The address with parameters added to its query. */
export function withParams(text: string, params: Record<string, string | null>): URL {
  const url = new URL(text);
  // Appended as text: the address' own query stays as it was registered.
  const added = Object.entries(params).filter(([, value]) => value !== null) as [string, string][];
  url.search += (url.search ? "&" : "?") + new URLSearchParams(added);
  return url;
}
