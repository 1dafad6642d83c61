import { Buffer } from "node:buffer";
import dgram from "node:dgram";
import { once } from "node:events";
import net from "node:net";
// @ts-types="@types/dns-packet"
import packet from "dns-packet";

export type Zone = Record<
  string,
  { A?: string[]; AAAA?: string[]; CNAME?: string; TXT?: string[] }
>;

/**
 * A DNS server on loopback, over UDP and TCP, with records that a test changes while it runs. A name in
 * `silent` gets no answer, one in `failing` SERVFAIL; an answer too long for UDP is cut off there.
 */
export async function dnsServer(zone: Zone = {}) {
  const silent = new Set<string>();
  const failing = new Set<string>();
  const asked: string[] = [];
  const open = new Set<net.Socket>();
  const { udp, tcp, port } = await bind();
  udp.on("message", (message, { port, address }) => {
    const full = reply(message);
    if (full) udp.send(full.length > 512 ? truncated(message) : full, port, address);
  });
  tcp.on("connection", (socket) => {
    open.add(socket.on("close", () => open.delete(socket)).on("error", () => {}));
    let held = Buffer.alloc(0);
    socket.on("data", (data) => {
      held = Buffer.concat([held, data as Buffer]);
      if (held.length < 2 || held.length < 2 + held.readUInt16BE(0)) return;
      const full = reply(held.subarray(2));
      if (!full) return;
      const length = Buffer.alloc(2);
      length.writeUInt16BE(full.length);
      socket.end(Buffer.concat([length, full]));
    });
  });

  function reply(message: Uint8Array): Buffer | null {
    const query = packet.decode(Buffer.from(message));
    const { name, type } = query.questions![0];
    const at = name.toLowerCase();
    asked.push(`${at} ${type}`);
    if (silent.has(at)) return null;
    const flags = packet.RECURSION_DESIRED | packet.RECURSION_AVAILABLE;
    const code = failing.has(at) ? 2 : at in zone ? 0 : 3;
    return packet.encode({
      type: "response",
      id: query.id,
      flags: flags | code,
      questions: query.questions,
      answers: code ? [] : answersTo(at, type),
    });
  }
  function truncated(message: Uint8Array): Buffer {
    const { id, questions } = packet.decode(Buffer.from(message));
    return packet.encode({ type: "response", id, flags: packet.TRUNCATED_RESPONSE, questions });
  }
  function answersTo(name: string, type: string): packet.Answer[] {
    const { CNAME, TXT = [], ...addresses } = zone[name] ?? {};
    if (CNAME) {
      const own: packet.Answer = { name, type: "CNAME", ttl: 60, data: CNAME };
      // As a recursive server does.
      return type === "CNAME" ? [own] : [own, ...answersTo(CNAME.toLowerCase(), type)];
    }
    if (type === "TXT") return TXT.map((text) => ({ name, type, ttl: 60, data: cut(text) }));
    if (type !== "A" && type !== "AAAA") return [];
    return (addresses[type] ?? []).map((data) => ({ name, type, ttl: 0, data }));
  }
  return {
    zone,
    silent,
    failing,
    asked,
    address: `127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      const closed = [once(udp, "close"), once(tcp, "close")];
      udp.close();
      tcp.close();
      for (const socket of open) socket.destroy();
      await Promise.all(closed);
    },
  };
}

/** Sockets of both kinds at one port that was free for both. */
async function bind() {
  for (;;) {
    const tcp = net.createServer().listen(0, "127.0.0.1");
    await once(tcp, "listening");
    const { port } = tcp.address() as net.AddressInfo;
    const udp = dgram.createSocket("udp4").bind(port, "127.0.0.1");
    try {
      await once(udp, "listening");
      return { udp, tcp, port };
    } catch {
      udp.close();
      tcp.close();
      await once(tcp, "close");
    }
  }
}

/** A DNS server under test. */
export type DnsServer = Awaited<ReturnType<typeof dnsServer>>;

// A text is sent in strings of at most 255 bytes.
function cut(text: string): string[] {
  return text.match(/.{1,255}/g) ?? [""];
}
