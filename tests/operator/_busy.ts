import assert from "node:assert/strict";
import type { Service, Tenant } from "../_setup.ts";
import { connect, reads } from "../routes/oauth/_flow.ts";
import { readFixture } from "../support/images.ts";
import { Random } from "../support/random.ts";
import type { Key } from "../../lib/kit/kv.ts";

const DAY = 86_400_000;

/** Calls the API and requires success. */
async function done(
  t: Service,
  method: string,
  path: string,
  sent: { key: string; body?: unknown },
) {
  const { status, body } = await t.api(method, path, sent);
  assert.ok(status < 300, `${method} ${path}: ${status} ${JSON.stringify(body)}`);
  return body;
}

/** A store in which every verb was used, by two accounts; `large` adds bodies that take many rows. */
export async function makeBusy(
  t: Service,
  options: { large?: boolean } = {},
): Promise<{ one: Tenant; other: Tenant }> {
  const one = await t.tenant("scale");
  const other = await t.tenant("free");
  const { key } = one;
  const write = (method: string, path: string, body: unknown = {}) =>
    done(t, method, path, { key, body });
  const tick = () => t.advance(1000);

  const published = { status: "published", tags: ["Deno", "KV"] };
  for (const slug of ["first", "second", "third"]) {
    await write("POST", "/posts", {
      title: slug,
      content: `About **${slug}**.`,
      slug,
      ...published,
    });
    tick();
  }
  await write("POST", "/posts", { title: "A draft", content: "Not yet.", tags: ["deno"] });
  await write("PUT", "/posts/first", { slug: "renamed", content: "Changed." });
  await write("PUT", "/posts/renamed", { slug: "renamed-again" });
  // Takes over a slug that redirected, and gives it up again.
  await write("POST", "/posts", { title: "Taker", content: "Here.", slug: "first", ...published });
  tick();
  await write("PUT", "/posts/first", { slug: "taker" });
  const { data } = await done(t, "GET", "/posts/taker/revisions", { key });
  await write("POST", `/posts/taker/revisions/${data.at(-1).id}/restore`);
  await write("POST", "/posts/second/unpublish");
  tick();
  await write("POST", "/posts/second/publish");
  await write("DELETE", "/posts/third");
  const soon = new Date(t.now() + DAY).toISOString();
  await write("POST", "/posts", { title: "Soon", content: "Wait.", scheduled_at: soon });
  await write("POST", "/posts", { title: "Later", content: "Wait longer." });
  await write("POST", "/posts/later/schedule", {
    scheduled_at: new Date(t.now() + 30 * DAY).toISOString(),
  });

  if (options.large) await writeMuch(write);
  await write("PUT", `/blogs/${one.blog.id}`, {
    name: "Renamed",
    theme_config: { theme: "ink", customCss: "a{}".repeat(100) },
  });
  await write("PUT", `/blogs/${one.blog.id}`, { theme_config: { customCss: null } });
  const test = await done(t, "POST", `/blogs/${one.blog.id}/api-keys`, {
    key,
    body: { mode: "test" },
  });
  for (const title of ["Tried", "Tried too"]) {
    const body = { title, content: "In the sandbox.", status: "published", tags: ["x"] };
    await done(t, "POST", "/posts", { key: test.key, body });
  }
  await done(t, "PUT", "/posts/tried", { key: test.key, body: { content: "Again." } });
  await done(t, "DELETE", "/posts/tried-too", { key: test.key });

  for (const name of ["webp-animated.webp", "png-text.png"]) {
    const { bytes, type } = readFixture(name);
    const image = { data: bytes.toBase64(), content_type: type, filename: name };
    await write("POST", "/upload", image);
    const { id } = await done(t, "POST", "/upload", { key: test.key, body: image });
    if (name.endsWith(".png")) await done(t, "DELETE", `/media/${id}`, { key: test.key });
  }

  const spare = { slug: `spare-${one.blog.slug}`, name: "Spare" };
  const { id: gone } = await done(t, "POST", "/blogs", { key: one.token, body: spare });
  const spareKey = await done(t, "POST", `/blogs/${gone}/api-keys`, { key: one.token, body: {} });
  const body = { title: "Gone", content: "With its blog.", status: "published" };
  await done(t, "POST", "/posts", { key: spareKey.key, body });
  await done(t, "DELETE", `/blogs/${gone}`, { key: one.token });
  const revoked = await done(t, "POST", "/account/tokens", { key: one.token, body: { name: "x" } });
  await done(t, "DELETE", `/account/tokens/${revoked.id}`, { key: one.token });
  await t.api("POST", "/posts", {
    key: other.key,
    body: { title: "Mine", content: "A free post.", status: "published" },
    headers: { "idempotency-key": "once" },
  });
  for (const path of ["/rss.xml", "/taker/og.png"]) {
    assert.equal((await t.view(one.blog.slug, path)).status, 200);
  }
  await hear(t, one);
  await choose(t, one);
  await t.session(one.id);
  await connect(t, one);
  const ended = await connect(t, other);
  const tokens = await done(t, "GET", "/account/tokens", { key: other.token });
  const app = tokens.data.find((one: { app: unknown }) => one.app !== null);
  await done(t, "DELETE", `/account/tokens/${app.id}`, { key: other.token });
  assert.equal(await reads(t, ended.access), 401);
  await t.send("POST", `${t.deps.config.origin}/auth/device`, { body: {} });
  await t.api("GET", "/posts");
  await t.runJob("sweep");
  return { one, other };
}

