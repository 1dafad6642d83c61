import type { Child } from "hono/jsx";
import { raw } from "hono/html";
import type { AuthPage } from "../auth/mod.ts";
import { ICON_SVG } from "../icon.ts";
import { type Script, scriptPath, STYLE_SHEET } from "./assets.ts";

/** A blog as the dashboard names it. */
export type FramedBlog = { slug: string; name: string; url: string; frozen: boolean };
/** What stands around every page: who is signed in, which blogs there are, and whose page it is, if a blog's. */
export type Frame = { who: string; blogs: FramedBlog[]; blog: FramedBlog | null };

/**
 * A page of the dashboard. `tab` is the path of its entry in the navigation; `said` what has just been done, `fault` what was not. `nonce` allows style elements that a script makes, `images` are more
 * sources of them, `frames` allows frames of this origin, `away` forms whose answer sends the browser to another site.
 */
export type Content = {
  title: string;
  frame: Frame;
  main: Child;
  tab?: string;
  said?: string | null;
  fault?: string | null;
  scripts?: Script[];
  policy?: { nonce?: string; images?: string[]; frames?: boolean; away?: boolean };
};

const BLOG_TABS = [
  ["", "Overview"],
  ["/posts", "Posts"],
  ["/media", "Media"],
  ["/analytics", "Analytics"],
  ["/theme", "Theme"],
  ["/domain", "Domain"],
  ["/webhooks", "Webhooks"],
  ["/keys", "API keys"],
  ["/settings", "Settings"],
] as const;
const ACCOUNT_TABS = [
  ["", "Blogs"],
  ["/billing", "Billing"],
  ["/tokens", "Access tokens"],
  ["/apps", "Connected apps"],
  ["/account", "Account"],
] as const;
const MARK = ICON_SVG.replace("<svg ", '<svg aria-hidden="true" ');

/** The path of a blog's page in the dashboard, such as its "/posts". */
export function blogPath({ slug }: { slug: string }, page = ""): string {
  return `/app/blogs/${slug}${page}`;
}

/** A page of the dashboard, as a whole document with its policies. */
export function dashboardPage(content: Content): AuthPage {
  const { title, frame } = content;
  const head = frame.blog ? `${title} · ${frame.blog.name}` : title;
  const markup = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>{head} · Postlark</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <link rel="icon" href="/favicon.ico" />
        <link rel="stylesheet" href={STYLE_SHEET.path} />
        {(["app", ...content.scripts ?? []] as Script[]).map((name) => (
          <script type="module" src={scriptPath(name)}></script>
        ))}
      </head>
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        <header>
          <a class="brand" href="/app">{raw(MARK)} Postlark</a>
          <div class="menus">
            {frame.blogs.length > 0 && <Switcher {...frame} />}
            <form method="post" action="/auth/sign-out">
              <button class="button slim" type="submit">Sign out</button>
            </form>
          </div>
        </header>
        <Tabs blog={frame.blog} tab={content.tab} />
        <main id="main" tabindex={-1}>
          {content.said && <p class="said" role="status">{content.said}</p>}
          {content.fault && <p class="said bad" role="alert">{content.fault}</p>}
          {frame.blog?.frozen && <Frozen {...frame.blog} />}
          {content.main}
        </main>
      </body>
    </html>
  );
  return {
    html: `<!doctype html>\n${markup}\n`,
    csp: policyOf(content.policy ?? {}),
    // Without a referrer a browser keeps back the origin that a form's answer is judged by.
    referrer: "same-origin",
  };
}

function Switcher({ blogs, blog }: Frame) {
  return (
    <details class="menu" data-menu>
      <summary class="button slim">
        <span class="hidden">Blog:</span>
        <span class="clip">{blog?.name ?? "Blogs"}</span>
      </summary>
      <nav aria-label="Blogs">
        <ul>
          {blogs.map((one) => (
            <li>
              <a href={blogPath(one)} aria-current={one.slug === blog?.slug ? "true" : undefined}>
                {one.name}
              </a>
            </li>
          ))}
          <li>
            <a href="/app">All blogs and the account</a>
          </li>
        </ul>
      </nav>
    </details>
  );
}

function Tabs({ blog, tab }: { blog: FramedBlog | null; tab?: string }) {
  return (
    <nav class="tabs" aria-label={blog ? "Pages of the blog" : "Pages of the account"}>
      <ul>
        {(blog ? BLOG_TABS : ACCOUNT_TABS).map(([path, name]) => (
          <li>
            <a
              href={blog ? blogPath(blog, path) : `/app${path}`}
              aria-current={path === tab ? "page" : undefined}
            >
              {name}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Frozen(blog: FramedBlog) {
  return (
    <div class="said bad">
      <p>
        This blog is frozen: it is beyond your plan's number of blogs, and can be read but not
        changed.{" "}
        <a href="/upgrade">Compare the plans</a>, or change this one and have another frozen: of
        those that you did not choose so, the newest.
      </p>
      <form method="post" action={blogPath(blog, "/activate")}>
        <button class="button slim" type="submit">Change this blog in place of another</button>
      </form>
    </div>
  );
}

function policyOf({ nonce, images = [], frames, away }: NonNullable<Content["policy"]>): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self'${nonce ? ` 'nonce-${nonce}'` : ""}`,
    ["img-src 'self'", ...images].join(" "),
    "connect-src 'self'",
    ...frames ? ["frame-src 'self'"] : [],
    `form-action 'self'${away ? " https:" : ""}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}
