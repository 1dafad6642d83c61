import { startServer } from "../support/server.ts";
import { Store } from "../../lib/kit/kv.ts";
import { LOG_ROWS } from "../../lib/content/search/keys.ts";
import { samples, wordOf } from "./search_corpus.ts";
import type { Made } from "./search_store.ts";
import { runWrk } from "./wrk.ts";

const SECONDS = 20;
const READERS = 64;
const PUBLISHERS = 8;
const SAMPLE_EVERY = 250;

type Report = { published: number; failed: number; longest: number };

/** Publishes as fast as it is answered, from so many connections, until told to stop. */
async function publish(
  server: { origin: string },
  { key }: Made,
  options: { connections: number; until: () => boolean },
): Promise<{ published: number; failed: number }> {
  const posts = samples(1_000_000);
  const report = { published: 0, failed: 0 };
  await Promise.all(Array.from({ length: options.connections }, async () => {
    while (!options.until()) {
      const { title, description, headings, tags } = posts.next().value!;
      const content = `${description}\n\n## ${headings}\n`;
      const response = await fetch(`${server.origin}/v1/posts`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        body: JSON.stringify({ title, content, tags, status: "published" }),
      });
      await response.body?.cancel();
      if (response.status === 201) report.published++;
      else report.failed++;
    }
  }));
  return report;
}

/** What is done meanwhile, and how long the log was at most. */
async function watchLog<T>(file: string, work: () => Promise<T>): Promise<T & { longest: number }> {
  const kv = await Deno.openKv(file);
  const store = new Store(kv);
  let [longest, running] = [0, true];
  const watch = (async () => {
    while (running) {
      longest = Math.max(longest, (await store.list(LOG_ROWS, Infinity)).length);
      await new Promise((resolve) => setTimeout(resolve, SAMPLE_EVERY));
    }
  })();
  const result = await work().finally(() => running = false);
  await watch;
  kv.close();
  return { ...result, longest };
}

/** Publishing at full speed, alone and beside readers. */
export async function measureWrites(file: string, made: Made): Promise<void> {
  const server = await startServer({
    POSTLARK_KV: file,
    POSTLARK_LIMIT_ENTERPRISE: "1000000000",
    POSTLARK_LIMIT_DISCOVER: "1000000000",
  });
  const state = ({ published, failed, longest }: Report) =>
    `${
      (published / SECONDS).toFixed(0)
    } posts/s, ${failed} failed, the log at most ${longest} rows long`;
  try {
    const alone = await watchLog(file, () => {
      const end = Date.now() + SECONDS * 1000;
      return publish(server, made, { connections: READERS, until: () => Date.now() > end });
    });
    console.log(`\nPublishing from ${READERS} connections for ${SECONDS} s: ${state(alone)}.`);
    let reading = true;
    const beside = await watchLog(file, async () => {
      const writers = publish(server, made, { connections: PUBLISHERS, until: () => !reading });
      const url = `http://127.0.0.1:${server.port}/v1/discover?q=${wordOf(0)}`;
      const headers = { Host: `localhost:${server.port}` };
      const readers = await runWrk({ url, headers, connections: READERS }, SECONDS);
      reading = false;
      return { ...await writers, readers };
    });
    const { rate, p50, p99, failed } = beside.readers;
    console.log(
      `${READERS} readers of the common word for ${SECONDS} s, while ${PUBLISHERS} publish: ` +
        `${rate.toFixed(0)} answers/s, p50 ${p50.toFixed(0)} ms, p99 ${
          p99.toFixed(0)
        } ms, ${failed} failed; ` +
        `${state(beside)}.`,
    );
  } finally {
    await server.stop();
  }
}
