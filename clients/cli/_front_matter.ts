import { usage } from "./_errors.ts";

const BLOCK = /^\ufeff?---[ \t]*\r?\n(?:([^]*?)\r?\n)?---[ \t]*(?:\r?\n|$)/;
const MOST = 16_384;

/** What a Markdown file says of its post; what it does not say is undefined. */
export type Front = {
  title?: string;
  slug?: string;
  tags?: string[];
  status?: "draft" | "published";
  /** ISO 8601 */
  scheduledAt?: string;
  description?: string;
  ogImage?: string;
  canonicalUrl?: string;
  noindex?: boolean;
};
/** A file's front matter and the Markdown below it. */
export type Parsed = { front: Front; content: string };

/** Reads a Markdown file; `name` is for what is said of its faults. */
export async function parseFile(text: string, name: string): Promise<Parsed> {
  const block = BLOCK.exec(text);
  if (!block) {
    if (/^\ufeff?\+\+\+\r?\n/.test(text)) {
      throw usage(
        `${name}: TOML front matter is not read: write it as YAML, between lines of ---.`,
      );
    }
    return { front: {}, content: text.replace(/^\ufeff/, "") };
  }
  const fields = await parseBlock(block[1] ?? "", name);
  const content = text.slice(block[0].length).replace(/^(?:[ \t]*\r?\n)+/, "");
  return { front: readFields(fields, name), content };
}

/** The fields of a YAML block; throws usage where it is none, or too long. */
export async function parseBlock(yaml: string, name: string): Promise<Record<string, unknown>> {
  if (yaml.length > MOST) {
    throw usage(`${name}: the front matter is longer than ${MOST} characters.`);
  }
  const { parse } = await import("./_yaml.ts");
  let fields;
  try {
    // Without aliases, a small block cannot grow large.
    fields = parse(yaml, { maxAliasCount: 0 });
  } catch (error) {
    const reason = (error as Error).message.split("\n")[0].replace(/:$/, "");
    throw usage(`${name}: the front matter is not valid YAML: ${reason}`);
  }
  if (fields === null || fields === undefined) return {};
  if (typeof fields === "object" && !Array.isArray(fields)) return fields;
  throw usage(`${name}: the front matter must be a list of names and values, such as title: Hello`);
}

function readFields(fields: Record<string, unknown>, name: string): Front {
  const meta = typeof fields.meta === "object" && fields.meta !== null
    ? fields.meta as Record<string, unknown>
    : {};
  const one = (...names: string[]) =>
    names.map((key) => fields[key] ?? meta[key]).find((value) => value != null && value !== "");
  const text = (...names: string[]) => {
    const value = one(...names);
    if (value !== undefined && typeof value === "object") {
      throw usage(`${name}: ${names[0]} must be a text.`);
    }
    return value === undefined ? undefined : String(value);
  };
  return {
    title: text("title"),
    slug: text("slug"),
    tags: tagsOf(one("tags"), name),
    status: statusOf(fields, name),
    scheduledAt: timeOf(text("scheduled_at", "schedule"), name),
    description: text("description"),
    ogImage: text("og_image", "image"),
    canonicalUrl: text("canonical_url", "canonical"),
    noindex: one("noindex") === undefined ? undefined : one("noindex") === true,
  };
}

function tagsOf(value: unknown, name: string): string[] | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "string") return splitTags(value);
  if (Array.isArray(value) && value.every((tag) => typeof tag !== "object" || tag === null)) {
    return value.filter((tag) => tag !== null).map(String);
  }
  throw usage(`${name}: tags must be a list of texts.`);
}

/** Tags as they are written in one text, with commas between them. */
export function splitTags(text: string): string[] {
  return text.split(",").map((tag) => tag.trim()).filter((tag) => tag !== "");
}

function statusOf(fields: Record<string, unknown>, name: string): Front["status"] {
  if (fields.draft === true || fields.published === false) return "draft";
  const { status } = fields;
  if (status === undefined || status === null) return undefined;
  if (status === "scheduled") {
    // Its time says the rest; without one it must not come out at once.
    if (fields.scheduled_at ?? fields.schedule) return undefined;
    throw usage(`${name}: a scheduled post needs scheduled_at.`);
  }
  if (status === "draft" || status === "published") return status;
  throw usage(
    `${name}: status must be draft, published or scheduled, not ${JSON.stringify(status)}.`,
  );
}

/** A time as the API wants it; throws usage where it is none. */
export function timeOf(text: string | undefined, name: string): string | undefined {
  if (text === undefined) return undefined;
  const time = Date.parse(text);
  if (!Number.isNaN(time) && /^\d{4}-\d\d-\d\d/.test(text)) return new Date(time).toISOString();
  throw usage(`${name}: "${text}" is no time: write it as 2030-01-31T09:00:00Z.`);
}
