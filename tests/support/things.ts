import assert from "node:assert/strict";
import { type Got, type Sent, type Service, setup, type Tenant } from "../_setup.ts";
import { PADDLE_ENV, paddleDouble } from "./paddle.ts";
import {
  bodyOf,
  type Documented,
  headerNames,
  OPERATIONS,
  queryParameters,
} from "./api_document.ts";

/** One of each thing that a path may name, by its place in the path; all of one tenant. */
export type Things = Record<string, string>;
/** A tenant with its things. */
export type World = Tenant & { things: Things };

const uploading = OPERATIONS.find(({ id }) => id === "uploadImage")!;
const MANY_UPLOADS = { POSTLARK_LIMIT_UPLOADS: "100000" };

/** A service on which every operation can succeed. */
export async function setupAll(options: Parameters<typeof setup>[0] = {}): Promise<Service> {
  const t = await setup({ ...options, env: { ...PADDLE_ENV, ...MANY_UPLOADS, ...options.env } });
  const paddle = paddleDouble();
  t.deps.fetch = (input, init) => paddle.take(new Request(input, init));
  return t;
}

/** Makes a tenant with one of each thing; `slug` is its post's, and a draft. */
export async function makeWorld(t: Service, slug = "my-post"): Promise<World> {
  const tenant = await t.tenant("enterprise");
  return { ...tenant, things: await makeThings(t, tenant, { slug, key: tenant.key }) };
}

/** Makes the things; those of the resolved blog with `key`. */
export async function makeThings(
  t: Service,
  tenant: Tenant,
  post: { slug: string; key: string },
): Promise<Things> {
  const make = async (method: string, path: string, sent: Sent) => {
    const got = await t.api(method, path, sent);
    assert.ok(got.status < 300, `fixture ${path}: ${got.text}`);
    return got.body;
  };
  const { slug, key } = post;
  const blog = tenant.blog.id;
  await make("POST", "/posts", { key, body: { title: "Fixture", content: "Text.", slug } });
  const revisions = await make("GET", `/posts/${slug}/revisions`, { key });
  const { token } = tenant;
  const domain = `/blogs/${blog}/domain`;
  if ((await make("GET", domain, { key: token })).status === "none") {
    await make("POST", domain, { key: token, body: { hostname: "blog.yourdomain.com" } });
  }
  const apiKey = await make("POST", `/blogs/${blog}/api-keys`, { key: token, body: {} });
  const made = await make("POST", "/account/tokens", { key: token, body: { name: "fixture" } });
  const image = await make("POST", "/upload", { key, body: bodyOf(uploading)!.example });
  const hooks = `/blogs/${blog}/webhooks`;
  // The blog names it: another one would change the blog.
  const [known] = (await make("GET", hooks, { key: token })).data;
  const url = "https://receiver.example/hook";
  const hook = known ?? await make("POST", hooks, { key: token, body: { url } });
  const deliveries = (await make("GET", `${hooks}/${hook.id}/deliveries`, { key: token })).data;
  const delivery = deliveries.at(-1) ??
    await make("POST", `${hooks}/${hook.id}/test`, { key: token });
  return {
    "blogs/{id}": blog,
    "posts/{slug}": slug,
    "revisions/{id}": revisions.data[0].id,
    "api-keys/{keyId}": apiKey.id,
    "tokens/{id}": made.id,
    "webhooks/{hookId}": hook.id,
    "deliveries/{deliveryId}": delivery.id,
    "media/{id}": image.id,
  };
}

/** The places of an operation's path that name a thing. */
export function placesOf({ path }: Documented): string[] {
  return path.match(/[\w-]+\/\{\w+\}/g) ?? [];
}

/** The path with the things in their places. */
export function pathWith({ path }: Documented, things: Things): string {
  return path.replace(/([\w-]+\/)\{\w+\}/g, (place, noun) => {
    assert.ok(things[place], `tests/support/things.ts makes nothing for ${place}`);
    return noun + encodeURIComponent(things[place]);
  });
}

/** The path with what its query must have, as the examples show it. */
function askable(operation: Documented, path: string): string {
  const [, asked = ""] = path.split("?");
  const given = new URLSearchParams(asked);
  return queryParameters(operation)
    .filter(({ name, required }) => required && !given.has(name))
    .reduce((at, { name, schema }) => {
      const text = encodeURIComponent(schema.example);
      return `${at}${at.includes("?") ? "&" : "?"}${name}=${text}`;
    }, path);
}

/** Calls an operation as its example shows it, on the tenant's own things and blog; `sent` comes on top. */
export async function call(
  t: Service,
  operation: Documented,
  { world, ...sent }: Sent & { world: World },
): Promise<Got> {
  const onBlog = headerNames(operation).includes("X-Blog-Id");
  const example = bodyOf(operation)?.example;
  const path = askable(operation, pathWith(operation, world.things));
  return await t.api(operation.method, path, {
    key: world.token,
    ...sent.raw === undefined && example && { body: example },
    ...sent,
    headers: { ...onBlog && { "x-blog-id": world.blog.id }, ...sent.headers },
  });
}
