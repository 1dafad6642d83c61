import { Resolver } from "node:dns/promises";
import { domainToASCII } from "node:url";

export type RecordType = "A" | "AAAA" | "CNAME" | "TXT";
/**
 * The records of a name: addresses, names without a trailing dot, or whole texts; none where the name or the
 * type does not exist. Throws a DnsTimeout where no server answered.
 */
export type ResolveDns = (name: string, type: RecordType) => Promise<string[]>;

/** Thrown where it is not known what the records are. */
export class DnsTimeout extends Error {
  override name = "DnsTimeout";
}

const TRY = 2000;
const TRIES = 2;

/** Asks these servers (address, or address:port), or the system's where there are none; `timeout` is of one try, milliseconds. */
export function createDns(servers: string[], timeout = TRY): ResolveDns {
  return async (name, type) => {
    const resolver = new Resolver({ timeout, tries: TRIES });
    if (servers.length) resolver.setServers(servers);
    try {
      // The final dot keeps the system's search domains out of it.
      const records = await resolver.resolve(`${name}.`, type) as (string | string[])[];
      return records.map((record) => type === "TXT" ? [record].flat().join("") : nameOf(record));
    } catch (error) {
      const { code } = error as { code?: string };
      if (code === "ENOTFOUND" || code === "ENODATA") return [];
      throw new DnsTimeout(`no DNS server answered for ${name} (${type})`, { cause: error });
    }
  };
}

function nameOf(record: string | string[]): string {
  return String(record).toLowerCase().replace(/\.$/, "");
}

/** A host name in the one form that all its spellings have: lower case, punycode, no trailing dot; null where it is none, or an IP address. */
export function normaliseHost(text: string): string | null {
  if (/[\s/:@?#\\%*[\]_]/.test(text)) return null;
  const host = domainToASCII(text.toLowerCase()).replace(/\.$/, "");
  const labels = host.split(".");
  const fits = host.length <= 253 && labels.every((label) => LABEL.test(label));
  // A last label of digits makes it an IPv4 address, in one of its many forms, or nothing at all.
  return fits && !/^\d+$|^0x/.test(labels.at(-1)!) ? host : null;
}

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
