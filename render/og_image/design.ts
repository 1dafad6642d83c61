import type { Node } from "@takumi-rs/wasm";
import { type Colour, darkenFor, formatHex, mix, parseHex } from "./colour.ts";
import type { Han } from "./coverage.ts";

/** What stands in a picture, already reduced to what the faces can draw. */
export type Content = {
  title: string;
  tags: string[];
  blog: string;
  /** one character for the blog's square, or none */
  initial: string;
  brand: boolean;
  accent?: string;
  han: Han;
  rightToLeft: boolean;
};
type Style = NonNullable<Node["style"]>;

const PAPER: Colour = [253, 253, 252];
const INK: Colour = [28, 31, 36];
const SOFT: Colour = [92, 99, 109];
const BLUE: Colour = [11, 87, 176];
const WHITE: Colour = [255, 255, 255];

const PADDING = 72;
const INNER = 1200 - 2 * PADDING;
const HEADER = 60;
const FOOTER = 52;
const GAP = 34;
/** font sizes of a title in pixels */
const SIZES = [104, 88, 76, 66, 58, 50, 44, 40, 35];

/** The alphabets whose large letters gain from standing closer; joined scripts would come apart. */
const TIGHTENS = /^[\p{sc=Latin}\p{sc=Cyrillic}\p{sc=Greek}\p{sc=Common}\p{sc=Inherited}]*$/u;

export type Step = { size: number; line: number; lines: number };

/** The sizes a title may have, with how many lines of each fit its box. */
export function titleSteps(content: Content): Step[] {
  const box = 630 - 2 * PADDING - HEADER - GAP - (hasFooter(content) ? FOOTER + GAP : 0);
  return SIZES.map((size) => {
    const line = Math.round(size * (size > 60 ? 1.14 : 1.22));
    return { size, line, lines: Math.floor(box / line) };
  });
}

/** The title alone, unclamped, for measuring; `breaking` allows a break inside a word. */
export function titleProbe(content: Content, { size, line }: Step, breaking: boolean): Node {
  return {
    type: "container",
    style: { width: INNER, display: "flex" },
    children: [{
      type: "text",
      text: content.title,
      style: {
        ...titleStyle(content),
        fontSize: size,
        lineHeight: `${line}px`,
        overflowWrap: breaking ? "anywhere" : "normal",
      },
    }],
  };
}

/** The whole picture. */
export function compose(content: Content, step: Step): Node {
  const accent = darkenFor(parseHex(content.accent ?? "") ?? BLUE, { ground: WHITE, ratio: 4.5 });
  const row: Style = {
    display: "flex",
    flexDirection: content.rightToLeft ? "row-reverse" : "row",
    alignItems: "center",
    width: INNER,
  };
  return {
    type: "container",
    style: {
      width: 1200,
      height: 630,
      backgroundColor: formatHex(PAPER),
      color: formatHex(INK),
      fontWeight: 700,
      position: "relative",
      overflow: "hidden",
    },
    children: [
      ...ornaments(accent, content.rightToLeft),
      {
        type: "container",
        style: {
          position: "relative",
          width: 1200,
          height: 630,
          padding: PADDING,
          display: "flex",
          flexDirection: "column",
        },
        children: [
          header(content, accent, row),
          title(content, step),
          ...hasFooter(content) ? [footer(content, accent, row)] : [],
        ],
      },
    ],
  };
}

function ornaments(accent: Colour, rightToLeft: boolean): Node[] {
  const side = rightToLeft ? "left" : "right";
  const disc = (size: number, offset: number, share: number): Node => ({
    type: "container",
    style: {
      position: "absolute",
      [side]: -offset,
      bottom: -offset,
      width: size,
      height: size,
      borderRadius: size / 2,
      backgroundColor: formatHex(mix(PAPER, accent, share)),
    },
    children: [],
  });
  return [
    disc(620, 250, 0.05),
    disc(400, 190, 0.08),
    {
      type: "container",
      style: {
        position: "absolute",
        left: 0,
        top: 0,
        width: 1200,
        height: 12,
        backgroundColor: formatHex(accent),
      },
      children: [],
    },
  ];
}

function header(content: Content, accent: Colour, row: Style): Node {
  const name: Node = {
    type: "text",
    text: content.blog,
    style: {
      fontSize: 32,
      lineHeight: "42px",
      flex: 1,
      minWidth: 0,
      color: formatHex(SOFT),
      ...oneLine(content),
    },
  };
  const square: Node = {
    type: "container",
    style: {
      width: HEADER,
      height: HEADER,
      borderRadius: 14,
      backgroundColor: formatHex(accent),
      color: formatHex(WHITE),
      display: "flex",
      alignItems: "center",
      justifyContent: "center",
      flexShrink: 0,
    },
    children: [{
      type: "text",
      text: content.initial,
      style: { fontSize: 34, lineHeight: "60px" },
    }],
  };
  return {
    type: "container",
    style: { ...row, height: HEADER, gap: 20, flexShrink: 0 },
    children: content.initial ? [square, name] : [name],
  };
}

function title(content: Content, { size, line, lines }: Step): Node {
  return {
    type: "container",
    style: { width: INNER, flex: 1, minHeight: 0, display: "flex", alignItems: "center" },
    children: [{
      type: "text",
      text: content.title,
      style: {
        ...titleStyle(content),
        width: INNER,
        fontSize: size,
        lineHeight: `${line}px`,
        textWrap: "balance",
        lineClamp: lines,
        textOverflow: "ellipsis",
        overflowWrap: "anywhere",
      },
    }],
  };
}

function titleStyle(content: Content): Style {
  return {
    fontWeight: 700,
    letterSpacing: TIGHTENS.test(content.title) ? "-0.015em" : 0,
    wordBreak: "keep-all",
    direction: content.rightToLeft ? "rtl" : "ltr",
    textAlign: content.rightToLeft ? "right" : "left",
  };
}

function footer(content: Content, accent: Colour, row: Style): Node {
  const tags = content.tags.map((text): Node => ({
    type: "text",
    text,
    style: {
      fontSize: 26,
      lineHeight: "52px",
      height: FOOTER,
      paddingLeft: 22,
      paddingRight: 22,
      borderRadius: FOOTER / 2,
      maxWidth: 320,
      color: formatHex(accent),
      backgroundColor: formatHex(mix(PAPER, accent, 0.1)),
      ...oneLine(content),
    },
  }));
  const brand: Node[] = content.brand
    ? [{
      type: "text",
      text: "Postlark",
      style: { fontSize: 26, lineHeight: "52px", color: formatHex(SOFT), flexShrink: 0 },
    }]
    : [];
  return {
    type: "container",
    style: { ...row, height: FOOTER, gap: 14, flexShrink: 0 },
    children: [...tags, { type: "container", style: { flex: 1 }, children: [] }, ...brand],
  };
}

function oneLine(content: Content): Style {
  return {
    lineClamp: 1,
    textOverflow: "ellipsis",
    overflow: "hidden",
    whiteSpace: "nowrap",
    direction: content.rightToLeft ? "rtl" : "ltr",
    textAlign: content.rightToLeft ? "right" : "left",
  };
}

function hasFooter(content: Content): boolean {
  return content.tags.length > 0 || content.brand;
}
