#!/usr/bin/env node
import process from "node:process";
import { run } from "./mod.ts";

// A reader that has seen enough (postlark posts list | head) is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

const code = await run(process.argv.slice(2));
// Connections that are kept alive would hold the process; what was written must be out before it ends.
process.stdout.write("", () => process.stderr.write("", () => process.exit(code)));
