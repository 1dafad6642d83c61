import assert from "node:assert/strict";
import { type Got, type Sent, setup, type Tenant } from "../_setup.ts";

/**
 * What clients that exist already send, in every form that the reference shows, and what they read of
 * the answer: `reads` are paths into it. A value behind a colon must be it.
 */
type Form = {
  asks: [method: string, path: string];
  status?: number;
  sends?: unknown;
  headers?: Record<string, string>;
  reads: string;
};

const CREATED_POST = "id slug url status created_at";
const WHOLE_POST = "id title slug content_md content_html status tags meta_description " +
  "og_image_url published_at scheduled_at created_at updated_at";
const LISTED_POST = "data[].id data[].title data[].slug data[].status data[].tags " +
  "data[].meta_description data[].published_at data[].created_at data[].updated_at " +
  "pagination.page pagination.per_page pagination.total pagination.total_pages";
const FOUND = "data[].slug data[].title data[].excerpt data[].tags data[].created_at " +
  "pagination.page pagination.per_page pagination.total pagination.total_pages";
const VIEWS = "title total_views daily_views[].date daily_views[].views";
const NEW_KEY = "id name key prefix scopes expires_at created_at";
const LISTED_KEY = "data[].id data[].name data[].key_prefix data[].scopes data[].expires_at " +
  "data[].last_used_at data[].created_at";
const BLOG = "id slug name description custom_domain created_at updated_at";

