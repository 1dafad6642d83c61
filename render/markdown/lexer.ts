import {
  Lexer,
  type MarkedOptions,
  type Token,
  Tokenizer,
  type Tokens,
  type TokensList,
} from "marked";
import type { Meter } from "./bounds.ts";
import { countOf } from "./text.ts";

// Inline rules look ahead as far as their run goes, so runs are short.
const INLINE_RUN = 4_000;
const SETEXT_HEADING = 1_000;
const AUTOLINK = 2_048;
// What an inline rule costs at least, in characters looked at.
const STEP = 16;
// How many characters are gone over once more in the time that one is read as blocks in.
const AGAIN = 4;

/**
 * marked's tokenizer, with each rule that can be made to cost more than linear time counted or
 * given less to look at. Every tokenizer call is reached through `space` (blocks) or `escape`
 * (inlines), the first rules that marked's loops try.
 */
export class BoundedTokenizer extends Tokenizer<string, string> {
  readonly #meter: Meter;
  #itemLines = 0;

  constructor(meter: Meter) {
    super();
    this.#meter = meter;
  }

  override space(src: string): Tokens.Space | undefined {
    this.#meter.spend("blocks");
    return super.space(src);
  }

  override escape(src: string): Tokens.Escape | undefined {
    this.#meter.spend("inline_work", STEP);
    return super.escape(src);
  }

  /** Each time a quote goes on without its >, and each time it ends before that, the rest is read again. */
  override blockquote(src: string): Tokens.Blockquote | undefined {
    const length = this.rules.block.blockquote.exec(src)?.[0].length;
    if (length === undefined) return undefined;
    const token = (this.lexer as BoundedLexer).quote(length, () => super.blockquote(src));
    this.#meter.spend("block_work", (length - token!.raw.length) / AGAIN);
    return token;
  }

  override html(src: string): Tokens.HTML | undefined {
    return this.#countTags(super.html(src));
  }

  override tag(src: string): Tokens.Tag | undefined {
    return this.#countTags(super.tag(src));
  }

  /** A label that names no definition: marked has looked for the end of a link in vain. */
  override reflink(src: string, links: TokensList["links"]) {
    const token = super.reflink(src, links);
    if (token?.type === "text") this.#meter.spend("inline_work", src.length);
    return token;
  }

  /** Closing punctuation is taken off a URL in turns, with a look at all of it in each. */
  override url(src: string): Tokens.Link | undefined {
    const token = super.url(src.slice(0, AUTOLINK));
    if (token) {
      const length = Math.min(AUTOLINK, wordLength(src));
      this.#meter.spend("inline_work", length * Math.max(1, length - token.raw.length));
    }
    return token;
  }

  /** The last rule: for a delimiter, others have looked for its partner; for a word, for an e-mail's @. */
  override inlineText(src: string): Tokens.Text | undefined {
    this.#meter.spend("inline_work", costOfText(src));
    return super.inlineText(src);
  }

  /** marked appends each line to the text so far and flattens it: quadratic in the lines of an item. */
  override text(src: string): Tokens.Text | undefined {
    this.#itemLines = this.lexer.state.lastToken?.type === "text" ? this.#itemLines + 1 : 0;
    this.#meter.check("paragraph_lines", this.#itemLines);
    return super.text(src);
  }

  /** In a paragraph it is text, and what follows is looked through for a table again. */
  override def(src: string): Tokens.Def | undefined {
    const token = super.def(src);
    const before = this.lexer.state.lastToken?.type;
    if (token && (before === "text" || before === "paragraph")) {
      this.#meter.check("paragraph_lines", ++this.#itemLines);
      this.#meter.spend("block_work", src.length / AGAIN);
    }
    return token;
  }

  /** marked looks for the underline to the end of the paragraph, and in a list at every line of it. */
  override lheading(src: string): Tokens.Heading | undefined {
    if (src.length <= SETEXT_HEADING) return super.lheading(src);
    return super.lheading(src.slice(0, src.lastIndexOf("\n", SETEXT_HEADING) + 1));
  }

