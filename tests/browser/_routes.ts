/// <reference lib="dom" />
import type { Page as Tab } from "playwright-core";
import { auth } from "../../routes/auth/mod.ts";
import { dashboard } from "../../routes/dashboard/mod.ts";
import { oauth } from "../../routes/oauth/mod.ts";
import { setup } from "../_setup.ts";

// Whoever asks says there who they are: no cookie counts.
const COOKIELESS = new Set([
  ...["POST /oauth/register", "POST /oauth/token", "POST /oauth/revoke"],
  ...["POST /auth/device", "GET /auth/device/poll"],
]);

/** The paths of the routes that look at a cookie, as the router has them. */
export async function routesOf(wanted: "GET" | "POST"): Promise<string[]> {
  using t = await setup();
  const env = { deps: t.deps, limiter: null as never };
  const routes = [dashboard(env), auth(env), oauth(env)].flatMap((app) => app.routes);
  const paths = routes.filter(({ method }) => method === wanted).map(({ path }) => path);
  return [...new Set(paths)].filter((path) =>
    !COOKIELESS.has(`${wanted} ${path}`) && !/\*$|^\/\.well-known/.test(path)
  );
}

/**
 * A route's address: `slug` is the blog's; in the place of another name stands what `ids` has for it, or for
 * the part before it, and what is nobody's where it has neither.
 */
export function fill(
  path: string,
  { ids, slug }: { ids: Record<string, string>; slug: string },
): string {
  const parts = path.replace(/\{[^}]*\}/g, "").split("/");
  return parts.map((part, i) => {
    if (!part.startsWith(":")) return part;
    if (part === ":blog") return slug;
    return ids[part.slice(1)] ?? ids[parts[i - 1]] ?? crypto.randomUUID();
  }).join("/");
}

/** Sends a form from a page, as its script can; gives the answer's status, and the cookie that it came with. */
export async function sendForm(tab: Tab, to: { url: string; fields: Record<string, string> }) {
  const [answer] = await Promise.all([
    tab.waitForResponse((one) => one.url() === to.url && one.request().method() === "POST"),
    // It may lead to the address that the page has.
    tab.waitForEvent("framenavigated", (frame) => frame === tab.mainFrame()),
    tab.evaluate(({ url, fields }) => {
      const form = document.createElement("form");
      form.method = "post";
      form.action = url;
      for (const [name, value] of Object.entries(fields)) {
        const field = document.createElement("input");
        Object.assign(field, { type: "hidden", name, value });
        form.append(field);
      }
      document.body.append(form);
      // A field of the form may have this name.
      HTMLFormElement.prototype.submit.call(form);
    }, to),
  ]);
  await tab.waitForLoadState();
  return { status: answer.status(), headers: await answer.request().allHeaders() };
}
