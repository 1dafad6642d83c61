import { spawn } from "node:child_process";
import { hostname } from "node:os";
import process from "node:process";
import { Postlark, PostlarkError } from "../sdk.ts";
import type { Context } from "./_context.ts";
import { EXIT, Failure } from "./_errors.ts";
import { quickFetch } from "./_fetch.ts";
import { note, paint, plain } from "./_output.ts";

type Device = {
  device_code: string;
  user_code: string;
  verify_url: string;
  /** seconds */
  expires_in: number;
  interval: number;
};
type Poll = { status: "pending" } | { status: "authorized" } & Authorized;
/** A credential, and whose it is where that is known. */
export type Authorized = { token: string; name?: string; email?: string };

/** Asks for a token that is confirmed in the browser; waits until it is, or ends the command with exit code 3. */
export async function logInByDevice(
  context: Context,
  { browser }: { browser: boolean },
): Promise<Authorized> {
  // Device login is at the root of the service, outside the API.
  const client = new Postlark({
    apiBase: new URL(context.apiBase).origin,
    fetch: quickFetch,
  });
  const device = await client.request<Device>(["POST", "/auth/device"], {
    body: { name: hostname() },
  });
  const url = safeUrl(device.verify_url);
  note(`Open ${url}`);
  note(`and confirm this code: ${paint(plain(device.user_code), "bold", process.stderr)}`);
  if (browser && process.stderr.isTTY && !process.env.CI) openBrowser(url);
  const until = Date.now() + device.expires_in * 1000;
  while (Date.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(1, device.interval) * 1000));
    const answer = await poll(client, device.device_code);
    if (answer.status === "authorized") return answer;
  }
  throw new Failure("Nobody confirmed the code in time: run postlark login again.", EXIT.auth);
}

async function poll(client: Postlark, code: string): Promise<Poll> {
  try {
    return await client.request<Poll>(["GET", "/auth/device/poll"], { query: { code } });
  } catch (error) {
    if (!(error instanceof PostlarkError) || error.status !== 404) throw error;
    throw new Failure(
      "The login was denied, or its code is too old: run postlark login again.",
      EXIT.auth,
    );
  }
}

function safeUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url && /^https?:$/.test(url.protocol)) return url.href;
  throw new Failure("The server gave no address to confirm at: check --api-base.");
}

function openBrowser(url: string): void {
  const [command, ...args] = process.platform === "darwin"
    ? ["open"]
    : process.platform === "win32"
    ? ["rundll32", "url.dll,FileProtocolHandler"]
    : ["xdg-open"];
  const child = spawn(command, [...args, url], { stdio: "ignore", detached: true });
  // Where there is no browser, the address is on the screen.
  child.on("error", () => {});
  child.unref();
}
