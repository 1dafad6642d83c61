import { fileURLToPath } from "node:url";
import { jpegOfSize } from "../support/images.ts";
import { freePort, runAdmin, type Server, startServer } from "../support/server.ts";
import { type Load, type Measured, median, runWrk } from "./wrk.ts";

/**
 * `deno run --frozen -A tests/bench/media.ts` (wants `wrk`): uploads and reads of images, beside a bare server
 * that keeps the same bytes in the same chunks of KV, with all limits lifted. Read once from one address,
 * which is kept in memory for a second where it is small, and once spread over many.
 */
const SECONDS = 4;
const RUNS = 3;
const IMAGES = 200;
const SIZES = [20_000, 200_000, 1_048_576];
const BARE = fileURLToPath(new URL("media_bare.ts", import.meta.url));

type Place = { server: Server; key: string; bare: number; dir: string };

function say(what: string, ours: Measured, bare: Measured): void {
  const cells = [
    what,
    ours.rate.toFixed(0),
    ours.p50.toFixed(1),
    ours.p99.toFixed(1),
    bare.rate.toFixed(0),
    (ours.rate / bare.rate).toFixed(2),
    ours.failed + bare.failed,
  ];
  console.log(`| ${cells.join(" | ")} |`);
}

async function compare(what: string, ours: Load, bare: Load): Promise<void> {
  const runs: { ours: Measured[]; bare: Measured[] } = { ours: [], bare: [] };
  for (let i = 0; i < RUNS; i++) {
    runs.bare.push(await runWrk(bare, SECONDS));
    runs.ours.push(await runWrk(ours, SECONDS));
  }
  say(what, median(runs.ours), median(runs.bare));
}

async function post(url: string, headers: Record<string, string>, body: BodyInit) {
  const response = await fetch(url, { method: "POST", headers, body });
  if (response.status !== 201) throw new Error(await response.text());
  return await response.json();
}

function multipart(bytes: Uint8Array): { type: string; body: Uint8Array<ArrayBuffer> } {
  const encode = (text: string) => new TextEncoder().encode(text);
  const head = encode(
    '--bench\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n' +
      "Content-Type: image/jpeg\r\n\r\n",
  );
  const tail = encode("\r\n--bench--\r\n");
  const body = new Uint8Array(head.length + bytes.length + tail.length);
  body.set(head);
  body.set(bytes, head.length);
  body.set(tail, head.length + bytes.length);
  return { type: "multipart/form-data; boundary=bench", body };
}

async function benchUploads({ server, key, bare, dir }: Place): Promise<void> {
  const bytes = jpegOfSize(1_048_576);
  const form = multipart(bytes);
  const json = JSON.stringify({ data: bytes.toBase64(), content_type: "image/jpeg" });
  const load = async (name: string, body: Uint8Array | string, at: Omit<Load, "script">) => {
    await Deno.writeFile(
      `${dir}/${name}`,
      typeof body === "string" ? new TextEncoder().encode(body) : body,
    );
    const script = `${dir}/${name}.lua`;
    await Deno.writeTextFile(
      script,
      `local f = io.open("${dir}/${name}", "rb")
       wrk.method = "POST"
       wrk.body = f:read("*a")
       f:close()\n`,
    );
    return { ...at, script, connections: 8 };
  };
  const url = `http://127.0.0.1:${server.port}/v1/upload`;
  const host = { Host: `localhost:${server.port}`, Authorization: `Bearer ${key}` };
  const bareLoad = await load("bare", bytes, { url: `http://127.0.0.1:${bare}/`, headers: {} });
  const formLoad = await load("form", form.body, {
    url,
    headers: { ...host, "Content-Type": form.type },
  });
  const jsonLoad = await load("json", json, {
    url,
    headers: { ...host, "Content-Type": "application/json" },
  });
  await compare("upload of 1 MB, form", formLoad, bareLoad);
  await compare("upload of 1 MB, JSON", jsonLoad, bareLoad);
}

async function benchReads({ server, key, bare, dir }: Place, size: number): Promise<void> {
  const bytes = jpegOfSize(size);
  const form = multipart(bytes);
  const headers = { authorization: `Bearer ${key}`, "content-type": form.type };
  const paths: { ours: string[]; bare: string[] } = { ours: [], bare: [] };
  for (let n = 0; n < IMAGES; n++) {
    const { url } = await post(`${server.origin}/v1/upload`, headers, form.body);
    paths.ours.push(new URL(url).pathname);
    const { id } = await post(`http://127.0.0.1:${bare}/`, {}, bytes);
    paths.bare.push(`/${id}/${Math.ceil(size / 60_000)}`);
  }
  const host = { Host: `localhost:${server.port}` };
  const load = async (name: "ours" | "bare", port: number): Promise<Load> => {
    const script = `${dir}/read-${name}.lua`;
    const list = paths[name].map((path) => `"${path}"`).join(",");
    await Deno.writeTextFile(
      script,
      `local paths = {${list}}
       request = function() return wrk.format("GET", paths[math.random(#paths)]) end\n`,
    );
    const connections = size > 500_000 ? 8 : 32;
    return { url: `http://127.0.0.1:${port}${paths[name][0]}`, headers: host, script, connections };
  };
  const [ours, other] = [await load("ours", server.port), await load("bare", bare)];
  const kb = Math.round(size / 1000);
  const one = (at: Load): Load => ({ ...at, script: undefined });
  await compare(`read of ${kb} kB, one image`, one(ours), one(other));
  await compare(`read of ${kb} kB, spread over ${IMAGES}`, ours, other);
}

const dir = await Deno.makeTempDir();
const env = {
  POSTLARK_KV: `${dir}/kv.db`,
  POSTLARK_LIMIT_ENTERPRISE: "1000000000",
  // Far more, and every upload would be near the plan's storage, where it checks the counter.
  POSTLARK_LIMIT_UPLOADS: "8000",
};
const server = await startServer(env);
const bare = freePort();
const process = new Deno.Command(Deno.execPath(), {
  args: ["run", "-A", "--unstable-kv", BARE, String(bare), `${dir}/bare.db`],
}).spawn();
try {
  const user = ["--email", "bench@example.com", "--plan", "enterprise", "--blog", "bench"];
  const { stdout } = await runAdmin(env, "user", "create", ...user);
  const place: Place = { server, key: JSON.parse(stdout).key, bare, dir };
  console.log("| what | requests/s | p50 ms | p99 ms | bare/s | ratio | failed |");
  console.log("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
  for (const size of SIZES) await benchReads(place, size);
  await benchUploads(place);
} finally {
  process.kill("SIGTERM");
  await process.status;
  await server.stop();
  await Deno.remove(dir, { recursive: true });
}
