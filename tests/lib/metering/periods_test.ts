import assert from "node:assert/strict";
import { newPlan, type PlanRow } from "../../../lib/metering/plans.ts";
import { periodAt } from "../../../lib/metering/quotas.ts";

/** The period at a time, of a subscription's own from one day to another. */
function at(now: string, own: [string, string] | null): [string, string] {
  const period = own && { start: Date.parse(own[0]), end: Date.parse(own[1]) };
  const plan: PlanRow = { ...newPlan("starter", "1"), period };
  const { start, end } = periodAt(plan, Date.parse(now));
  return [new Date(start).toISOString(), new Date(end).toISOString()];
}

function days(start: string, end: string): [string, string] {
  return [`${start}T00:00:00.000Z`, `${end}T00:00:00.000Z`];
}

Deno.test("without a subscription a period is the calendar month, UTC, from its first moment to its last", () => {
  assert.deepEqual(at("2026-03-01T00:00:00.000Z", null), days("2026-03-01", "2026-04-01"));
  assert.deepEqual(at("2026-03-31T23:59:59.999Z", null), days("2026-03-01", "2026-04-01"));
  assert.deepEqual(at("2026-12-15T00:00:00Z", null), days("2026-12-01", "2027-01-01"));
  assert.deepEqual(at("2028-02-29T12:00:00Z", null), days("2028-02-01", "2028-03-01"));
});

Deno.test("a subscription's own month goes before the calendar's, with its days and hours", () => {
  const own: [string, string] = ["2026-03-10T08:30:00Z", "2026-04-10T08:30:00Z"];
  const whole = ["2026-03-10T08:30:00.000Z", "2026-04-10T08:30:00.000Z"];
  assert.deepEqual(at("2026-03-10T08:30:00Z", own), whole);
  assert.deepEqual(at("2026-04-10T08:29:59.999Z", own), whole);
  assert.deepEqual(
    at("2026-02-10", ["2026-01-31", "2026-02-28"]),
    days("2026-01-31", "2026-02-28"),
  );
  assert.deepEqual(
    at("2026-03-30", ["2026-02-28", "2026-03-31"]),
    days("2026-02-28", "2026-03-31"),
  );
});

Deno.test("before a subscription's period has begun, the calendar month holds", () => {
  assert.deepEqual(
    at("2026-03-09T23:59:59.999Z", ["2026-03-10", "2026-04-10"]),
    days("2026-03-01", "2026-04-01"),
  );
});

Deno.test("a renewal that has not been heard of goes on by months, on the last day where a month is short", () => {
  const own: [string, string] = ["2026-12-31", "2027-01-31"];
  const then = [
    ["2027-01-31", days("2027-01-31", "2027-02-28")],
    ["2027-02-27T23:59:59.999Z", days("2027-01-31", "2027-02-28")],
    ["2027-02-28", days("2027-02-28", "2027-03-31")],
    ["2028-02-10", days("2028-01-31", "2028-02-29")],
  ] as const;
  for (const [now, period] of then) assert.deepEqual(at(now, own), period, now);
});

Deno.test("a period of a year is counted by months, a shorter one is left as it is", () => {
  const year: [string, string] = ["2026-01-31", "2027-01-31"];
  const then = [
    ["2026-01-31", days("2026-01-31", "2026-02-28")],
    ["2026-02-28", days("2026-02-28", "2026-03-31")],
    ["2027-01-30", days("2026-12-31", "2027-01-31")],
    ["2027-01-31", days("2027-01-31", "2027-02-28")],
  ] as const;
  for (const [now, period] of then) assert.deepEqual(at(now, year), period, now);
  const week: [string, string] = ["2026-03-10", "2026-03-17"];
  assert.deepEqual(at("2026-03-12", week), days(...week));
  // The first month of a quarter that begins on a day which its end has not.
  const quarter: [string, string] = ["2026-01-31", "2026-04-30"];
  assert.deepEqual(at("2026-02-01", quarter), days("2026-01-31", "2026-02-28"));
  assert.deepEqual(at("2026-02-28", quarter), days("2026-02-28", "2026-03-30"));
});
