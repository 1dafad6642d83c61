import { guide, type Service } from "./guide.ts";

/** One operation, as a line of the list. */
export type Line = {
  tag: string;
  method: string;
  path: string;
  operationId: string;
  /** null: without a credential */
  scope: string | null;
  summary: string;
  description?: string;
  /** names of its parameters in the query and of the fields of its body; optional ones end in `?` */
  takes: string[];
};

/** What the service is, in one sentence. */
export const ABOUT = "API-first blog publishing: Markdown in, fast and well-described pages out.";

/** The API for language models, in the form of llms.txt (llmstxt.org). */
export function apiText(service: Service, lines: Line[]): string {
  const sections = guide(service);
  const about = sections.filter(({ title }) => title !== "Links");
  const links = sections.filter(({ title }) => title === "Links");
  const tags = [...new Set(lines.map((line) => line.tag))];
  const parts = [
    "# Postlark API",
    `> ${ABOUT}`,
    `Base URL: ${service.origin}/v1`,
    ...about.map(({ title, text }) => `## ${title}\n\n${text}`),
    ...tags.map((tag) => {
      const own = lines.filter((line) => line.tag === tag);
      return `## ${tag}\n\n${own.map(describe).join("\n")}`;
    }),
    ...links.map(({ title, text }) => `## ${title}\n\n${text}`),
  ];
  return parts.join("\n\n") + "\n";
}

function describe(line: Line): string {
  const takes = line.takes.length ? ` Takes ${line.takes.join(", ")}.` : "";
  const about = line.description ? ` ${line.description}` : "";
  const scope = line.scope === null ? "no credential" : `scope \`${line.scope}\``;
  return `- \`${line.method.toUpperCase()} ${line.path}\` (${line.operationId}, ${scope}): ` +
    `${line.summary}.${about}${takes}`;
}
