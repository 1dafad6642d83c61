import { type Command, Option } from "commander";
import type { Query } from "../sdk.ts";
import type { Context } from "./_context.ts";
import { action } from "./_noun.ts";
import { bar, paint, pairs, plain, print, table } from "./_output.ts";

type Options = Query<"getAnalytics">;
type Figures = {
  period: string;
  total_views: number;
  total_views_7d: number;
  total_views_30d: number;
  total_uv_30d: number;
  daily_views: { date: string; views: number; uv: number }[];
  referrers?: { host: string; views: number }[];
};

/** `postlark analytics …` */
export function analytics(program: Command): void {
  const noun = program.command("analytics").description("views of a blog or a post");
  withPeriod(noun.command("overview", { isDefault: true })).description("views of the blog")
    .action(action(overview));
  withPeriod(noun.command("post <slug>")).description("views of a post").action(action(ofPost));
}

function withPeriod(command: Command): Command {
  return command.addOption(
    new Option("--period <period>", "the last days; 30d unless given").choices([
      "7d",
      "30d",
      "90d",
    ]),
  );
}

async function overview(context: Context, { period }: Options): Promise<void> {
  const answer = await context.client.analytics.overview({ period }, await context.onBlog());
  context.result(answer, () => {
    show(answer.title, answer);
    if (!answer.top_posts.length) return;
    print();
    table(["VIEWS", "SLUG", "TITLE"], answer.top_posts.map((p) => [p.views, p.slug, p.title]));
  });
}

async function ofPost(context: Context, slug: string, { period }: Options): Promise<void> {
  const answer = await context.client.analytics.post(slug, { period }, await context.onBlog());
  context.result(answer, () => show(answer.title, answer));
}

function show(title: string, figures: Figures): void {
  print(paint(plain(title), "bold"));
  pairs({
    "all time": figures.total_views,
    "7 days": figures.total_views_7d,
    "30 days": `${figures.total_views_30d} (${figures.total_uv_30d} daily visitors)`,
  });
  print();
  const most = Math.max(...figures.daily_views.map(({ views }) => views));
  for (const { date, views } of figures.daily_views) {
    print(`${date} ${String(views).padStart(6)} ${paint(bar(views, most), "green")}`.trimEnd());
  }
  if (!figures.referrers?.length) return;
  print();
  table(["VIEWS", "FROM"], figures.referrers.map(({ host, views }) => [views, host]));
}
