import anyAscii from "any-ascii";
import { stem } from "porter2";
import { STOPWORDS } from "./stopwords.ts";

const MAX_TERM = 64;

// Scripts without spaces between words, and words of all others, with the marks upon their letters.
const HAN_KANA = String.raw`[[[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}]&&[\p{L}\p{Nl}]]\u3099\u309a]`;
const HANGUL = String.raw`[\p{sc=Hangul}&&\p{L}]`;
const UNSPACED = String.raw`[[\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}]&&[\p{L}\p{M}]]`;
const LETTER = String.raw`[[\p{L}\p{N}]--${HAN_KANA}--${HANGUL}--${UNSPACED}]`;
const MARK = String.raw`[[\p{Mn}\p{Mc}]--${HAN_KANA}--${UNSPACED}]`;
const EMOJI = String.raw`\p{RI}\p{RI}|[\p{Extended_Pictographic}--[©®]]`;
const PIECES = new RegExp(
  `(?<han>${HAN_KANA}+)|(?<hangul>${HANGUL}+)|(?<unspaced>${UNSPACED}+)|(?<emoji>${EMOJI})` +
    `|(?<word>${LETTER}[${LETTER}${MARK}]*)`,
  "gv",
);

const INVISIBLE = /(?!\u200b)\p{Default_Ignorable_Code_Point}/gu;
// To put marks in order takes time in the square of their number; Unicode's own bound is 30.
const TOO_MANY_MARKS = /(\p{M}{30})\p{M}+/gu;
// Compatibility normalisation would make letters of them.
const TRADE_MARKS = /[™℠]/g;
const JOINER = /^[-._@]$/;
const SUFFIX = /(?:\+\+|#)(?![\p{L}\p{N}+#])/uy;
const ENGLISH = /^[\p{sc=Latin}\p{M}]+(?:-[\p{sc=Latin}\p{M}]+)*$/u;
const LATIN = /^[\p{sc=Latin}\p{M}\p{N}._@+#-]+$/u;
const MARKED_SCRIPT = /[\p{sc=Greek}\p{sc=Hebrew}\p{sc=Arabic}]/u;
// deno-lint-ignore no-control-regex
const ASCII = /^[\x00-\x7f]*$/;
const SEGMENTER = new Intl.Segmenter("und", { granularity: "word" });

/**
 * The terms of a document's text in order, as often as they occur, ≤ 64 characters each. An accented
 * word is also one without accents, a compound also its parts; a run of Han, kana or Hangul is its
 * characters and bigrams, so that any part of it is found.
 */
export function termsOf(text: string): string[] {
  return analyse(text, false);
}

/** The terms that a document must all have to hold the words of `text`, as {@linkcode termsOf} lists a document's. */
export function queryTermsOf(text: string): string[] {
  return analyse(text, true);
}

function analyse(text: string, asked: boolean): string[] {
  const plain = normalise(text);
  const terms: string[] = [];
  let compound: string[] = [];
  let start = 0;
  let end = 0;
  const finish = () => {
    if (compound.length === 0) return;
    SUFFIX.lastIndex = end;
    const suffix = SUFFIX.exec(plain)?.[0] ?? "";
    const whole = plain.slice(start, end + suffix.length);
    pushCompound(terms, { words: compound, suffix, whole, asked });
    compound = [];
  };
  for (const match of plain.matchAll(PIECES)) {
    const { han, hangul, unspaced, emoji, word } = match.groups!;
    const joined = match.index === end + 1 && JOINER.test(plain[end]);
    if (!word || !joined) finish();
    if (word) {
      if (compound.length === 0) start = match.index;
      compound.push(word);
      end = match.index + word.length;
    } else if (emoji) terms.push(emoji);
    else if (unspaced) { for (const found of segments(unspaced)) terms.push(cut(found)); }
    else if (!asked) pushGrams(terms, [...han ?? hangul]);
    else pushAskedGrams(terms, han ? segments(han) : [hangul]);
  }
  finish();
  return terms;
}

function normalise(text: string): string {
  return text.replace(TRADE_MARKS, " ").replace(INVISIBLE, "").replace(TOO_MANY_MARKS, "$1")
    .normalize("NFKC").toUpperCase().toLowerCase().replaceAll("‐", "-");
}

type Compound = { words: string[]; suffix: string; whole: string; asked: boolean };

// A hyphenated word is, as in PostgreSQL, a term itself beside its parts. Other compounds ("node.js",
// "c++", an address) are pairs of neighbours, so that "deno.com" is found in "docs.deno.com".
function pushCompound(terms: string[], { words, suffix, whole, asked }: Compound): void {
  const hyphenated = words.length > 1 && /^[^._@+#]*$/.test(whole);
  if (hyphenated) pushWord(terms, whole, asked);
  const plainWord = words.length === 1 && !suffix;
  if (hyphenated || plainWord || !asked) { for (const word of words) pushWord(terms, word, asked); }
  if (hyphenated || plainWord) return;
  const last = words.length - 1;
  if (suffix && (last === 0 || !asked)) pushWord(terms, words[last] + suffix, asked);
  let at = 0;
  for (let i = 0; i < last; i++) {
    const next = at + words[i].length + 1;
    const length = words[i + 1].length + (i + 1 === last ? suffix.length : 0);
    pushWord(terms, whole.slice(at, next + length), asked);
    at = next;
  }
}

function pushWord(terms: string[], word: string, asked: boolean): void {
  if (STOPWORDS.has(word)) return;
  const short = cut(word);
  const term = stemmed(short);
  terms.push(term);
  if (asked || ASCII.test(short)) return;
  const plain = unaccent(short);
  const other = STOPWORDS.has(plain) ? "" : cut(stemmed(plain));
  if (other && other !== term) terms.push(other);
}

function stemmed(word: string): string {
  return ENGLISH.test(word) ? stem(word) : word;
}

function unaccent(word: string): string {
  if (LATIN.test(word)) {
    return anyAscii(word).toLowerCase().replace(/^[^a-z0-9]+|[^a-z0-9._@+#-]+/g, "");
  }
  if (!MARKED_SCRIPT.test(word)) return word.replaceAll("ё", "е");
  return word.normalize("NFD").replace(/[\p{Mn}ـ]/gu, "").normalize();
}

function cut(word: string): string {
  return word.length > MAX_TERM ? word.slice(0, MAX_TERM).replace(/\p{Cs}$/u, "") : word;
}

function segments(run: string): string[] {
  return Array.from(SEGMENTER.segment(run), ({ segment }) => segment);
}

// One hiragana alone is a particle: a stopword.
function isParticle(char: string): boolean {
  return /^\p{sc=Hiragana}$/u.test(char);
}

function pushGrams(terms: string[], chars: string[]): void {
  chars.forEach((char, i) => {
    if (!isParticle(char)) terms.push(char);
    if (i > 0) terms.push(chars[i - 1] + char);
  });
}

function pushAskedGrams(terms: string[], words: string[]): void {
  const before = terms.length;
  for (const word of words) {
    const chars = [...word];
    if (chars.length === 1 && !isParticle(word)) terms.push(word);
    for (let i = 1; i < chars.length; i++) terms.push(chars[i - 1] + chars[i]);
  }
  if (terms.length === before && words.length > 1) pushAskedGrams(terms, [words.join("")]);
}
