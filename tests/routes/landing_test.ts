import assert from "node:assert/strict";
import { setup } from "../_setup.ts";
import { sourceOf } from "../../render/blog/csp.ts";
import { assertValidHtml } from "../support/valid_html.ts";

const ORIGIN = "https://postlark.example";
const ENV = { POSTLARK_ORIGIN: ORIGIN };

/** The text of some HTML. */
function textOf(html: string): string {
  return html.replace(/<[^>]+>/g, "").replaceAll("&quot;", '"').replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
}

function attribute(html: string, pattern: RegExp): string | undefined {
  return pattern.exec(html)?.[1];
}

Deno.test("the request that the landing page shows publishes a post at the address that it shows", async () => {
  using t = await setup({ env: ENV });
  const { key } = await t.tenant("starter", "ada");
  const { text } = await t.send("GET", `${ORIGIN}/`);
  const terminal = textOf(/<pre><code>.*?<\/code><\/pre>/s.exec(text)![0]);
  const [, url, json, shown] = /curl -s (\S+) .*--json '(.+)' \| jq -r \.url\n(\S+)$/s.exec(
    terminal,
  )!;
  const { status, body } = await t.send("POST", url, { key, body: JSON.parse(json) });
  assert.deepEqual([status, body.url], [201, shown]);
  const page = await t.send("GET", shown);
  const [, title] = /class="headline">([^<]+)/.exec(text)!;
  assert.match(page.text, new RegExp(`<h1[^>]*>${title}</h1>`));
  assert.ok(page.text.includes("<p>My <strong>first</strong> post.</p>"));
});

Deno.test("every path that the landing page links is there, and its addresses are the origin's", async () => {
  using t = await setup({ env: ENV });
  const { text } = await t.send("GET", `${ORIGIN}/`);
  const links = new Set([...text.matchAll(/\s(?:href|src)="([^"]+)"/g)].map(([, to]) => to));
  assert.ok(links.size > 5);
  for (const to of links) {
    const url = new URL(to, ORIGIN);
    assert.equal(url.origin, ORIGIN);
    const { status } = await t.send("GET", url.href);
    assert.equal(status, to === "/app" ? 303 : 200, to);
  }
  assert.equal(attribute(text, /rel="canonical" href="([^"]+)"/), `${ORIGIN}/`);
});

Deno.test("the landing page is valid HTML that tells search engines and previews what it is", async () => {
  using t = await setup({ env: ENV });
  const { text } = await t.send("GET", `${ORIGIN}/`);
  await assertValidHtml(text);
  const description = attribute(text, /name="description" content="([^"]+)"/)!;
  assert.ok(description.length > 50 && description.length <= 160, String(description.length));
  assert.doesNotMatch(text, /noindex/);
  for (const name of ["title", "description", "url", "type", "image", "image:alt", "site_name"]) {
    assert.match(text, new RegExp(`property="og:${name}" content="[^"]+"`), name);
  }
});

Deno.test("the picture for previews is a PNG of the size that the page says", async () => {
  using t = await setup({ env: ENV });
  const { text } = await t.send("GET", `${ORIGIN}/`);
  const answer = await t.app.fetch(new Request(attribute(text, /og:image" content="([^"]+)"/)!));
  assert.equal(answer.headers.get("content-type"), "image/png");
  const png = new DataView(await answer.arrayBuffer());
  assert.equal(png.getUint32(0), 0x89504e47);
  const size = ["width", "height"].map((side) => (
    Number(attribute(text, new RegExp(`og:image:${side}" content="(\\d+)"`)))
  ));
  assert.deepEqual([png.getUint32(16), png.getUint32(20)], size);
});

Deno.test("the landing page allows its own style alone, runs no script, and cannot be framed", async () => {
  using t = await setup({ env: ENV });
  const { text, headers } = await t.send("GET", `${ORIGIN}/`);
  const policy = headers.get("content-security-policy")!.split("; ");
  const styles = [...text.matchAll(/<style>(.*?)<\/style>/gs)].map(([, style]) => sourceOf(style));
  assert.equal(styles.length, 1);
  assert.ok(policy.includes(`style-src ${styles[0]}`));
  for (const part of ["default-src 'none'", "frame-ancestors 'none'", "form-action 'none'"]) {
    assert.ok(policy.includes(part), part);
  }
  assert.ok(!policy.some((part) => part.startsWith("script-src")));
  assert.doesNotMatch(text, /<script|\sstyle=|\son\w+=/);
});

Deno.test("the landing page is the same for everybody, and is not sent again to who has it", async () => {
  using t = await setup({ env: ENV });
  const first = await t.send("GET", `${ORIGIN}/`, { headers: { cookie: "__Host-postlark=x.y" } });
  assert.equal(first.headers.get("set-cookie"), null);
  assert.match(first.headers.get("cache-control")!, /^public, /);
  const etag = first.headers.get("etag")!;
  for (const tag of [etag, `W/${etag}`]) {
    const again = await t.send("GET", `${ORIGIN}/`, { headers: { "if-none-match": tag } });
    assert.deepEqual([again.status, again.text], [304, ""]);
  }
  const other = await t.send("GET", `${ORIGIN}/`, { headers: { "if-none-match": '"x"' } });
  assert.deepEqual([other.status, other.text], [200, first.text]);
  const head = await t.send("HEAD", `${ORIGIN}/`);
  assert.deepEqual([head.status, head.text, head.headers.get("etag")], [200, "", etag]);
});

Deno.test("only the platform's own hosts have the landing page, and nothing but GET asks for it", async () => {
  using t = await setup({ env: ENV });
  await t.tenant("starter", "ada");
  const is = async (url: string) => (await t.send("GET", url)).text.includes("Four ways to write");
  for (const host of ["postlark.example", "app.postlark.example", "api.postlark.example"]) {
    assert.ok(await is(`https://${host}/`), host);
  }
  for (const host of ["ada.postlark.example", "none.postlark.example", "other.example"]) {
    assert.ok(!await is(`https://${host}/`), host);
  }
  assert.ok(!await is(`${ORIGIN}/none`));
  assert.equal((await t.send("POST", `${ORIGIN}/`)).status, 404);
});

Deno.test("where blogs are paths of the origin, the landing page stands beside them and names such a path", async () => {
  using t = await setup({ env: { ...ENV, POSTLARK_BLOG_ADDRESS: "path" } });
  await t.tenant("starter", "ada");
  const { text } = await t.send("GET", `${ORIGIN}/`);
  assert.ok(text.includes(`${ORIGIN}/@ada/hello-world`));
  const blog = await t.send("GET", `${ORIGIN}/@ada/`);
  assert.equal(blog.status, 200);
  assert.doesNotMatch(blog.text, /Four ways to write/);
});

Deno.test("where sign-up is closed nobody is told to make a blog", async () => {
  using t = await setup({ env: { ...ENV, POSTLARK_SIGNUP: "closed" } });
  const { text } = await t.send("GET", `${ORIGIN}/`);
  assert.doesNotMatch(text, /Make a blog/);
  assert.match(text, /New accounts are made by the operator/);
});
