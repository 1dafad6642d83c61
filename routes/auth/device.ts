import { Hono } from "hono";
import { isSame } from "../../lib/kit/crypto.ts";
import { AppError } from "../../lib/kit/errors.ts";
import {
  confirmDevice,
  denyDevice,
  findDevice,
  pollDevice,
  showCode,
  startDevice,
} from "../../lib/account/device.ts";
import { getProfile } from "../../lib/account/accounts.ts";
import type { Visitor } from "../../lib/account/sign_in/overview.ts";
import { deviceDonePage, devicePage, deviceStartPage } from "../../render/auth/mod.ts";
import { addressOf, type Env } from "../_admit.ts";
import { jsonAnswer } from "../_answer.ts";
import { parseJson, readBody } from "../_input.ts";
import {
  countedVisitorOf,
  countSignIn,
  countTry,
  goToSignIn,
  open,
  pages,
  readForm,
  show,
  type Visit,
  visitorOf,
} from "./_visit.ts";

const MAX_BODY = 4096;
const MINUTE = 60_000;
// In ten minutes, which is how long one of 26 thousand million codes lasts.
const GUESSES = { ofAddress: 30, ofUser: 30, ofAll: 1000 };

/** The login of devices, such as the command line: begun and asked for by them, confirmed on a page. */
export function deviceRoutes(env: Env) {
  const app = new Hono<{ Bindings: { peer: string } }>();
  app.post("/auth/device", open(env, start));
  app.get("/auth/device/poll", open(env, poll));
  app.get("/auth/device", pages(env, ask));
  app.post("/auth/device/confirm", pages(env, decide));
  return app;
}

async function start(visit: Visit): Promise<Response> {
  const { deps, request, peer } = visit;
  await countSignIn(visit);
  const { name, device_name } = parseJson(
    await readBody(request, { limit: MAX_BODY, form: false }),
  );
  const said = [device_name, name].find((one) => typeof one === "string") as string | undefined;
  const { countryHeader } = deps.config;
  const country = countryHeader ? request.headers.get(countryHeader) : null;
  const started = await startDevice(deps, {
    name: (said ?? "").toWellFormed(),
    address: addressOf(deps, request, peer),
    country: country && /^[A-Za-z]{2}$/.test(country) ? country.toUpperCase() : null,
  });
  return answer(visit, started);
}

async function poll(visit: Visit): Promise<Response> {
  const { deps, request, url } = visit;
  // An answer without its body would use the token up.
  if (request.method !== "GET") throw new AppError("method_not_allowed", { allow: "GET" });
  const limit = deps.config.limits.devicePoll;
  await countTry(visit, { kind: "device_poll", limit, what: "polls" });
  return answer(visit, await pollDevice(deps, url.searchParams.get("code") ?? ""));
}

function answer({ id }: Visit, body: unknown): Response {
  const made = jsonAnswer(200, body, new Headers({ "x-request-id": id }));
  made.headers.set("cache-control", "no-store");
  return made;
}

async function ask(visit: Visit): Promise<Response> {
  const visitor = await visitorOf(visit);
  if (!visitor) return goToSignIn(visit);
  const typed = visit.url.searchParams.get("user_code");
  if (!typed) return show(visit, deviceStartPage({ fault: null }));
  await countGuess(visit, visitor);
  try {
    return show(visit, await pageOf(visit, visitor, typed));
  } catch (error) {
    return showUnknown(visit, error);
  }
}

async function decide(visit: Visit): Promise<Response> {
  const { deps } = visit;
  const visitor = await countedVisitorOf(visit);
  if (!visitor) return goToSignIn(visit);
  const { user_code: typed = "", user: shown = "", decision } = await readForm(visit);
  await countGuess(visit, visitor);
  try {
    const { user } = visitor.session;
    // Another account has signed in since the page was made.
    if (!isSame(shown, user)) return show(visit, await pageOf(visit, visitor, typed));
    const device = await findDevice(deps, typed);
    const allowed = decision === "allow";
    if (allowed) await confirmDevice(deps, typed, user);
    else await denyDevice(deps, typed);
    return show(visit, deviceDonePage({ name: device.name, allowed }));
  } catch (error) {
    return showUnknown(visit, error);
  }
}

function showUnknown(visit: Visit, error: unknown): Response {
  if (!(error instanceof AppError) || error.reason !== "device_code_unknown") throw error;
  return show(visit, deviceStartPage({ fault: error.message }), { status: error.status });
}

async function countGuess(visit: Visit, { session }: Visitor): Promise<void> {
  const what = "codes";
  await countTry(visit, { kind: "device_guess", limit: GUESSES.ofAddress, what });
  await countTry(visit, { kind: "device_guess", limit: GUESSES.ofUser, what, of: session.user });
  await countTry(visit, { kind: "device_guess", limit: GUESSES.ofAll, what, of: "all" });
}

async function pageOf(visit: Visit, { ctx, session }: Visitor, typed: string) {
  const { deps, request, peer } = visit;
  const device = await findDevice(deps, typed);
  const { email, name } = await getProfile(ctx);
  const same = isSame(device.address, addressOf(deps, request, peer));
  const minutes = Math.floor((deps.clock() - device.createdAt) / MINUTE);
  return devicePage({
    code: showCode(typed),
    name: device.name,
    from: [
      same ? "the network address that you are at" : "another network address than yours",
      device.country && `(${device.country})`,
    ].filter(Boolean).join(" "),
    asked: minutes ? `${minutes} minute(s) ago` : "just now",
    who: email || name || "your account",
    user: session.user,
  });
}
