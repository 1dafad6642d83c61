// A server without anything but KV: stores a body in chunks, and sends what is stored.
const [port, path] = Deno.args;
const CHUNK = 60_000;
const kv = await Deno.openKv(path);
let stored = 0;

async function store(bytes: Uint8Array): Promise<Response> {
  const id = stored++;
  for (let at = 0; at < bytes.length;) {
    const operation = kv.atomic();
    for (let n = 0; n < 13 && at < bytes.length; n++, at += CHUNK) {
      operation.set(["image", id, at / CHUNK], bytes.subarray(at, at + CHUNK));
    }
    await operation.commit();
  }
  return Response.json({ id }, { status: 201 });
}

async function read(id: number, chunks: number): Promise<Response> {
  const keys = Array.from({ length: chunks }, (_, i) => ["image", id, i]);
  const calls = [];
  for (let i = 0; i < keys.length; i += 10) {
    calls.push(kv.getMany<Uint8Array[]>(keys.slice(i, i + 10)));
  }
  const parts = (await Promise.all(calls)).flat().map(({ value }) => value as Uint8Array);
  return new Response(await new Blob(parts as BlobPart[]).bytes(), {
    headers: { "content-type": "image/jpeg" },
  });
}

Deno.serve({ port: Number(port), hostname: "127.0.0.1", onListen() {} }, async (request) => {
  if (request.method === "POST") {
    // The load ends in the middle of a body.
    const bytes = await request.bytes().catch(() => null);
    return bytes ? await store(bytes) : new Response(null, { status: 400 });
  }
  const [id, chunks] = new URL(request.url).pathname.slice(1).split("/").map(Number);
  return await read(id, chunks);
});
