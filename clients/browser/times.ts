/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

/** Says times in the reader's own zone, and keeps what they were as their title. */
export function sayLocalTimes(within: ParentNode = document): void {
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  for (const time of within.querySelectorAll("time")) {
    time.title = time.textContent ?? "";
    time.textContent = format.format(new Date(time.dateTime));
  }
}
