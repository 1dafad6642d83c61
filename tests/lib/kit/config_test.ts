import assert from "node:assert/strict";
import { ConfigError, parseConfig, VARIABLES } from "../../../lib/kit/config.ts";

const SECRET = "0123456789abcdef0123456789abcdef";

function faultsOf(env: Record<string, string>): string[] {
  try {
    parseConfig(env);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message.split("\n");
  }
  return [];
}

Deno.test("parseConfig starts from a secret alone with the documented defaults", () => {
  const config = parseConfig({ POSTLARK_SECRET: SECRET });
  assert.equal(config.port, 8000);
  assert.equal(config.origin, "http://localhost:8000");
  assert.equal(config.kv, undefined);
  assert.deepEqual(config.limits.requests, {
    free: 60,
    starter: 300,
    creator: 1000,
    scale: 10000,
    enterprise: 20000,
  });
  assert.equal(config.limits.body, 8 * 1024 * 1024);
});

Deno.test("parseConfig names every fault at once", () => {
  const faults = faultsOf({
    PORT: "eighty",
    POSTLARK_ORIGIN: "example.com",
    POSTLARK_SIGNUP: "maybe",
    POSTLARK_LIMIT_FREE: "-1",
    POSTLARK_KV: "redis://x",
    POSTLARK_SUPABASE_JWT_SECRET: "x",
    POSTLARK_NONSENSE: "1",
  });
  for (
    const name of [
      "PORT",
      "POSTLARK_ORIGIN",
      "POSTLARK_SIGNUP",
      "POSTLARK_LIMIT_FREE",
      "POSTLARK_KV",
      "POSTLARK_SUPABASE_ISSUER",
      "POSTLARK_NONSENSE",
      "POSTLARK_SECRET",
    ]
  ) {
    assert.ok(faults.some((fault) => fault.startsWith(name)), `${name} is missing in ${faults}`);
  }
});

Deno.test("new images go to the S3 store once all of it is named, unless POSTLARK_MEDIA says otherwise", () => {
  const whole = {
    POSTLARK_SECRET: SECRET,
    POSTLARK_S3_ENDPOINT: "https://s3.example.com/",
    POSTLARK_S3_BUCKET: "images",
    POSTLARK_S3_ACCESS_KEY_ID: "id",
    POSTLARK_S3_SECRET_ACCESS_KEY: "key",
  };
  const { media, s3 } = parseConfig(whole);
  assert.deepEqual([media, s3?.endpoint, s3?.region], ["s3", "https://s3.example.com", "auto"]);
  assert.equal(parseConfig({ ...whole, POSTLARK_MEDIA: "kv" }).media, "kv");
  assert.equal(parseConfig({ POSTLARK_SECRET: SECRET }).media, "kv");
  for (const name of Object.keys(whole).slice(1)) {
    const [fault] = faultsOf({ ...whole, [name]: "" });
    assert.match(fault, new RegExp(`^${name} is required`));
  }
  const alone = faultsOf({ POSTLARK_SECRET: SECRET, POSTLARK_MEDIA: "s3" });
  assert.match(alone[0], /POSTLARK_S3_ENDPOINT is required/);
  for (const endpoint of ["s3.example.com", "ftp://a.b", "https://u:p@a.b", "https://a.b/?x"]) {
    assert.equal(faultsOf({ ...whole, POSTLARK_S3_ENDPOINT: endpoint }).length, 1, endpoint);
  }
});

Deno.test("parseConfig refuses a short secret, and a missing one outside development", () => {
  assert.equal(faultsOf({}).length, 1);
  assert.equal(faultsOf({ POSTLARK_SECRET: "short" }).length, 1);
  assert.equal(faultsOf({ POSTLARK_DEV: "1" }).length, 0);
});

Deno.test("POSTLARK_DEV=1 is refused with any origin or address but loopback", () => {
  assert.equal(parseConfig({ POSTLARK_DEV: "1" }).hostname, "127.0.0.1");
  const origin = faultsOf({ POSTLARK_DEV: "1", POSTLARK_ORIGIN: "https://example.com" });
  assert.match(origin[0], /POSTLARK_DEV=1 works only with an origin on localhost/);
  const address = faultsOf({ POSTLARK_DEV: "1", POSTLARK_HOSTNAME: "0.0.0.0" });
  assert.match(address[0], /loopback only/);
});

Deno.test("an origin with a path, a query or a user is refused", () => {
  for (const origin of ["https://a.b/c", "https://a.b/?d", "https://u@a.b", "ftp://a.b"]) {
    const faults = faultsOf({ POSTLARK_SECRET: SECRET, POSTLARK_ORIGIN: origin });
    assert.equal(faults.length, 1, origin);
  }
});

