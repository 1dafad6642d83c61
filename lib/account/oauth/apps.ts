import { type Ctx, requireScope, SCOPES, transact } from "../../ctx.ts";
import { AppError } from "../../kit/errors.ts";
import { isUuid } from "../../kit/ids.ts";
import { iso } from "../../kit/input.ts";
import { type Store, under } from "../../kit/kv.ts";
import { decodeCursor, encodeCursor } from "../../kit/page.ts";
import {
  appGrantKey,
  type AppGrantRow,
  clientKey,
  type ClientRow,
  userAppKey,
  userAppsPrefix,
} from "./_rows.ts";
import { isOver, stageAppEnd } from "./grants.ts";

const MOST_GRANTS = 500;
const PAGE = 50;
// Consents that are ended in one commit, each with a check.
const STEP = 8;

/** An app that an account has let in, all of its consents together; times ISO 8601. */
export type ConnectedApp = {
  client_id: string;
  name: string;
  /** where it has users sent to, as it was registered; nothing of it is verified */
  redirect_uris: string[];
  scopes: string[];
  connected_at: string;
  last_used_at: string | null;
  expires_at: string;
};

/** The apps that have access to the account, newest first; a page shows at most 500 consents. */
export async function listApps(
  ctx: Ctx,
  query: { limit?: number; cursor?: string },
): Promise<{ data: ConnectedApp[]; next_cursor: string | null }> {
  requireScope(ctx, "account:read");
  const { deps: { store }, actor: { user } } = ctx;
  const limit = query.limit ?? PAGE;
  const data: ConnectedApp[] = [];
  let cursor = query.cursor ?? null;
  do {
    const after = cursor && decodeCursor(cursor, ["string"]).after[0] as string;
    const { byApp, more } = await readGrants(store, { user, after, limit: limit - data.length });
    const clients = await store.getMany<ClientRow>([...byApp.keys()].map(clientKey));
    [...byApp.values()].forEach((ids, i) => {
      const grants = ids.filter((grant) => !isOver(grant, ctx.now));
      if (grants.length) data.push(presentTogether(ctx, grants, clients[i].value));
    });
    const last = [...byApp.keys()].at(-1);
    cursor = more && last ? encodeCursor({ order: "desc", after: [last] }) : null;
  } while (cursor && data.length < limit);
  return { data, next_cursor: cursor };
}

type Where = { user: string; after: string | null; limit: number };

/** The grants of the next apps, newest app first, and whether there are more apps. */
async function readGrants(store: Store, { user, after, limit }: Where) {
  const prefix = userAppsPrefix(user);
  const range = { ...under(prefix), reverse: true };
  if (after !== null) range.end = [...prefix, after];
  const rows = await store.list<number>(range, MOST_GRANTS);
  const apps = [...new Set(rows.map(({ key }) => key[2] as string))];
  const cut = rows.length === MOST_GRANTS;
  // The last app may go on beyond what was read: it begins the next page, unless it is all there is.
  const whole = cut && apps.length > 1 ? apps.slice(0, -1) : apps;
  const shown = new Set(whole.slice(0, limit));
  const keys = rows.filter(({ key }) => shown.has(key[2] as string))
    .map(({ key }) => appGrantKey(key[3] as string));
  const byApp = new Map<string, AppGrantRow[]>([...shown].map((app) => [app, []]));
  for (const { value } of await store.getMany<AppGrantRow>(keys)) {
    if (value) byApp.get(value.client)?.push(value);
  }
  return { byApp, more: cut || shown.size < apps.length };
}

function presentTogether(
  { deps }: Ctx,
  grants: AppGrantRow[],
  client: ClientRow | null,
): ConnectedApp {
  const used = grants.map(({ id, usedAt }) => deps.used.get(id) ?? usedAt ?? 0);
  const lastUsed = Math.max(...used);
  return {
    client_id: grants[0].client,
    name: grants[0].name,
    redirect_uris: client?.redirectUris ?? [],
    scopes: SCOPES.filter((scope) => grants.some(({ scopes }) => scopes.includes(scope))),
    connected_at: iso(Math.min(...grants.map(({ createdAt }) => createdAt))),
    last_used_at: lastUsed ? iso(lastUsed) : null,
    expires_at: iso(Math.max(...grants.map(({ expiresAt }) => expiresAt))),
  };
}

/** Ends all that an app was given by the account, some consents a commit; throws 404 where it has none. */
export async function disconnectApp(
  ctx: Ctx,
  client: string,
): Promise<{ deleted: true; revoked: true }> {
  requireScope(ctx, "account:write");
  const { deps: { store }, actor: { user }, now } = ctx;
  if (!isUuid(client)) throw new AppError("app_not_found");
  const range = under([...userAppsPrefix(user), client]);
  let ended = 0;
  while (true) {
    const rows = await store.list(range, STEP);
    if (!rows.length) break;
    ended += await transact(ctx, async (tx) => {
      const ids = rows.map(({ key }) => key[3] as string);
      const inForce = await Promise.all(ids.map((id) => stageAppEnd(tx, id, now)));
      // What has lapsed, and the store has yet to forget.
      ids.forEach((id, i) => inForce[i] || tx.delete(userAppKey({ user, client, id })));
      return inForce.filter(Boolean).length;
    });
  }
  if (!ended) throw new AppError("app_not_found");
  return { deleted: true, revoked: true };
}
