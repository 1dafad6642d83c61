const RTL_SCRIPTS = new Set(["Arab", "Hebr", "Thaa", "Syrc", "Nkoo", "Adlm", "Rohg"]);

/** The canonical form of a BCP 47 tag; "en" for what is none. */
export function languageOf(tag: string): string {
  return localeOf(tag).toString();
}

/** The direction that a language is written in. */
export function directionOf(lang: string): "ltr" | "rtl" {
  return RTL_SCRIPTS.has(localeOf(lang).maximize().script ?? "") ? "rtl" : "ltr";
}

/** The language that most of them are in; of equals the first, "en" for none. */
export function mainLanguage(langs: string[]): string {
  const counts = new Map<string, number>();
  for (const lang of langs) counts.set(lang, (counts.get(lang) ?? 0) + 1);
  const [first] = [...counts].sort(([, a], [, b]) => b - a);
  return languageOf(first?.[0] ?? "en");
}

/** Whether our own words, which are English, are in the language of the page. */
export function isEnglish(lang: string): boolean {
  return localeOf(lang).language === "en";
}

/** Minutes for so many words, at least one; where each character counts as a word, more of them go in one. */
export function readingMinutes(words: number, lang: string): number {
  const pace = ["ja", "zh"].includes(localeOf(lang).language) ? 450 : 220;
  return Math.max(1, Math.round(words / pace));
}

/** A day as the language writes it, in UTC. */
export function formatDay(instant: string, lang: string): string {
  return new Intl.DateTimeFormat(lang, { dateStyle: "long", timeZone: "UTC" })
    .format(new Date(instant));
}

/** So many minutes as the language writes them. */
export function formatMinutes(minutes: number, lang: string): string {
  return new Intl.NumberFormat(lang, { style: "unit", unit: "minute", unitDisplay: "long" })
    .format(minutes);
}

/** A month as the language writes it, with its year or without. */
export function formatMonth(at: { year: number; month: number }, lang: string): string {
  return new Intl.DateTimeFormat(lang, { month: "long", timeZone: "UTC" })
    .format(new Date(Date.UTC(at.year, at.month - 1, 1)));
}

/** A day of a month as the language writes it, without the year. */
export function formatDayOfMonth(instant: string, lang: string): string {
  return new Intl.DateTimeFormat(lang, { month: "short", day: "numeric", timeZone: "UTC" })
    .format(new Date(instant));
}

function localeOf(tag: string): Intl.Locale {
  try {
    return new Intl.Locale(tag);
  } catch {
    return new Intl.Locale("en");
  }
}
