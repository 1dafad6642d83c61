// An HTTP/2 frame of a type that nobody knows is to be ignored (RFC 9113, section 5.5).
const EMPTY_FRAME = Uint8Array.of(0, 0, 0, 0xfa, 0, 0, 0, 0, 0);
const HEADER = 9;

/**
 * Hands HTTP/2 on to a port of the loopback, and answers each packet at once with an empty frame. Deno's client keeps
 * back the second packet of a request until the first is acknowledged, for which the kernel otherwise takes 40 ms.
 */
export class Relay {
  #listener: Deno.TcpListener;
  #connections = new Set<Deno.TcpConn>();
  #ended: Promise<void>;

  /** `to` is the port. */
  constructor(readonly to: number) {
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.#ended = this.#listen();
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  /** Breaks all connections, with whatever is under way on them. */
  cut(): void {
    for (const connection of this.#connections) close(connection);
  }

  async close(): Promise<void> {
    this.#listener.close();
    this.cut();
    await this.#ended;
  }

  async #listen(): Promise<void> {
    const under = new Set<Promise<void>>();
    for await (const client of this.#listener) {
      const relayed = this.#relay(client).finally(() => under.delete(relayed));
      under.add(relayed);
    }
    await Promise.all(under);
  }

  async #relay(client: Deno.TcpConn): Promise<void> {
    this.#connections.add(client);
    const server = await Deno.connect({ hostname: "127.0.0.1", port: this.to });
    this.#connections.add(server);
    client.setNoDelay();
    server.setNoDelay();
    const frames = new Frames();
    const toClient = new Writer(client);
    await Promise.all([
      copy(client, (bytes) => {
        if (frames.between) toClient.write(EMPTY_FRAME);
        return writeAll(server, bytes);
      }),
      copy(server, (bytes) => {
        frames.pass(bytes);
        return toClient.write(bytes);
      }),
    ].map((copied) => copied.catch(() => {}).finally(() => [client, server].forEach(close))));
    for (const connection of [client, server]) this.#connections.delete(connection);
  }
}

/** Where in its frames a stream of bytes is. */
class Frames {
  /** Whether a frame has just ended. */
  between = false;
  #header: number[] = [];
  #left = 0;

  pass(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length;) {
      if (this.#left === 0) {
        this.#header.push(bytes[i++]);
        if (this.#header.length < HEADER) continue;
        const [a, b, c] = this.#header;
        this.#left = a * 65_536 + b * 256 + c;
        this.#header = [];
      } else {
        const taken = Math.min(this.#left, bytes.length - i);
        this.#left -= taken;
        i += taken;
      }
    }
    this.between = this.#left === 0 && this.#header.length === 0;
  }
}

/** Writes whole pieces, one after the other. */
class Writer {
  #last: Promise<void> = Promise.resolve();

  constructor(readonly connection: Deno.Conn) {}

  write(bytes: Uint8Array): Promise<void> {
    return this.#last = this.#last.then(() => writeAll(this.connection, bytes)).catch(() => {});
  }
}

async function copy(from: Deno.Conn, write: (bytes: Uint8Array) => Promise<void>): Promise<void> {
  const buffer = new Uint8Array(65_536);
  for (let n; (n = await from.read(buffer)) !== null;) await write(buffer.slice(0, n));
}

async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It has been closed by the other direction.
  }
}
