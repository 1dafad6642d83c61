// deno-lint-ignore no-control-regex -- they are what is looked for
const CONTROLS = /[\0-\x08\x0B\x0C\x0E-\x1F\x7F]/g;

/** Text with control characters and lone surrogates replaced by U+FFFD; tabs and line ends stay. */
export function withoutControls(text: string): string {
  return text.toWellFormed().replace(CONTROLS, "\uFFFD");
}