/** In this order; `{blog}`, `{key}` and `{token}` are ids of the tenant's. */
const FORMS: Form[] = [
  // Posts: the reference's bodies, and those of the tools and the command line.
  {
    asks: ["POST", "/posts"],
    status: 201,
    sends: { title: "My post", content: "# Hello" },
    reads: `${CREATED_POST} status:draft slug:my-post`,
  },
  {
    asks: ["POST", "/posts"],
    status: 201,
    sends: {
      title: "Everything of it",
      content: "# My Post\n\n![photo](https://media.postlark.ai/abc/123.jpg)\n\nSome text.",
      slug: "all-of-it",
      tags: ["deno", "api"],
      status: "published",
      meta: { description: "Said.", og_image: "https://example.com/a.png" },
    },
    reads: `${CREATED_POST} ${WHOLE_POST} status:published meta_description:Said.`,
  },
  {
    asks: ["POST", "/posts"],
    status: 201,
    sends: { title: "Empty slug", content: "x", slug: "", tags: [], meta: {}, unknown: 1 },
    reads: `${CREATED_POST} slug:empty-slug`,
  },
  {
    asks: ["POST", "/posts"],
    status: 400,
    sends: { title: "x" },
    reads: "error:bad_request message",
  },
  {
    asks: ["POST", "/posts"],
    status: 409,
    sends: { title: "x", content: "x", slug: "my-post" },
    reads: "error:conflict message",
  },
  { asks: ["GET", "/posts"], reads: `${LISTED_POST} pagination.page:1 pagination.per_page:20` },
  { asks: ["GET", "/posts?per_page=200"], reads: `${LISTED_POST} pagination.per_page:200` },
  {
    asks: [
      "GET",
      "/posts?status=published&tag=deno&page=1&per_page=100&sort=published_at&order=asc",
    ],
    reads: `${LISTED_POST} data[].slug:all-of-it`,
  },
  { asks: ["GET", "/posts?limit=250&cursor="], reads: "data[].slug next_cursor" },
  { asks: ["GET", "/posts/my-post"], reads: WHOLE_POST },
  {
    asks: ["PUT", "/posts/my-post"],
    sends: { title: "Renamed" },
    reads: `${WHOLE_POST} title:Renamed`,
  },
  {
    asks: ["PUT", "/posts/my-post"],
    sends: { content: "New", tags: ["a"], meta: { description: "d" }, status: "published" },
    reads: `${WHOLE_POST} status:draft`,
  },
  { asks: ["PUT", "/posts/my-post"], sends: { slug: "moved" }, reads: "slug:moved" },
  {
    asks: ["POST", "/posts/moved/schedule"],
    sends: { scheduled_at: "2030-01-31T09:00:00+09:00" },
    reads: "slug:moved status:scheduled scheduled_at:2030-01-31T00:00:00.000Z",
  },
  {
    asks: ["POST", "/posts/moved/schedule"],
    status: 400,
    sends: { scheduled_at: "2020-01-01T00:00:00Z" },
    reads: "error:bad_request message",
  },
  {
    asks: ["POST", "/posts/moved/publish"],
    reads: "id slug:moved url status:published published_at",
  },
  { asks: ["POST", "/posts/moved/publish"], sends: {}, reads: "status:published" },
  { asks: ["POST", "/posts/moved/unpublish"], reads: "slug:moved status:draft" },
  {
    asks: ["POST", "/posts/validate"],
    sends: { title: "x", content: "y" },
    reads: "valid slug meta_description word_count reading_minutes content_html warnings",
  },
  { asks: ["GET", "/posts/moved/revisions"], reads: "data[].id data[].title" },
  { asks: ["GET", "/search?q=everything"], reads: FOUND },
  {
    asks: ["GET", "/search?q=everything&page=1&per_page=50"],
    reads: `${FOUND} pagination.per_page:50`,
  },
  { asks: ["GET", "/search?q="], status: 400, reads: "error:bad_request message" },
  {
    asks: ["GET", "/discover?q=everything"],
    reads: `${FOUND} data[].blog_name data[].blog_domain data[].url data[].llms_txt_url`,
  },
  { asks: ["GET", "/discover?q=everything&tag=deno&page=1&per_page=20"], reads: FOUND },
  { asks: ["GET", "/analytics/overview"], reads: `${VIEWS} top_posts` },
  { asks: ["GET", "/analytics/overview?period=7d"], reads: `${VIEWS} total_views_7d total_uv_30d` },
  { asks: ["GET", "/analytics/posts/all-of-it"], reads: `slug:all-of-it ${VIEWS}` },
  { asks: ["DELETE", "/posts/empty-slug"], reads: "deleted:true" },
  {
    asks: ["GET", "/posts/empty-slug"],
    status: 404,
    reads: "error:not_found message:Post_not_found",
  },
  // Blogs.
  {
    asks: ["POST", "/blogs"],
    status: 201,
    sends: {
      slug: "my-tech-blog",
      name: "My Tech Blog",
      description: "Writing about AI, APIs, and developer tools.",
    },
    reads: "id slug name url created_at",
  },
  { asks: ["GET", "/blogs"], reads: BLOG.replace(/\w+/g, "data[].$&") },
  { asks: ["GET", "/blogs/{blog}"], reads: BLOG },
  {
    asks: ["PUT", "/blogs/{blog}"],
    sends: {
      name: "My Renamed Blog",
      description: "Updated.",
      theme_config: {
        customCss: "body { font-family: Georgia, serif; }",
        headerHtml: "<nav>Custom navigation</nav>",
        footerHtml: "<p>f</p>",
        adCode: "<p>a</p>",
      },
    },
    reads: `${BLOG} theme_config.customCss theme_config.headerHtml`,
  },
  // Keys and tokens: every form of their expiry.
  { asks: ["POST", "/blogs/{blog}/api-keys"], status: 201, reads: `${NEW_KEY} name:Default` },
  {
    asks: ["POST", "/blogs/{blog}/api-keys"],
    status: 201,
    sends: { name: "CI/CD Pipeline", expires_in: 30 },
    reads: NEW_KEY,
  },
  {
    asks: ["POST", "/blogs/{blog}/api-keys"],
    status: 201,
    sends: { name: "never", expires_in: null },
    reads: `${NEW_KEY} token`,
  },
  { asks: ["GET", "/blogs/{blog}/api-keys"], reads: LISTED_KEY },
  { asks: ["DELETE", "/blogs/{blog}/api-keys/{key}"], reads: "revoked:true deleted:true" },
  ...["30d", "90d", "1y", 30, null].map((expires_in): Form => ({
    asks: ["POST", "/account/tokens"],
    status: 201,
    sends: { name: "t", scopes: ["posts:*", "media:read"], blog_id: null, expires_in },
    reads: `${NEW_KEY} blog_id`,
  })),
  {
    asks: ["POST", "/account/tokens"],
    status: 201,
    sends: { name: "t" },
    reads: `${NEW_KEY} blog_id`,
  },
  { asks: ["GET", "/account/tokens"], reads: `${LISTED_KEY} data[].blog_id` },
  { asks: ["DELETE", "/account/tokens/{token}"], reads: "revoked:true" },
  // The account, and packs by each name of theirs.
  { asks: ["GET", "/account/profile"], reads: "id email name plan created_at" },
  { asks: ["GET", "/account/usage"], reads: "plan posts packs blogs storage requests" },
  {
    asks: ["GET", "/account/export"],
    reads:
      "exported_at user_id blogs[].blog.slug blogs[].blog.name blogs[].blog.description blogs[].posts[].slug blogs[].posts[].title blogs[].posts[].content_md blogs[].posts[].tags blogs[].posts[].status blogs[].posts[].created_at total_posts",
  },
  ...[{ pack_type: "100" }, { pack_type: 300 }, { type: "100" }, { type: 100 }].map((
    sends,
  ): Form => ({
    asks: ["POST", "/packs/purchase"],
    sends,
    reads: "purchased:true pack_type balance",
  })),
  {
    asks: ["GET", "/packs/balance"],
    reads: "total_remaining:600 packs[].id packs[].balance packs[].purchased_at",
  },
  {
    asks: ["GET", "/packs/balance"],
    headers: { authorization: "Bearer pk_live_no" },
    status: 401,
    reads: "error:unauthorized message",
  },
  { asks: ["DELETE", "/blogs/{blog}"], reads: "deleted:true" },
  { asks: ["POST", "/account/delete"], reads: "deleted:true message" },
];

