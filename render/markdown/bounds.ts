// Every bound is a count of something that the source alone decides, never a clock, so that the
// same source meets the same verdict on any machine and under any load.
const BOUNDS = {
  source: { limit: 1_048_576, sentence: "The text is longer than # characters; split the post." },
  output: {
    limit: 8_000_000,
    sentence: "The page would be larger than # characters; split the post.",
  },
  output_tags: {
    limit: 250_000,
    sentence: "The page would have more than # HTML tags; split the post.",
  },
  block_depth: {
    limit: 30,
    sentence: "Lists and quotes are nested more than # levels deep; flatten them.",
  },
  inline_depth: {
    limit: 30,
    sentence: "Emphasis and links are nested more than # levels deep; flatten them.",
  },
  blocks: { limit: 100_000, sentence: "The post has more than # blocks; split the post." },
  block_work: {
    limit: 8_000_000,
    sentence:
      "Nested lists and quotes need more than # steps; nest less, start each line of a quote with >, or split the post.",
  },
  inline_work: {
    limit: 60_000_000,
    sentence:
      "Long paragraphs full of mark-up characters need more than # steps; shorten them, or put what is not prose in a code block.",
  },
  raw_tags: {
    limit: 10_000,
    sentence: "The post has more than # raw HTML tags; write it in Markdown.",
  },
  table_columns: { limit: 200, sentence: "A table has more than # columns; split the table." },
  table_cells: {
    limit: 50_000,
    sentence: "The tables have more than # cells in all; split the post.",
  },
  broken_tables: {
    limit: 100,
    sentence:
      "More than # tables have a delimiter row that does not fit their header; give both the same number of columns.",
  },
  item_lines: {
    limit: 5_000,
    sentence: "An item of a list has more than # lines; split it into paragraphs of their own.",
  },
  paragraph_lines: {
    limit: 1_000,
    sentence:
      "A paragraph of a list item has more than # lines; put blank lines between paragraphs.",
  },
  lazy_quotes: {
    limit: 200,
    sentence:
      "A quote goes on without its > in more than # places; start each line of a quote with >.",
  },
  math_length: { limit: 4_000, sentence: "A formula is longer than # characters; split it." },
  math_depth: {
    limit: 200,
    sentence: "A formula is nested more than # levels deep; take it apart.",
  },
  math_commands: {
    limit: 25_000,
    sentence: "The formulas have more than # commands in all; split the post.",
  },
  math_errors: {
    limit: 100,
    sentence:
      "More than # formulas cannot be read; mend them, or write \\$ for a $ that is not math.",
  },
};

/** The name of a bound, as it stands in BoundExceeded.bound. */
export type Bound = keyof typeof BOUNDS;

/** The source passed a bound; the message is a sentence for the author that says how to mend it. */
export class BoundExceeded extends Error {
  override readonly name = "BoundExceeded";
  readonly limit: number;

  constructor(readonly bound: Bound) {
    const { limit, sentence } = BOUNDS[bound];
    super(sentence.replace("#", limit.toLocaleString("en")));
    this.limit = limit;
  }
}

/** Counts what one rendering has used up; each method throws BoundExceeded when its bound is passed. */
export class Meter {
  readonly #used = Object.fromEntries(
    Object.keys(BOUNDS).map((bound) => [bound, 0]),
  ) as Record<Bound, number>;

  /** Adds to a total that only grows. */
  spend(bound: Bound, amount = 1): void {
    this.#used[bound] += amount;
    if (this.#used[bound] > BOUNDS[bound].limit) throw new BoundExceeded(bound);
  }

  /** Judges one figure by itself, without adding it to a total. */
  check(bound: Bound, figure: number): void {
    if (figure > BOUNDS[bound].limit) throw new BoundExceeded(bound);
  }

  /** Runs work one level deeper. */
  deeper<Result>(bound: "block_depth" | "inline_depth", work: () => Result): Result {
    this.spend(bound);
    try {
      return work();
    } finally {
      this.#used[bound]--;
    }
  }
}
