export type Document = Record<string, unknown>;
type Condition = (document: Document) => boolean;

/** Thrown for what is not a filter; its message is the server's. */
export class FilterError extends Error {}

const OPERATIONS =
  "an operation `=`, `!=`, `>=`, `>`, `<=`, `<`, `IN`, `NOT IN`, `TO`, `EXISTS`, " +
  "`NOT EXISTS`, `IS NULL`, `IS NOT NULL`, `IS EMPTY`, `IS NOT EMPTY`, `CONTAINS`, " +
  "`NOT CONTAINS`, `STARTS WITH`, `NOT STARTS WITH`, `_geoRadius`, or `_geoBoundingBox`";
const TOKEN =
  /\s*(?:(?<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?<word>[\p{L}\p{N}_\-/.]+)|(?<sign>!=|[()[\],=]))/uy;
// What one value of a filterable attribute holds.
const MAX_VALUE_BYTES = 468;

/** Reads the `filter` of a search: expressions as one string, or an array of them, to be met all, or arrays of alternatives. */
export function parseFilter(filter: unknown, filterable: string[]): Condition {
  if (filter === undefined || filter === null) return () => true;
  if (typeof filter === "string") return new Parser(filter, filterable).parse();
  if (!Array.isArray(filter)) throw new FilterError("Invalid syntax for the filter parameter.");
  const all = filter.map((part): Condition => {
    if (!Array.isArray(part)) return parseFilter(part, filterable);
    if (part.some((one) => typeof one !== "string")) {
      throw new FilterError("Invalid syntax for the filter parameter: too deep.");
    }
    const any = part.map((one) => parseFilter(one, filterable));
    return (document) => any.some((condition) => condition(document));
  });
  return (document) => all.every((condition) => condition(document));
}

class Parser {
  #tokens: { text: string; quoted: boolean }[] = [];
  #at = 0;

  constructor(readonly source: string, readonly filterable: string[]) {
    for (let at = 0; source.slice(at).trim();) {
      TOKEN.lastIndex = at;
      const match = TOKEN.exec(source);
      if (!match) {
        throw new FilterError(
          `Was expecting a value but instead got \`${source.slice(at).trim()}\`.`,
        );
      }
      const { quoted } = match.groups!;
      const text = quoted ? quoted.slice(1, -1).replace(/\\(.)/g, "$1") : match[0].trim();
      this.#tokens.push({ text, quoted: quoted !== undefined });
      at = TOKEN.lastIndex;
    }
  }

  parse(): Condition {
    if (this.#tokens.length === 0) return () => true;
    const condition = this.#either();
    if (this.#at < this.#tokens.length) {
      const rest = this.#tokens.slice(this.#at).map(({ text }) => text).join(" ");
      throw new FilterError(
        `Found unexpected characters at the end of the filter: \`${rest}\`. ` +
          "You probably forgot an `OR` or an `AND` rule.",
      );
    }
    return condition;
  }

  #either(): Condition {
    const any = [this.#both()];
    while (this.#take("OR")) any.push(this.#both());
    return (document) => any.some((condition) => condition(document));
  }

  #both(): Condition {
    const all = [this.#not()];
    while (this.#take("AND")) all.push(this.#not());
    return (document) => all.every((condition) => condition(document));
  }

  #not(): Condition {
    if (!this.#take("NOT")) return this.#primary();
    const condition = this.#not();
    return (document) => !condition(document);
  }

  #primary(): Condition {
    if (this.#take("(")) {
      const condition = this.#either();
      if (!this.#take(")")) {
        throw new FilterError(
          `Expression \`${this.source}\` is missing the following closing delimiter: \`)\`.`,
        );
      }
      return condition;
    }
    const attribute = this.#value();
    const negated = this.#take("NOT");
    const condition = this.#operation(attribute, negated);
    if (!this.filterable.includes(attribute)) throw this.#notFilterable(attribute);
    return negated ? (document) => !condition(document) : condition;
  }

  #operation(attribute: string, negated: boolean): Condition {
    if (this.#take("IN")) {
      const values = this.#list();
      return (document) => values.some((value) => equals(document[attribute], value));
    }
    if (this.#take("EXISTS")) return (document) => attribute in document;
    const sign = this.#take("=") ? "=" : this.#take("!=") ? "!=" : null;
    if (!sign || negated) {
      throw new FilterError(`Was expecting ${OPERATIONS} at \`${this.source}\`.`);
    }
    const value = this.#value();
    return (document) => equals(document[attribute], value) === (sign === "=");
  }

  #list(): string[] {
    const values: string[] = [];
    if (!this.#take("[")) throw new FilterError("Expected `[` after `IN` keyword.");
    while (!this.#take("]")) {
      if (values.length && !this.#take(",")) {
        throw new FilterError("Expected only comma-separated field names inside `IN[..]`.");
      }
      values.push(this.#value());
    }
    return values;
  }

  #value(): string {
    const token = this.#tokens[this.#at++];
    if (token === undefined) {
      throw new FilterError("Was expecting a value but instead got nothing.");
    }
    const isReserved = /^(?:AND|OR|NOT|IN|TO|EXISTS|IS|NULL|EMPTY|CONTAINS|STARTS|WITH)$/;
    if (!token.quoted && (isReserved.test(token.text) || !/[\p{L}\p{N}_]/u.test(token.text))) {
      throw new FilterError(`Was expecting a value but instead got \`${token.text}\`.`);
    }
    return token.text;
  }

  #take(text: string): boolean {
    const token = this.#tokens[this.#at];
    const taken = token !== undefined && !token.quoted && token.text === text;
    if (taken) this.#at++;
    return taken;
  }

  #notFilterable(attribute: string): FilterError {
    const names = this.filterable.map((name) => `\`${name}\``).join(", ");
    return new FilterError(
      `Attribute \`${attribute}\` is not filterable. ` +
        (names
          ? `Available filterable attributes patterns are: ${names}.`
          : "This index does not have configured filterable attributes."),
    );
  }
}

// Any element of an array will do; strings whatever their case and compatible form, numbers as numbers.
function equals(there: unknown, value: string): boolean {
  if (Array.isArray(there)) return there.some((one) => equals(one, value));
  if (typeof there === "number") return there === Number(value);
  return typeof there === "string" && normalize(there) === normalize(value);
}

function normalize(text: string): string {
  const bytes = new TextEncoder().encode(text.trim().normalize("NFKD").toLowerCase());
  return new TextDecoder().decode(bytes.subarray(0, MAX_VALUE_BYTES));
}
