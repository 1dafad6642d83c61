import { parseArgs } from "node:util";
import type { Deps } from "../../lib/ctx.ts";

/** Where a command speaks: `out` takes its one JSON object, `err` everything else. */
export type Terminal = { out: (line: string) => void; err: (line: string) => void };
type Option = { required?: boolean; value: string; oneOf?: readonly string[] };
/** What was given: options by name, and the argument after the command's name. */
export type Given = { argument: string; options: Record<string, string | undefined> };
export type Command = {
  name: string;
  /** what the argument after the name is; none is taken where it is absent */
  argument?: { value: string; oneOf?: readonly string[] };
  options?: Record<string, Option>;
  about: string;
  run: (deps: Deps, given: Given) => Promise<Result>;
};
/** What to print, with the exit code where it is not 0; `beside` where standard output holds something else. */
export type Result = { output: object; code?: number; beside?: boolean };

/** A fault of the command line: exit code 2. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** How to call a command, on one line. */
export function usage({ name, argument, options = {} }: Command): string {
  const parts = Object.entries(options).map(([option, { required, value }]) =>
    required ? `--${option} ${value}` : `[--${option} ${value}]`
  );
  return ["admin", name, argument?.value, ...parts].filter(Boolean).join(" ");
}

/** The command that the words begin with, and the words after its name; throws a UsageError. */
export function findCommand(commands: readonly Command[], args: string[]) {
  for (const command of commands) {
    const words = command.name.split(" ");
    if (words.every((word, i) => args[i] === word)) {
      return { command, rest: args.slice(words.length) };
    }
  }
  const names = commands.map((command) => command.name).join(", ");
  throw new UsageError(`There is no command "${args.join(" ")}": use help, ${names}.`);
}

/** What was given to a command; throws a UsageError that names what is allowed. */
export function readGiven(command: Command, args: string[]): Given {
  const { options = {}, argument } = command;
  const { values, positionals } = parse(command, args);
  const given = values as Record<string, string | undefined>;
  for (const [name, { required, oneOf }] of Object.entries(options)) {
    const value = given[name];
    if (required && !value?.trim()) throw new UsageError(`--${name} is required.`);
    if (value !== undefined) requireOneOf(`--${name}`, value, oneOf);
  }
  if (positionals.length !== (argument ? 1 : 0)) {
    throw new UsageError(
      argument ? `One ${argument.value} is required.` : `"${positionals[0]}" is one word too many.`,
    );
  }
  requireOneOf(argument?.value ?? "", positionals[0], argument?.oneOf);
  return { argument: positionals[0] ?? "", options: given };
}

function parse({ options = {} }: Command, args: string[]) {
  const names = Object.keys(options);
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: Object.fromEntries(names.map((name) => [name, { type: "string" as const }])),
    });
  } catch (error) {
    if (!String((error as { code?: string }).code).startsWith("ERR_PARSE_ARGS")) throw error;
    const allowed = names.length ? names.map((name) => `--${name}`).join(", ") : "none";
    const fault = (error as Error).message.split(/\.\s|\n/)[0];
    throw new UsageError(`${fault}. Options: ${allowed}.`);
  }
}

function requireOneOf(name: string, value: string, oneOf?: readonly string[]): void {
  if (oneOf && !oneOf.includes(value)) {
    throw new UsageError(`${name} must be one of ${oneOf.join(", ")}, not "${value}".`);
  }
}
