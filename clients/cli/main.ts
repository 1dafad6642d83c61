#!/usr/bin/env node
import process from "node:process";
import { run } from "./mod.ts";

// A reader that has seen enough (postlark posts list | head) is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

process.exitCode = await run(process.argv.slice(2));
