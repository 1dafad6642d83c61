/**
 * Replaces what stands between an opening and the next closing. Both are global expressions; `make` gets the
 * opening's groups and what is within. Without a closing nothing more is looked for, so a text full of
 * openings costs no more than another.
 */
export function replaceBlocks(
  text: string,
  [open, close]: [open: RegExp, close: RegExp],
  make: (groups: string[], inner: string) => string,
): string {
  let out = "";
  let at = 0;
  for (open.lastIndex = 0;;) {
    const opening = open.exec(text);
    if (!opening) break;
    close.lastIndex = open.lastIndex;
    const closing = close.exec(text);
    if (!closing) break;
    const inner = text.slice(open.lastIndex, closing.index);
    out += text.slice(at, opening.index) + make(opening.slice(1), inner);
    at = open.lastIndex = close.lastIndex;
  }
  return out + text.slice(at);
}
