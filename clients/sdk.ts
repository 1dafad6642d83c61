import type { components, operations } from "./api_types.ts";
import { type CallOptions, type Options, type Sent, Transport } from "./sdk/transport.ts";

export { type Issue, PostlarkError } from "./sdk/errors.ts";
export { type CallOptions, DEFAULT_API_BASE, type Options, type Retry } from "./sdk/transport.ts";

/** Every schema of the API by its name. */
export type Schemas = components["schemas"];
type Operation = keyof operations;
type JsonOf<T> = T extends { content: { "application/json": infer J } } ? J : never;
type Responses<N extends Operation> = operations[N]["responses"];
/** What an operation answers with. */
export type Answer<N extends Operation> = JsonOf<Responses<N>[keyof Responses<N>]>;
/** What it takes as its body. */
export type Body<N extends Operation> = JsonOf<NonNullable<operations[N]["requestBody"]>>;
/** What it takes as its query. */
export type Query<N extends Operation> = NonNullable<operations[N]["parameters"]["query"]>;
type ItemOf<T> = T extends { data: (infer I)[] } ? I : never;
type Page = { data: unknown[]; next_cursor?: string | null };
/** A webhook of a blog, by both ids. */
export type Hook = { blog: string; id: string };

/** An image to upload; `type` is told from its first bytes unless given. */
export type ImageFile = { data: Blob | BufferSource; filename?: string; type?: string };
type Route = [method: "GET" | "POST" | "PUT" | "DELETE", path: string];
/** What came with an answer. */
export type Received = {
  status: number;
  headers: Headers;
  requestId: string | null;
  etag: string | null;
};

/** A list: awaited, it is the page that was asked for; iterated, every item from there on, page after page. */
export class Listing<P> implements PromiseLike<P>, AsyncIterable<ItemOf<P>> {
  readonly #read: (query: Sent["query"]) => Promise<P>;

  constructor(read: (query: Sent["query"]) => Promise<P>) {
    this.#read = read;
  }

  then<A = P, B = never>(
    done?: ((page: P) => A | PromiseLike<A>) | null,
    failed?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#read({}).then(done, failed);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ItemOf<P>, void, undefined> {
    const whole = { limit: 250, page: null, per_page: null };
    let page = await this.#read(whole) as Page;
    while (true) {
      yield* page.data as ItemOf<P>[];
      if (!page.next_cursor) return;
      page = await this.#read({ ...whole, cursor: page.next_cursor }) as Page;
    }
  }
}

const received = new WeakMap<object, Received>();

/** The status, headers, request id and ETag that an answer of the client came with. */
export function receivedWith(answer: object): Received | undefined {
  return received.get(answer);
}

/** The whole API, typed: every call answers with the body, or throws PostlarkError. */
export class Postlark {
  readonly #transport: Transport;

  constructor(options: Options = {}) {
    this.#transport = new Transport(options);
  }