/** The blog that the tools of an account token act on. */
async function choose(t: Service, { token, blog }: Tenant): Promise<void> {
  const params = { name: "set_active_blog", arguments: { blog_id: blog.id } };
  const { text } = await t.send("POST", `${t.deps.config.origin}/mcp`, {
    key: token,
    headers: { accept: "application/json, text/event-stream" },
    body: { jsonrpc: "2.0", id: 1, method: "tools/call", params },
  });
  assert.ok(text.includes("structuredContent"), text);
}

/** A webhook that takes nothing, one that is disabled, and one that was deleted while something waited for it. */
async function hear(t: Service, { key, token, blog }: Tenant): Promise<void> {
  const hooks = `/blogs/${blog.id}/webhooks`;
  const url = "https://receiver.example/hook";
  const make = (): Promise<{ id: string }> =>
    done(t, "POST", hooks, { key: token, body: { url, events: ["post.updated"] } });
  const [waits, disabled, gone] = [await make(), await make(), await make()];
  await done(t, "POST", `${hooks}/${waits.id}/rotate`, { key: token });
  for (const content of ["Once.", "Twice."]) {
    await done(t, "PUT", "/posts/a-draft", { key, body: { content } });
  }
  await t.runJob("drain_outbox");
  const enabled = { key: token, body: { enabled: false } };
  await done(t, "PUT", `${hooks}/${disabled.id}`, enabled);
  await done(t, "DELETE", `${hooks}/${gone.id}`, { key: token });
}

type Write = (method: string, path: string, body?: unknown) => Promise<unknown>;

/** Bodies of 1 MB that do not compress, and more versions than are kept. */
async function writeMuch(write: Write): Promise<void> {
  const random = new Random(7);
  const large = { title: "Large", content: random.text(1_048_576), status: "published" };
  await write("POST", "/posts", large);
  await write("PUT", "/posts/large", { content: random.text(1_048_576) });
  await write("POST", "/posts", { ...large, title: "Large and gone", status: "draft" });
  await write("DELETE", "/posts/large-and-gone");
  for (let i = 0; i < 53; i++) await write("PUT", "/posts/a-draft", { content: `Try ${i}.` });
}

const STRANGER = "018f0000-0000-7000-8000-000000000000";

