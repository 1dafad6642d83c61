import { setup } from "../_setup.ts";
import type { Hooks } from "../support/hooked_kv.ts";
import { countRounds } from "../support/kv_rounds.ts";

const HOUR = 3_600_000;
const SHOWN_POSTS = 60;

/** The depth of each route in round trips, commits apart, on a service in memory with the host and caches as after a second. */
export async function countRoutes(): Promise<Record<string, string>> {
  const hooks: Hooks = {};
  using t = await setup({ hooks });
  const { key, blog } = await t.tenant("enterprise");
  const post = (title: string, status: string) => ({ title, content: "Text.", status });
  for (let n = 1; n <= SHOWN_POSTS; n++) {
    await t.api("POST", "/posts", { key, body: post(`Post ${n}`, "published") });
  }
  await t.view(blog.slug, "/post-1");
  const etag = (await t.view(blog.slug, "/post-1")).headers.get("etag")!;
  const { body: { next_cursor } } = await t.api("GET", "/posts?limit=20", { key });
  const api = (method: string, path: string, body?: unknown) => () =>
    t.api(method, path, { key, body });
  const cases: Record<string, () => Promise<unknown>> = {
    "public page, one": () => t.view(blog.slug, "/post-1"),
    "public page, spread": () => t.view(blog.slug, "/post-2"),
    "public page, 304": () => t.view(blog.slug, "/post-1", { "if-none-match": etag }),
    "blog index": () => t.view(blog.slug, "/"),
    "GET post": api("GET", "/posts/post-1"),
    "list, page 1": api("GET", "/posts"),
    "list, middle page (4 connections)": api("GET", "/posts?page=2"),
    "list, last page": api("GET", "/posts?page=3"),
    "list, first cursor": api("GET", "/posts?limit=20"),
    "list, cursor in the middle": api("GET", `/posts?limit=20&cursor=${next_cursor}`),
    "create draft": api("POST", "/posts", post("New draft", "draft")),
    "create published": api("POST", "/posts", post("New post", "published")),
  };
  const counted: Record<string, string> = {};
  for (const [name, ask] of Object.entries(cases)) {
    t.advance(HOUR);
    const { rounds, waves } = await countRounds(hooks, ask);
    const alone = waves.filter((wave) => !wave.reads).length;
    counted[name] = alone ? `${rounds} + ${alone} commit${alone > 1 ? "s" : ""}` : `${rounds}`;
  }
  return counted;
}