  /** Any operation, by its method and path. */
  async request<T>([method, path]: Route, sent: Sent = {}): Promise<T> {
    const { response, value } = await this.#transport.call(
      [method, path],
      sent,
      (response) => response.json() as Promise<T>,
    );
    if (typeof value === "object" && value !== null) received.set(value, receivedOf(response));
    return value;
  }

  /** An operation whose answer is a file; its body is the caller's to read. */
  async download([method, path]: Route, sent: Sent = {}): Promise<Response> {
    return (await this.#transport.call([method, path], sent, (r) => Promise.resolve(r))).value;
  }

  // Declared after the methods that it needs; `readonly` fields keep the nouns apart.
  readonly posts = {
    create: (post: Body<"createPost">, o?: CallOptions) =>
      this.#send<"createPost">(["POST", "/posts"], { body: post, ...o }),
    createMany: (posts: Body<"createPosts">, o?: CallOptions) =>
      this.#send<"createPosts">(["POST", "/posts/bulk"], { body: posts, ...o }),
    validate: (post: Body<"validatePost">, o?: CallOptions) =>
      this.#send<"validatePost">(["POST", "/posts/validate"], { body: post, ...o }),
    list: (query: Query<"listPosts"> = {}, o?: CallOptions) =>
      this.#list<"listPosts">("/posts", { query, ...o }),
    get: (slug: string, o?: CallOptions) =>
      this.#send<"getPost">(["GET", at`/posts/${slug}`], { ...o }),
    update: (slug: string, change: Body<"updatePost">, o?: CallOptions) =>
      this.#send<"updatePost">(["PUT", at`/posts/${slug}`], { body: change, ...o }),
    delete: (slug: string, o?: CallOptions) =>
      this.#send<"deletePost">(["DELETE", at`/posts/${slug}`], { ...o }),
    publish: (slug: string, o?: CallOptions) =>
      this.#send<"publishPost">(["POST", at`/posts/${slug}/publish`], { ...o }),
    unpublish: (slug: string, o?: CallOptions) =>
      this.#send<"unpublishPost">(["POST", at`/posts/${slug}/unpublish`], { ...o }),
    schedule: (slug: string, schedule: Body<"schedulePost">, o?: CallOptions) =>
      this.#send<"schedulePost">(["POST", at`/posts/${slug}/schedule`], { body: schedule, ...o }),
    listRevisions: (slug: string, query: Query<"listRevisions"> = {}, o?: CallOptions) =>
      this.#list<"listRevisions">(at`/posts/${slug}/revisions`, { query, ...o }),
    getRevision: (slug: string, id: string, o?: CallOptions) =>
      this.#send<"getRevision">(["GET", at`/posts/${slug}/revisions/${id}`], { ...o }),
    restoreRevision: (slug: string, id: string, o?: CallOptions) =>
      this.#send<"restoreRevision">(["POST", at`/posts/${slug}/revisions/${id}/restore`], { ...o }),
  };

  readonly blogs = {
    create: (blog: Body<"createBlog">, o?: CallOptions) =>
      this.#send<"createBlog">(["POST", "/blogs"], { body: blog, ...o }),
    list: (query: Query<"listBlogs"> = {}, o?: CallOptions) =>
      this.#list<"listBlogs">("/blogs", { query, ...o }),
    get: (id: string, o?: CallOptions) =>
      this.#send<"getBlog">(["GET", at`/blogs/${id}`], { ...o }),
    update: (id: string, change: Body<"updateBlog">, o?: CallOptions) =>
      this.#send<"updateBlog">(["PUT", at`/blogs/${id}`], { body: change, ...o }),
    delete: (id: string, o?: CallOptions) =>
      this.#send<"deleteBlog">(["DELETE", at`/blogs/${id}`], { ...o }),
    activate: (id: string, o?: CallOptions) =>
      this.#send<"activateBlog">(["POST", at`/blogs/${id}/activate`], { ...o }),
  };

  readonly keys = {
    create: (blog: string, key: Body<"createApiKey"> = {}, o?: CallOptions) =>
      this.#send<"createApiKey">(["POST", at`/blogs/${blog}/api-keys`], { body: key, ...o }),
    list: (blog: string, query: Query<"listApiKeys"> = {}, o?: CallOptions) =>
      this.#list<"listApiKeys">(at`/blogs/${blog}/api-keys`, { query, ...o }),
    revoke: (blog: string, id: string, o?: CallOptions) =>
      this.#send<"revokeApiKey">(["DELETE", at`/blogs/${blog}/api-keys/${id}`], { ...o }),
  };

  readonly domains = {
    set: (blog: string, domain: Body<"registerDomain">, o?: CallOptions) =>
      this.#send<"registerDomain">(["POST", at`/blogs/${blog}/domain`], { body: domain, ...o }),
    get: (blog: string, o?: CallOptions) =>
      this.#send<"getDomain">(["GET", at`/blogs/${blog}/domain`], { ...o }),
    remove: (blog: string, o?: CallOptions) =>
      this.#send<"removeDomain">(["DELETE", at`/blogs/${blog}/domain`], { ...o }),
  };

  readonly media = {
    upload: async (image: ImageFile, o?: CallOptions) =>
      this.#send<"uploadImage">(["POST", "/upload"], { form: await formOf(image), ...o }),
    list: (query: Query<"listMedia"> = {}, o?: CallOptions) =>
      this.#list<"listMedia">("/media", { query, ...o }),
    delete: (id: string, o?: CallOptions) =>
      this.#send<"deleteMedia">(["DELETE", at`/media/${id}`], { ...o }),
  };

  readonly webhooks = {
    create: (blog: string, hook: Body<"createWebhook">, o?: CallOptions) =>
      this.#send<"createWebhook">(["POST", at`/blogs/${blog}/webhooks`], { body: hook, ...o }),
    list: (blog: string, query: Query<"listWebhooks"> = {}, o?: CallOptions) =>
      this.#list<"listWebhooks">(at`/blogs/${blog}/webhooks`, { query, ...o }),
    get: ({ blog, id }: Hook, o?: CallOptions) =>
      this.#send<"getWebhook">(["GET", at`/blogs/${blog}/webhooks/${id}`], { ...o }),
    update: ({ blog, id }: Hook, change: Body<"updateWebhook">, o?: CallOptions) =>
      this.#send<"updateWebhook">(["PUT", at`/blogs/${blog}/webhooks/${id}`], {
        body: change,
        ...o,
      }),
    delete: ({ blog, id }: Hook, o?: CallOptions) =>
      this.#send<"deleteWebhook">(["DELETE", at`/blogs/${blog}/webhooks/${id}`], { ...o }),
    rotate: ({ blog, id }: Hook, o?: CallOptions) =>
      this.#send<"rotateWebhook">(["POST", at`/blogs/${blog}/webhooks/${id}/rotate`], { ...o }),
    test: ({ blog, id }: Hook, o?: CallOptions) =>
      this.#send<"testWebhook">(["POST", at`/blogs/${blog}/webhooks/${id}/test`], { ...o }),
    listDeliveries: (
      { blog, id }: Hook,
      query: Query<"listDeliveries"> = {},
      o?: CallOptions,
    ) =>
      this.#list<"listDeliveries">(at`/blogs/${blog}/webhooks/${id}/deliveries`, { query, ...o }),
    redeliver: ({ blog, id, delivery }: Hook & { delivery: string }, o?: CallOptions) =>
      this.#send<"redeliver">(
        ["POST", at`/blogs/${blog}/webhooks/${id}/deliveries/${delivery}/redeliver`],
        { ...o },
      ),
  };

  readonly analytics = {
    overview: (query: Query<"getAnalytics"> = {}, o?: CallOptions) =>
      this.#send<"getAnalytics">(["GET", "/analytics/overview"], { query, ...o }),
    post: (slug: string, query: Query<"getPostAnalytics"> = {}, o?: CallOptions) =>
      this.#send<"getPostAnalytics">(["GET", at`/analytics/posts/${slug}`], { query, ...o }),
  };

  readonly account = {
    profile: (o?: CallOptions) => this.#send<"getProfile">(["GET", "/account/profile"], { ...o }),
    update: (change: Body<"updateProfile">, o?: CallOptions) =>
      this.#send<"updateProfile">(["PUT", "/account/profile"], { body: change, ...o }),
    usage: (o?: CallOptions) => this.#send<"getUsage">(["GET", "/account/usage"], { ...o }),
    checkout: (plan: Body<"checkoutPlan">, o?: CallOptions) =>
      this.#send<"checkoutPlan">(["POST", "/account/checkout"], { body: plan, ...o }),
    export: (o?: CallOptions) => this.#send<"exportAccount">(["GET", "/account/export"], { ...o }),
    /** a zip: a folder a blog, a Markdown file with front matter a post */
    exportZip: (o?: CallOptions) =>
      this.download(["GET", "/account/export"], { query: { format: "zip" }, ...o }),
    delete: (o?: CallOptions) => this.#send<"deleteAccount">(["POST", "/account/delete"], { ...o }),
  };

  readonly tokens = {
    create: (token: Body<"createToken">, o?: CallOptions) =>
      this.#send<"createToken">(["POST", "/account/tokens"], { body: token, ...o }),
    list: (query: Query<"listTokens"> = {}, o?: CallOptions) =>
      this.#list<"listTokens">("/account/tokens", { query, ...o }),
    revoke: (id: string, o?: CallOptions) =>
      this.#send<"revokeToken">(["DELETE", at`/account/tokens/${id}`], { ...o }),
  };

  readonly packs = {
    purchase: (pack: Body<"purchasePack">, o?: CallOptions) =>
      this.#send<"purchasePack">(["POST", "/packs/purchase"], { body: pack, ...o }),
    balance: (o?: CallOptions) => this.#send<"getPackBalance">(["GET", "/packs/balance"], { ...o }),
    ledger: (query: Query<"listMovements"> = {}, o?: CallOptions) =>
      this.#list<"listMovements">("/packs/ledger", { query, ...o }),
  };

  /** The published posts of the blog that match, best first. */
  search(query: Query<"searchPosts">, o?: CallOptions): Listing<Answer<"searchPosts">> {
    return this.#list<"searchPosts">("/search", { query, ...o });
  }

  /** The same over all blogs; needs no key. */
  discover(query: Query<"discoverPosts">, o?: CallOptions): Listing<Answer<"discoverPosts">> {
    return this.#list<"discoverPosts">("/discover", { query, ...o });
  }

  #send<N extends Operation>(route: Route, sent: Sent): Promise<Answer<N>> {
    return this.request<Answer<N>>(route, sent);
  }

  #list<N extends Operation>(path: string, sent: Sent): Listing<Answer<N>> {
    return new Listing((query) =>
      this.#send<N>(["GET", path], { ...sent, query: { ...sent.query, ...query } })
    );
  }
}

