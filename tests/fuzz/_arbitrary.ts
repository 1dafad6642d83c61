import fc from "fast-check";
import { type Json, resolve } from "../support/api_document.ts";

/** Stands for the sender's own canary in every string that is made here; see `withCanary`. */
export const MINE = "~mine~";

const HOSTILE = [
  "",
  " ",
  "\0",
  "a\0b",
  "\ud800",
  "\uffff",
  "\u202eabc",
  "ﷺ".repeat(40),
  "e\u0301".repeat(60),
  "👩‍👩‍👧‍👦",
  "x".repeat(10_000),
  "<script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  "javascript:alert(1)",
  "{{7*7}}${7*7}<%= 7*7 %>",
  "'; DROP TABLE posts;--",
  "../../../etc/passwd",
  "..%2f..%2f",
  "%00",
  "%ff",
  "\r\nSet-Cookie: a=b",
  "http://169.254.169.254/latest/meta-data/",
  "file:///etc/passwd",
  "__proto__",
  "constructor",
  "toString",
  "null",
  "NaN",
  "-0",
  "1e400",
  "9".repeat(400),
  "2026-02-30T25:61:61Z",
  "+275760-09-13T00:00:00.001Z",
  "0000-01-01T00:00:00Z",
];

/** Strings that have broken other services. */
export const hostileText = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...HOSTILE) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 60 }) },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 60 }) },
);

const MARKDOWN = [
  "# Title\n\n",
  "A paragraph with *some* **words**. ",
  "\n\n- one\n- two\n",
  "\n\n```js\nlet a = 1;\n```\n",
  "\n\n| a | b |\n| - | - |\n| 1 | 2 |\n",
  "[a link](https://example.com) ",
  "![a picture](/media/none.png) ",
  "<b onclick=alert(1)>x</b> ",
  "$x^2$ ",
  "[^1]\n\n[^1]: A note.\n\n",
  ":rocket: ",
];
const anyText = fc.oneof(
  { weight: 3, arbitrary: fc.array(fc.constantFrom(...MARKDOWN), { maxLength: 8 }).map(joined) },
  { weight: 2, arbitrary: fc.string({ unit: "grapheme-ascii", maxLength: 80 }).map(marked) },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 80 }).map(marked) },
);

function joined(parts: string[]): string {
  return marked(parts.join(""));
}

function marked(text: string): string {
  return `${MINE} ${text}`;
}

/** Values that a schema of the document allows; free text in them holds the sender's canary. */
export function validOf(schema: Json, name = ""): fc.Arbitrary<unknown> {
  const { type, enum: choices, ...rest } = resolve(schema);
  if (rest.const !== undefined) return fc.constant(rest.const);
  if (choices) return fc.constantFrom(...choices);
  const others = rest.oneOf ?? rest.anyOf;
  if (others) return fc.oneof(...others.map((part: Json) => validOf(part, name)));
  if (rest.allOf) {
    return fc.tuple(...rest.allOf.map((part: Json) => validOf(part, name)))
      .map((parts: unknown[]) => Object.assign({}, ...parts));
  }
  if (Array.isArray(type)) {
    return fc.oneof(...type.map((one) => validOf({ ...rest, type: one }, name)));
  }
  switch (type) {
    case "null":
      return fc.constant(null);
    case "boolean":
      return fc.boolean();
    case "integer":
    case "number":
      return fc.integer({ min: rest.minimum ?? 0, max: rest.maximum ?? 1000 });
    case "array":
      return fc.array(validOf(rest.items ?? {}, name), {
        minLength: rest.minItems ?? 0,
        maxLength: Math.min(rest.maxItems ?? 4, 4),
      });
    case "string":
      return textOf(rest, name);
    case "object":
      return objectOf(rest);
    default:
      return anyText;
  }
}

