import type { SearchParams, SearchResponse, Settings } from "meilisearch";
import { type Document, parseFilter } from "./meilisearch_filter.ts";

type Searched = { settings: Settings; documents: Map<string, Document> };
type Ranked = { document: Document; keys: number[]; score: number };

const MAX_WORDS = 10;

/** What the server finds in an index, by our `words`, `attributeRank` and `attribute:desc` rules at most. */
export function search(index: Searched, wanted: SearchParams): SearchResponse {
  const { settings } = index;
  const { filter, q, offset = 0, limit = 20, page, hitsPerPage } = wanted;
  const matches = parseFilter(filter, settings.filterableAttributes as string[]);
  const ranked = rank([...index.documents.values()].filter(matches), wanted, settings);
  const max = settings.pagination!.maxTotalHits!;
  const totalHits = Math.min(ranked.length, max);
  const paged = page !== undefined || hitsPerPage !== undefined;
  const size = paged ? hitsPerPage ?? 20 : limit;
  const from = Math.min(paged ? ((page ?? 1) - 1) * size : offset, max);
  const hits = (page === 0 ? [] : ranked.slice(from, Math.min(from + size, max)))
    .map((one) => show(one, wanted, settings));
  const common = { hits, query: q ?? "", processingTimeMs: 0 };
  if (!paged) {
    // No more than it had to look at.
    const estimatedTotalHits = Math.min(totalHits, from + size + 1);
    return { ...common, offset, limit, estimatedTotalHits };
  }
  const totalPages = size ? Math.ceil(totalHits / size) : 0;
  return { ...common, hitsPerPage: size, page: page ?? 1, totalPages, totalHits };
}

function rank(documents: Document[], wanted: SearchParams, settings: Settings): Ranked[] {
  const words = wordsOf(wanted.q ?? undefined).slice(0, MAX_WORDS);
  if (words.length && settings.typoTolerance!.enabled) throw new Error("typos are not modelled");
  const ranked = documents.flatMap((document): Ranked[] => {
    const found = findWords(document, words, settings);
    const isAll = found.length === words.length;
    if (wanted.matchingStrategy === "all" ? !isAll : words.length && !found.length) return [];
    const ranks = found.reduce((sum, rank) => sum + rank, 0);
    const most = found.length * settings.searchableAttributes!.length;
    const score = words.length ? (found.length - ranks / most) / words.length : 1;
    const keys = settings.rankingRules!.map((rule): number => {
      if (rule === "words") return -found.length;
      if (rule === "attributeRank") return ranks;
      const [, name, order] = /^([\w.]+):(asc|desc)$/.exec(rule) ?? [];
      if (!name) throw new Error(`the ranking rule ${rule} is not modelled`);
      return Number(document[name]) * (order === "asc" ? 1 : -1);
    });
    return [{ document, keys, score }];
  });
  return ranked.sort((a, b) => {
    const i = a.keys.findIndex((key, i) => key !== b.keys[i]);
    return i < 0 ? 0 : a.keys[i] - b.keys[i];
  });
}

// The ranks of the attributes that the query's words stand in, up to the first word that stands in none.
function findWords(document: Document, words: string[], settings: Settings): number[] {
  if (words.length === 0) return [];
  const prefix = settings.prefixSearch === "indexingTime" ? words.at(-1) : undefined;
  const attributes = settings.searchableAttributes!;
  const places = attributes[0] === "*"
    ? [Object.values(document).flatMap(wordsOf)]
    : attributes.map((name) => wordsOf(document[name]));
  const ranks = words.map((word) =>
    places.findIndex((there) =>
      there.includes(word) || word === prefix && there.some((one) => one.startsWith(word))
    )
  );
  const end = ranks.indexOf(-1);
  return end < 0 ? ranks : ranks.slice(0, end);
}

function wordsOf(value: unknown): string[] {
  if (value === undefined) return [];
  return String(value).normalize("NFKD").toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

function show({ document, score }: Ranked, wanted: SearchParams, settings: Settings): Document {
  const { attributesToRetrieve = ["*"], showRankingScore } = wanted;
  const isIn = (names: string[], name: string) => names[0] === "*" || names.includes(name);
  const shown = Object.entries(document).filter(([name]) =>
    isIn(settings.displayedAttributes as string[], name) && isIn(attributesToRetrieve, name)
  );
  return { ...Object.fromEntries(shown), ...showRankingScore && { _rankingScore: score } };
}
