import { createHash } from "node:crypto";
import type { Meter } from "./bounds.ts";

type Piece = { html: string; text: string };

/**
 * Our own HTML, kept out of the sanitiser's sight: a placeholder goes through it, and is replaced
 * afterwards. The placeholder's name is a hash of the source, which no source can hold.
 */
export class TrustedHtml {
  /** The attribute that the sanitiser has to let through. */
  readonly mark: string;
  readonly #placeholder: RegExp;
  readonly #meter: Meter;
  readonly #pieces: Piece[] = [];

  constructor(source: string, meter: Meter) {
    this.mark = `data-h${createHash("sha256").update(source).digest("hex").slice(0, 32)}`;
    this.#placeholder = new RegExp(
      `<([a-z]+) ${this.mark}="(?:(\\d+)"></\\1>|w(\\d+)">)`,
      "g",
    );
    this.#meter = meter;
  }

  /** A placeholder for html among blocks; text is what plain text shows in its place. */
  block(html: string, text = ""): string {
    return `<div ${this.mark}="${this.#hold(html, text)}"></div>`;
  }

  /** A placeholder for html within a line; text is what plain text shows in its place. */
  inline(html: string, text = ""): string {
    return `<span ${this.mark}="${this.#hold(html, text)}"></span>`;
  }

  /** An element that the sanitiser allows around content that it has to judge, with attributes of ours. */
  wrap(element: { tag: string; attributes: string }, content: string): string {
    const { tag, attributes } = element;
    const index = this.#hold(`<${tag} ${attributes}>`, `<${tag}>`);
    return `<${tag} ${this.mark}="w${index}">${content}</${tag}>`;
  }

  /** Sanitised HTML with each placeholder replaced by its HTML. */
  fill(sanitised: string): string {
    return this.#replace(sanitised, "html");
  }

  /** Sanitised HTML with each placeholder replaced by its text. */
  fillText(sanitised: string): string {
    return this.#replace(sanitised, "text");
  }

  #hold(html: string, text: string): number {
    this.#meter.spend("output", html.length);
    return this.#pieces.push({ html, text }) - 1;
  }

  #replace(sanitised: string, form: keyof Piece): string {
    if (!sanitised.includes(this.mark)) return sanitised;
    return sanitised.replace(
      this.#placeholder,
      (_, _tag, index, wrapper) => this.#pieces[Number(index ?? wrapper)][form],
    );
  }
}
