import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { Random } from "../support/random.ts";
import { runAdmin, type Server, startServer } from "../support/server.ts";

const DAY = 86_400_000;
const SETTLED = 200;

/** One event that a receiver took. */
type Taken = { id: string; post: string; edit: number; at: number };

/** A receiver over HTTP that refuses a share of all requests at random, and keeps what it took. */
export async function startReceiver(random: Random, share: number) {
  const taken: Taken[] = [];
  const faults: string[] = [];
  const secret: { value: string } = { value: "" };
  let asked = 0;
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    asked++;
    const draw = random.next();
    // Half of what fails is answered, the other half is cut off.
    if (draw < share / 2) return response.destroy();
    if (draw < share) return response.writeHead(500).end();
    try {
      const headers = request.headers as Record<string, string>;
      const event = new Webhook(secret.value).verify(body, headers) as {
        timestamp: string;
        data: { post: { id: string; title: string } };
      };
      const { id, title } = event.data.post;
      const late = Date.now() - Date.parse(event.timestamp) > DAY;
      if (late) faults.push(`an event is older than a day: ${event.timestamp}`);
      taken.push({ id: headers["webhook-id"], post: id, edit: Number(title), at: Date.now() });
      response.writeHead(204).end();
    } catch (error) {
      faults.push(String(error));
      response.writeHead(400).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    taken,
    faults,
    secret,
    asked: () => asked,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type Trial = { events: number; posts: number; kills: number; share: number; seed: number };
/** What came of a trial; `disorder` counts the events that came before one that was earlier, for the first time. */
export type Outcome = {
  acknowledged: number;
  missing: number;
  duplicates: number;
  disorder: number;
  requests: number;
  faults: string[];
  check: string;
  seconds: number;
};

/**
 * Writes events, one after another to each of some posts, into a server that is killed now and then, until
 * each acknowledged one has arrived.
 */
export async function tryDeliveries(trial: Trial): Promise<Outcome> {
  const began = performance.now();
  const random = new Random(trial.seed);
  const receiver = await startReceiver(new Random(trial.seed + 1), trial.share);
  const dir = await Deno.makeTempDir();
  const env = {
    POSTLARK_KV: `${dir}/kv.db`,
    POSTLARK_LIMIT_ENTERPRISE: "1000000",
    POSTLARK_OUTBOUND_PRIVATE: "1",
    POSTLARK_WEBHOOK_RETRIES: Array(30).fill(1).join(","),
  };
  const create = ["user", "create", "--email", "hooks@example.com", "--blog", "events"];
  const { key, blog } = JSON.parse(
    (await runAdmin(env, ...create, "--plan", "enterprise")).stdout,
  );
  let server = await startServer(env);
  try {
    const made = await call(server, key, {
      method: "POST",
      path: `/blogs/${blog.id}/webhooks`,
      body: { url: receiver.url, events: ["post.created", "post.updated"] },
    });
    receiver.secret.value = made!.secret;
    const posts = Array.from({ length: trial.posts }, (_, n) => ({ slug: `post-${n}`, edits: 0 }));
    const each = Math.ceil(trial.events / trial.posts);
    const restart = async () => {
      await server.kill();
      server = await startServer(env);
    };
    let written = 0;
    const gates = Array.from({ length: trial.kills }, (_, n) => (
      Math.floor((n + 0.2 + 0.6 * random.next()) * trial.events / trial.kills)
    ));
    let restarting: Promise<void> | null = null;
    const writer = async (mine: typeof posts) => {
      for (let n = 1; n <= each; n++) {
        for (const post of mine) {
          while (post.edits < n) {
            if (restarting) await restarting;
            if (!await write(server, key, post)) {
              await new Promise((resolve) => setTimeout(resolve, 20));
              continue;
            }
            if (++written === gates[0]) {
              gates.shift();
              restarting = restart().finally(() => restarting = null);
            }
          }
        }
      }
    };
    const share = Math.ceil(posts.length / 4);
    await Promise.all([0, 1, 2, 3].map((n) => writer(posts.slice(n * share, (n + 1) * share))));
    const acknowledged = written;
    const arrived = () => new Set(receiver.taken.map(({ id }) => id)).size;
    for (let quiet = 0, last = -1; quiet < 300 && arrived() < acknowledged;) {
      await new Promise((resolve) => setTimeout(resolve, SETTLED));
      quiet = arrived() === last ? quiet + 1 : 0;
      last = arrived();
    }
    const { stdout } = await runAdmin(env, "check");
    return {
      acknowledged,
      missing: missing(receiver.taken, posts),
      duplicates: receiver.taken.length - arrived(),
      disorder: disorder(receiver.taken),
      requests: receiver.asked(),
      faults: receiver.faults,
      check: JSON.parse(stdout).ok ? "" : stdout,
      seconds: Math.round((performance.now() - began) / 100) / 10,
    };
  } finally {
    await server.kill();
    await receiver.stop();
    await Deno.remove(dir, { recursive: true });
  }
}

/** The next edit of a post; whether it was acknowledged. Its title counts them: one that had happened changes nothing. */
async function write(
  server: Server,
  key: string,
  post: { slug: string; edits: number },
): Promise<boolean> {
  const title = String(post.edits + 1);
  const answer = post.edits
    ? await call(server, key, { method: "PUT", path: `/posts/${post.slug}`, body: { title } })
    : await call(server, key, {
      method: "POST",
      path: "/posts",
      body: { title, slug: post.slug, content: "x" },
    });
  if (answer) post.edits++;
  return answer !== null;
}

async function call(
  server: Server,
  key: string,
  sent: { method: string; path: string; body: unknown },
  // deno-lint-ignore no-explicit-any
): Promise<any> {
  try {
    const response = await fetch(`${server.origin}/v1${sent.path}`, {
      method: sent.method,
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify(sent.body),
    });
    const body = await response.json();
    if (response.ok) return body;
    // It was made by the request whose answer the kill cut off.
    if (body.reason === "slug_taken") return body;
    if (response.status === 503) return null;
    throw new Error(`${sent.method} ${sent.path}: ${JSON.stringify(body)}`);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

function missing(taken: Taken[], posts: { edits: number }[]): number {
  const seen = new Set(taken.map(({ post, edit }) => `${post}/${edit}`));
  return posts.reduce((sum, { edits }) => sum + edits, 0) - seen.size;
}

function disorder(taken: Taken[]): number {
  const first = new Map<string, number>();
  const ids = new Set<string>();
  let wrong = 0;
  for (const { id, post, edit } of taken) {
    if (ids.has(id)) continue;
    ids.add(id);
    if (edit !== (first.get(post) ?? 0) + 1) wrong++;
    first.set(post, edit);
  }
  return wrong;
}
