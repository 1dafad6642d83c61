import type { Answer, Traffic } from "./_traffic.ts";

/** What a stretch of traffic came to: answers a second, and milliseconds of what was taken and answered. */
export type Stretch = {
  seconds: number;
  taken: number;
  refused: number;
  failed: number;
  statuses: Record<string, number>;
  p50: number;
  p99: number;
  p999: number;
  longest: number;
};

const STEP = 5;

/** Keeps so many requests under way, each after the one before it was answered. */
export async function sendClosed(
  traffic: Traffic,
  { connections, seconds }: { connections: number; seconds: number },
): Promise<Stretch> {
  const until = performance.now() + seconds * 1000;
  const answers: Answer[] = [];
  await Promise.all(Array.from({ length: connections }, async () => {
    while (performance.now() < until) answers.push(await traffic.send(traffic.next()));
  }));
  return judge(answers, seconds);
}

/** Sends so many requests a second whether or not those before were answered; waiting counts from when each was due. */
export async function sendOpen(
  traffic: Traffic,
  { rate, seconds }: { rate: number; seconds: number },
): Promise<Stretch> {
  const began = performance.now();
  const answers: Promise<Answer>[] = [];
  while (performance.now() < began + seconds * 1000) {
    const due = Math.floor((performance.now() - began) / 1000 * rate);
    while (answers.length < due) {
      const at = began + answers.length / rate * 1000;
      answers.push(traffic.send(traffic.next(), at));
    }
    await new Promise((resolve) => setTimeout(resolve, STEP));
  }
  return judge(await Promise.all(answers), seconds);
}

function judge(answers: Answer[], seconds: number): Stretch {
  const statuses: Record<string, number> = {};
  for (const { status } of answers) statuses[status] = (statuses[status] ?? 0) + 1;
  const taken = answers.filter(({ status }) => status >= 200 && status < 500);
  const sorted = taken.map(({ ms }) => ms).sort((a, b) => a - b);
  const at = (share: number) =>
    Math.round((sorted[Math.floor(sorted.length * share)] ?? 0) * 10) / 10;
  const refused = statuses[503] ?? 0;
  return {
    seconds,
    taken: Math.round(taken.length / seconds),
    refused: Math.round(refused / seconds),
    failed: answers.length - taken.length - refused,
    statuses,
    p50: at(0.5),
    p99: at(0.99),
    p999: at(0.999),
    longest: at(1 - 1e-9),
  };
}
