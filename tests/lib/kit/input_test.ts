import assert from "node:assert/strict";
import { iso, parseTime } from "../../../lib/kit/input.ts";

Deno.test("a time is read with any offset, to the millisecond", () => {
  const times: [string, string][] = [
    ["2026-01-31T09:00Z", "2026-01-31T09:00:00.000Z"],
    [" 2026-01-31t09:00:01z ", "2026-01-31T09:00:01.000Z"],
    ["2026-01-31T09:00:00.123456789+05:30", "2026-01-31T03:30:00.123Z"],
    ["2026-01-31T23:00-0200", "2026-02-01T01:00:00.000Z"],
    ["2028-02-29T00:00Z", "2028-02-29T00:00:00.000Z"],
    ["0001-01-01T00:00Z", "0001-01-01T00:00:00.000Z"],
    ["9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"],
  ];
  for (const [text, wanted] of times) assert.equal(iso(parseTime(text)!), wanted, text);
});

Deno.test("a day that its month does not have, and a year outside 1 to 9999 in UTC, are no time", () => {
  const faults = [
    "2027-02-30T00:00Z",
    "2027-02-29T00:00Z",
    "2027-04-31T12:00+02:00",
    "2027-13-01T00:00Z",
    "2027-00-01T00:00Z",
    "2027-01-32T00:00Z",
    "2027-01-01T25:00Z",
    "2027-01-01T00:00",
    "2027-01-01",
    "9999-12-31T23:59-12:00",
    "0001-01-01T00:00+00:01",
    "0000-12-31T00:00Z",
  ];
  for (const text of faults) assert.equal(parseTime(text), null, text);
});
