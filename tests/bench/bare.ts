// A server without anything: reads the body, if there is one, and sends bytes that it was given.
const [port, folder] = Deno.args;
const body = Deno.readFileSync(`${folder}/body`);
const { status, headers } = JSON.parse(Deno.readTextFileSync(`${folder}/head.json`));
const empty = status === 304;

Deno.serve({ port: Number(port), hostname: "127.0.0.1", onListen() {} }, async (request) => {
  // The load ends in the middle of a body.
  if (request.body) await request.json().catch(() => {});
  return new Response(empty ? null : body, { status, headers });
});
