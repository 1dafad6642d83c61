import type { Deps } from "../../lib/ctx.ts";
import { AppError } from "../../lib/kit/errors.ts";
import { BackupError } from "../../lib/operator/backup.ts";
import { findCommand, readGiven, type Terminal, usage, UsageError } from "./_command.ts";
import { COMMANDS } from "./commands.ts";

const CONSOLE: Terminal = { out: console.log, err: console.error };

/** Runs the operator's command: one JSON object on standard output; the exit code is 0, 1 where it failed, 2 where it was called wrongly. */
export async function runCommand(
  deps: Deps,
  args: string[],
  terminal: Terminal = CONSOLE,
): Promise<number> {
  if (args.length === 0 || ["help", "--help", "-h"].includes(args[0])) {
    terminal.err(help());
    return args.length ? 0 : 2;
  }
  try {
    const { command, rest } = findCommand(COMMANDS, args);
    try {
      const { output, code = 0, beside } = await command.run(deps, readGiven(command, rest));
      terminal[beside ? "err" : "out"](JSON.stringify(output));
      return code;
    } catch (error) {
      if (error instanceof UsageError) error.message += `\nUsage: ${usage(command)}`;
      throw error;
    }
  } catch (error) {
    if (error instanceof UsageError) {
      terminal.err(error.message);
      return 2;
    }
    if (!isExpected(error)) throw error;
    terminal.err(error.message);
    return 1;
  }
}

function isExpected(error: unknown): error is Error {
  return error instanceof AppError || error instanceof BackupError ||
    error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied;
}

function help(): string {
  const width = Math.max(...COMMANDS.map((command) => usage(command).length));
  const lines = COMMANDS.map((command) => `  ${usage(command).padEnd(width)}  ${command.about}`);
  return [
    "Each command prints one JSON object on standard output, everything else on standard error.",
    ...lines,
    `Plans: ${[...new Set(COMMANDS.flatMap((c) => c.options?.plan?.oneOf ?? []))].join(", ")}.`,
  ].join("\n");
}