/** The value that a path leads to in an answer; of a list, that of the first item that has one. */
function read(body: unknown, path: string): unknown {
  const [part, ...rest] = path.split(".");
  const [name, list] = part.split("[]");
  const value = (body as Record<string, unknown>)?.[name];
  if (!rest.length) return list === undefined ? value : (value as unknown[])?.[0];
  const items = list === undefined ? [value] : value as unknown[];
  return items.map((item) => read(item, rest.join("."))).find((found) => found !== undefined);
}

Deno.test("every request of the reference, in each form that it shows, is answered with what clients read", async () => {
  using t = await setup({ env: { POSTLARK_BILLING: "manual" } });
  const a = await t.tenant();
  const ids = await made(t, a);
  for (const { asks: [method, path], status = 200, sends, headers, reads } of FORMS) {
    const at = path.replace(/\{(\w+)\}/g, (_, name) => ids[name]);
    const onBlog = { "x-blog-id": a.blog.id, ...headers };
    const key = headers?.authorization ? null : a.token;
    const got = await t.api(method, at, { key, body: sends, headers: onBlog });
    const what = `${method} ${at}: ${got.status} ${got.text.slice(0, 400)}`;
    assert.equal(got.status, status, what);
    assertReads(got, reads, what);
    for (const name of ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"]) {
      assert.match(got.headers.get(name) ?? "", /^\d+$/, what);
    }
  }
});

function assertReads(got: Got, reads: string, what: string): void {
  for (const wanted of reads.split(" ")) {
    const [path, ...value] = wanted.split(":");
    const found = read(got.body, path);
    assert.notEqual(found, undefined, `no ${path} in ${what}`);
    const text = value.join(":").replaceAll("_", " ");
    if (value.length) assert.equal(String(found).replaceAll("_", " "), text, what);
  }
}

async function made(
  t: Awaited<ReturnType<typeof setup>>,
  a: Tenant,
): Promise<Record<string, string>> {
  const post = async (path: string, sent: Sent) => (await t.api("POST", path, sent)).body.id;
  return {
    blog: a.blog.id,
    key: await post(`/blogs/${a.blog.id}/api-keys`, { key: a.token }),
    token: await post("/account/tokens", { key: a.token, body: { name: "t" } }),
  };
}

Deno.test("a credential is taken in each form that the sources show, and in any case", async () => {
  using t = await setup();
  const { key, email } = await t.tenant();
  const forms: Record<string, string>[] = [
    { "Authorization": `Bearer ${key}` },
    { "authorization": `bearer ${key}` },
    { "Authorization": key },
    { "X-API-Key": key },
    { "X-API-KEY": key, "Content-Type": "application/json" },
  ];
  for (const headers of forms) {
    const got = await t.api("GET", "/account/profile", { headers });
    assert.equal(got.body.email, email, JSON.stringify(headers));
  }
});

Deno.test("a replay with the same Idempotency-Key gives the first answer, as the sources promise", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  const headers = { "Idempotency-Key": "2c9f8b6a-replay-me" };
  const sent = { key, body: { title: "Once", content: "x" }, headers };
  const first = await t.api("POST", "/posts", sent);
  const again = await t.api("POST", "/posts", sent);
  assert.deepEqual([again.status, again.body], [201, first.body]);
  assert.equal(again.headers.get("idempotency-replayed"), "true");
});

Deno.test("a plan's limit is told with the reference's words and where to upgrade", async () => {
  using t = await setup();
  const { key } = await t.tenant("free");
  const body = { title: "x", content: "x" };
  for (let n = 0; n < 10; n++) {
    assert.equal((await t.api("POST", "/posts", { key, body })).status, 201);
  }
  const refused = await t.api("POST", "/posts", { key, body });
  assert.equal(refused.status, 403);
  assert.match(refused.body.message, /^Post limit exceeded\. Free plan allows 10 total posts\./);
  assert.match(refused.body.upgrade_url, /\/upgrade$/);
  const later = { scheduled_at: "2030-01-01T00:00:00Z" };
  const schedule = await t.api("POST", "/posts/x/schedule", { key, body: later });
  assert.equal(schedule.status, 403);
});
