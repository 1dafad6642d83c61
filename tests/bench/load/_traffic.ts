import { Agent, request as httpRequest } from "node:http";
import { runAdmin, type Server } from "../../support/server.ts";

/** One request of the mix: to the platform, or to a blog's host. */
type Request = {
  kind: string;
  method: string;
  host: string;
  path: string;
  key?: string;
  body?: string;
};
/** What came back; milliseconds from when it was due. */
export type Answer = { kind: string; status: number; ms: number };
type Tenant = { slug: string; key: string };

const SHARES: [string, number][] = [
  ["page of a post", 40],
  ["index", 12],
  ["feed", 5],
  ["blog's search", 3],
  ["GET post", 14],
  ["list", 8],
  ["search", 5],
  ["discover", 3],
  ["create", 5],
  ["update", 5],
];
const TOTAL = SHARES.reduce((sum, [, share]) => sum + share, 0);
const WORDS = "deno publish fast blog quiet river stone paper light north kernel index query window"
  .split(" ");
const PARAGRAPH =
  "Postlark publishes what people *write*: one request, and the post is **there**.\n\n";

/** A service full of blogs, and what readers and writers ask of it. */
export class Traffic {
  #agent = new Agent({ keepAlive: true, maxSockets: 2000 });
  #tenants: Tenant[] = [];
  #made = 0;

  constructor(readonly server: Server, readonly posts: number) {}

  /** Makes the blogs, each with its posts. */
  async fill(env: Record<string, string>, blogs: number): Promise<void> {
    for (let n = 0; n < blogs; n++) {
      const slug = `load-${n}`;
      const args = ["--email", `load-${n}@example.com`, "--plan", "enterprise", "--blog", slug];
      const { key } = JSON.parse((await runAdmin(env, "user", "create", ...args)).stdout);
      this.#tenants.push({ slug, key });
      for (let i = 0; i < this.posts; i += 50) {
        const posts = Array.from({ length: Math.min(50, this.posts - i) }, (_, k) => ({
          ...this.#text(i + k),
          slug: `post-${i + k}`,
          status: "published",
        }));
        const body = JSON.stringify({ posts });
        const made = await this.send(this.#api("fill", "POST", "/posts/bulk", { key, body }));
        if (made.status !== 200) throw new Error(`the fixture was refused: ${made.status}`);
      }
    }
  }

  /** The next request of the mix. */
  next(): Request {
    let draw = Math.random() * TOTAL;
    const kind = SHARES.find(([, share]) => (draw -= share) < 0)![0];
    const { slug, key } = this.#tenants[Math.floor(Math.random() * this.#tenants.length)];
    const post = `/post-${Math.floor(Math.random() * this.posts)}`;
    const word = WORDS[Math.floor(Math.random() * WORDS.length)];
    const page = (path: string): Request => ({
      kind,
      method: "GET",
      host: `${slug}.localhost:${this.server.port}`,
      path,
    });
    switch (kind) {
      case "page of a post":
        return page(post);
      case "index":
        return page("/");
      case "feed":
        return page("/rss.xml");
      case "blog's search":
        return page(`/search?q=${word}`);
      case "GET post":
        return this.#api(kind, "GET", `/posts${post}`, { key });
      case "list":
        return this.#api(kind, "GET", "/posts?per_page=20", { key });
      case "search":
        return this.#api(kind, "GET", `/search?q=${word}`, { key });
      case "discover":
        return this.#api(kind, "GET", `/discover?q=${word}`, {});
      case "create": {
        const body = JSON.stringify({ ...this.#text(this.#made++), status: "published" });
        return this.#api(kind, "POST", "/posts", { key, body });
      }
      default:
        return this.#api(kind, "PUT", `/posts${post}`, {
          key,
          body: JSON.stringify(this.#text(this.#made++)),
        });
    }
  }

  /** Sends one; status 0 where the connection failed. */
  send({ kind, method, host, path, key, body }: Request, due = performance.now()): Promise<Answer> {
    return new Promise((resolve) => {
      const end = (status: number) => resolve({ kind, status, ms: performance.now() - due });
      const headers: Record<string, string> = { host };
      if (key) headers.authorization = `Bearer ${key}`;
      if (body) headers["content-type"] = "application/json";
      const { port } = this.server;
      const options = { agent: this.#agent, host: "127.0.0.1", port, method, path, headers };
      const sent = httpRequest(options, (answer) => {
        answer.on("end", () => end(answer.statusCode!)).on("error", () => end(0)).resume();
      });
      sent.on("error", () => end(0)).end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }

  #api(
    kind: string,
    method: string,
    path: string,
    { key, body }: { key?: string; body?: string },
  ): Request {
    return { kind, method, host: `localhost:${this.server.port}`, path: `/v1${path}`, key, body };
  }

  #text(n: number): { title: string; content: string } {
    const word = (k: number) => WORDS[(n * 7 + k * k) % WORDS.length];
    const line = Array.from({ length: 12 }, (_, k) => word(k)).join(" ");
    return { title: `${word(1)} ${word(2)} ${n}`, content: `${line}\n\n${PARAGRAPH.repeat(20)}` };
  }
}
