import assert from "node:assert/strict";
import SwaggerParser from "@apidevtools/swagger-parser";
import { Validator } from "@seriousme/openapi-schema-validator";
import { parse } from "yaml";
import { ROUTES } from "../../routes/v1/mod.ts";
import { type Service, setup } from "../_setup.ts";
import {
  assertFits,
  DOCUMENT,
  fits,
  OPERATIONS,
  reasonsOf,
  resolve,
} from "../support/api_document.ts";

const NAMES = ["openapi", "openapi-3.1"];

async function get(t: Service, path: string, headers: Record<string, string> = {}) {
  return await t.send("GET", t.deps.config.origin + path, { headers });
}

Deno.test("the OpenAPI documents are valid by two independent validators", async () => {
  using t = await setup();
  for (const [name, version] of [["openapi", "3.0.3"], ["openapi-3.1", "3.1.0"]]) {
    const { status, body } = await get(t, `/docs/${name}.json`);
    assert.equal(status, 200);
    assert.equal(body.openapi, version);
    const result = await new Validator().validate(structuredClone(body));
    assert.ok(result.valid, JSON.stringify(result.errors));
    await SwaggerParser.validate(structuredClone(body));
  }
});

Deno.test("the YAML documents say what the JSON documents say", async () => {
  using t = await setup();
  for (const name of NAMES) {
    const yaml = await get(t, `/docs/${name}.yaml`);
    assert.equal(yaml.headers.get("content-type"), "application/yaml");
    assert.deepEqual(parse(yaml.text), (await get(t, `/docs/${name}.json`)).body);
  }
});

Deno.test("/v1/api-json and /v1/api-yaml are the 3.0.3 documents, for anyone and at no cost", async () => {
  using t = await setup({ env: { POSTLARK_LIMIT_UNAUTHORIZED: "1" } });
  for (const format of ["json", "yaml", "json"]) {
    const got = await get(t, `/v1/api-${format}`);
    assert.equal(got.status, 200);
    assert.equal(got.text, (await get(t, `/docs/openapi.${format}`)).text);
    assert.equal(got.headers.get("access-control-allow-origin"), "*");
    assert.equal(got.headers.get("x-ratelimit-limit"), null);
  }
});

Deno.test("every example in the document fits the schema beside it", () => {
  let seen = 0;
  // deno-lint-ignore no-explicit-any
  function walk(part: any, at: string): void {
    if (typeof part !== "object" || part === null) return;
    const schema = part.schema ?? (part.type || part.properties || part.allOf ? part : null);
    if (schema && !Array.isArray(schema)) {
      const examples = [
        ...part.example === undefined ? [] : [part.example],
        ...Object.values(part.examples ?? {}).map((example) => resolve(example).value),
      ];
      for (const example of examples) assertFits(schema, example, at);
      seen += examples.length;
    }
    for (const [key, inner] of Object.entries(part)) {
      if (key !== "example" && key !== "examples") walk(inner, `${at}/${key}`);
    }
  }
  walk(DOCUMENT.paths, "paths");
  walk(DOCUMENT.components, "components");
  assert.ok(seen > OPERATIONS.length * 10, `only ${seen} examples`);
});

Deno.test("every request and every success in the document has an example", () => {
  for (const { id, details } of OPERATIONS) {
    const bodies = [details.requestBody, ...Object.values(details.responses)]
      .flatMap((part) => part?.content?.["application/json"] ?? []);
    for (const { example, examples } of bodies) assert.ok(example ?? examples, id);
  }
});

Deno.test("every route is in both documents, under an operationId of its own", async () => {
  using t = await setup();
  for (const name of NAMES) {
    const { paths } = (await get(t, `/docs/${name}.json`)).body;
    for (const { operation } of ROUTES) {
      const found = paths[operation.path]?.[operation.method];
      assert.equal(found?.operationId, operation.operationId);
      assert.equal(found["x-scope"] ?? null, operation.scope);
      assert.equal(found.security.length > 0, operation.scope !== null);
    }
  }
  assert.equal(OPERATIONS.length, ROUTES.length);
  assert.equal(new Set(OPERATIONS.map(({ id }) => id)).size, ROUTES.length);
});

Deno.test("every reason that an operation lists is an example of its error", () => {
  for (const { operation } of ROUTES) {
    const documented = reasonsOf(OPERATIONS.find(({ id }) => id === operation.operationId)!);
    for (const reason of operation.reasons) assert.ok(documented.includes(reason), reason);
  }
});

Deno.test("the errors of foreign sign-in are documented only where it is configured", async () => {
  using plain = await setup();
  using foreign = await setup({
    env: {
      POSTLARK_SUPABASE_ISSUER: "https://ref.supabase.co/auth/v1",
      POSTLARK_SUPABASE_JWT_SECRET: "another secret that is long enough",
    },
  });
  const statuses = async (t: Service) =>
    Object.keys((await get(t, "/docs/openapi.json")).body.paths["/posts"].get.responses);
  assert.ok(!(await statuses(plain)).includes("502"));
  assert.ok((await statuses(foreign)).includes("502"));
});

