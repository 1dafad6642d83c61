import { chmod, readFile, rename, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { Failure } from "./_errors.ts";

/** What `~/.postlarkrc` holds; `defaultBlog` is an id or a slug. */
export type Config = { apiKey?: string; defaultBlog?: string; apiBase?: string };

/** Where the configuration is. */
export function configPath(): string {
  return join(homedir(), ".postlarkrc");
}

/** The configuration; empty where there is no file. */
export async function readConfig(): Promise<Config> {
  let text;
  try {
    text = await readFile(configPath(), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw error;
  }
  try {
    const config = JSON.parse(text);
    if (typeof config === "object" && config !== null) return config;
  } catch {
    // Said below.
  }
  throw new Failure(
    `${configPath()} is not a JSON object: mend it, or delete it and log in again.`,
  );
}

/** Merges into the configuration, whatever else is in it; undefined takes a key away. Only its owner can read it. */
export async function writeConfig(change: Config): Promise<void> {
  const config = { ...await readConfig(), ...change };
  const draft = `${configPath()}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
  // The mode above is less what umask takes away.
  await chmod(draft, 0o600);
  await rename(draft, configPath());
}
