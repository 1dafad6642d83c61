import { createHash } from "node:crypto";
import { MERMAID_PATH } from "../blog/mod.ts";
import { BUILT } from "./built.ts";
import { STYLE } from "./style.ts";

const hash = createHash("sha256").update(STYLE).digest("hex").slice(0, 16);

/** The style sheet and where it is served; its path changes with it. */
export const STYLE_SHEET = { path: `/assets/dashboard-${hash}.css`, body: STYLE };

/** A script of the browser's: its path changes with what it holds. */
export type Script = keyof typeof BUILT;

/** Path → name of the scripts, which are `built/NAME.js.gz`. */
export const SCRIPTS: ReadonlyMap<string, Script> = new Map(
  Object.entries(BUILT).map(([name, path]) => [path, name as Script]),
);

/** Where the dashboard serves the module that draws diagrams, to a frame of no origin too. */
export const DIAGRAMS_PATH = MERMAID_PATH.replace(/^\/_\//, "/assets/");

/** Where a script is served. */
export function scriptPath(name: Script): string {
  return BUILT[name];
}
