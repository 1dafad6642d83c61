// Makes golden.json, the numbers that PostgreSQL has for the corpus:
//   PGHOST=… PGUSER=… PGDATABASE=… deno run -A tests/lib/content/search/postgres/make.ts
// The role must be a superuser, since the list of stopwords is a file of the server's. Nothing is left there.
import { STEMMED_WORDS } from "../../../../support/english_words.ts";
import { GOLDEN, makeCorpus, makeQueries } from "../../../../support/search_corpus.ts";
import type { Golden } from "./golden_test.ts";

const corpus = makeCorpus(GOLDEN.corpus);
const queries = makeQueries(GOLDEN.queries);

function copy(table: string, rows: (string | number)[][]): string {
  return `\\copy ${table} from pstdin\n${rows.map((row) => row.join("\t")).join("\n")}\n\\.\n`;
}

// Array weights are D, C, B, A. What is ranked by is the OR of the terms that the query does not negate.
const script = `
\\set ON_ERROR_STOP on
set client_min_messages = warning;
create temp table posts (id int, title text, description text, headings text, tags text);
create temp table queries (id int, q text);
create temp table words (id int, word text);
${
  copy(
    "posts",
    corpus.map((post, id) => [
      id,
      post.title,
      post.description,
      post.headings.join(" "),
      post.tags.join(" "),
    ]),
  )
}${copy("queries", queries.map((q, id) => [id, q]))}${
  copy("words", STEMMED_WORDS.map((word, id) => [id, word]))
}
create temp table documents as
  select id, setweight(to_tsvector('english', title), 'A')
    || setweight(to_tsvector('english', description), 'B')
    || setweight(to_tsvector('english', headings), 'C')
    || setweight(to_tsvector('english', tags), 'D') as document
  from posts;

do $$ begin
  if exists (
    select 1 from documents, unnest(document) word
    where exists (select from unnest(word.weights) weight group by weight having count(*) > 3)
  ) then raise exception 'a word is more than three times in a field'; end if;
end $$;

create temp table terms as
  select id, q, websearch_to_tsquery('english', q) as asked, (
    select string_agg(parts[2], ' | ')
    from regexp_matches(
      regexp_replace(websearch_to_tsquery('english', q)::text, '!\\([^()]*\\)', '', 'g'),
      '(!*)(''[^'']*'')', 'g'
    ) parts
    where length(parts[1]) % 2 = 0
  )::tsquery as ranked
  from queries;

create temp table hits as
  select terms.id as query, documents.id,
    coalesce(ts_rank('{0.1, 0.2, 0.4, 1.0}', document, ranked), 0) as score
  from terms join documents on document @@ asked;

select json_build_object(
  'version', current_setting('server_version'),
  'stopwords', (
    select regexp_replace(trim(pg_read_file(setting || '/tsearch_data/english.stop')), '\\s+', ' ', 'g')
    from pg_config where name = 'SHAREDIR'
  ),
  'stems', (
    select string_agg(coalesce((ts_lexize('english_stem', word))[1], ''), ' ' order by id) from words
  ),
  'queries', (
    select json_agg(json_build_object('q', q, 'total', total, 'ids', ids, 'sum', sum, 'top', top) order by id)
    from terms, lateral (
      select count(*) as total, left(md5(coalesce(string_agg(hits.id::text, ',' order by hits.id), '')), 12) as ids,
        coalesce(round(sum(score::float8)::numeric, 4), 0) as sum
      from hits where query = terms.id
    ) found, lateral (
      select coalesce(json_agg(round(score::numeric, 6) order by score desc), '[]') as top
      from (select score from hits where query = terms.id order by score desc limit 10) best
    ) first
  )
);
`;

const psql = new Deno.Command("psql", {
  args: ["-X", "-q", "-A", "-t", "-f", "-"],
  stdin: "piped",
  stdout: "piped",
}).spawn();
await new Blob([script]).stream().pipeTo(psql.stdin);
const { success, stdout } = await psql.output();
if (!success) Deno.exit(1);
const golden: Golden = JSON.parse(new TextDecoder().decode(stdout));
const lines = golden.queries.map((query) => `    ${JSON.stringify(query)}`).join(",\n");
const { queries: _, ...rest } = golden;
await Deno.writeTextFile(
  new URL("golden.json", import.meta.url),
  JSON.stringify({ ...rest, queries: [] }, null, 2).replace("[]\n}", `[\n${lines}\n  ]\n}\n`),
);
console.log(`${corpus.length} documents, ${queries.length} queries, PostgreSQL ${golden.version}`);
