type Registered = { name: string; schedule: string };
/** What the runtime says over its socket, a line of JSON each. */
type Said =
  | { kind: "register"; crons: Registered[] }
  | { kind: "result"; name: string; success: boolean }
  | { kind: "reject-ack" };

/**
 * Stands in the place of what calls the crons of one process on Deno Deploy: it is told of them, and calls them by
 * name. Like there, a cron does not overlap itself, and nothing is called by the clock.
 */
export function startCronPeer() {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const crons = new Map<string, string>();
  const waiting = new Map<string, PromiseWithResolvers<boolean>>();
  const connected = Promise.withResolvers<Deno.TcpConn>();
  const reading = (async () => {
    let connection: Deno.TcpConn;
    try {
      connection = await listener.accept();
    } catch {
      return;
    }
    connected.resolve(connection);
    let text = "";
    const decoder = new TextDecoder();
    try {
      for await (const chunk of connection.readable) {
        const lines = (text + decoder.decode(chunk, { stream: true })).split("\n");
        text = lines.pop()!;
        for (const line of lines) take(JSON.parse(line));
      }
    } catch {
      // The process was killed.
    }
    for (const { reject } of waiting.values()) reject(new Error("the process is gone"));
  })();

  function take(said: Said): void {
    if (said.kind === "register") {
      for (const { name, schedule } of said.crons) crons.set(name, schedule);
    } else if (said.kind === "result") {
      const call = waiting.get(said.name);
      waiting.delete(said.name);
      call?.resolve(said.success);
    }
  }

  return {
    env: { DENO_UNSTABLE_CRON_SOCK: `tcp:127.0.0.1:${listener.addr.port}` },
    /** name → schedule, as the process registered them */
    crons,
    /** Calls a cron that does not run, and says whether it succeeded; rejects where the process ends before. */
    async invoke(name: string): Promise<boolean> {
      const connection = await connected.promise;
      const call = Promise.withResolvers<boolean>();
      waiting.set(name, call);
      const line = new TextEncoder().encode(`${JSON.stringify({ kind: "invoke", name })}\n`);
      await connection.write(line);
      return await call.promise;
    },
    /** after the process has ended */
    async [Symbol.asyncDispose]() {
      listener.close();
      await reading;
    },
  };
}

export type CronPeer = ReturnType<typeof startCronPeer>;
