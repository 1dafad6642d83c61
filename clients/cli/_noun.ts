import type { Command } from "commander";
import { Context, type Globals } from "./_context.ts";

/** Adds a noun's commands to the program. */
export type Noun = (program: Command) => void;

// deno-lint-ignore no-explicit-any
type Any = any;

/** A commander action that gets the context first, then its arguments and options. */
export function action<A extends Any[]>(
  run: (context: Context, ...args: A) => Promise<void>,
): (this: Command, ...args: Any[]) => Promise<void> {
  return async function (this: Command, ...args: Any[]) {
    const context = await Context.open(this.optsWithGlobals() as Globals);
    // Commander hands itself over as the last one.
    await run(context, ...args.slice(0, -1) as A);
  };
}
