import assert from "node:assert/strict";
import { type Service, setup, type Tenant } from "../_setup.ts";

const PLANS = ["free", "starter", "creator", "scale", "enterprise"] as const;
type Plan = typeof PLANS[number];

/** Written out from the plan list of the reference: what each plan allows, in the order of PLANS. */
const ALLOWED: Record<string, string> = {
  //                     F S C S E
  "customCss": "         - x x x x",
  "cssUrl": "            - x x x x",
  "adCode": "            - x x x x",
  "headerHtml": "        - - x x x",
  "footerHtml": "        - - x x x",
  "headHtml": "          - - - x x",
  "layoutHtml": "        - - - x x",
  "title pattern": "     - - - x x",
  "tag title pattern": " - - - x x",
  "schedule": "          - - x x x",
  "scheduled create": "  - - x x x",
  "bulk": "              - - - x x",
  "pack purchase": "     - x x x x",
  "analytics": "         - x x x x",
  "post analytics": "    - x x x x",
  "referrers": "         - - x x x",
  "indexing": "          - x x x x",
  "sitemap": "           - x x x x",
  "no badge": "          - - x x x",
  "post llms.txt": "     - - x x x",
  "no name of ours": "   - - - x x",
  "2 blogs": "           - - x x x",
  "4 blogs": "           - - - x x",
  "6 blogs": "           - - - - x",
  "11 posts": "          - x x x x",
  "16 posts a month": "  - - x x x",
  "51 posts a month": "  - - - x x",
};

const SOON = "2026-04-01T00:00:00Z";
const post = { title: "Hello", content: "Text.", slug: "hello", status: "published" };

type Try = (t: Service, tenant: Tenant) => Promise<boolean>;

/** Whether a write is taken; one that is not says which plan has it, and where to upgrade. */
function write(
  method: string,
  path: (tenant: Tenant) => string,
  body: (tenant: Tenant) => unknown,
): Try {
  return async (t, tenant) => {
    const got = await t.api(method, path(tenant), { key: tenant.token, body: body(tenant) });
    if (got.status < 300) return true;
    assert.equal(got.status, 403, `${path(tenant)}: ${got.text}`);
    assert.equal(got.body.upgrade_url, "http://localhost:8000/upgrade");
    assert.match(got.body.message, /requires the (Starter|Creator|Scale) plan or above/);
    return false;
  };
}

function theme(key: string, value: string): Try {
  return write(
    "PUT",
    ({ blog }) => `/blogs/${blog.id}`,
    () => ({ theme_config: { [key]: value } }),
  );
}

function pattern(body: unknown): Try {
  return write("PUT", ({ blog }) => `/blogs/${blog.id}`, () => body);
}

/** Whether so many things can be made, one after another. */
function make(count: number, path: string, body: (name: string) => unknown): Try {
  return async (t, { token, blog }) => {
    for (let n = 0; n < count; n++) {
      const got = await t.api("POST", path, { key: token, body: body(`${blog.slug}-${n}`) });
      if (got.status === 201) continue;
      assert.equal(got.status, 403);
      assert.match(got.body.message, /^(Post|Blog) limit exceeded\. /);
      assert.equal(got.body.upgrade_url, "http://localhost:8000/upgrade");
      return false;
    }
    return true;
  };
}

function page(path: string, holds: (text: string, status: number) => boolean): Try {
  return async (t, tenant) => {
    await t.api("POST", "/posts", { key: tenant.key, body: post });
    const { text, status } = await t.view(tenant.blog.slug, path);
    return holds(text, status);
  };
}

const TRIES: Record<string, Try> = {
  "customCss": theme("customCss", "p { color: teal }"),
  "cssUrl": theme("cssUrl", "https://example.com/a.css"),
  "adCode": theme("adCode", "<p>Ad</p>"),
  "headerHtml": theme("headerHtml", "<p>Top</p>"),
  "footerHtml": theme("footerHtml", "<p>End</p>"),
  "headHtml": theme("headHtml", '<meta name="a">'),
  "layoutHtml": theme("layoutHtml", "{{head}}{{title}}{{content}}"),
  "title pattern": pattern({ title_pattern: "{title}!" }),
  "tag title pattern": pattern({ tag_title_patterns: { a: "{title}!" } }),
  "schedule": async (t, tenant) => {
    await t.api("POST", "/posts", { key: tenant.key, body: { ...post, status: "draft" } });
    const body = () => ({ scheduled_at: SOON });
    return await write("POST", () => "/posts/hello/schedule", body)(t, tenant);
  },
  "scheduled create": write("POST", () => "/posts", () => ({
    ...post,
    status: undefined,
    scheduled_at: SOON,
  })),
  "bulk": write("POST", () => "/posts/bulk", () => ({ posts: [post] })),
  "pack purchase": write("POST", () => "/packs/purchase", () => ({ pack_type: "100" })),
  "analytics": write("GET", () => "/analytics/overview", () => undefined),
  "post analytics": async (t, tenant) => {
    await t.api("POST", "/posts", { key: tenant.key, body: post });
    return await write("GET", () => "/analytics/posts/hello", () => undefined)(t, tenant);
  },
  "referrers": async (t, { key }) => {
    const { body } = await t.api("GET", "/analytics/overview", { key });
    return "referrers" in body;
  },
  "indexing": page("/hello", (text) => !text.includes('content="noindex"')),
  "sitemap": page("/sitemap.xml", (_, status) => status === 200),
  "no badge": page("/hello", (text) => !/Powered by|Published with/i.test(text)),
  "post llms.txt": page("/hello/llms.txt", (_, status) => status === 200),
  "no name of ours": page("/rss.xml", (text) => !/postlark/i.test(text)),
  "2 blogs": make(1, "/blogs", (slug) => ({ slug, name: "More" })),
  "4 blogs": make(3, "/blogs", (slug) => ({ slug, name: "More" })),
  "6 blogs": make(5, "/blogs", (slug) => ({ slug, name: "More" })),
  "11 posts": make(11, "/posts", () => ({ title: "Hello", content: "x" })),
  "16 posts a month": make(16, "/posts", () => ({ title: "Hello", content: "x" })),
  "51 posts a month": make(51, "/posts", () => ({ title: "Hello", content: "x" })),
};

Deno.test("the table of plans and what is tried have the same features", () => {
  assert.deepEqual(Object.keys(TRIES), Object.keys(ALLOWED));
});

for (const [feature, row] of Object.entries(ALLOWED)) {
  const marks = row.trim().split(/\s+/);
  Deno.test(`${feature}: ${PLANS.map((plan, n) => `${plan} ${marks[n]}`).join(", ")}`, async () => {
    using t = await setup({ env: { POSTLARK_BILLING: "manual" } });
    const seen: Partial<Record<Plan, string>> = {};
    for (const plan of PLANS) {
      const tenant = await t.tenant(plan);
      seen[plan] = await TRIES[feature](t, tenant) ? "x" : "-";
      t.advance(3_600_000);
    }
    assert.deepEqual(PLANS.map((plan) => seen[plan]), marks);
  });
}