// Few enough that requests meet on them.
const SLUGS = ["one", "two", "three", "four"].map((slug) => `${MINE}-${slug}`);
const WHENS = ["2026-03-24T10:00:01.000Z", "2026-03-25T00:00:00Z", "2030-01-01T00:00:00+09:00"];

function textOf(schema: Json, name: string): fc.Arbitrary<string> {
  if (name === "slug") return fc.constantFrom(...SLUGS);
  if (schema.format === "date-time") return fc.constantFrom(...WHENS);
  if (schema.format === "uri") return fc.constantFrom("https://example.com/a", "http://a.example");
  if (schema.format === "email") return fc.constant(`${MINE}@example.com`);
  if (schema.format === "uuid") return fc.uuid({ version: 7 });
  // fast-check makes nothing for a lookahead.
  if (schema.pattern?.includes("(?")) return fc.constant(schema.example);
  if (schema.pattern && schema.pattern !== "\\S") {
    const pattern = new RegExp(schema.pattern, "u");
    return fc.stringMatching(pattern, { size: "small" });
  }
  const most = schema.maxLength ?? Infinity;
  const known = schema.example ?? schema.examples?.[0];
  const text = anyText.filter((value) => value.replaceAll(MINE, "x".repeat(16)).length <= most);
  return known === undefined ? text : fc.oneof(text, fc.constant(String(known)));
}

function objectOf(schema: Json): fc.Arbitrary<Json> {
  const fields = Object.entries<Json>(schema.properties ?? {});
  const made = Object.fromEntries(fields.map(([name, part]) => [name, validOf(part, name)]));
  return fc.record(made, { requiredKeys: schema.required ?? [] });
}

/** What a schema nearly allows: a valid value with one or two of its parts put wrong. */
export function nearOf(schema: Json): fc.Arbitrary<unknown> {
  const change = fc.record({ at: fc.nat(200), how: fc.nat(5), text: hostileText });
  return fc.tuple(validOf(schema), fc.array(change, { minLength: 1, maxLength: 2 }))
    .map(([value, changes]) => changes.reduce((at, change) => spoil(at, change), value));
}

type Change = { at: number; how: number; text: string };

/** The value with one of its fields, chosen by `at`, replaced, dropped, nested or joined by another. */
function spoil(value: unknown, change: Change): unknown {
  if (typeof value !== "object" || value === null) return wrong(value, change);
  const entries = Object.entries(value);
  if (entries.length === 0) return Array.isArray(value) ? [change.text] : { [change.text]: 1 };
  const [name, part] = entries[change.at % entries.length];
  const rest = Math.floor(change.at / entries.length);
  const deeper = typeof part === "object" && part !== null && rest % 2;
  const next = deeper ? spoil(part, { ...change, at: rest >> 1 }) : wrong(part, change);
  const others = entries.filter(([other]) => other !== name);
  const all = next === undefined ? others : [...others, [name, next]];
  if (Array.isArray(value)) return all.map(([, one]) => one);
  return Object.fromEntries(change.how === 5 ? [...all, [change.text, next]] : all);
}

function wrong(part: unknown, { how, text }: Change): unknown {
  switch (how) {
    case 0:
      return undefined;
    case 1:
      return text;
    case 2:
      return typeof part === "string" ? text.length : JSON.stringify(part);
    case 3:
      return [part];
    case 4:
      return { [text]: part };
    default:
      return typeof part === "number" ? -part - 0.5 : null;
  }
}

/** Any JSON at all, deep and wide. */
export const anyJson = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  fc.dictionary(hostileText, hostileText, { maxKeys: 4, noNullPrototype: true }),
  fc.integer({ min: 1, max: 3000 }).map((depth) =>
    JSON.parse("[".repeat(depth) + "]".repeat(depth))
  ),
);

/** The value with the sender's canary in every string. */
export function withCanary<T>(value: T, canary: string): T {
  const text = JSON.stringify(value);
  return text === undefined ? value : JSON.parse(text.replaceAll(MINE, canary));
}
