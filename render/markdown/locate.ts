import type { Token, Tokens } from "marked";

// How far from the end of one token the next is looked for; what stands between them is mark-up.
const REACH = 2_000;

type Place = { raw: string; line: number };

/**
 * All tokens of a text in order, each with its line, counted from 1. marked keeps no positions: a token
 * within a block is looked up in the block's text, and where that fails has the line of what is before it.
 */
export function locate(tokens: Token[]): { token: Token; line: number }[] {
  const found: { token: Token; line: number }[] = [];
  let line = 1;
  for (const token of tokens) {
    visit(token, line);
    line += linesIn(token.raw);
  }
  return found;

  function visit(token: Token, at: number): void {
    found.push({ token, line: at });
    visitAll(childrenOf(token), { raw: token.raw, line: at });
  }

  function visitAll(children: Token[], { raw, line }: Place): void {
    let cursor = 0;
    let at = line;
    for (const child of children) {
      const key = child.raw.trimStart().split("\n", 1)[0];
      const index = key ? raw.slice(cursor, cursor + REACH).indexOf(key) : -1;
      if (index >= 0) {
        at += linesIn(raw.slice(cursor, cursor + index));
        cursor += index;
      }
      visit(child, at);
      if (index < 0) continue;
      // A child within a quote lacks the marks of its further lines.
      const end = raw.startsWith(child.raw, cursor) ? child.raw.length : key.length;
      at += linesIn(raw.slice(cursor, cursor + end));
      cursor += end;
    }
  }
}

function childrenOf(token: Token): Token[] {
  if (token.type === "list") return token.items;
  if (token.type !== "table") return "tokens" in token ? token.tokens ?? [] : [];
  const { header, rows } = token as Tokens.Table;
  return [header, ...rows].flatMap((row) => row.flatMap((cell) => cell.tokens));
}

function linesIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  return count;
}
