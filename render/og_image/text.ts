import type { Han } from "./coverage.ts";

/** Far more than a picture shows, and little enough that no text costs much to look at. */
const MAX_UNITS = 2000;

const UNSPACED = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}]/u;

let words: Intl.Segmenter | undefined;
let standards: { simplified: Set<string>; traditional: Set<string> } | undefined;

/** One line of well-formed text without controls: what is left when everything but characters is taken away. */
export function tidy(text: string): string {
  const cut = text.slice(0, MAX_UNITS).toWellFormed().replaceAll("\ufffd", "").normalize("NFC");
  return cut.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Zs}]+/gu, " ")
    // Keycaps become their digit; joiners stay where they join.
    .replace(/\ufe0f?\u20e3/g, "")
    .replace(
      /[\p{Cf}\p{Co}\p{Cn}\u{e0100}-\u{e01ef}]/gu,
      (char) => /[\u200c\u200d]/.test(char) ? char : "",
    )
    .trim();
}

/** Whose Han shapes the first of these texts that tells asks for. */
export function detectHan(texts: string[]): Han {
  for (const text of texts) {
    if (/[\p{sc=Hiragana}\p{sc=Katakana}]/u.test(text)) return "jp";
    if (/\p{sc=Hangul}/u.test(text)) return "kr";
    const chars = text.match(/\p{sc=Han}/gu);
    if (!chars) continue;
    const { simplified, traditional } = charsets();
    let balance = 0;
    for (const char of chars) {
      if (simplified.has(char)) balance += traditional.has(char) ? 0 : 1;
      else if (traditional.has(char)) balance--;
    }
    if (balance !== 0) return balance > 0 ? "sc" : "tc";
  }
  return "sc";
}

/** Whether a line of this text begins at the right. */
export function isRightToLeft(text: string): boolean {
  const first = /\p{L}/u.exec(text)?.[0] ?? "";
  return /[\p{sc=Arabic}\p{sc=Hebrew}]/u.test(first);
}

/** Gives scripts without spaces the places where their lines may break: between words, as a dictionary knows them. */
export function markBreaks(text: string): string {
  if (!UNSPACED.test(text)) return text;
  words ??= new Intl.Segmenter("ja", { granularity: "word" });
  let marked = "";
  for (const { segment } of words.segment(text)) {
    marked += mayBreak(marked.at(-1) ?? "", segment) ? `\u200b${segment}` : segment;
  }
  return marked;
}

/** Not inside a run of katakana, which dictionaries cut at will, nor before a particle. */
function mayBreak(before: string, word: string): boolean {
  if (!/[\p{L}\p{M}\p{N}]/u.test(before) || !/^\p{L}/u.test(word)) return false;
  if (/[\p{sc=Katakana}ー]/u.test(before) && /^[\p{sc=Katakana}ー]/u.test(word)) return false;
  if (/^\p{sc=Hiragana}$/u.test(word)) return false;
  return UNSPACED.test(before) || UNSPACED.test(word[0]);
}

/** What the two national standards hold in common use, read off the decoders that every host has. */
function charsets(): NonNullable<typeof standards> {
  return standards ??= {
    simplified: decodeRows("gbk", 0xb0, 0xf7),
    traditional: decodeRows("big5", 0xa4, 0xc6),
  };
}

function decodeRows(encoding: string, first: number, last: number): Set<string> {
  const bytes: number[] = [];
  for (let high = first; high <= last; high++) {
    for (let low = encoding === "big5" ? 0x40 : 0xa1; low <= 0xfe; low++) {
      if (low < 0x7f || low > 0xa0) bytes.push(high, low);
    }
  }
  return new Set(new TextDecoder(encoding).decode(new Uint8Array(bytes)).replaceAll("\ufffd", ""));
}