/** One row of each noun of which such a store has none: what is there only for a while, or with settings of its own. */
export function rareRows({ id, blog }: Tenant): { key: Key; value: unknown }[] {
  const day = "2026-03-24";
  const one = new Deno.KvU64(1n);
  const movement = {
    ...{ id: STRANGER, kind: "reset", pack: null, amount: 0, balance: 0 },
    ...{ post: null, ref: null, period: 1, at: 1 },
  };
  return [
    { key: ["identity", "https://issuer.example", "subject"], value: id },
    { key: ["uidentity", id, "https://issuer.example", "subject"], value: 1 },
    { key: ["leaving", STRANGER], value: { user: STRANGER, acceptedAt: 1 } },
    {
      key: ["flow", "0".repeat(64)],
      value: {
        ...{ provider: "oidc", browser: "0".repeat(64), verifier: "v".repeat(43) },
        ...{ nonce: "n".repeat(43), returnTo: "/app", expiresAt: 1 },
      },
    },
    { key: ["loginlink", id], value: { hash: "0".repeat(64), expiresAt: 1 } },
    { key: ["quota", id], value: { period: 1, used: 0, packs: [] } },
    { key: ["ledger", id, STRANGER], value: movement },
    { key: ["grant", "txn_1"], value: { pack: null, refundedAt: 1 } },
    { key: ["notice", id, STRANGER], value: { id: STRANGER, kind: "pack.low", left: 9, at: 1 } },
    { key: ["billing", id], value: { customers: [], subscriptions: {} } },
    { key: ["customer", "ctm_1"], value: id },
    { key: ["subscription", "sub_1"], value: id },
    { key: ["billed", "evt_1"], value: 1 },
    {
      key: ["claim", "blog.example.com", blog.id],
      value: {
        ...{ host: "blog.example.com", blog: blog.id, owner: id, createdAt: 1, checkedAt: null },
        ...{
          token: `postlark-verify=${"0".repeat(32)}`,
          dueAt: 1,
          failures: 0,
          failingSince: null,
        },
      },
    },
    { key: ["claimdue", 1, "blog.example.com", blog.id], value: 1 },
    { key: ["host", "blog.example.com"], value: { blog: blog.id, owner: id } },
    { key: ["held", "ab".repeat(32)], value: { owner: id } },
    { key: ["dev", "secret"], value: "0".repeat(64) },
    { key: ["docchunk", blog.id, STRANGER, 0], value: new Uint8Array(1) },
    { key: ["purge", blog.id], value: 1 },
    {
      key: ["mediagone", 1, STRANGER],
      value: { space: blog.id, id: STRANGER, object: STRANGER, key: "a.jpg" },
    },
    { key: ["outlease", STRANGER], value: { by: "0", until: 1 } },
    {
      key: ["outwide", STRANGER],
      value: { user: id, type: "pack.low", data: {}, at: 1, after: "" },
    },
    { key: ["settle", id], value: 1 },
    { key: ["deletion", STRANGER], value: { blog: STRANGER, sandbox: id, acceptedAt: 1 } },
    { key: ["viewopen", day], value: 1 },
    { key: ["salt", day], value: "ab".repeat(32) },
    { key: ["visitors", day, blog.id, STRANGER, 0], value: new Uint8Array(8) },
    { key: ["flush", STRANGER], value: { part: STRANGER } },
    { key: ["hit", blog.id, "*", day, "view", ""], value: one },
    { key: ["hitpost", blog.id, day, STRANGER], value: one },
    {
      key: ["viewday", blog.id, "*", "2026-03-23"],
      value: { views: 1, visitors: 1, posts: null, referrer: {}, country: {}, browser: {} },
    },
    { key: ["views", blog.id, "*"], value: one },
    { key: ["fts", "term", 1], value: Uint8Array.of(1, 1) },
    { key: ["ftshide", blog.id], value: 1 },
    { key: ["ftslease"], value: { until: 1 } },
    {
      key: ["ftsrebuild"],
      value: {
        ...{ run: id, phase: "log", after: null, at: 1 },
        ...{ log: 0, posts: 0, documents: 0, postings: 0 },
      },
    },
  ];
}
