import { createHash } from "node:crypto";
import type { Meter } from "./bounds.ts";

type Piece = { html: string; text: string };

/**
 * Our own HTML, kept out of the sanitiser's sight: a placeholder goes through it, and is replaced
 * afterwards. The placeholder's name is a hash of the source, which no source can hold.
 */
export class TrustedHtml {
  /** The attribute that the sanitiser has to let through on div and span. */
  readonly mark: string;
  readonly #meter: Meter;
  readonly #pieces: Piece[] = [];

  constructor(source: string, meter: Meter) {
    this.mark = `data-h${createHash("sha256").update(source).digest("hex").slice(0, 32)}`;
    this.#meter = meter;
  }

  /** A placeholder for html among blocks; text is what plain text shows in its place. */
  block(html: string, text = ""): string {
    return this.#hold("div", { html, text });
  }

  /** A placeholder for html within a line; text is what plain text shows in its place. */
  inline(html: string, text = ""): string {
    return this.#hold("span", { html, text });
  }

  /** Sanitised HTML with each placeholder replaced by its HTML. */
  fill(sanitised: string): string {
    return this.#replace(sanitised, (piece) => piece.html);
  }

  /** Sanitised HTML with each placeholder replaced by its text. */
  fillText(sanitised: string): string {
    return this.#replace(sanitised, (piece) => piece.text);
  }

  #hold(tag: "div" | "span", piece: Piece): string {
    this.#meter.spend("output", piece.html.length);
    const index = this.#pieces.push(piece) - 1;
    return `<${tag} ${this.mark}="${index}"></${tag}>`;
  }

  #replace(sanitised: string, show: (piece: Piece) => string): string {
    if (this.#pieces.length === 0) return sanitised;
    const placeholder = new RegExp(`<(div|span) ${this.mark}="(\\d+)"></\\1>`, "g");
    return sanitised.replace(placeholder, (_, _tag, index) => show(this.#pieces[Number(index)]));
  }
}
