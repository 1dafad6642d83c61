import coverage from "../fonts/coverage.json" with { type: "json" };

/** The name of a file in render/fonts, without its ending; also the family it is registered under. */
export type Face = keyof typeof coverage;
/** Whose Han shapes a text gets. */
export type Han = "jp" | "kr" | "sc" | "tc";

/** Whose common characters come after the alphabets, in which order. */
const COMMON: Record<Han, Han[]> = {
  jp: ["jp", "tc", "sc", "kr"],
  kr: ["kr", "jp", "tc", "sc"],
  sc: ["sc", "tc", "jp", "kr"],
  tc: ["tc", "sc", "jp", "kr"],
};
const FACES = Object.keys(coverage) as Face[];
/** coverage.json begins with the alphabets. */
const FIRST_COMMON = FACES.findIndex((face) => commonPart(face));
const EMOJI: Face = "noto-emoji";
const LOOKS_LIKE_EMOJI = /\p{Emoji_Presentation}|\ufe0f/u;
/** What joins or styles its neighbours and needs no glyph of its own. */
const JOINERS = /[\u200c\u200d\ufe0e\ufe0f]/g;
/** A family of four with skin tones is 11 code points; a stack of marks has no end. */
const MAX_CLUSTER = 12;
const MAX_MARKS = 4;

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });
const ranges = new Map<Face, Uint32Array>();

/** The user-perceived characters of a text. */
export function splitGraphemes(text: string): string[] {
  return Array.from(graphemes.segment(text), ({ segment }) => segment);
}

/** In the order in which they are asked for a glyph. */
export function orderFaces(han: Han): Face[] {
  const [alphabets, others] = [FACES.slice(0, FIRST_COMMON), FACES.slice(FIRST_COMMON)];
  const common = COMMON[han].flatMap((part) => others.filter((face) => commonPart(face) === part));
  return [...alphabets, ...common, ...others.filter((face) => !commonPart(face))];
}

/** Whether a face draws each code point of a text; joiners and white space need no glyph. */
export function faceCovers(face: Face, text: string): boolean {
  const table = rangesOf(face);
  for (const char of text.replace(JOINERS, "")) {
    if (!/\s/.test(char) && !within(table, char.codePointAt(0)!)) return false;
  }
  return true;
}

/** Keeps the characters that one face can draw whole, in the nearest form that there is, and says which faces that takes. */
export function keepDrawable(text: string, han: Han): { text: string; faces: Face[] } {
  const order = orderFaces(han);
  const faces = new Set<Face>();
  let kept = "";
  for (const cluster of splitGraphemes(text)) {
    if (/^\s+$/.test(cluster)) kept += " ";
    else {
      const found = formsOf(cluster).map((form) => ({ form, face: faceFor(form, order) }))
        .find(({ face }) => face !== undefined);
      if (!found) continue;
      kept += found.form;
      faces.add(found.face!);
    }
  }
  return { text: kept.replace(/ +/g, " ").trim(), faces: order.filter((face) => faces.has(face)) };
}

function commonPart(face: Face): string | undefined {
  return /^noto-sans-(jp|kr|sc|tc)-/.exec(face)?.[1];
}

/** From what was written to what is left of it without marks, best first. */
function formsOf(cluster: string): string[] {
  const points = [...cluster];
  // A mark that stands alone would hang over what is before it.
  if (/^\p{M}/u.test(cluster)) return [];
  const marks = points.filter((point) => /\p{M}/u.test(point) && !/[\ufe0e\ufe0f]/.test(point));
  if (points.length > MAX_CLUSTER || marks.length > MAX_MARKS) return [points[0]];
  return [
    cluster,
    cluster.normalize("NFKC"),
    points.filter((point) => !/\p{Emoji_Modifier}/u.test(point)).join(""),
    points[0],
    points[0].normalize("NFKC"),
    points[0].normalize("NFD")[0],
  ];
}

function faceFor(cluster: string, order: Face[]): Face | undefined {
  if (cluster.replace(JOINERS, "").trim() === "") return undefined;
  if (LOOKS_LIKE_EMOJI.test(cluster) && faceCovers(EMOJI, cluster)) return EMOJI;
  return order.find((face) => faceCovers(face, cluster));
}

function within(table: Uint32Array, point: number): boolean {
  let low = 0;
  let high = table.length / 2 - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (point < table[middle * 2]) high = middle - 1;
    else if (point > table[middle * 2 + 1]) low = middle + 1;
    else return true;
  }
  return false;
}

function rangesOf(face: Face): Uint32Array {
  let table = ranges.get(face);
  if (!table) {
    const runs = coverage[face].split(",");
    table = new Uint32Array(runs.length * 2);
    let next = 0;
    for (const [i, run] of runs.entries()) {
      const [gap, more = "0"] = run.split(":");
      table[i * 2] = next + parseInt(gap, 36);
      table[i * 2 + 1] = table[i * 2] + parseInt(more, 36);
      next = table[i * 2 + 1] + 1;
    }
    ranges.set(face, table);
  }
  return table;
}