  /**
   * A row is as wide as the header however short it is written, so cells are counted beforehand; and
   * what only looks like a table is read to its end each time before marked takes it for prose.
   */
  override table(src: string): Tokens.Table | undefined {
    if (!/^[^\n]*\n {0,3}-*[ :|]/.test(src)) return undefined;
    const match = this.rules.block.table.exec(src);
    if (!match) return undefined;
    const columns = match[2].split("|").length;
    this.#meter.check("table_columns", columns);
    this.#meter.spend("table_cells", columns * (countOf(match[3] ?? "", "\n") + 1));
    const token = super.table(src);
    if (!token) this.#meter.spend("broken_tables");
    return token;
  }

  #countTags<Kind extends Tokens.HTML | Tokens.Tag>(token: Kind | undefined): Kind | undefined {
    if (token) this.#meter.spend("raw_tags", countOf(token.raw, "<"));
    return token;
  }
}

/** How the tokens of extensions begin, within a line and as a line of their own. */
export type Starts = { inline: RegExp; block: RegExp };

/** marked's lexer, with nesting and work counted, and long paragraphs read in runs. */
export class BoundedLexer extends Lexer<string, string> {
  readonly #meter: Meter;
  #quotes = 0;
  #lazyStretches = 0;
  #quoteLength = 0;
  #run: { text: string; starts: number[] } = { text: "", starts: [] };
  /** What is read as blocks, and the stretch of it that the last search for a start went over. */
  #part = { length: 0, from: Infinity, to: -1, starts: false };

  constructor(options: MarkedOptions<string, string>, given: { meter: Meter; starts: Starts }) {
    super(options);
    this.#meter = given.meter;
    this.#meterItems(options);
    this.#addStarts(options, given.starts);
  }

  /** Reads a part of a block that holds blocks itself, as marked reads the text of a quote. */
  nestedBlocks(src: string): Token[] {
    const { top } = this.state;
    this.state.top = true;
    try {
      return this.blockTokens(src, []);
    } finally {
      this.state.top = top;
    }
  }

  override blockTokens(src: string, tokens?: Token[], continued?: boolean): Token[];
  override blockTokens(src: string, tokens?: TokensList, continued?: boolean): TokensList;
  override blockTokens(src: string, tokens: Token[] = [], continued = false): Token[] {
    this.#meter.spend("block_work", src.length);
    // marked takes a quote apart and puts it together again at each lazy stretch of it.
    if (continued && tokens.length > 0) {
      this.#meter.check("lazy_quotes", ++this.#lazyStretches);
      this.#meter.spend("block_work", this.#quoteLength / AGAIN);
    }
    const outer = this.#part;
    this.#part = { length: src.length, from: Infinity, to: -1, starts: false };
    try {
      return this.#meter.deeper("block_depth", () => super.blockTokens(src, tokens, continued));
    } finally {
      this.#part = outer;
    }
  }

  /** Reads a quote, and counts the lazy stretches in it together with those in the quotes it holds. */
  quote<Result>(length: number, read: () => Result): Result {
    if (this.#quotes === 0) {
      this.#lazyStretches = 0;
      this.#quoteLength = length;
    }
    this.#quotes++;
    try {
      return read();
    } finally {
      this.#quotes--;
    }
  }

