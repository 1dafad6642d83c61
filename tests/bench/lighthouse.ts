import { articleWith, withImages } from "../browser/_article.ts";
import { findChromium } from "../browser/_browser.ts";
import { publish, withService } from "../browser/_site.ts";

/**
 * `deno run --frozen -A tests/bench/lighthouse.ts [command …]`: Lighthouse's four scores of a post and of
 * the front page of a Starter blog, and of the platform's landing page, mobile settings. `command` stands in for `npx -y lighthouse@13.5.0`.
 */
const COMMAND = Deno.args.length > 0 ? Deno.args : ["npx", "-y", "lighthouse@13.5.0"];
const FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-quic";

type Report = {
  categories: Record<string, { title: string; score: number }>;
  audits: Record<string, { title: string; score: number | null; displayValue?: string }>;
};

async function runLighthouse(url: string): Promise<Report> {
  const [name, ...args] = COMMAND;
  const { code, stdout, stderr } = await new Deno.Command(name, {
    args: [...args, url, "--output=json", "--quiet", `--chrome-flags=${FLAGS}`],
    env: { CHROME_PATH: findChromium() ?? "" },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (code !== 0) throw new Error(text(stderr));
  return JSON.parse(text(stdout));
}

await withImages((images) =>
  withService(async (service) => {
    const blog = await service.createBlog("lighthouse", { plan: "starter", name: "Field Notes" });
    const description = "What we learn about small databases.";
    await service.send(blog, { method: "PUT", path: `/blogs/${blog.id}` }, { description });
    const post = await publish(service, blog, articleWith(images));
    for (const url of [post, `${blog.url}/`, `${service.server.origin}/`]) {
      const { categories, audits } = await runLighthouse(url);
      const scores = Object.values(categories).map(({ title, score }) =>
        `${title} ${Math.round(score * 100)}`
      );
      console.log(`${url}: ${scores.join(", ")}`);
      for (const { title, score, displayValue = "" } of Object.values(audits)) {
        if (score !== null && score < 1) console.log(`  ${score} ${title} ${displayValue}`);
      }
    }
  })
);
