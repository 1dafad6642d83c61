import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import type { ResolveDns } from "../../../lib/kit/dns.ts";
import { createDns } from "../../../lib/kit/dns.ts";
import {
  createOutbound,
  isPublicAddress,
  type Outbound,
  OutboundError,
  type OutboundFault,
  targetFault,
} from "../../../lib/kit/safe_fetch.ts";
import { authority } from "../../support/authority.ts";
import { dnsServer } from "../../support/dns_server.ts";

const NOWHERE: ResolveDns = () => Promise.resolve([]);
const strict = createOutbound({ resolveDns: NOWHERE, allowPrivate: false });

async function refused(fault: OutboundFault, call: Promise<unknown>): Promise<OutboundError> {
  const error = await call.then(() => null, (error) => error);
  assert.ok(error instanceof OutboundError, String(error));
  assert.equal(error.fault, fault, error.message);
  return error;
}

// Hosts as a tenant may write them in a URL.
const LITERALS = [
  ...[
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "127.0.0.1.",
    "2130706433",
    "017700000001",
  ],
  ...["0177.0.0.1", "0x7f.0.0.1", "0x7f000001", "0x7f.1", "0X7F.0X1", "0177.1", "127.000.000.001"],
  ...["１２７.０.０.１", "127。0。0。1", "①②⑦.0.0.1", "%31%32%37.0.0.1", "0", "0.0.0.0", "0.1.2.3"],
  ...["10.0.0.1", "10.1", "012.0.0.1", "0xa000001", "167772161", "172.16.0.1", "172.31.255.255"],
  ...["192.168.0.1", "192.168.257", "3232235521", "0xc0a80001", "169.254.169.254", "2852039166"],
  ...["0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518", "100.64.0.1", "100.127.255.255"],
  ...["100.100.100.200", "192.0.0.1", "192.0.0.192", "192.0.2.1", "192.88.99.1", "198.18.0.1"],
  ...["198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1"],
  ...["255.255.255.255", "168.63.129.16", "192.175.48.1", "192.52.193.1", "localhost", "LOCALHOST"],
  ...["blog.localhost", "[::]", "[::1]", "[0:0:0:0:0:0:0:1]", "[0000::0001]", "[::127.0.0.1]"],
  ...["[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:a9fe:a9fe]", "[::ffff:10.0.0.1]"],
  ...["[::ffff:8.8.8.8]", "[::8.8.8.8]", "[::ffff:0:127.0.0.1]", "[64:ff9b::7f00:1]"],
  ...["[64:ff9b::8.8.8.8]", "[64:ff9b:1::a00:1]", "[2002:7f00:1::]", "[2002:a9fe:a9fe::1]"],
  ...["[2001::1]", "[2001:0:4136:e378:8000:63bf:3fff:fdd2]", "[2001:2::1]", "[2001:10::1]"],
  ...[
    "[2001:20::1]",
    "[2001:db8::1]",
    "[3fff::1]",
    "[5f00::1]",
    "[100::1]",
    "[fc00::1]",
    "[fd00::1]",
  ],
  ...["[fd00:ec2::254]", "[fd20:ce::254]", "[fe80::1]", "[febf::1]", "[fec0::1]", "[ff02::1]"],
  ...["[ff0e::1]", "[2620:4f:8000::1]", "[4000::1]", "[FE80::1]"],
];
// Hosts that are none at all.
const MALFORMED = [
  ...["[fe80::1%25eth0]", "[fe80::1%eth0]", "[::1%lo]", "[::1", "::1", "256.0.0.1", "1.2.3.4.5"],
  ...["08.0.0.1", "0x100000000", "127.0.0.1%00.example.com", "example.com%00", "exa mple.com", ""],
];

Deno.test("every special address is refused in each form in which a URL may hold it, before anything is resolved", async () => {
  assert.ok(LITERALS.length >= 60);
  for (const host of LITERALS) {
    assert.ok(URL.canParse(`https://${host}/`), `${host} is meant to be a host`);
    assert.ok(targetFault(`https://${host}/`), host);
    await refused("url", strict(`https://${host}/`));
    await refused("url", strict(`https://${host}:8443/hook`));
  }
  for (const host of MALFORMED) await refused("url", strict(`https://${host}/`));
});

