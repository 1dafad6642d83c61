import { enter, openTab, withServer } from "../browser/_account.ts";
import { articleWith, withImages } from "../browser/_article.ts";
import { findChromium } from "../browser/_browser.ts";
import { publish, withService } from "../browser/_site.ts";

/**
 * `deno run --frozen -A tests/bench/lighthouse.ts [command …]`: Lighthouse's four scores of a post and of
 * the front page of a Starter blog, of the platform's landing page, and of each page of the dashboard, mobile
 * settings. `command` stands in for `npx -y lighthouse@13.5.0`.
 */
const COMMAND = Deno.args.length > 0 ? Deno.args : ["npx", "-y", "lighthouse@13.5.0"];
const FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-quic";

type Report = {
  categories: Record<string, { title: string; score: number }>;
  audits: Record<string, { title: string; score: number | null; displayValue?: string }>;
};

// Beside those of the account, those of a blog and of a post.
const DASHBOARD = ["", "/billing", "/tokens", "/apps", "/account"];
const OF_BLOG = ["", "/posts", "/posts/new", "/posts/post/edit", "/media", "/analytics", "/theme"]
  .concat(["/domain", "/webhooks", "/keys", "/settings"]);

async function runLighthouse(url: string, cookie?: string): Promise<Report> {
  const [name, ...args] = COMMAND;
  const { code, stdout, stderr } = await new Deno.Command(name, {
    args: [
      ...[...args, url, "--output=json", "--quiet", `--chrome-flags=${FLAGS}`],
      ...cookie ? [`--extra-headers=${JSON.stringify({ cookie })}`] : [],
    ],
    env: { CHROME_PATH: findChromium() ?? "" },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (code !== 0) throw new Error(text(stderr));
  return JSON.parse(text(stdout));
}

function say(url: string, { categories, audits }: Report): void {
  const scores = Object.values(categories).map(({ title, score }) =>
    `${title} ${Math.round(score * 100)}`
  );
  console.log(`${url}: ${scores.join(", ")}`);
  for (const { title, score, displayValue = "" } of Object.values(audits)) {
    if (score !== null && score < 1) console.log(`  ${score} ${title} ${displayValue}`);
  }
}

await withServer({}, async ({ server, browser, env }) => {
  const { tab } = await openTab(browser);
  const key = await enter(tab, env);
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const body = JSON.stringify({
    title: "Post",
    content: "# Text\n\nOf a post.",
    status: "published",
  });
  const made = await fetch(`${server.origin}/v1/posts`, { method: "POST", headers, body });
  await made.body?.cancel();
  const cookies = (await tab.context().cookies()).map(({ name, value }) => `${name}=${value}`);
  const paths = [...DASHBOARD, ...OF_BLOG.map((path) => `/blogs/ada${path}`)];
  for (const path of paths) {
    const url = `${server.origin}/app${path}`;
    say(url, await runLighthouse(url, cookies.join("; ")));
  }
});

await withImages((images) =>
  withService(async (service) => {
    const blog = await service.createBlog("lighthouse", { plan: "starter", name: "Field Notes" });
    const description = "What we learn about small databases.";
    await service.send(blog, { method: "PUT", path: `/blogs/${blog.id}` }, { description });
    const post = await publish(service, blog, articleWith(images));
    for (const url of [post, `${blog.url}/`, `${service.server.origin}/`]) {
      say(url, await runLighthouse(url));
    }
  })
);
