import { samples } from "./search_corpus.ts";

// Where Debian's packages put the programs of each version.
const VERSIONS = "/usr/lib/postgresql";
const SOCKET_PORT = "54329";
const ROWS_A_COPY = 5000;

/** What is searched: words of a query, and what narrows it. */
export type Filter = { q: string; tag?: string; blog?: number };

/** A private PostgreSQL with the same posts, reached by a socket in its own folder. */
export type Postgres = {
  version: string;
  /** milliseconds of each of `times` runs, sorted */
  time: (filter: Filter, times: number) => Promise<number[]>;
  total: (filter: Filter) => Promise<number>;
  stop: () => Promise<void>;
};

/** Makes a cluster in a new folder, with the posts and the indexes that PostgreSQL's manual advises. */
export async function startPostgres(posts: number): Promise<Postgres> {
  const folder = await Deno.makeTempDir();
  await Deno.chmod(folder, 0o755);
  const data = `${folder}/data`;
  const own = await ownerOfServer();
  if (own) await Deno.chown(folder, own.uid, own.gid);
  const run = await programs(folder);
  await run("initdb", ["-D", data, "-A", "trust", "-U", "bench", "--locale=C.UTF-8", "-E", "UTF8"]);
  const options = `-k ${folder} -p ${SOCKET_PORT} -c listen_addresses= -c shared_buffers=512MB`;
  await run("pg_ctl", ["-D", data, "-l", `${folder}/log`, "-o", options, "-w", "start"]);
  const at = ["-h", folder, "-p", SOCKET_PORT, "-U", "bench"];
  const psql = (sql: string) =>
    run("psql", [...at, "-d", "postgres", "-qAtX", "-v", "ON_ERROR_STOP=1"], sql);
  const file = `${folder}/query.sql`;
  await fill(psql, posts);
  return {
    version: (await psql("show server_version")).trim(),
    async total(filter) {
      return Number((await psql(`select count(*) from posts, ${condition(filter)}`)).trim());
    },
    async time(filter, times) {
      await Deno.writeTextFile(file, `${statement(filter)}\n`);
      const prefix = `${folder}/times`;
      const limits = ["-n", "-c1", "-t", String(times), "-l", `--log-prefix=${prefix}`];
      await run("pgbench", [...at, ...limits, "-f", file, "postgres"]);
      const logs = Array.fromAsync(Deno.readDir(folder));
      const name = (await logs).find((entry) => entry.name.startsWith("times."))!.name;
      const text = await Deno.readTextFile(`${folder}/${name}`);
      await Deno.remove(`${folder}/${name}`);
      const microseconds = text.trim().split("\n").map((line) => Number(line.split(" ")[2]));
      return microseconds.map((us) => us / 1000).sort((a, b) => a - b);
    },
    async stop() {
      await run("pg_ctl", ["-D", data, "-m", "immediate", "-w", "stop"]);
      await Deno.remove(folder, { recursive: true });
    },
  };
}

async function fill(psql: (sql: string) => Promise<string>, posts: number): Promise<void> {
  await psql(`create table posts (
    id serial primary key, blog int, title text, description text, headings text, tags text[],
    words tsvector)`);
  let rows: string[] = [];
  const copy = async () => {
    const columns = "blog, title, description, headings, tags";
    await psql(`copy posts (${columns}) from stdin;\n${rows.join("\n")}\n\\.\n`);
    rows = [];
  };
  for (const { blog, title, description, headings, tags } of samples(posts)) {
    rows.push([blog, title, description, headings, `{${tags.join(",")}}`].join("\t"));
    if (rows.length === ROWS_A_COPY) await copy();
  }
  if (rows.length) await copy();
  await psql(`update posts set words =
    setweight(to_tsvector('english', title), 'A') ||
    setweight(to_tsvector('english', description), 'B') ||
    setweight(to_tsvector('english', headings), 'C') ||
    setweight(to_tsvector('english', array_to_string(tags, ' ')), 'D')`);
  await psql("create index on posts using gin (words)");
  await psql("create index on posts using gin (tags)");
  await psql("create index on posts (blog)");
  await psql("vacuum full analyze posts");
}

function condition({ q, tag, blog }: Filter): string {
  const parts = ["words @@ query"];
  if (tag) parts.push(`tags @> array['${tag}']`);
  if (blog !== undefined) parts.push(`blog = ${blog}`);
  return `websearch_to_tsquery('english', '${q}') query where ${parts.join(" and ")}`;
}

function statement(filter: Filter): string {
  const rank = "ts_rank('{0.1, 0.2, 0.4, 1.0}', words, query)";
  return `select id, ${rank} as rank, count(*) over () from posts, ${condition(filter)} ` +
    "order by rank desc, id desc limit 20;";
}

/** The server refuses to run as root: it is then `postgres`'s. */
async function ownerOfServer(): Promise<{ uid: number; gid: number } | null> {
  if (Deno.uid() !== 0) return null;
  const ids = await Promise.all(["-u", "-g"].map((flag) => output("id", [flag, "postgres"])));
  const [uid, gid] = ids.map(Number);
  return { uid, gid };
}

type Run = (program: string, args: string[], input?: string) => Promise<string>;

/** Runs a program of the newest version that is installed. */
async function programs(cwd: string): Promise<Run> {
  const versions = (await Array.fromAsync(Deno.readDir(VERSIONS))).map(({ name }) => Number(name));
  const bin = `${VERSIONS}/${Math.max(...versions)}/bin`;
  const as = ["--reuid=postgres", "--regid=postgres", "--clear-groups"];
  return (program, args, input) =>
    Deno.uid() === 0
      ? output("setpriv", [...as, `${bin}/${program}`, ...args], { input, cwd })
      : output(`${bin}/${program}`, args, { input, cwd });
}

async function output(
  program: string,
  args: string[],
  { input, cwd }: { input?: string; cwd?: string } = {},
): Promise<string> {
  const child = new Deno.Command(program, {
    args,
    cwd,
    env: { LC_ALL: "C.UTF-8" },
    stdin: input === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  if (input !== undefined) {
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(input));
    await writer.close();
  }
  const { code, stdout, stderr } = await child.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (code !== 0) throw new Error(`${program} failed: ${text(stderr) || text(stdout)}`);
  return text(stdout);
}
