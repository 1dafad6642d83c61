import assert from "node:assert/strict";
import { changePlan } from "../lib/account/plan_changes.ts";
import { JOBS } from "../lib/jobs/mod.ts";
import { setup, type Tenant } from "./_setup.ts";
import { makeBusy } from "./operator/_busy.ts";
import { type CronPeer, startCronPeer } from "./support/cron_peer.ts";
import { dnsServer } from "./support/dns_server.ts";
import { makeHook } from "./support/receiver.ts";
import { domain } from "./support/domains.ts";
import { runAdmin, type Server, startServer } from "./support/server.ts";

const DAY = 86_400_000;
const NAMES = Object.keys(JOBS);
const HOST = "blog.example.org";

type Instance = { server: Server; peer: CronPeer };
/** A store that everything in it is due in, and what receives its webhooks. */
type World = {
  dir: string;
  env: Record<string, string>;
  tenants: { one: Tenant; other: Tenant; third: Tenant };
  /** which posts were told of as published */
  told: string[];
};
type Way = (world: World, start: () => Promise<Instance>) => Promise<void>;

async function once({ peer }: Instance, names = NAMES): Promise<void> {
  for (const name of names) assert.equal(await peer.invoke(name), true, name);
}

/** How crons may come, on one instance or several. */
const WAYS: Record<string, Way> = {
  "late, each once": async (_, start) => await once(await start()),
  "twice each, in the other order": async (_, start) => {
    const instance = await start();
    await once(instance, NAMES.toReversed());
    await once(instance, NAMES.toReversed());
  },
  "all at once on two instances, twice": async (_, start) => {
    const instances = await Promise.all([start(), start()]);
    for (let round = 0; round < 2; round++) {
      const calls = instances.flatMap(({ peer }) => NAMES.map((name) => peer.invoke(name)));
      // One that finds the other at it may fail, and is called again.
      await Promise.allSettled(calls);
    }
    await once(instances[0]);
  },
  "cut off by SIGKILL while all run, and missed until another instance": async (_, start) => {
    const first = await start();
    const calls = NAMES.map((name) => first.peer.invoke(name));
    const settled = Promise.allSettled(calls);
    await Promise.race(calls);
    await first.server.kill();
    await settled;
    await once(await start());
  },
};

/** What the service says of the store in the end, without times and ids. */
async function digest({ env, tenants }: World) {
  using kv = await Deno.openKv(env.POSTLARK_KV);
  const t = await setup({ env: { POSTLARK_OUTBOUND_PRIVATE: "1" }, kv });
  t.advance(Date.now() - t.now());
  // deno-lint-ignore no-explicit-any
  const of: Record<string, any> = {};
  for (const [name, { key, token }] of Object.entries(tenants)) {
    const get = async (path: string, credential = key) => {
      const got = await t.api("GET", path, { key: credential });
      assert.equal(got.status, 200, `${path}: ${got.text}`);
      return got.body;
    };
    const posts = await get("/posts?per_page=200");
    const usage = await get("/account/usage", token);
    of[name] = {
      posts: posts.data.map((post: Record<string, string>) => `${post.slug} ${post.status}`).sort(),
      total: posts.pagination.total,
      found: (await get("/search?q=wait")).data.length,
      usage: [usage.posts, usage.storage],
      blogs: (await get("/blogs", token)).data.map((blog: { slug: string; frozen: boolean }) =>
        `${blog.slug} ${blog.frozen}`
      ),
      media: (await get("/media")).data.length,
      views: name === "one" && (await get("/analytics/overview?period=90d")).total_views,
    };
  }
  of.domain = (await domain(t, tenants.one).get()).body.status;
  return of;
}

