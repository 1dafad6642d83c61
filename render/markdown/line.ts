import type { Lexer, Token } from "marked";

/** Whether a block begins its line; the first block of a list item stands behind the item's marker. */
export function isAloneOnLine(lexer: Lexer<string, string>, before: Token[]): boolean {
  return lexer.state.top || before.length > 0;
}
