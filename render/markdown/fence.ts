// What is looked at of an info string.
const LONGEST_INFO = 1_000;

type Range = { from: number; to: number };
/** What the info string of a fence says; `isDiff` where its lines begin with +, - or a space. */
export type Fence = {
  language: string | undefined;
  isDiff: boolean;
  title: string | undefined;
  numbered: boolean;
  marked: Range[];
};

/** Reads ts title="main.ts" {1,3-5} showLineNumbers; what it does not know it leaves out. */
export function readFence(info = ""): Fence {
  const text = info.slice(0, LONGEST_INFO);
  const [word = ""] = /^(?!showLineNumbers)[\w+#.-]{1,40}(?![\w+#.=-])/i.exec(text) ?? [];
  const isDiff = /^diff-./i.test(word);
  const language = (isDiff ? word.slice("diff-".length) : word).toLowerCase() || undefined;
  const options = text.slice(word.length);
  const title = /(?:^|\s)title=(?:"([^"]*)"|'([^']*)'|([^\s"']+))/.exec(options);
  const bare = title ? options.replace(title[0], " ") : options;
  return {
    language,
    isDiff,
    title: (title?.[1] ?? title?.[2] ?? title?.[3])?.trim() || undefined,
    numbered: /(?:^|[\s}])showLineNumbers(?=[\s{]|$)/i.test(bare),
    marked: readRanges(/\{([\d\s,-]+)\}/.exec(bare)?.[1] ?? ""),
  };
}

/** Whether a line, the first being 1, is one of those between the braces. */
export function isMarked({ marked }: Fence, line: number): boolean {
  return marked.some(({ from, to }) => from <= line && line <= to);
}

function readRanges(list: string): Range[] {
  return list.split(",").flatMap((part) => {
    const [, from, to] = /^\s*(\d+)\s*(?:-\s*(\d+)\s*)?$/.exec(part) ?? [];
    return from ? [{ from: Number(from), to: Number(to ?? from) }] : [];
  });
}
