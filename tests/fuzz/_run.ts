import assert from "node:assert/strict";
import fc from "fast-check";
import type { Got, Service } from "../_setup.ts";
import { createToken } from "../../lib/account/api_keys.ts";
import { onBehalfOf } from "../../lib/account/accounts.ts";
import { under } from "../../lib/kit/kv.ts";
import type { PostRow } from "../../lib/content/posts/_record.ts";
import { checkStore } from "../../lib/operator/check/mod.ts";
import { assertDocumented, type Documented, OPERATIONS } from "../support/api_document.ts";
import { makeWorld, placesOf, setupAll, type World } from "../support/things.ts";
import { withCanary } from "./_arbitrary.ts";
import { anyRequest, type FuzzRequest, type Named } from "./_requests.ts";

/** What a run of requests came to: how many had each status, how many showed the sender's own data, and which operations were asked and have succeeded. */
export type Totals = {
  requests: number;
  statuses: Record<string, number>;
  own: number;
  asked: Set<string>;
  succeeded: Set<string>;
};

type Sender = { world: World; credentials: Record<FuzzRequest["credential"], string | null> };

const CANARIES = ["alphacanary", "betacanary"];
// To one service at most: enough to meet on things, few enough to shrink.
const PAIRS = 50;
const PAGES = ["/", "/rss.xml", "/atom.xml", "/feed.json", "/sitemap.xml", "/llms.txt"];
const ENV = {
  POSTLARK_PADDLE_PRICES: ["starter", "creator", "scale", "enterprise", "100", "300"]
    .map((sold) => `${sold}=pri_${sold}`).join(","),
  POSTLARK_LIMIT_ENTERPRISE: "1000000",
  POSTLARK_LIMIT_UNAUTHORIZED: "1000000",
  POSTLARK_LIMIT_DISCOVER: "1000000",
};

/** Sends at least so many random requests of two tenants, two at a time, to services of their own; throws at the first that breaks a promise. */
export async function fuzz(
  { requests, seed }: { requests: number; seed: number },
): Promise<Totals> {
  const totals: Totals = {
    requests: 0,
    statuses: {},
    own: 0,
    asked: new Set(),
    succeeded: new Set(),
  };
  const pairs = fc.array(fc.tuple(anyRequest, anyRequest), {
    minLength: 1,
    maxLength: PAIRS,
    size: "max",
  });
  const property = fc.asyncProperty(pairs, (all) => tryAll(all, totals));
  for (let round = 0; totals.requests < requests; round++) {
    await fc.assert(property, { numRuns: 10, seed: seed + round });
  }
  return totals;
}

async function tryAll(pairs: [FuzzRequest, FuzzRequest][], totals: Totals): Promise<void> {
  using t = await setupAll({ env: ENV });
  const senders = [await senderOf(t, "my-post"), await senderOf(t, "their-post")];
  for (const pair of pairs) {
    const answers = await Promise.all(pair.map((request, i) => send(t, senders, i, request)));
    for (const [i, got] of answers.entries()) await judge(t, { request: pair[i], got, i, totals });
  }
  for (const [i, { world }] of senders.entries()) await judgePages(t, world, CANARIES[1 - i]);
  assert.deepEqual((await checkStore(t.deps, 0)).differences, []);
  const faults = t.logs.filter(({ level }) => level === "error");
  assert.deepEqual(faults, []);
}

async function senderOf(t: Service, slug: string): Promise<Sender> {
  const world = await makeWorld(t, slug);
  const path = `/blogs/${world.blog.id}/api-keys`;
  const test = await t.api("POST", path, { key: world.token, body: { mode: "test" } });
  const { key } = await createToken(onBehalfOf(t.deps, world.id), { name: "fuzz" });
  return {
    world,
    credentials: {
      token: key,
      key: world.key,
      session: await t.session(world.id),
      "test key": test.body.key,
      none: null,
      nonsense: "pk_live_nonsense",
    },
  };
}

async function send(
  t: Service,
  senders: Sender[],
  i: number,
  request: FuzzRequest,
): Promise<Got> {
  const canary = CANARIES[i];
  const [mine, theirs] = [senders[i], senders[1 - i]];
  const { names, query, body, headers } = withCanary(request, canary);
  const operation = operationOf(request);
  const thing = (name: Named, place: string) =>
    "text" in name ? name.text : (name.whose === "mine" ? mine : theirs).world.things[place];
  const places = placesOf(operation);
  const path = places.reduce(
    (at, place, n) =>
      at.replace(place, place.split("/")[0] + "/" + segment(thing(names[n], place))),
    operation.path,
  );
  const search = query.map((pair) => pair.map(encode).join("=")).join("&");
  const blog = request.blog && thing(request.blog, "blogs/{id}");
  return await t.api(operation.method, search ? `${path}?${search}` : path, {
    key: mine.credentials[request.credential],
    headers: { ...headers, ...blog && { "x-blog-id": blog } },
    ...body && ("json" in body ? { body: body.json } : { raw: body.raw }),
  });
}

/** One segment of a path: dots alone would lead to another. */
function segment(text: string): string {
  return /^\.*$/.test(text) ? `x${text}` : encode(text);
}

function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

function operationOf(request: FuzzRequest): Documented {
  return OPERATIONS.find(({ id }) => id === request.operation)!;
}

async function judge(
  t: Service,
  { request, got, i, totals }: { request: FuzzRequest; got: Got; i: number; totals: Totals },
): Promise<void> {
  const operation = operationOf(request);
  const told = `${operation.id} ${got.status}: ${got.text.slice(0, 500)}`;
  totals.requests++;
  totals.statuses[got.status] = (totals.statuses[got.status] ?? 0) + 1;
  totals.asked.add(operation.id);
  if (got.status < 300) totals.succeeded.add(operation.id);
  if (got.status < 300 && got.text.includes(CANARIES[i])) totals.own++;
  assert.ok(got.status < 500, told);
  assertDocumented(operation, got);
  if (operation.scope !== null) {
    const all = got.text + JSON.stringify([...got.headers]);
    assert.equal(all.includes(CANARIES[1 - i]), false, `another tenant's data: ${told}`);
  } else if (got.status === 200) {
    const posts = await t.deps.store.list<PostRow>(under(["post"]), 1000);
    const shown = posts.filter(({ value }) => value.status === "published");
    const names = shown.map(({ value }) => `${value.slug} ${value.title}`);
    for (const { slug, title } of got.body.data) {
      assert.ok(names.includes(`${slug} ${title}`), `not public: ${told}`);
    }
  }
}

/** The blog's pages answer, and hold nothing of the other tenant's. */
async function judgePages(t: Service, { blog }: World, foreign: string): Promise<void> {
  const posts = await t.deps.store.list<PostRow>(under(["post", blog.id]), 100);
  const slugs = posts.map(({ value }) => `/${encode(value.slug)}`);
  for (const path of [...PAGES, ...slugs, `/search?q=${CANARIES[0]}`]) {
    const got = await t.view(blog.slug, path);
    assert.ok(got.status < 500, `${path}: ${got.text.slice(0, 300)}`);
    const held = got.text.replaceAll(`q=${CANARIES[0]}`, "");
    if (!path.startsWith("/search")) assert.equal(held.includes(foreign), false, path);
  }
}

/** What a run came to, as one line. */
export function sayTotals({ requests, statuses, asked, succeeded }: Totals): string {
  const counts = Object.entries(statuses).map(([status, n]) => `${n} of ${status}`).join(", ");
  return `${requests} requests to ${asked.size} operations (${succeeded.size} succeeded): ${counts}`;
}
