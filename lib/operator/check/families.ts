import { z } from "@hono/zod-openapi";
import { PLAN_NAMES } from "../../kit/config.ts";
import { isUuid } from "../../kit/ids.ts";
import type { Key } from "../../kit/kv.ts";
import { type LedgerRow, MOVEMENTS } from "../../metering/ledger.ts";
import type { GrantRow } from "../../metering/packs.ts";
import type { PlanRow } from "../../metering/plans.ts";
import type { QuotaRow } from "../../metering/quotas.ts";
import type { BlogRow, SubdomainRow } from "../../content/blogs.ts";
import type { PageRow } from "../../content/posts/page.ts";
import type { DocumentRow } from "../../content/site/documents.ts";
import type { PictureRow } from "../../content/site/og_image.ts";
import type { DayRow, FlushRow } from "../../content/analytics/_keys.ts";
import { isPostSlug, STATUSES } from "../../content/posts/mod.ts";
import type {
  DueRow,
  PostRow,
  PreviewRow,
  RevisionRow,
  SlugRow,
} from "../../content/posts/_record.ts";
import type { IndexedPost, Posting } from "../../content/search/document.ts";
import type { LeaseRow } from "../../content/search/lease.ts";
import type { RebuildRow } from "../../content/search/rebuild.ts";
import type { UserRow } from "../../account/accounts.ts";
import { isScope, type KeyRow } from "../../account/api_keys.ts";
import type { BillingRow } from "../../account/billing/events.ts";
import type { LeavingRow } from "../../account/delete_account.ts";
import type { DeletionRow } from "../../account/deletion.ts";
import type { HolderRow } from "../../account/holders.ts";
import type { SessionRow } from "../../account/sessions.ts";
import type { FlowRow } from "../../account/sign_in/flows.ts";
import type { LoginLinkRow } from "../../account/sign_in/login_link.ts";
import { APP_FAMILIES, appHolder } from "./app_families.ts";
import { CHOICE_FAMILIES } from "./choice_families.ts";
import { domain, DOMAIN_FAMILIES } from "./domain_families.ts";
import { EVENT_FAMILIES, listener, notice } from "./event_families.ts";
import { MEDIA_FAMILIES } from "./media_families.ts";

type Part = "string" | "number";
// The rows of one noun: the types of the parts after it, and the form of the value.
type Family = { parts: Part[]; value: z.ZodType };

/** A row that is to be removed later, as lib/kit/blob.ts queues it. */
export type RemovalRow = z.infer<typeof removal>;

const id = z.string().refine(isUuid, { error: "is not a UUID" });
const hash = z.string().regex(/^[0-9a-f]{64}$/, { error: "is not a SHA-256" });
const time = z.int().min(0);
const count = z.int().min(0);
const bytes = z.instanceof(Uint8Array);
const counter = z.instanceof(Deno.KvU64);
const one = z.literal(1);
const slug = z.string().refine(isPostSlug, { error: "is not a slug" });
const keyPart = z.union([z.string(), z.number()]);
const key = z.array(keyPart);

const version = z.object({ n: count.min(1), id, md: count.min(1), html: count });
const meta = z.object({
  title: z.string().min(1),
  slug,
  tags: z.array(z.string()),
  description: z.string().nullable(),
  excerpt: z.string(),
  ogImage: z.string().nullable(),
  canonical: z.string().nullable(),
  noindex: z.boolean(),
  words: count,
});
const flag = z.boolean();
const post = meta.extend({
  id,
  space: id,
  blog: id,
  status: z.enum(STATUSES),
  version,
  lead: z.string(),
  headings: z.array(z.string().min(1)),
  fts: count.nullable(),
  lang: z.string().min(2),
  uses: z.object({ math: flag, mermaid: flag, code: flag, youtube: flag }),
  rev: id,
  former: z.array(slug),
  createdAt: time,
  updatedAt: time,
  publishedAt: time.nullable(),
  scheduledAt: time.nullable(),
  preview: z.string().regex(/^[0-9a-f]{32}$/).nullable(),
  expiresAt: time.nullable(),
}) satisfies z.ZodType<PostRow>;
const revision = meta.extend({ ...version.shape, createdAt: time }) satisfies z.ZodType<
  RevisionRow
