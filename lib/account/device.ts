import { backstage, type Deps } from "../ctx.ts";
import { hmac, sha256 } from "../kit/crypto.ts";
import { AppError } from "../kit/errors.ts";
import { randomBase62 } from "../kit/ids.ts";
import { type Key, transact, type Tx } from "../kit/kv.ts";
import { requireStanding, userKey, type UserRow } from "./accounts.ts";
import { stageKey } from "./api_keys.ts";

const LIFE = 600_000;
const INTERVAL = 2;
const MAX_NAME = 60;
// No vowels, of which words are made, and nothing that looks like something else: 34 bits.
const LETTERS = "BCDFGHJKLMNPQRSTVWXZ";

/** A device that waits to be let in; `code` is an HMAC of what its user types, `user` who has confirmed it. */
export type DeviceRow = {
  code: string;
  name: string;
  /** HMAC of where it asked from */
  address: string;
  country: string | null;
  user: string | null;
  createdAt: number;
  expiresAt: number;
};
/** Leads from a user code to its device. */
export type UserCodeRow = { device: string; expiresAt: number };

function deviceKey(hash: string): Key {
  return ["device", hash];
}
function userCodeKey(code: string): Key {
  return ["usercode", code];
}

/** What a device gets to begin with; `expires_in` and `interval` in seconds. */
export type DeviceStart = {
  device_code: string;
  user_code: string;
  verify_url: string;
  expires_in: number;
  interval: number;
};
/** What a device is told while it waits; `token` is an account token, and given once. */
export type DevicePoll =
  | { status: "pending" }
  | { status: "authorized"; token: string; name: string; email: string };

/** Begins a device's login; `address` is an HMAC. */
export async function startDevice(
  deps: Deps,
  from: { name: string; address: string; country: string | null },
): Promise<DeviceStart> {
  const now = deps.clock();
  const secret = randomBase62(43);
  const typed = drawUserCode();
  const [device, code] = [sha256(secret), hashOf(deps, typed)];
  const row: DeviceRow = {
    ...{ code, address: from.address, country: from.country, user: null },
    name: nameOf(from.name),
    createdAt: now,
    expiresAt: now + LIFE,
  };
  await transact(deps.store, async (tx) => {
    if (await tx.get(userCodeKey(code))) throw new AppError("contention", { retryAfter: 1 });
    tx.set(deviceKey(device), row, { expireIn: LIFE });
    const leads: UserCodeRow = { device, expiresAt: row.expiresAt };
    tx.set(userCodeKey(code), leads, { expireIn: LIFE });
  });
  const shown = showCode(typed);
  return {
    device_code: secret,
    user_code: shown,
    verify_url: `${deps.config.origin}/auth/device?user_code=${shown}`,
    expires_in: LIFE / 1000,
    interval: INTERVAL,
  };
}

function drawUserCode(): string {
  let code = "";
  while (code.length < 8) {
    const letters = [...randomBase62(32)].filter((letter) => LETTERS.includes(letter));
    code += letters.join("");
  }
  return code.slice(0, 8);
}

function nameOf(text: string): string {
  const plain = text.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, " ").replace(/\s+/g, " ").trim();
  return [...plain].slice(0, MAX_NAME).join("").trim() || "Command line";
}

/** A user code as it is shown. */
export function showCode(typed: string): string {
  return plainCode(typed).replace(/^(.{4})/, "$1-");
}

/** A user code as it is compared: letters only, upper case. */
function plainCode(typed: string): string {
  return typed.toUpperCase().replace(/[^A-Z]/g, "");
}

function hashOf(deps: Deps, typed: string): string {
  return hmac(deps.keys.key("device"), plainCode(typed));
}

/** The device that waits with a user code; throws 404. */
export async function findDevice(deps: Deps, typed: string): Promise<DeviceRow> {
  return await transact(deps.store, async (tx) => (await waiting(deps, tx, typed)).row);
}

/** Lets a device in, as an account: its next poll gets a token. Throws 404. */
export async function confirmDevice(deps: Deps, typed: string, user: string): Promise<void> {
  await transact(deps.store, async (tx) => {
    const { device, row } = await waiting(deps, tx, typed);
    await requireStanding(tx, user);
    const expireIn = row.expiresAt - deps.clock();
    tx.set(deviceKey(device), { ...row, user }, { expireIn });
    tx.delete(userCodeKey(row.code));
  });
}

/** Turns a device away; throws 404. */
export async function denyDevice(deps: Deps, typed: string): Promise<void> {
  await transact(deps.store, async (tx) => {
    const { device, row } = await waiting(deps, tx, typed);
    tx.delete(deviceKey(device));
    tx.delete(userCodeKey(row.code));
  });
}

async function waiting(
  deps: Deps,
  tx: Tx,
  typed: string,
): Promise<{ device: string; row: DeviceRow }> {
  const leads = await tx.get<UserCodeRow>(userCodeKey(hashOf(deps, typed)));
  const row = leads && await tx.get<DeviceRow>(deviceKey(leads.device));
  if (!row || row.user !== null || row.expiresAt <= deps.clock()) {
    throw new AppError("device_code_unknown");
  }
  return { device: leads!.device, row };
}

/** What a device is told; once it was let in, its token, which is made for this one answer. Throws 404. */
export async function pollDevice(deps: Deps, code: string): Promise<DevicePoll> {
  const key = deviceKey(sha256(code));
  return await transact<DevicePoll>(deps.store, async (tx) => {
    const row = await tx.get<DeviceRow>(key);
    if (!row || row.expiresAt <= deps.clock()) throw new AppError("device_code_unknown");
    if (row.user === null) return { status: "pending" };
    await requireStanding(tx, row.user);
    const account = await tx.peek<UserRow>(userKey(row.user));
    if (!account) throw new AppError("device_code_unknown");
    tx.delete(key);
    const ctx = backstage(deps, { kind: "session", user: row.user });
    const { token } = stageKey(tx, ctx, { name: row.name, boundTo: null, blog: null });
    return { status: "authorized", token, name: account.name, email: account.email };
  });
}
