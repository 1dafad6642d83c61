import { type Browser, chromium } from "playwright-core";

const KNOWN = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The Chromium of this machine: `CHROMIUM`, else where Debian and others put it; in CI its absence is an error. */
export function findChromium(): string | null {
  const candidates = [Deno.env.get("CHROMIUM"), ...KNOWN].filter((path) => path !== undefined);
  for (const path of candidates) {
    try {
      if (Deno.statSync(path).isFile) return path;
    } catch {
      // Not there: the next one.
    }
  }
  if (Deno.env.get("CI")) throw new Error("CI needs a Chromium: apt-get install chromium");
  console.error(
    "No Chromium found: the browser tests are left out. Set CHROMIUM=/path to run them.",
  );
  return null;
}

/** How long a browser may take for one thing, milliseconds: other tests may have the machine meanwhile. */
export const PATIENCE = 120_000;

/** A headless browser with an empty profile; `flags` come on top of its usual ones. */
export async function launch(executablePath: string, flags: string[] = []): Promise<Browser> {
  return await chromium.launch({ executablePath, args: [...FLAGS, ...flags], timeout: PATIENCE });
}

/** Waits for what comes some time after a click, a key or a load; `what` is said where it does not. */
export async function until(what: string, happened: () => Promise<boolean> | boolean) {
  const end = Date.now() + PATIENCE;
  while (!await happened()) {
    if (Date.now() > end) throw new Error(`in vain waited until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