// A path with its names encoded: a slug cannot lead elsewhere.
function at(parts: TemplateStringsArray, ...names: string[]): string {
  return String.raw({ raw: parts }, ...names.map(encodeName));
}

function encodeName(name: string): string {
  // The URL parser would take the dots, even encoded, for the folder above.
  if (name === "" || name === "." || name === "..") throw new TypeError(`"${name}" is no name`);
  return encodeURIComponent(name);
}

function receivedOf({ status, headers }: Response): Received {
  const requestId = headers.get("x-request-id");
  return { status, headers, requestId, etag: headers.get("etag") };
}

async function formOf({ data, filename = "image", type }: ImageFile): Promise<FormData> {
  const blob = data instanceof Blob ? data : new Blob([data]);
  const declared = type ?? imageType(new Uint8Array(await blob.slice(0, 12).arrayBuffer())) ??
    blob.type;
  const form = new FormData();
  form.set("file", new File([blob], filename, { type: declared }));
  return form;
}

/** The type of an image by its first twelve bytes, or undefined where it is none that can be uploaded. */
export function imageType(head: Uint8Array): string | undefined {
  const text = String.fromCharCode(...head.subarray(0, 12));
  if (text.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (text.startsWith("\x89PNG\r\n\x1a\n")) return "image/png";
  if (/^GIF8[79]a/.test(text)) return "image/gif";
  if (/^RIFF[^]{4}WEBP/.test(text)) return "image/webp";
}