Deno.test("POSTLARK_DNS_SERVERS takes IP addresses with or without a port, and nothing else", () => {
  const parse = (servers: string) =>
    parseConfig({ POSTLARK_SECRET: SECRET, POSTLARK_DNS_SERVERS: servers }).dnsServers;
  assert.deepEqual(parse(""), []);
  const good = ["9.9.9.9", "127.0.0.1:5353", "2620:fe::fe", "[2620:fe::fe]:53"];
  assert.deepEqual(parse(good.join(" , ")), good);
  for (const bad of ["dns.example.com", "1.2.3", "9.9.9.9:x", "[9.9.9.9", "https://9.9.9.9"]) {
    assert.throws(() => parse(bad), ConfigError, bad);
  }
});

Deno.test("an http origin is refused unless it is this machine's own, behind a proxy too", () => {
  const faults = (POSTLARK_ORIGIN: string, env = {}) =>
    faultsOf({ POSTLARK_SECRET: SECRET, POSTLARK_ORIGIN, ...env });
  for (const host of ["localhost", "blog.localhost:80", "127.0.0.1:8000", "127.1.2.3", "[::1]:9"]) {
    assert.deepEqual(faults(`http://${host}`), [], host);
  }
  const foreign = ["example.com", "localhost.example.com", "notlocalhost", "127.0.0.1.nip.io"];
  for (const host of [...foreign, "192.168.1.2", "[::2]"]) {
    const [fault, ...more] = faults(`http://${host}:8000`, { POSTLARK_TRUST_PROXY: "1" });
    assert.match(fault, /^POSTLARK_ORIGIN must begin with https:\/\//, host);
    assert.deepEqual(more, []);
  }
  assert.deepEqual(faults("https://example.com", { POSTLARK_TRUST_PROXY: "1" }), []);
});

Deno.test("a provider is there with all of its variables, and an issuer by https or on loopback only", () => {
  const google = { POSTLARK_GOOGLE_CLIENT_ID: "a", POSTLARK_GOOGLE_CLIENT_SECRET: "b" };
  const oidc = { POSTLARK_OIDC_CLIENT_ID: "a", POSTLARK_OIDC_CLIENT_SECRET: "b" };
  const issuer = (POSTLARK_OIDC_ISSUER: string) => ({ ...oidc, POSTLARK_OIDC_ISSUER });
  const secret = { POSTLARK_SECRET: SECRET };
  const { signIn } = parseConfig({ ...secret, ...google, ...issuer("https://id.example/realm") });
  assert.deepEqual(signIn.map(({ id, name }) => [id, name]), [
    ["google", "Google"],
    ["oidc", "id.example"],
  ]);
  for (const fine of ["http://localhost:9", "http://127.0.0.1:9/", "http://[::1]:9"]) {
    assert.deepEqual(faultsOf({ ...secret, ...issuer(fine) }), [], fine);
  }
  for (const bad of ["http://id.example", "id.example", "https://id.example/?a", "ftp://a.b", ""]) {
    const faults = faultsOf({ ...secret, ...issuer(bad) });
    assert.match(faults.join(), /^POSTLARK_OIDC_ISSUER must be an https URL/, bad);
  }
  const half = faultsOf({ ...secret, POSTLARK_GITHUB_CLIENT_SECRET: "b" });
  assert.match(half.join(), /^POSTLARK_GITHUB_CLIENT_ID is required/);
  const bare = faultsOf({ ...secret, POSTLARK_OIDC_ISSUER: "https://id.example" });
  assert.deepEqual(bare.map((fault) => fault.split(" ")[0]), [
    "POSTLARK_OIDC_CLIENT_ID",
    "POSTLARK_OIDC_CLIENT_SECRET",
  ]);
});

Deno.test("the README's table lists every variable with its default", async () => {
  const readme = await Deno.readTextFile(new URL("../../../README.md", import.meta.url));
  for (const { name, default: value, about } of VARIABLES) {
    const row = `| \`${name}\` | ${value ? `\`${value}\`` : ""} | ${about} |`;
    const squeezed = readme.replace(/ +/g, " ");
    assert.ok(squeezed.includes(row.replace(/ +/g, " ")), `not in the README: ${row}`);
  }
});

Deno.test("POSTLARK_WEBHOOK_RETRIES takes whole seconds, a day together at most", () => {
  const parse = (POSTLARK_WEBHOOK_RETRIES: string) =>
    parseConfig({ POSTLARK_SECRET: "x".repeat(32), POSTLARK_WEBHOOK_RETRIES }).webhookRetries;
  assert.deepEqual(parse("1, 86399"), [1, 86_399]);
  for (const bad of ["0", "-1", "1.5", "1,,2", "soon", "1,86400"]) {
    assert.throws(() => parse(bad), /POSTLARK_WEBHOOK_RETRIES must be whole seconds/, bad);
  }
});
