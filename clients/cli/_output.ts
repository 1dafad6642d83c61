import process from "node:process";
import { eastAsianWidth } from "get-east-asian-width";

const CODES = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39] };
const GAP = "  ";
const NARROWEST = 12;

/** Colours a text where the stream is a terminal that wants it. */
export function paint(
  text: string,
  colour: keyof typeof CODES,
  stream: { isTTY?: boolean } = process.stdout,
): string {
  const { NO_COLOR, TERM } = process.env;
  if (!stream.isTTY || NO_COLOR || TERM === "dumb") return text;
  const [on, off] = CODES[colour];
  return `\x1b[${on}m${text}\x1b[${off}m`;
}

/** A text without what would steer the terminal: titles and excerpts are other people's. */
export function plain(text: unknown): string {
  // deno-lint-ignore no-control-regex
  return String(text ?? "").replace(/[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+/g, " ");
}

export function print(text = ""): void {
  process.stdout.write(`${text}\n`);
}

/** Says something that is not the command's result. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** A table; on a terminal its widest column gives way until it fits. */
export function table(head: string[], rows: unknown[][]): void {
  const cells = rows.map((row) => row.map(plain));
  const widths = head.map((name, i) =>
    Math.max(widthOf(name), ...cells.map((row) => widthOf(row[i])))
  );
  narrow(widths);
  const line = (row: string[]) =>
    row.map((cell, i) => i === row.length - 1 ? cut(cell, widths[i]) : pad(cell, widths[i]))
      .join(GAP).trimEnd();
  print(paint(line(head), "dim"));
  for (const row of cells) print(line(row));
}

/** Names and their values; those without a value are left out. */
export function pairs(values: Record<string, unknown>): void {
  const shown = Object.entries(values).filter(([, value]) => value !== null && value !== undefined);
  const width = Math.max(...shown.map(([name]) => name.length));
  for (const [name, value] of shown) {
    print(`${paint(name.padEnd(width), "dim")}${GAP}${plain(value)}`);
  }
}

/** A date for people; the hour, UTC, only where it is wanted. */
export function when(time: string | null | undefined, { hour = false } = {}): string {
  if (!time) return "";
  return hour ? `${time.slice(0, 10)} ${time.slice(11, 16)}Z` : time.slice(0, 10);
}

/** A bar of `value` against `most`. */
export function bar(value: number, most: number, width = 30): string {
  return "█".repeat(most ? Math.round(value / most * width) : 0);
}

function narrow(widths: number[]): void {
  const room = process.stdout.isTTY ? process.stdout.columns : Infinity;
  const total = () => widths.reduce((sum, width) => sum + width + GAP.length, -GAP.length);
  while (total() > room) {
    const widest = widths.indexOf(Math.max(...widths));
    if (widths[widest] <= NARROWEST) return;
    widths[widest] = Math.max(NARROWEST, widths[widest] - (total() - room));
  }
}

// Of plain text: what is wide in East Asian scripts takes two columns, a combining mark none.
function widthOf(text: string): number {
  // deno-lint-ignore no-control-regex
  if (/^[\x00-\x7f]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text.replace(/[\p{Mn}\p{Me}\p{Cf}]/gu, "")) {
    width += eastAsianWidth(character.codePointAt(0)!);
  }
  return width;
}

function pad(text: string, width: number): string {
  const short = cut(text, width);
  return short + " ".repeat(Math.max(0, width - widthOf(short)));
}

function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let out = "";
  let taken = 0;
  for (const character of text) {
    taken += widthOf(character);
    if (taken > width - 1) break;
    out += character;
  }
  return `${out}…`;
}