>;
const slugRow = z.union([
  z.object({ post: id, version }),
  z.object({ redirect: id }),
]) satisfies z.ZodType<SlugRow>;
const page = z.object({
  post: id,
  shell: z.string().refine((shell) => shell.split(".").slice(0, 2).every(isUuid), {
    error: "does not name the versions of a blog and a plan",
  }),
  csp: z.string().min(1),
  etag: z.string().regex(/^[0-9a-f]{24}$/),
  gz: bytes.nullable(),
}) satisfies z.ZodType<PageRow>;
const document = z.object({
  version: z.string(),
  etag: z.string().regex(/^[0-9a-f]{24}$/),
  id,
  gz: bytes.nullable(),
  chunks: count,
}) satisfies z.ZodType<DocumentRow>;
const picture = z.object({ chunks: count.min(1) }) satisfies z.ZodType<PictureRow>;
const preview = z.object({ blog: id, space: id, post: id }) satisfies z.ZodType<PreviewRow>;
const due = z.object({ blog: id }) satisfies z.ZodType<DueRow>;
const blog = z.object({
  id,
  slug: z.string(),
  owner: id,
  name: z.string(),
  description: z.string(),
  sandbox: id,
  rev: id,
  theme: z.object({ id, chunks: count.min(1) }).nullable(),
  titlePatterns: z.object({ ofBlog: z.string(), ofTags: z.record(z.string(), z.string()) }),
  hooks: z.array(listener).max(10),
  domain: domain.nullable(),
  frozenAt: time.nullable(),
  keptAt: time.nullable(),
  createdAt: time,
  updatedAt: time,
}) satisfies z.ZodType<BlogRow>;
const hasMasks = ({ terms, masks }: Posting) => terms.split(" ").length === masks.length;
const indexed = z.object({
  terms: z.string().min(1),
  masks: bytes,
  post: id,
  blog: id,
  owner: id,
  slug,
  title: z.string().min(1),
  excerpt: z.string(),
  description: z.string(),
  tags: z.array(z.string()),
  lang: z.string().min(2),
  createdAt: time,
  publishedAt: time,
}).refine(hasMasks, { error: "has not one mask for each term" }) satisfies z.ZodType<IndexedPost>;
const lease = z.object({ until: time }) satisfies z.ZodType<LeaseRow>;
const rebuild = z.object({
  run: id,
  phase: z.enum(["log", "posts", "documents", "lists"]),
  after: z.array(keyPart).nullable(),
  at: time,
  log: count,
  posts: count,
  documents: count,
  postings: count,
}) satisfies z.ZodType<RebuildRow>;
const subdomain = z.union([
  z.object({ blog: id, owner: id, until: z.null() }),
  z.object({ blog: z.null(), owner: id.nullable(), until: time }),
]) satisfies z.ZodType<SubdomainRow>;
const user = z.object({
  id,
  email: z.string(),
  verified: flag,
  name: z.string(),
  createdAt: time,
}) satisfies z.ZodType<UserRow>;
const planName = z.enum(PLAN_NAMES);
const period = z.object({ start: time, end: time });
const plan = z.object({
  plan: planName,
  rev: id,
  former: planName.nullable(),
  graceUntil: time.nullable(),
  suspendedAt: time.nullable(),
  period: period.nullable(),
}) satisfies z.ZodType<PlanRow>;
const quota = z.object({
  period: time,
  used: count,
  packs: z.array(z.object({ id, size: count.min(1), left: z.int(), purchasedAt: time })),
}) satisfies z.ZodType<QuotaRow>;
const movement = z.object({
  id,
  kind: z.enum(MOVEMENTS),
  pack: id.nullable(),
  amount: z.int(),
  balance: z.int(),
  post: id.nullable(),
  ref: z.string().nullable(),
  period: time.nullable(),
  at: time,
}) satisfies z.ZodType<LedgerRow>;
const grant = z.union([
  z.object({ user: id, pack: id, size: count.min(1), refundedAt: time.nullable() }),
  z.object({ pack: z.null(), refundedAt: time }),
]) satisfies z.ZodType<GrantRow>;
const billing = z.object({
  customers: z.array(z.string()),
  subscriptions: z.record(
    z.string(),
    z.object({
      at: z.string(),
      status: z.string(),
      plan: planName.nullable(),
      period: period.nullable(),
    }),
  ),
}) satisfies z.ZodType<BillingRow>;
const session = z.object({
  id,
  user: id,
  hash,
  agent: z.string(),
  createdAt: time,
  seenAt: time,
  expiresAt: time,
}) satisfies z.ZodType<SessionRow>;
const flow = z.object({
  provider: z.string().min(1),
  browser: hash,
  verifier: z.string().min(43),
  nonce: z.string().min(43),
  returnTo: z.string().startsWith("/"),
  expiresAt: time,
}) satisfies z.ZodType<FlowRow>;
const loginLink = z.object({ hash, expiresAt: time }) satisfies z.ZodType<LoginLinkRow>;
const credential = z.object({
  id,
  user: id,
  holder: id.nullable(),
  boundTo: id.nullable(),
  name: z.string(),
  prefix: z.string(),
  scopes: z.array(z.string().refine(isScope, { error: "is not a scope" })).min(1),
  mode: z.enum(["live", "test"]),
  createdAt: time,
  expiresAt: time.nullable(),
  revokedAt: time.nullable(),
}) satisfies z.ZodType<KeyRow>;
const holder = z.object({ hash }) satisfies z.ZodType<HolderRow>;
const leaving = z.object({ user: id, acceptedAt: time }) satisfies z.ZodType<LeavingRow>;
const deletion = z.object({
  blog: id,
  sandbox: id,
  acceptedAt: time,
}) satisfies z.ZodType<DeletionRow>;
const names = z.record(z.string(), count);
const viewDay = z.object({
  views: count,
  visitors: count,
  posts: bytes.refine(({ length }) => length % 20 === 0, { error: "is cut off" }).nullable(),
  referrer: names,
  country: names,
  browser: names,
}) satisfies z.ZodType<DayRow>;
const flushed = z.object({ part: id }) satisfies z.ZodType<FlushRow>;
const guard = z.object({ key, field: z.string(), equals: keyPart });
const removal = z.object({
  // Anything wider would take what is in use.
  prefixes: z.array(
    z.union([
      z.tuple([
        z.enum(["rev", "revision", "theme", "docchunk", "viewday", "views", "mediachunk"]),
        id,
        id,
      ]),
      z.tuple([z.enum(["delivery", "outbox"]), id]),
      z.tuple([z.enum(["rev", "revision"]), id, id, count]),
      z.tuple([z.literal("rev"), id, id, count, id]),
    ], { error: "is not a prefix of versions, themes, documents or deliveries" }),
  ).min(1),
  rows: z.array(guard).optional(),
  unless: guard.optional(),
});
const idempotency = z.union([
  z.object({ state: z.literal("running"), request: z.string(), until: time }),
  z.object({
    state: z.literal("done"),
    request: hash,
    until: time,
    status: z.int(),
    sealed: bytes,
    pointer: z.object({ fields: z.array(z.string()), ref: key }).nullable(),
  }),
]);
const window = z.object({ w: time, n: count });

