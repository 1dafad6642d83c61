import { z } from "@hono/zod-openapi";
import { isUuid } from "../../kit/ids.ts";
import type { DeviceRow, UserCodeRow } from "../../account/device.ts";
import type { AppHolderRow } from "../../account/holders.ts";
import {
  type AppGrantRow,
  AUTH_METHODS,
  type ClientRow,
  type CodeRow,
  GRANTABLE,
} from "../../account/oauth/_rows.ts";

type Part = "string" | "number";

const id = z.string().refine(isUuid, { error: "is not a UUID" });
const hash = z.string().regex(/^[0-9a-f]{64}$/, { error: "is not a SHA-256" });
const time = z.int().min(0);

/** What leads from an account to the grant of an app. */
export const appHolder = z.object({
  app: z.literal(true),
  expiresAt: time,
}) satisfies z.ZodType<AppHolderRow>;
const granted = z.array(z.enum(GRANTABLE)).min(1);
const client = z.object({
  id,
  name: z.string().min(1),
  redirectUris: z.array(z.string()).min(1),
  method: z.enum(AUTH_METHODS),
  secret: hash.nullable(),
  scopes: z.array(z.enum(GRANTABLE)),
  createdAt: time,
  expiresAt: time,
}) satisfies z.ZodType<ClientRow>;
const code = z.object({
  client: id,
  user: id,
  redirectUri: z.string().nullable(),
  challenge: z.string().length(43),
  scopes: granted,
  resource: z.string().nullable(),
  grant: id.nullable(),
  expiresAt: time,
}) satisfies z.ZodType<CodeRow>;
const appGrant = z.object({
  id,
  user: id,
  client: id,
  name: z.string().min(1),
  scopes: granted,
  family: hash,
  refresh: hash,
  former: z.object({ hash, until: time }).nullable(),
  access: z.array(z.object({ hash, scopes: granted, expiresAt: time })),
  createdAt: time,
  usedAt: time.nullable(),
  expiresAt: time,
  revokedAt: time.nullable(),
}) satisfies z.ZodType<AppGrantRow>;
const device = z.object({
  code: hash,
  name: z.string().min(1),
  address: hash,
  country: z.string().length(2).nullable(),
  user: id.nullable(),
  createdAt: time,
  expiresAt: time,
}) satisfies z.ZodType<DeviceRow>;
const userCode = z.object({ device: hash, expiresAt: time }) satisfies z.ZodType<UserCodeRow>;

/** The nouns of apps and devices. */
export const APP_FAMILIES = {
  oauthclient: { parts: ["string"], value: client },
  oauthcode: { parts: ["string"], value: code },
  uapp: { parts: ["string", "string", "string"], value: time },
  oauthgrant: { parts: ["string"], value: appGrant },
  device: { parts: ["string"], value: device },
  usercode: { parts: ["string"], value: userCode },
} satisfies Record<string, { parts: Part[]; value: z.ZodType }>;
