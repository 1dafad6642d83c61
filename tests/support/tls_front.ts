import { authority } from "./authority.ts";

/**
 * What does the TLS in front of a server of the loopback: `port` is where browsers reach it, by whatever
 * name. `target` is asked at each connection, since the server may begin later.
 */
export async function tlsFront(target: () => number) {
  const { issue } = await authority();
  const listener = Deno.listenTls({
    ...await issue("postlark.test"),
    hostname: "127.0.0.1",
    port: 0,
  });
  const open = new Set<Deno.Conn>();
  const serving = accept();

  async function accept(): Promise<void> {
    const conversations: Promise<void>[] = [];
    for await (const incoming of listener) conversations.push(join(incoming));
    await Promise.all(conversations);
  }

  async function join(incoming: Deno.TlsConn): Promise<void> {
    open.add(incoming);
    try {
      const outgoing = await Deno.connect({ hostname: "127.0.0.1", port: target() });
      open.add(outgoing);
      // A side that ends, or fails, ends the conversation.
      const one = incoming.readable.pipeTo(outgoing.writable);
      const other = outgoing.readable.pipeTo(incoming.writable);
      await Promise.allSettled([one, other]);
      open.delete(outgoing);
    } catch {
      // The server has gone.
      close(incoming);
    }
    open.delete(incoming);
  }

  return {
    port: listener.addr.port,
    async [Symbol.asyncDispose]() {
      listener.close();
      open.forEach(close);
      await serving;
    },
  };
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It is closed.
  }
}