  override inlineTokens(src: string, tokens: Token[] = []): Token[] {
    return this.#meter.deeper("inline_depth", () => {
      for (const run of inlineRuns(src)) {
        // Emphasis makes marked mask links, code and tags first, with a search from each of them;
        // few of the searches go far where what is opened is closed.
        const open = Math.max(0, countOf(run, "[") - countOf(run, "]"));
        const searches = countOf(run, "[", "<", "`") + open;
        this.#meter.spend("inline_work", run.length * (1 + searches / 8));
        this.#readRun(run, tokens);
      }
      return tokens;
    });
  }

  /** The character before what is left of the line to read, "" at its start. */
  charBefore(rest: string): string {
    const { text } = this.#run;
    return text.charAt(text.length - rest.length - 1);
  }

  #readRun(run: string, tokens: Token[]): void {
    const outer = this.#run;
    this.#run = { text: run, starts: this.#startsIn(run) };
    try {
      super.inlineTokens(run, tokens);
    } finally {
      this.#run = outer;
    }
  }

  #startsIn: (run: string) => number[] = () => [];

  /**
   * marked asks for the next start at each bit of text, so the starts of a run are looked up once, and
   * a paragraph is searched only to its end.
   */
  #addStarts(options: MarkedOptions<string, string>, { inline, block }: Starts): void {
    const { extensions } = options;
    if (!extensions) return;
    this.#startsIn = (run) => {
      const starts: number[] = [];
      inline.lastIndex = 0;
      for (let found = inline.exec(run); found; found = inline.exec(run)) {
        starts.push(found.index);
        // What looks like a start may hold a real one.
        inline.lastIndex = found.index + 1;
      }
      return starts.reverse();
    };
    const line = new RegExp(`\\n(?:[ \\t]*(?:\\n|$)|(?= {0,3}(?:${block.source})))`, "i");

    extensions.startInline = [(rest) => {
      const { text, starts } = this.#run;
      const at = text.length - rest.length;
      while (starts.length > 0 && starts.at(-1)! < at) starts.pop();
      return starts.length > 0 ? starts.at(-1)! - at : undefined;
    }];
    extensions.startBlock = [(rest) => {
      if (!this.state.top) return undefined;
      const part = this.#part;
      const at = part.length - rest.length;
      if (at < part.from || at > part.to) {
        const found = line.exec(rest);
        part.from = at;
        part.to = at + (found?.index ?? rest.length);
        part.starts = found?.[0] === "\n";
      }
      return part.starts ? part.to - at + 1 : undefined;
    }];
  }

  /**
   * marked puts a list item together line by line and looks at all of it again at some of them, and
   * strips one marker at a time off a line. These two rules are the ones it asks on the way.
   */
  #meterItems(options: MarkedOptions<string, string>): void {
    const tokenizer = options.tokenizer!;
    const { hrRegex, nestedBlockMarker } = tokenizer.rules.other;
    const meter = this.#meter;

    function countLines(indent: number): RegExp {
      const rule = hrRegex(indent);
      let lines = 0;
      function test(line: string): boolean {
        meter.check("item_lines", ++lines);
        return rule.test(line);
      }
      return { test } as RegExp;
    }

    function countMarkers(line: string): RegExpExecArray | null {
      meter.spend("block_work", line.length);
      return nestedBlockMarker.exec(line);
    }

    const metered = { hrRegex: countLines, nestedBlockMarker: { exec: countMarkers } as RegExp };
    tokenizer.rules = { ...tokenizer.rules, other: { ...tokenizer.rules.other, ...metered } };
  }
}

function* inlineRuns(src: string): Generator<string> {
  let start = 0;
  while (src.length - start > INLINE_RUN) {
    const end = runEnd(src, start);
    yield src.slice(start, end);
    start = end;
  }
  yield src.slice(start);
}

function runEnd(src: string, start: number): number {
  const limit = start + INLINE_RUN;
  for (const gap of ["\n", " "]) {
    const at = src.lastIndexOf(gap, limit - 1) + 1;
    if (at > start + INLINE_RUN / 2) return at;
  }
  const splitsPair = /[\uD800-\uDBFF]/.test(src[limit - 1]);
  return splitsPair ? limit - 1 : limit;
}

function costOfText(src: string): number {
  // The pattern for the end of emphasis is a slow one; an underscore in a word does not start it.
  if ("*~".includes(src[0])) return 3 * src.length;
  if ("_[!<`".includes(src[0])) return src.length;
  return wordLength(src);
}

function wordLength(src: string): number {
  const end = src.search(/\s/);
  return end < 0 ? src.length : end;
}
