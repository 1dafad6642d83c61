import fc from "fast-check";
import {
  bodyOf,
  type Documented,
  headerNames,
  OPERATIONS,
  queryParameters,
} from "../support/api_document.ts";
import { placesOf } from "../support/things.ts";
import { anyJson, hostileText, MINE, nearOf, validOf } from "./_arbitrary.ts";

/** Whose thing stands in a place of the path: by kind, or the text itself. */
export type Named = { whose: "mine" | "theirs" } | { text: string };
/** What is sent in place of a body. */
export type Body = { json: unknown } | { raw: string } | null;
/** One request for an operation; `MINE` in its strings stands for the sender's canary. */
export type FuzzRequest = {
  /** the operation's id */
  operation: string;
  kind: "valid" | "near" | "hostile";
  names: Named[];
  query: [string, string][];
  credential: "token" | "key" | "session" | "test key" | "none" | "nonsense";
  headers: Record<string, string>;
  blog: Named | null;
  body: Body;
};

// What ends a tenant, or what its requests need, comes less often than the rest.
const ENDS = ["deleteAccount", "deleteBlog", "revokeToken", "revokeApiKey"];
const SLUGS = ["one", "two", "three", "four"].map((slug) => `${MINE}-${slug}`);
const NOBODY = "018f0000-0000-7000-8000-000000000000";

const operations = fc.oneof(
  { weight: 60, arbitrary: fc.constantFrom(...OPERATIONS.filter(({ id }) => !ENDS.includes(id))) },
  { weight: 1, arbitrary: fc.constantFrom(...OPERATIONS.filter(({ id }) => ENDS.includes(id))) },
);

/** Requests for every operation of the document: valid, nearly valid, and hostile. */
export const anyRequest: fc.Arbitrary<FuzzRequest> = fc.tuple(
  operations,
  fc.oneof(
    { weight: 4, arbitrary: fc.constant("valid" as const) },
    { weight: 2, arbitrary: fc.constant("near" as const) },
    { weight: 1, arbitrary: fc.constant("hostile" as const) },
  ),
).chain(([operation, kind]) => requestOf(operation, kind));

function requestOf(operation: Documented, kind: FuzzRequest["kind"]): fc.Arbitrary<FuzzRequest> {
  const places = placesOf(operation).map((place) => nameOf(place, kind));
  return fc.record({
    operation: fc.constant(operation.id),
    kind: fc.constant(kind),
    names: fc.tuple(...places),
    query: queryOf(operation, kind),
    credential: fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom("token" as const, "token" as const, "key" as const) },
      { weight: 2, arbitrary: fc.constantFrom("session" as const, "test key" as const) },
      { weight: 1, arbitrary: fc.constantFrom("none" as const, "nonsense" as const) },
    ),
    headers: headersOf(operation, kind),
    blog: fc.oneof(
      { weight: 8, arbitrary: fc.constant({ whose: "mine" as const }) },
      { weight: 1, arbitrary: fc.constant(null) },
      { weight: 1, arbitrary: fc.constant({ whose: "theirs" as const }) },
      { weight: 1, arbitrary: fc.constantFrom({ text: NOBODY }, { text: "nonsense" }) },
    ),
    body: requestBodyOf(operation, kind),
  });
}

function nameOf(place: string, kind: FuzzRequest["kind"]): fc.Arbitrary<Named> {
  const mine = fc.constant<Named>({ whose: "mine" });
  const theirs = fc.constant<Named>({ whose: "theirs" });
  const made = place.includes("{slug}")
    ? fc.constantFrom(...SLUGS).map<Named>((text) => ({ text }))
    : mine;
  const odd = fc.oneof(hostileText.map<Named>((text) => ({ text })), fc.constant({ text: NOBODY }));
  return fc.oneof(
    { weight: 4, arbitrary: mine },
    { weight: 3, arbitrary: made },
    { weight: 2, arbitrary: theirs },
    { weight: kind === "hostile" ? 4 : 1, arbitrary: odd },
  );
}

function queryOf(
  operation: Documented,
  kind: FuzzRequest["kind"],
): fc.Arbitrary<[string, string][]> {
  const each = queryParameters(operation).map(({ name, schema, required }) => {
    const valid = validOf(schema, name).map((value) => [name, String(value)] as [string, string]);
    const odd = hostileText.map((text) => [name, text] as [string, string]);
    const given = kind === "valid" ? valid : fc.oneof(valid, odd);
    return required && kind === "valid" ? given : fc.option(given, { nil: null, freq: 2 });
  });
  const more = kind === "hostile"
    ? fc.array(fc.tuple(hostileText, hostileText), { maxLength: 2 })
    : fc.constant([]);
  return fc.tuple(fc.tuple(...each), more).map(([known, others]) => [
    ...known.filter((pair) => pair !== null),
    ...others,
  ]);
}

function headersOf(
  operation: Documented,
  kind: FuzzRequest["kind"],
): fc.Arbitrary<Record<string, string>> {
  const odd = hostileText.filter((text) => /^[\x20-\x7e\x80-\xff]*$/.test(text));
  const each: Record<string, fc.Arbitrary<string>> = {};
  for (const name of headerNames(operation)) {
    if (name === "X-Blog-Id") continue;
    const known = fc.constantFrom("one", "two", "*", '"none"', 'W/"none"');
    each[name] = kind === "valid" ? known : fc.oneof(known, odd);
  }
  if (kind === "hostile") {
    each["Content-Type"] = fc.constantFrom(
      ...[
        "text/plain",
        "multipart/form-data",
        "application/xml",
        "application/json; charset=x",
        ";",
      ],
    );
    each["X-Request-Id"] = odd;
    each["Accept"] = odd;
    each["X-Forwarded-For"] = odd;
  }
  return fc.record(each, { requiredKeys: [] }) as fc.Arbitrary<Record<string, string>>;
}

function requestBodyOf(operation: Documented, kind: FuzzRequest["kind"]): fc.Arbitrary<Body> {
  const documented = bodyOf(operation);
  const json = (value: fc.Arbitrary<unknown>) => value.map<Body>((json) => ({ json }));
  if (!operation.writes) return fc.constant(null);
  if (!documented) return kind === "hostile" ? json(anyJson) : fc.constant(null);
  const { schema, example } = documented;
  if (kind === "valid") return fc.oneof(json(validOf(schema)), json(fc.constant(example)));
  if (kind === "near") return json(nearOf(schema));
  const raw = hostileText.map<Body>((raw) => ({ raw }));
  return fc.oneof(json(nearOf(schema)), json(anyJson), raw, fc.constant(null));
}