/** Every noun that a key may begin with; `.github/storage.md` says what each is. */
export const FAMILIES = {
  user: { parts: ["string"], value: user },
  email: { parts: ["string"], value: id },
  identity: { parts: ["string", "string"], value: id },
  uidentity: { parts: ["string", "string", "string"], value: one },
  usession: { parts: ["string", "string"], value: one },
  leaving: { parts: ["string"], value: leaving },
  plan: { parts: ["string"], value: plan },
  session: { parts: ["string"], value: session },
  flow: { parts: ["string"], value: flow },
  loginlink: { parts: ["string"], value: loginLink },
  count: { parts: ["string", "string"], value: counter },
  settle: { parts: ["string"], value: time },
  created: { parts: ["string", "number"], value: counter },
  quota: { parts: ["string"], value: quota },
  ledger: { parts: ["string", "string"], value: movement },
  grant: { parts: ["string"], value: grant },
  billing: { parts: ["string"], value: billing },
  subscription: { parts: ["string"], value: id },
  customer: { parts: ["string"], value: id },
  billed: { parts: ["string"], value: time },
  notice: { parts: ["string", "string"], value: notice },
  blog: { parts: ["string"], value: blog },
  bslug: { parts: ["string"], value: subdomain },
  ...DOMAIN_FAMILIES,
  ublog: { parts: ["string", "string"], value: one },
  theme: { parts: ["string", "string", "number"], value: bytes },
  key: { parts: ["string"], value: credential },
  bkey: { parts: ["string", "string"], value: holder },
  tok: { parts: ["string", "string"], value: z.union([holder, appHolder]) },
  ...APP_FAMILIES,
  ...CHOICE_FAMILIES,
  used: { parts: ["string"], value: time },
  post: { parts: ["string", "string"], value: post },
  slug: { parts: ["string", "string"], value: slugRow },
  ix: { parts: ["string", "string", "string", "number", "string"], value: one },
  n: { parts: ["string", "string"], value: counter },
  page: { parts: ["string", "string"], value: page },
  pubver: { parts: ["string"], value: counter },
  doc: { parts: ["string", "string"], value: document },
  docchunk: { parts: ["string", "string", "number"], value: bytes },
  og: { parts: ["string", "string"], value: picture },
  ogchunk: { parts: ["string", "string", "number"], value: bytes },
  ...MEDIA_FAMILIES,
  purge: { parts: ["string"], value: time },
  revision: { parts: ["string", "string", "number"], value: revision },
  rev: { parts: ["string", "string", "number", "string", "string", "number"], value: bytes },
  sched: { parts: ["number", "string", "string"], value: due },
  expiry: { parts: ["number", "string", "string"], value: due },
  preview: { parts: ["string"], value: preview },
  fts: { parts: ["string", "number"], value: bytes },
  ftsdoc: { parts: ["number"], value: indexed },
  ftshide: { parts: ["string"], value: one },
  ftslease: { parts: [], value: lease },
  ftslog: { parts: ["number", "number"], value: one },
  ftsrebuild: { parts: [], value: rebuild },
  viewopen: { parts: ["string"], value: time },
  salt: { parts: ["string"], value: hash },
  visitors: { parts: ["string", "string", "string", "number"], value: bytes },
  hit: { parts: ["string", "string", "string", "string", "string"], value: counter },
  hitpost: { parts: ["string", "string", "string"], value: counter },
  flush: { parts: ["string"], value: flushed },
  viewday: { parts: ["string", "string", "string"], value: viewDay },
  views: { parts: ["string", "string"], value: counter },
  gc: { parts: ["number", "string"], value: removal },
  ...EVENT_FAMILIES,
  deletion: { parts: ["string"], value: deletion },
  idem: { parts: ["string"], value: idempotency },
  rl: { parts: ["string"], value: window },
  rlup: { parts: ["string"], value: window },
  rlip: { parts: ["string", "string"], value: window },
  dev: { parts: ["string"], value: z.string().min(32) },
  restore: { parts: [], value: z.object({ sha256: hash }) },
} satisfies Record<string, Family>;

export type FamilyName = keyof typeof FAMILIES;

/** Those of rows that may be near the store's limit of a value. */
export const LARGE: readonly FamilyName[] = [
  "theme",
  "page",
  "rev",
  "idem",
  "doc",
  "docchunk",
  "ogchunk",
  "mediachunk",
  "viewday",
];

/** What is wrong with the form of a row, or null. */
export function formFault(family: Family, row: { key: Key; value: unknown }): string | null {
  const parts = row.key.slice(1);
  const fits = parts.length === family.parts.length &&
    parts.every((part, i) => typeof part === family.parts[i]);
  if (!fits) return `the key is malformed: after its noun it has ${family.parts.join(", ")}`;
  const judged = family.value.safeParse(row.value);
  if (judged.success) return null;
  const { path, message } = judged.error.issues[0];
  return `the value is malformed: ${[...path.map(String), message].join(": ")}`;
}
