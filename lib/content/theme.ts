import { z } from "@hono/zod-openapi";
import type { Ctx, Deps } from "../ctx.ts";
import { chunkKeys, compress, decompress, joinChunks, stageRemoval, toBlob } from "../kit/blob.ts";
import type { PlanName } from "../kit/config.ts";
import { invalid } from "../kit/errors.ts";
import { newId } from "../kit/ids.ts";
import { typed, utf8Bytes } from "../kit/input.ts";
import type { Key, Store, Tx } from "../kit/kv.ts";
import { type Feature, planKey, type PlanRow, PLANS, refusal } from "../metering/plans.ts";
import { checkLayout, type Theme } from "../../render/blog/mod.ts";
import type { BlogDomain } from "./domains/_claims.ts";

const THEME_FRESH = 60_000;
// As long as a replayed answer may point to it.
const KEPT_THEME = 25 * 3_600_000;
const MAX_THEME_VALUE = 65_536;

/** A blog, as far as its theme goes. */
type Themed = { id: string; theme: { id: string; chunks: number } | null };

export function themesPrefix(blog: string): Key {
  return ["theme", blog];
}
/** Where the chunks of one theme are. */
export function themePrefix(blog: string, theme: string): Key {
  return [...themesPrefix(blog), theme];
}

/** The three built-in themes. */
export const THEMES = ["paper", "ink", "terminal"] as const;
/** What a plan has to have for each of a theme's keys. */
export const THEME_FEATURES: Readonly<Record<keyof ThemeConfig, Feature | null>> = {
  theme: null,
  customCss: "custom_css",
  cssUrl: "custom_css",
  adCode: "ad_slot",
  headerHtml: "owner_html",
  footerHtml: "owner_html",
  headHtml: "full_html",
  layoutHtml: "full_html",
};

const ownerText = (name: string) =>
  z.string(typed(name, "a string or null"))
    .refine((text) => utf8Bytes(text) <= MAX_THEME_VALUE, { error: `${name} is over 64 kB` })
    .nullable().optional().openapi({
      description: "At most 65,536 bytes of UTF-8; empty or null takes it away.",
    });
export const ThemeConfig = z.object({
  theme: z.enum([...THEMES, ""], { error: `theme must be one of ${THEMES.join(", ")}` }).nullable()
    .optional().openapi({ description: `\`${THEMES[0]}\` where it is empty or null.` }),
  customCss: ownerText("customCss"),
  cssUrl: ownerText("cssUrl").refine((url) => !url || isHttps(url), {
    error: "cssUrl must be an https URL of at most 2,048 characters",
  }).openapi({ description: "An https URL; empty or null takes it away.", maxLength: 2048 }),
  adCode: ownerText("adCode"),
  headerHtml: ownerText("headerHtml"),
  footerHtml: ownerText("footerHtml"),
  headHtml: ownerText("headHtml"),
  layoutHtml: ownerText("layoutHtml"),
}).openapi("ThemeConfig");
export type ThemeConfig = z.infer<typeof ThemeConfig>;

/** The theme that a replayed answer points to; null where it is gone. */
export async function readThemeAt(
  store: Store,
  ref: (string | number)[],
): Promise<ThemeConfig | null> {
  const [blog, id, chunks] = ref as [string, string, number];
  const bytes = joinChunks(await store.getMany(chunkKeys(themePrefix(blog, id), chunks)));
  return bytes && JSON.parse(await decompress(bytes));
}

/** A blog's theme as its pages show it. */
export async function readShownTheme(
  deps: Deps,
  row: Themed & { domain: BlogDomain | null },
  plan: PlanName,
): Promise<Theme> {
  return shownTheme(deps, { row, plan, config: row.theme ? await keptTheme(deps, row) : {} });
}