async function makeWorld(hook: string): Promise<Omit<World, "told">> {
  const dir = await Deno.makeTempDir();
  const env = { POSTLARK_KV: `${dir}/kv.db`, POSTLARK_OUTBOUND_PRIVATE: "1" };
  using kv = await Deno.openKv(env.POSTLARK_KV);
  const t = await setup({ env: { POSTLARK_OUTBOUND_PRIVATE: "1" }, kv });
  // All that it leaves for later is long due for a process of today.
  t.advance(Date.now() - 40 * DAY - t.now());
  const busy = await makeBusy(t);
  // Of two blogs, Free has room for one once thirty days are over; the domain's records come late.
  const third = await t.tenant("creator");
  t.advance(60_000);
  const second = { slug: `${third.blog.slug}-b`, name: "Second" };
  assert.equal((await t.api("POST", "/blogs", { key: third.token, body: second })).status, 201);
  await changePlan(t.deps, third.id, { plan: "free" });
  const tenants = { ...busy, third };
  assert.equal((await domain(t, tenants.one).set(HOST)).body.status, "pending");
  await makeHook(t, tenants.one, { url: hook, events: ["post.published"] });
  for (let n = 1; n <= 5; n++) {
    const agent = `Mozilla/5.0 (X11; Linux x86_64; rv:12${n}.0) Gecko/20100101 Firefox/12${n}.0`;
    await t.view(tenants.one.blog.slug, "/taker", { "user-agent": agent });
  }
  await t.deps.views.flush(t.deps);
  return { dir, env, tenants };
}

async function endUp(way: Way) {
  const told: string[] = [];
  const receiver = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    async (request) => {
      const { data } = await request.json();
      told.push(data.post?.slug ?? data.slug);
      return new Response(null, { status: 204 });
    },
  );
  await using dns = await dnsServer();
  const made = await makeWorld(`http://127.0.0.1:${receiver.addr.port}/`);
  const world: World = { ...made, told };
  dns.zone[HOST] = { CNAME: `${made.tenants.one.blog.slug}.localhost` };
  const instances: Instance[] = [];
  try {
    await way(world, async () => {
      const peer = startCronPeer();
      const servers = { POSTLARK_DNS_SERVERS: dns.address };
      const server = await startServer({ ...world.env, ...servers, ...peer.env });
      instances.push({ server, peer });
      while (peer.crons.size < NAMES.length) await new Promise((tick) => setTimeout(tick, 10));
      assert.deepEqual(
        [...peer.crons].sort(),
        NAMES.map((name) => [name, JOBS[name].schedule]).sort(),
      );
      return { server, peer };
    });
    await Promise.all(instances.map(({ server }) => server.stop()));
    const check = await runAdmin(world.env, "check");
    assert.equal(check.code, 0, check.stdout + check.stderr);
    const output = instances.map(({ server }) => server.output()).join("\n");
    return { told: new Set(told), digest: await digest(world), output };
  } finally {
    for (const { server, peer } of instances) {
      await server.kill();
      await peer[Symbol.asyncDispose]();
    }
    await receiver.shutdown();
    await Deno.remove(world.dir, { recursive: true });
  }
}

Deno.test("crons that come late, doubled, overlapping or cut off end in the same store, which check finds whole", async (test) => {
  let expected: Awaited<ReturnType<typeof endUp>> | undefined;
  for (const [name, way] of Object.entries(WAYS)) {
    await test.step(name, async () => {
      const end = await endUp(way);
      assert.ok(end.digest.one.posts.includes("soon published"), end.digest.one.posts.join());
      assert.ok(end.digest.one.posts.includes("later published"));
      assert.equal(end.digest.one.views, 5);
      assert.equal(end.digest.domain, "active");
      assert.match(end.digest.third.blogs.join(), /-b true,.* false$/);
      assert.deepEqual(end.told, new Set(["soon", "later"]));
      // Those of one instance have nobody to wait for.
      const faults = end.output.split("\n").filter((line) => /"level":"(?:warn|error)"/.test(line));
      if (/each/.test(name)) assert.deepEqual(faults, []);
      expected ??= end;
      // Slugs of tenants differ from one world to the next.
      const plain = (text: unknown) => JSON.stringify(text).replace(/blog-\d+/g, "blog");
      assert.equal(plain(end.digest), plain(expected.digest));
    });
  }
});
