import Bowser from "bowser";
import { isbot } from "isbot";
import { OTHER } from "./_keys.ts";

const BROWSERS = new Set<string>(Object.values(Bowser.BROWSER_MAP));
const HOST = /^[a-z0-9.-]{1,100}$/;

/** The browser that a `User-Agent` names, one of a fixed list or `other`; null for a bot, and where there is none. */
export function browserOf(agent: string): string | null {
  if (!agent || isbot(agent)) return null;
  const name = Bowser.getParser(agent).getBrowserName();
  return BROWSERS.has(name) && name !== Bowser.BROWSER_MAP.generic ? name : OTHER;
}

/** The host of a web address in a `Referer`; null where there is none, or it is the host of `url` itself. */
export function referrerOf(referrer: string | null, url: string): string | null {
  if (!referrer || !/^https?:/i.test(referrer)) return null;
  const from = URL.parse(referrer);
  if (!from?.hostname || from.host === URL.parse(url)?.host) return null;
  const host = from.hostname.replace(/\.$/, "");
  return HOST.test(host) ? host : OTHER;
}

/** A country's two letters (ISO 3166-1); null where it is unknown. */
export function countryOf(header: string | null): string | null {
  const code = header?.trim().toUpperCase() ?? "";
  return /^[A-Z]{2}$/.test(code) && code !== "XX" ? code : null;
}