Deno.test("a URL that is not https, or holds credentials, is refused", async () => {
  const urls = ["http://example.com/", "ftp://example.com/", "file:///etc/passwd", "//example.com"];
  for (
    const url of [...urls, "https://u@example.com/", "https://u:p@example.com/", "gopher://x/"]
  ) {
    await refused("url", strict(url));
  }
  assert.equal(targetFault("https://example.com/hook?a=b"), null);
  assert.equal(targetFault("https://8.8.8.8/"), null);
});

Deno.test("addresses of the public internet are not refused", () => {
  const open = ["8.8.8.8", "1.1.1.1", "93.184.216.34", "172.15.0.1", "172.32.0.1", "100.63.0.1"];
  for (
    const address of [...open, "100.128.0.1", "2606:4700::1111", "2a00:1450:4001::1", "2003::1"]
  ) {
    assert.ok(isPublicAddress(address), address);
  }
  assert.ok(!isPublicAddress("fe80::1%eth0"));
  assert.ok(!isPublicAddress("example.com"));
});

Deno.test("a name is refused where any of its addresses is special", async () => {
  await using dns = await dnsServer({
    "inside.example.com": { A: ["10.0.0.7"] },
    "mixed.example.com": { A: ["93.184.216.34"], AAAA: ["fd00::1"] },
    "mapped.example.com": { AAAA: ["::ffff:169.254.169.254"] },
    "alias.example.com": { CNAME: "inside.example.com" },
    "nothing.example.com": {},
  });
  const outbound = createOutbound({ resolveDns: createDns([dns.address]), allowPrivate: false });
  for (const name of ["inside", "mixed", "mapped", "alias"]) {
    const error = await refused("address", outbound(`https://${name}.example.com/`));
    assert.match(error.message, new RegExp(`^The address of ${name}`));
  }
  for (const name of ["nothing", "missing"]) {
    await refused("unresolved", outbound(`https://${name}.example.com/`));
  }
});

/** A server on loopback that answers for hooks.example.com, and a way out that trusts it. */
async function receiver(
  handle: Deno.ServeHandler,
  resolveDns: ResolveDns = (_, type) => Promise.resolve(type === "A" ? ["127.0.0.1"] : []),
) {
  const { ca, issue } = await authority();
  const pair = await issue("hooks.example.com");
  const listen = { port: 0, hostname: "127.0.0.1", onListen() {} };
  const stop = new AbortController();
  const server = Deno.serve({ ...listen, ...pair, signal: stop.signal }, handle);
  const outbound = createOutbound({ resolveDns, allowPrivate: true, ca });
  return {
    outbound,
    url: `https://hooks.example.com:${server.addr.port}/hook`,
    port: server.addr.port,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await server.finished;
    },
  };
}

Deno.test("a request reaches its host with method, headers and body, and its answer comes back", async () => {
  await using at = await receiver(async (request) => {
    const { method, headers } = request;
    return Response.json([method, headers.get("host"), headers.get("x-a"), await request.text()], {
      status: 202,
      headers: { "x-b": "two" },
    });
  });
  const body = "Grüße";
  const answer = await at.outbound(at.url, { method: "POST", headers: { "x-a": "one" }, body });
  assert.equal(answer.status, 202);
  assert.equal(answer.headers["x-b"], "two");
  assert.equal(answer.address, "127.0.0.1");
  const told = JSON.parse(new TextDecoder().decode(answer.body));
  assert.deepEqual(told, ["POST", `hooks.example.com:${at.port}`, "one", body]);
});

Deno.test("a certificate for another name, or of an authority that is not trusted, is refused", async () => {
  await using at = await receiver(() => new Response("never"));
  const other = at.url.replace("hooks.", "other.");
  assert.match((await refused("connection", at.outbound(other))).message, /ALTNAME/);
  const resolveDns: ResolveDns = (_, type) => Promise.resolve(type === "A" ? ["127.0.0.1"] : []);
  const wary = createOutbound({ resolveDns, allowPrivate: true });
  await refused("connection", wary(at.url));
});

