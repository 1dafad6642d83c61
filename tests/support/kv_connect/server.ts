import { Buffer } from "node:buffer";
import { Database, type DatabaseOptions } from "./database.ts";
import { Faults, type Loss } from "./faults.ts";
import { Refusal } from "./limits.ts";
import { Relay } from "./relay.ts";
import { decode, encode, type KvEntry } from "./messages.ts";

/** What every client of the servers for tests has to know. */
export const ACCESS_TOKEN = "a token for tests";

const SUCCESS = 1;
const CHECK_FAILURE = 2;
const VERSION = 3;
const DAY = 86_400_000;
/** How many calls of each kind came; `replica` are the reads that may see what is old. */
type Calls = { reads: number; writes: number; watches: number; replica: number };

/**
 * A KV Connect server of any number of databases, each at an address of its own, where it begins to be when it
 * is first asked for. It speaks HTTP/2 as well, which is what `Deno.openKv` speaks.
 */
export class KvConnectServer {
  readonly faults = new Faults();
  readonly calls: Calls = { reads: 0, writes: 0, watches: 0, replica: 0 };
  #databases = new Map<string, Database>();
  #server: Deno.HttpServer<Deno.NetAddr>;
  #relay: Relay;

  /** Listens at the loopback. */
  constructor(readonly options: DatabaseOptions = {}) {
    this.#server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen() {} },
      (request) =>
        this.#answer(request).catch((error) => {
          const status = error instanceof Refusal ? error.status : 500;
          return new Response(error.message, { status });
        }),
    );
    this.#relay = new Relay(this.#server.addr.port);
  }

  /** Where `Deno.openKv` finds a database. */
  url(name: string): string {
    return `http://127.0.0.1:${this.#relay.port}/${name}`;
  }

  /** Where it finds only the replica, which lags, and says that it does not. */
  replicaUrl(name: string): string {
    return `${this.url(name)}/replica`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#relay.close();
    await this.#server.shutdown();
  }

  async #answer(request: Request): Promise<Response> {
    if (request.headers.get("authorization") !== `Bearer ${ACCESS_TOKEN}`) {
      throw new Refusal("The access token is not right.", 401);
    }
    const [, name, ...path] = new URL(request.url).pathname.split("/");
    const body = Buffer.from(await request.arrayBuffer());
    if (path.length === 0 || path[0] === "replica") {
      return Response.json(exchange(body, name, path.length > 0));
    }
    const { latencyMs } = this.faults;
    if (latencyMs) await new Promise((resolve) => setTimeout(resolve, latencyMs));
    const failure = this.faults.takeFailure();
    if (failure) throw new Refusal("The store is told to fail.", failure);
    return this.#call(path, this.#database(name), body);
  }

  #database(name: string): Database {
    let database = this.#databases.get(name);
    if (!database) this.#databases.set(name, database = new Database(this.options));
    return database;
  }

  #call([consistency, method]: string[], database: Database, body: Buffer): Response {
    const stale = consistency === "eventual";
    switch (method) {
      case "snapshot_read":
        this.calls[stale ? "replica" : "reads"]++;
        return protobuf(read(database, body, stale));
      case "atomic_write":
        this.calls.writes++;
        return this.#write(database, body);
      case "watch":
        this.calls.watches++;
        return protobuf(watch(database, body));
      default:
        throw new Refusal("There is nothing at this address.", 404);
    }
  }

  #write(database: Database, body: Buffer): Response {
    const written = database.write(decode("AtomicWrite", body));
    if ("failedChecks" in written) {
      const { failedChecks: failed_checks } = written;
      return protobuf(encode("AtomicWriteOutput", { status: CHECK_FAILURE, failed_checks }));
    }
    const answer = encode("AtomicWriteOutput", { status: SUCCESS, ...written });
    const loss = this.faults.takeLoss();
    if (loss === "cut") this.#relay.cut();
    return loss ? lose(answer, loss) : protobuf(answer);
  }
}

/** The metadata exchange; whoever asks at the replica is sent there for what is strong as well. */
function exchange(body: Buffer, name: string, replica: boolean) {
  const { supportedVersions } = JSON.parse(body.toString() || "{}");
  if (!supportedVersions?.includes(VERSION)) {
    throw new Refusal(`Only version ${VERSION} of the protocol is spoken here.`);
  }
  const strong = { url: `/${name}/strong`, consistency: "strong" };
  const eventual = { url: `/${name}/eventual`, consistency: "eventual" };
  return {
    version: VERSION,
    databaseId: "00000000-0000-0000-0000-000000000000",
    endpoints: replica ? [{ ...eventual, consistency: "strong" }] : [eventual, strong],
    token: ACCESS_TOKEN,
    expiresAt: new Date(Date.now() + DAY).toISOString(),
  };
}

function protobuf(body: Buffer<ArrayBuffer> | ReadableStream): Response {
  return new Response(body, { headers: { "content-type": "application/x-protobuf" } });
}

function read(database: Database, body: Buffer, stale: boolean) {
  const { ranges } = decode("SnapshotRead", body);
  const values = database.read(ranges, { stale });
  return encode("SnapshotReadOutput", {
    ranges: values.map((values) => ({ values })),
    read_is_strongly_consistent: true,
    status: SUCCESS,
  });
}

function lose(answer: Buffer<ArrayBuffer>, how: Loss): Response {
  if (how === "error") throw new Refusal("The answer is told to be lost.", 500);
  return protobuf(answer.subarray(0, -1));
}

/** The entries of the keys, and again those that change, each time in a frame with its length ahead. */
function watch(database: Database, body: Buffer): ReadableStream {
  const { keys } = decode("Watch", body);
  let stop: () => void;
  let sent: (string | undefined)[] | null = null;
  return new ReadableStream({
    start(controller) {
      const send = () => {
        const entries = keys.map(({ key }) => database.get(key));
        const now = entries.map((entry) => entry?.versionstamp.toString("hex"));
        const changed = now.map((version, i) => !sent || sent[i] !== version);
        sent = now;
        if (!changed.includes(true)) return;
        const outputs = entries.map((entry, i) => output(entry, changed[i]));
        const message = encode("WatchOutput", { status: SUCCESS, keys: outputs });
        const length = Buffer.alloc(4);
        length.writeUInt32LE(message.length);
        controller.enqueue(Buffer.concat([length, message]));
      };
      stop = database.watch(send);
      send();
    },
    cancel: () => stop(),
  });
}

function output(entry: KvEntry | undefined, changed: boolean) {
  return changed && entry ? { changed, entry_if_changed: entry } : { changed };
}
