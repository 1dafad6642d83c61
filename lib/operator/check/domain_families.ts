import { z } from "@hono/zod-openapi";
import { normaliseHost } from "../../kit/dns.ts";
import { isUuid } from "../../kit/ids.ts";
import type { BlogDomain, ClaimRow, HeldRow, HostRow } from "../../content/domains/_claims.ts";

type Part = "string" | "number";

const id = z.string().refine(isUuid, { error: "is not a UUID" });
const time = z.int().min(0);
const host = z.string().refine((name) => normaliseHost(name) === name, {
  error: "is not a host's name",
});

/** A blog's own domain. */
export const domain = z.object({ host, active: z.boolean() }) satisfies z.ZodType<BlogDomain>;
const record = z.enum(["found", "other", "missing"]);
const claim = z.object({
  host,
  blog: id,
  owner: id,
  token: z.string().regex(/^postlark-verify=[0-9a-f]{32}$/),
  createdAt: time,
  checkedAt: time.nullable(),
  dueAt: time,
  failures: z.int().min(0),
  failingSince: time.nullable(),
  seen: z.object({ cname: record, txt: record }).optional(),
}) satisfies z.ZodType<ClaimRow>;
const verified = z.object({ blog: id, owner: id }) satisfies z.ZodType<HostRow>;
const held = z.object({ owner: id }) satisfies z.ZodType<HeldRow>;

/** The nouns of custom domains. */
export const DOMAIN_FAMILIES = {
  claim: { parts: ["string", "string"], value: claim },
  claimdue: { parts: ["number", "string", "string"], value: z.literal(1) },
  host: { parts: ["string"], value: verified },
  held: { parts: ["string"], value: held },
} satisfies Record<string, { parts: Part[]; value: z.ZodType }>;
