import type { Deps } from "../../lib/ctx.ts";

export function runCommand(_deps: Deps, _args: string[]): Promise<number> {
  return Promise.resolve(1);
}
