import { Hono } from "hono";
import type { Deps } from "../lib/ctx.ts";

export function docs(_deps: Deps) {
  return new Hono();
}
