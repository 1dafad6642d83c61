/** What is told of a request once its answer begins. */
export type RequestLine = {
  level: "info" | "warn" | "error";
  event: "request";
  request_id: string;
  method: string;
  /** the pattern of the path: `/v1/posts/{slug}`, `{blog}/{slug}` for a page of a blog */
  route: string;
  status: number;
  /** milliseconds until the answer began */
  ms: number;
  kv_rounds: number;
  kv_commits: number;
  /** ids; left out where nobody is signed in, and where no blog is meant */
  user?: string;
  blog?: string;
  /** the tool that a client of MCP called */
  tool?: string;
};

const MAX_TEXT = 32_768;

/** For a person who watches: a request in one line of text. */
export function prettyLine(line: RequestLine): string {
  const { method, route, status, ms, kv_rounds, kv_commits, tool } = line;
  const store = `${kv_rounds} rounds, ${kv_commits} commits`;
  return `${status} ${method} ${route}${tool ? ` ${tool}` : ""}  ${ms} ms, ${store}`;
}

/** Keeps lines back for a moment, and writes those of many requests at once. */
export class LineBuffer {
  #text = "";

  /** `later` is given what is to be done in a moment, once for each time that something waits. */
  constructor(
    readonly write: (text: string) => void,
    readonly later: (flush: () => void) => void,
  ) {}

  add(line: string): void {
    if (!this.#text) this.later(() => this.flush());
    this.#text += `${line}\n`;
    if (this.#text.length > MAX_TEXT) this.flush();
  }

  flush(): void {
    const text = this.#text;
    this.#text = "";
    if (text) this.write(text);
  }
}
