/** What one run of wrk measured; latencies in milliseconds. */
export type Measured = { rate: number; p50: number; p99: number; failed: number };

/** What to send: a fixed target, or a Lua script for wrk that makes each request. */
export type Load = {
  url: string;
  headers: Record<string, string>;
  script?: string;
  /** 64 unless given */
  connections?: number;
};

/** Runs wrk, with one thread, for `seconds` against loopback. */
export async function runWrk(load: Load, seconds: number): Promise<Measured> {
  const args = [
    "-t1",
    `-c${load.connections ?? 64}`,
    `-d${seconds}s`,
    "--latency",
    "--timeout",
    "10s",
  ];
  for (const [name, value] of Object.entries(load.headers)) args.push("-H", `${name}: ${value}`);
  if (load.script) args.push("-s", load.script);
  const output = await new Deno.Command("wrk", { args: [...args, load.url] }).output();
  const text = new TextDecoder().decode(output.stdout);
  const latency = (percent: string) =>
    milliseconds(new RegExp(`${percent}%\\s+([\\d.]+)(us|ms|s|m)`).exec(text));
  const count = (pattern: RegExp) => Number(pattern.exec(text)?.[1] ?? 0);
  const sockets = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text);
  return {
    rate: count(/Requests\/sec:\s+([\d.]+)/),
    p50: latency("50"),
    p99: latency("99"),
    failed: count(/Non-2xx or 3xx responses: (\d+)/) +
      (sockets?.slice(1).reduce((sum, n) => sum + Number(n), 0) ?? 0),
  };
}

/** The middle one by rate; failures add up over all. */
export function median(runs: Measured[]): Measured {
  const sorted = runs.toSorted((a, b) => a.rate - b.rate);
  const failed = runs.reduce((sum, run) => sum + run.failed, 0);
  return { ...sorted[Math.floor(sorted.length / 2)], failed };
}

function milliseconds(match: RegExpExecArray | null): number {
  if (!match) return NaN;
  return Number(match[1]) * { us: 0.001, ms: 1, s: 1000, m: 60_000 }[match[2]]!;
}
