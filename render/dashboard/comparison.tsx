import { diffLines } from "diff";

type Part = { kind: "same" | "gone" | "new"; lines: string[] };

// So many lines around a change are shown.
const AROUND = 3;
// Beyond so many lines that differ, finding out which they are would take too long.
const MOST_CHANGES = 2000;

/** What differs between two texts, line by line; null where they differ in more than can be told. */
function compare(before: string, after: string): Part[] | null {
  const parts = diffLines(before, after, { maxEditLength: MOST_CHANGES });
  if (!parts) return null;
  return parts.map(({ value, added, removed }) => ({
    kind: added ? "new" : removed ? "gone" : "same",
    lines: value.replace(/\n$/, "").split("\n"),
  }));
}

/** Two texts compared: lines that go are marked by −, those that come by +. */
export function Comparison({ before, after }: { before: string; after: string }) {
  const parts = compare(before, after);
  if (parts === null) {
    return <p class="soft">The two texts differ in nearly everything.</p>;
  }
  if (parts.every(({ kind }) => kind === "same")) {
    return <p class="soft">The text is the same.</p>;
  }
  return (
    <div class="diff" tabindex={0} role="group" aria-label="What differs">
      {parts.map((part, i) => (
        part.kind === "same"
          ? <Same {...part} first={i === 0} last={i === parts.length - 1} />
          : <Changed {...part} />
      ))}
    </div>
  );
}

// The last line is one, also where it is empty.
function textOf(lines: string[]): string {
  return `${lines.join("\n")}\n`;
}

// HTML leaves out the first line break of an element.
function unchanged(lines: string[]): string {
  return `\n${textOf(lines)}`;
}

function Same({ lines, first, last }: Part & { first: boolean; last: boolean }) {
  const begin = first ? 0 : AROUND;
  const end = last ? 0 : AROUND;
  const left = lines.length - begin - end;
  if (left < 2) return <pre>{unchanged(lines)}</pre>;
  return (
    <>
      {begin > 0 && <pre>{unchanged(lines.slice(0, begin))}</pre>}
      <p class="soft small">{left.toLocaleString("en")} lines are the same</p>
      {end > 0 && <pre>{unchanged(lines.slice(-end))}</pre>}
    </>
  );
}

function Changed({ kind, lines }: Part) {
  const text = textOf(lines);
  return (
    <pre class={kind}>
      <span class="hidden">{kind === "new" ? "Comes: " : "Goes: "}</span>
      {kind === "new" ? <ins>{text}</ins> : <del>{text}</del>}
    </pre>
  );
}