/** A theme as pages show it: what the plan includes, "" for the rest; no owner HTML on a shared origin. */
export function shownTheme(
  deps: Deps,
  { row, plan, config }: {
    row: { domain: BlogDomain | null };
    plan: PlanName;
    config: ThemeConfig;
  },
): Theme {
  const theme: Record<string, string> = { theme: THEMES[0] };
  const shared = sharesOrigin(deps, row);
  for (const [key, feature] of Object.entries(THEME_FEATURES)) {
    const html = /Html$|^adCode$/.test(key);
    const included = !feature || PLANS[plan].features.includes(feature);
    if (key !== "theme") theme[key] = "";
    const value = config[key as keyof ThemeConfig];
    if (value && included && !(shared && html)) theme[key] = value;
  }
  return theme as Theme;
}

/** Whether a blog is at the service's own origin, where no HTML of its owner's may be. */
export function sharesOrigin(
  { config }: Pick<Deps, "config">,
  row: { domain: BlogDomain | null },
): boolean {
  return config.blogAddress === "path" && !row.domain?.active;
}

// A theme never changes under its id.
async function keptTheme(deps: Deps, row: Themed): Promise<ThemeConfig> {
  const key = `theme:${row.theme!.id}`;
  const kept = deps.pages.get(key) as ThemeConfig | undefined;
  if (kept) return kept;
  const begun = deps.pages.begin();
  const theme = await readTheme(deps.store, row);
  const size = JSON.stringify(theme).length;
  deps.pages.put(key, theme, { group: row.id, begun, until: deps.clock() + THEME_FRESH, size });
  return theme;
}

/** A blog's whole theme, whatever its plan. */
export async function readTheme(store: Store, row: Themed): Promise<ThemeConfig> {
  if (!row.theme) return {};
  return await readThemeAt(store, [row.id, row.theme.id, row.theme.chunks]) ?? {};
}

/** What a theme is after an edit: null or "" takes a key away. */
export function mergeTheme(before: ThemeConfig, input: ThemeConfig): ThemeConfig {
  const merged = Object.entries({ ...before, ...input }).filter(([, value]) => value);
  return Object.fromEntries(merged.toSorted(([a], [b]) => a < b ? -1 : 1));
}

/** Throws 403 where the plan, as of this commit, lacks what an edit sets (removing is free), 400 for a layout without its placeholders. */
export async function requireThemePlan(tx: Tx, ctx: Ctx, input: ThemeConfig): Promise<void> {
  const given = Object.entries(input) as [keyof ThemeConfig, string | null][];
  const wanted = given.filter(([key, value]) => value && THEME_FEATURES[key]);
  if (!wanted.length) return;
  const plan = (await tx.get<PlanRow>(planKey(ctx.actor.user)))?.plan ?? "free";
  for (const [key] of wanted) {
    const feature = THEME_FEATURES[key]!;
    if (!PLANS[plan].features.includes(feature)) {
      throw refusal(ctx.deps, feature, `theme_config.${key}`);
    }
  }
  requireLayout(input);
}

/** Throws 400 for a layout without its placeholders. */
export function requireLayout({ layoutHtml }: ThemeConfig): void {
  const missing = layoutHtml ? checkLayout(layoutHtml) : null;
  if (missing) {
    const message = `layoutHtml must have the placeholder ${missing}`;
    throw invalid([{ path: "theme_config.layoutHtml", message }]);
  }
}

/** Puts a blog's new theme in the caller's commit, and queues the old one's removal; the answer is for the blog's row. */
export async function stageTheme(tx: Tx, ctx: Ctx, row: Themed, theme: ThemeConfig) {
  if (row.theme) {
    const prefixes = [themePrefix(row.id, row.theme.id)];
    stageRemoval(tx, { prefixes }, { due: ctx.now + KEPT_THEME, id: row.theme.id });
  }
  if (Object.keys(theme).length === 0) return null;
  const id = newId(ctx.now);
  const blob = toBlob(themePrefix(row.id, id), await compress(JSON.stringify(theme)));
  blob.chunks.forEach((chunk, i) => tx.set([...blob.prefix, i], chunk));
  return { id, chunks: blob.chunks.length };
}

/** Whether `url` is an https URL of at most 2,048 characters. */
export function isHttps(url: string): boolean {
  return url.length <= 2048 && URL.canParse(url) && new URL(url).protocol === "https:";
}
