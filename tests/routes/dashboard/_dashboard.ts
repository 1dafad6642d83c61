import type { PlanName } from "../../../lib/kit/config.ts";
import { type Service, setup } from "../../_setup.ts";
import { BrowserDouble } from "../../support/browser_double.ts";

/** A tenant with a browser that is signed in; `home` is where its blog's pages are. */
export async function signedIn(t: Service, plan: PlanName = "creator") {
  const tenant = await t.tenant(plan);
  const browser = new BrowserDouble(t);
  await browser.signInTo(tenant.id);
  return { ...tenant, browser, home: `/app/blogs/${tenant.blog.slug}` };
}

/** The same at a service of its own. */
export async function setupSignedIn(options: Parameters<typeof setup>[0] = {}) {
  const t = await setup(options);
  return { t, ...await signedIn(t), [Symbol.dispose]: () => t[Symbol.dispose]() };
}

/** Sends a form in which a field may come more than once, as a page of the service does; follows. */
export async function submit(
  browser: BrowserDouble,
  path: string,
  fields: [string, string][],
) {
  const { origin } = browser.t.deps.config;
  const answer = await browser.send(origin + path, {
    method: "POST",
    headers: { origin, "sec-fetch-site": "same-origin" },
    body: new URLSearchParams(fields),
  });
  const location = answer.headers.get("location");
  return location ? await browser.open(location) : { ...answer, url: origin + path, hops: [] };
}

/** The text of a page's elements of one kind, without the markup in them. */
export function textsOf(html: string, tag: string): string[] {
  const found = html.matchAll(new RegExp(`<${tag}\\b[^>]*>(.*?)</${tag}>`, "gs"));
  return [...found].map(([, inner]) => inner.replace(/<[^>]+>/g, " ").replace(/\s+/g, " ").trim());
}
