import process from "node:process";
import { DEFAULT_API_BASE, Postlark, type PostlarkError, type Retry } from "../sdk.ts";
import { type Config, configPath, readConfig } from "./_config.ts";
import { duration, EXIT, Failure, usage } from "./_errors.ts";
import { quickFetch } from "./_fetch.ts";
import { note, print } from "./_output.ts";

/** The options that every command takes. */
export type Globals = {
  json?: boolean;
  apiKey?: string;
  apiBase?: string;
  blog?: string;
  verbose?: boolean;
};
/** Where a setting comes from, for people. */
type Source = "--api-key" | "POSTLARK_API_KEY" | "~/.postlarkrc";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** The version that goes with every request. */
export const VERSION = "0.1.0";

/** What a command works with: its options, the configuration, and a client for the API. */
export class Context {
  #client?: Postlark;
  #blog?: Promise<string | undefined>;
  /** hears of waits, in place of a line on standard error */
  onRetry?: (why: string) => void;

  private constructor(readonly globals: Globals, readonly config: Config) {}

  static async open(globals: Globals): Promise<Context> {
    return new Context(globals, await readConfig());
  }

  get json(): boolean {
    return !!this.globals.json;
  }

  /** Shows a result: as JSON where that is asked for, else as `show` writes it for people. */
  result(value: unknown, show: () => void): void {
    if (this.json) print(JSON.stringify(value, null, 2));
    else show();
  }

  get apiBase(): string {
    const base = this.globals.apiBase ?? env("POSTLARK_API_BASE") ?? this.config.apiBase ??
      DEFAULT_API_BASE;
    if (!URL.canParse(base) || !/^https?:$/.test(new URL(base).protocol)) {
      throw usage(`"${base}" is no address of an API: give one such as ${DEFAULT_API_BASE}`);
    }
    // The root of a service leads to the only version that there is.
    return new URL(base).pathname === "/" ? new URL("/v1", base).href : base;
  }

  /** The credential and where it comes from, or undefined. */
  get credential(): { key: string; from: Source } | undefined {
    const { globals, config } = this;
    const all: [string | undefined, Source][] = [
      [globals.apiKey, "--api-key"],
      [env("POSTLARK_API_KEY"), "POSTLARK_API_KEY"],
      [config.apiKey, "~/.postlarkrc"],
    ];
    const found = all.find(([key]) => key);
    return found && { key: found[0]!, from: found[1] };
  }

  /** A client with the credential; ends the command with exit code 3 where there is none. */
  get client(): Postlark {
    if (!this.credential) {
      throw new Failure(
        `No API key. Log in with postlark login, or set POSTLARK_API_KEY or --api-key (it is kept in ${configPath()}).`,
        EXIT.auth,
      );
    }
    return this.#client ??= this.clientWith(this.credential.key);
  }

  clientWith(apiKey: string | undefined): Postlark {
    return new Postlark({
      apiKey,
      apiBase: this.apiBase,
      fetch: quickFetch,
      userAgent: `postlark-cli/${VERSION}`,
      onRetry: (retry) => this.#tellRetry(retry),
      onResponse: ({ method, url, response }) => {
        if (!this.globals.verbose) return;
        const id = response.headers.get("x-request-id");
        note(`${method} ${url} → ${response.status}${id ? ` (${id})` : ""}`);
      },
    });
  }

  /** What was said of a blog, by option, environment or configuration. */
  get namedBlog(): string | undefined {
    return this.globals.blog ?? env("POSTLARK_BLOG") ?? env("POSTLARK_ACTIVE_BLOG") ??
      this.config.defaultBlog;
  }

  /** The blog to act on, for calls that resolve one; empty where the credential is to decide. */
  async onBlog(): Promise<{ blog?: string }> {
    const blog = await (this.#blog ??= this.namedBlog ? this.idOf(this.namedBlog) : undefined);
    return { blog };
  }

  /** The id of the blog that was named, or of the only one. */
  async blogId(): Promise<string> {
    const { blog } = await this.onBlog();
    if (blog) return blog;
    const { data } = await this.client.blogs.list();
    if (data.length === 1) return data[0].id;
    throw usage(
      data.length
        ? `You have several blogs: choose one with --blog, or postlark blogs use. They are ${
          data.map(({ slug }) => slug).join(", ")
        }.`
        : "You have no blog yet: postlark blogs create <slug> makes one.",
    );
  }

  /** The id of a blog by its id or slug. */
  async idOf(blog: string): Promise<string> {
    if (UUID.test(blog)) return blog;
    const { data } = await this.client.blogs.list();
    const found = data.find(({ slug }) => slug === blog.toLowerCase());
    if (found) return found.id;
    const slugs = data.map(({ slug }) => slug).join(", ");
    throw new Failure(`You have no blog "${blog}"${slugs ? `: there is ${slugs}` : ""}.`);
  }

  #tellRetry({ error, wait }: Retry): void {
    const why = `${cause(error)}, trying again in ${duration(Math.ceil(wait / 1000))}`;
    if (this.onRetry) this.onRetry(why);
    else if (wait >= 1000 || this.globals.verbose) note(why);
  }
}

function cause({ status, code }: PostlarkError): string {
  return status === 429 ? "rate limit reached" : status ? `the server answered ${status}` : code;
}

function env(name: string): string | undefined {
  return process.env[name] || undefined;
}
