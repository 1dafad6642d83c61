import process from "node:process";
import { createInterface } from "node:readline/promises";
import { Failure, usage } from "./_errors.ts";

/** Asks before something is destroyed, unless `confirmed`; without a terminal to ask on, ends with exit code 2. */
export async function confirm(
  what: string,
  { confirmed, word = "yes" }: { confirmed?: boolean; word?: string },
): Promise<void> {
  if (confirmed) return;
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw usage(`${what} This cannot be undone: add --confirm to go ahead.`);
  }
  const answer = await ask(`${what} This cannot be undone. Type ${word} to go ahead: `);
  if (answer.trim() !== word) throw new Failure("Nothing was changed.");
}

/** Reads a line from the terminal. */
export async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const closed = new Promise<string>((resolve) => lines.once("close", () => resolve("")));
    return await Promise.race([lines.question(question), closed]);
  } finally {
    lines.close();
  }
}