Deno.test("the documents name no host but the configured origin and its subdomains", async () => {
  using t = await setup({ env: { POSTLARK_ORIGIN: "https://press.test" } });
  for (const path of ["/docs/openapi.json", "/docs/openapi-3.1.yaml", "/llms.txt", "/docs"]) {
    const { text } = await get(t, path);
    const hosts = new Set([...text.matchAll(/https?:\/\/([^/\s"'`\\)<]+)/g)].map(([, h]) => h));
    hosts.delete("press.test");
    hosts.delete("my-blog.press.test");
    // Stands for the reader's own.
    hosts.delete("receiver.example");
    assert.deepEqual([...hosts], [], path);
  }
  const { servers } = (await get(t, "/docs/openapi.json")).body;
  assert.deepEqual(servers, [{ url: "https://press.test/v1" }]);
});

Deno.test("the schema of expires_in takes days, a length or null, and nothing else", async () => {
  const { expires_in } = DOCUMENT.components.schemas.TokenInput.properties;
  for (const good of [1, 365, "30d", "1y", null]) assert.ok(fits(expires_in, good), String(good));
  for (const bad of [0, 1.5, "2w", true, [], {}]) assert.ok(!fits(expires_in, bad), String(bad));
  using t = await setup();
  const old = (await get(t, "/docs/openapi.json")).body.components.schemas.TokenInput;
  assert.ok(
    old.properties.expires_in.oneOf.every((branch: { type?: string }) => branch.type),
    "a branch of the 3.0 document without a type allows anything",
  );
});

Deno.test("a document that has not changed is a 304", async () => {
  using t = await setup();
  for (
    const path of ["/docs/openapi.json", "/docs/openapi-3.1.yaml", "/v1/api-json", "/llms.txt"]
  ) {
    const first = await get(t, path);
    const etag = first.headers.get("etag")!;
    assert.match(etag, /^"[0-9a-f]+"$/);
    assert.equal(first.headers.get("cache-control"), "public, max-age=0, must-revalidate");
    for (const tag of [etag, `W/${etag}`, `"other", ${etag}`]) {
      const again = await get(t, path, { "if-none-match": tag });
      assert.equal(again.status, 304);
      assert.equal(again.text, "");
      assert.equal(again.headers.get("etag"), etag);
    }
    assert.equal((await get(t, path, { "if-none-match": '"other"' })).status, 200);
  }
});

Deno.test("/llms.txt names every operation with its scope, or that it needs no credential", async () => {
  using t = await setup();
  const { text, headers } = await get(t, "/llms.txt");
  assert.equal(headers.get("content-type"), "text/plain; charset=utf-8");
  assert.match(text, /^# /);
  const lines = text.split("\n");
  for (const { id, method, path, scope } of OPERATIONS) {
    const line = lines.find((line) => line.includes(`\`${method} ${path}\``));
    assert.ok(line?.includes(id) && line.includes(scope ? `\`${scope}\`` : "no credential"), id);
  }
});

Deno.test("/docs loads one script from its own origin, under a policy that allows no inline script", async () => {
  using t = await setup();
  const page = await get(t, "/docs");
  assert.equal(page.status, 200);
  const policy = page.headers.get("content-security-policy")!.split("; ");
  assert.ok(policy.includes("default-src 'none'"));
  assert.ok(policy.includes("script-src 'self'"));
  const scripts = [...page.text.matchAll(/<script ([^>]*)>(.*?)<\/script>/gs)];
  assert.ok(scripts.every(([, , inline]) => inline === ""));
  const sources = scripts.flatMap(([, attributes]) => /src="([^"]*)"/.exec(attributes)?.[1] ?? []);
  assert.equal(sources.length, 1);
  assert.match(sources[0], /^\/assets\/scalar\.[0-9a-f]{16}\.js$/);
});

Deno.test("the script of /docs is kept for good, and the same with and without gzip", async () => {
  using t = await setup();
  const [path] = /\/assets\/scalar[^"]*/.exec((await get(t, "/docs")).text)!;
  const { origin } = t.deps.config;
  const plain = await get(t, path);
  assert.equal(plain.headers.get("cache-control"), "public, max-age=31536000, immutable");
  assert.match(plain.headers.get("content-type")!, /^text\/javascript/);
  const request = new Request(origin + path, { headers: { "accept-encoding": "gzip" } });
  const packed = await t.app.fetch(request);
  assert.equal(packed.headers.get("content-encoding"), "gzip");
  const unpacked = packed.body!.pipeThrough(new DecompressionStream("gzip"));
  assert.ok(await new Response(unpacked).text() === plain.text);
  assert.equal((await get(t, "/assets/scalar.0000000000000000.js")).status, 404);
});