Deno.test("a name that changes its address after it was judged is connected to where it was judged", async () => {
  await using dns = await dnsServer({ "hooks.example.com": { A: ["127.0.0.1"] } });
  const real = createDns([dns.address]);
  const changing: ResolveDns = async (name, type) => {
    const addresses = await real(name, type);
    // What a rebinding server answers to whoever asks again.
    if (type === "AAAA") dns.zone["hooks.example.com"] = { A: ["127.0.0.9"] };
    return addresses;
  };
  await using at = await receiver(() => new Response("here"), changing);
  assert.equal((await at.outbound(at.url)).address, "127.0.0.1");
  assert.deepEqual(dns.asked.toSorted(), ["hooks.example.com A", "hooks.example.com AAAA"]);
  await refused("connection", at.outbound(at.url));
});

Deno.test("a name that is public when a webhook is made and private when it is called is refused then", async () => {
  await using dns = await dnsServer({ "rebind.example.com": { A: ["93.184.216.34"] } });
  const outbound = createOutbound({ resolveDns: createDns([dns.address]), allowPrivate: false });
  assert.equal(targetFault("https://rebind.example.com/"), null);
  dns.zone["rebind.example.com"] = { A: ["127.0.0.1"] };
  await refused("address", outbound("https://rebind.example.com/"));
});

Deno.test("of a name's addresses one that does not answer is passed over", async () => {
  await using at = await receiver(
    () => new Response("here"),
    (_, type) => Promise.resolve(type === "A" ? ["127.0.0.9", "127.0.0.1"] : ["::1"]),
  );
  assert.equal((await at.outbound(at.url)).address, "127.0.0.1");
});

Deno.test("a redirect is an answer, and is not followed", async () => {
  let calls = 0;
  await using at = await receiver(() => {
    calls++;
    return new Response(null, { status: 307, headers: { location: "https://169.254.169.254/" } });
  });
  const { status, headers } = await at.outbound(at.url);
  assert.equal(status, 307);
  assert.equal(headers.location, "https://169.254.169.254/");
  assert.equal(calls, 1);
});

Deno.test("an answer that never begins, one that never ends and one that drips are cut at the deadline", async () => {
  const never = new Promise<Response>(() => {});
  const drip = () => {
    let timer: ReturnType<typeof setInterval>;
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        timer = setInterval(() => controller.enqueue(new Uint8Array(1)), 20);
      },
      cancel: () => clearInterval(timer),
    });
    return new Response(stream);
  };
  const hung = () => new Response(new ReadableStream({ pull: () => new Promise<void>(() => {}) }));
  for (const handle of [() => never, hung, drip]) {
    await using at = await receiver(handle);
    await refused("timeout", at.outbound(at.url, { deadline: 400 }));
  }
});

Deno.test("a server that takes the connection and says nothing is given up at the deadline", async () => {
  const silent = net.createServer((socket) => void socket.on("error", () => {}).resume());
  silent.listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = silent.address() as net.AddressInfo;
  const outbound = createOutbound({ resolveDns: NOWHERE, allowPrivate: true });
  for (const scheme of ["http", "https"]) {
    await refused("timeout", outbound(`${scheme}://127.0.0.1:${port}/`, { deadline: 300 }));
  }
  silent.close();
  await once(silent, "close");
});

Deno.test("an answer is refused as soon as it is larger than the cap, and taken at it", async () => {
  let sent = 0;
  await using at = await receiver((request) => {
    const size = Number(new URL(request.url).searchParams.get("size"));
    if (size) return new Response("x".repeat(size));
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 10_000;
        controller.enqueue(new Uint8Array(10_000));
      },
    });
    return new Response(endless);
  });
  const max = { maxBytes: 1000 };
  assert.equal((await at.outbound(`${at.url}?size=1000`, max)).body.length, 1000);
  await refused("too_large", at.outbound(`${at.url}?size=1001`, max));
  await refused("too_large", at.outbound(at.url, max));
  assert.ok(sent < 100_000_000);
});

Deno.test("with the operator's switch http and private targets are reached, without it they are not", async () => {
  const listen = { port: 0, hostname: "127.0.0.1", onListen() {} };
  await using server = Deno.serve(listen, () => new Response("private"));
  const url = (host: string) => `http://${host}:${server.addr.port}/`;
  const open: Outbound = createOutbound({ resolveDns: NOWHERE, allowPrivate: true });
  for (const host of ["127.0.0.1", "localhost", "hooks.localhost", "0x7f.1"]) {
    assert.equal((await open(url(host))).status, 200, host);
    await refused("url", strict(url(host)));
  }
  await refused("url", open(url("u:p@localhost")));
});
