import { Hono } from "hono";
import { AppError } from "../../lib/kit/errors.ts";
import { ownUrl } from "../../lib/content/blogs.ts";
import {
  type Domain,
  DomainInput,
  getDomainState,
  registerDomain,
  removeDomain,
} from "../../lib/content/domains/mod.ts";
import { PLANS, planWith, shownPlan } from "../../lib/metering/plans.ts";
import { blogPath, domainMain, type Faults } from "../../render/dashboard/mod.ts";
import type { Env } from "../_admit.ts";
import { validate } from "../_input.ts";
import { goTo } from "../auth/_visit.ts";
import { type BlogPage, blogPage, faultsOf, freshCtx, send } from "./_page.ts";

const SAID: Record<string, string> = {
  added: "The domain was added. Now its DNS records are yours to make.",
  active: "The domain is verified: the blog is there now.",
  checked: "DNS was asked again.",
  removed: "The domain was removed: the blog is at its own address again.",
};
const SILENT =
  "DNS did not answer in time: nothing is known that was not before. Try again in a minute.";

/** The domain of a blog, and what DNS has of it. */
export function domainRoutes(env: Env) {
  const app = new Hono<{ Bindings: { peer: string } }>();
  const at = "/app/blogs/:blog/domain";
  app.get(at, blogPage(env, (page) => showDomain(page, null)));
  app.post(at, blogPage(env, addDomain));
  app.post(`${at}/check`, blogPage(env, checkDomain));
  app.post(`${at}/remove`, blogPage(env, dropDomain));
  return app;
}

async function addDomain(page: BlogPage): Promise<Response> {
  const hostname = page.fields.get("hostname") ?? "";
  try {
    const { body } = validate({ body: { schema: DomainInput, value: { hostname } } });
    return lead(page, await registerDomain(page.ctx, page.blog.id, body as DomainInput), "added");
  } catch (error) {
    return await showDomain(page, { hostname, ...faultsOf(error) });
  }
}

/** Has DNS asked about the domain that the blog has; a verified one is else looked at by the job alone. */
async function checkDomain(page: BlogPage): Promise<Response> {
  const { ctx, blog } = page;
  const { domain: { hostname } } = await getDomainState(ctx, blog.id, { ask: false });
  if (hostname === null) throw new AppError("domain_not_found");
  try {
    return lead(page, await registerDomain(freshCtx(page), blog.id, { hostname }), "checked");
  } catch (error) {
    const { faults, status } = faultsOf(error);
    const fault = Object.values(faults).join(" ");
    return await showDomain(page, { faults: { "": fault }, status });
  }
}

function lead(page: BlogPage, domain: Domain, done: string): Response {
  const answered = domain.checked_at !== null && Date.parse(domain.checked_at) >= page.ctx.now;
  const word = !answered ? "silent" : domain.status === "active" ? "active" : done;
  return goTo(page.visit, blogPath(page.blog, `/domain?done=${word}`));
}

async function dropDomain(page: BlogPage): Promise<Response> {
  await removeDomain(page.ctx, page.blog.id);
  return goTo(page.visit, blogPath(page.blog, "/domain?done=removed"));
}

type Refused = { hostname?: string; faults: Faults; status: number };

async function showDomain(page: BlogPage, refused: Refused | null): Promise<Response> {
  const { blog, visitor: { plan }, visit: { url, deps } } = page;
  const done = refused ? "" : url.searchParams.get("done") ?? "";
  // What has led here has asked just now.
  const ask = !refused && done === "";
  const { domain, seen, failingSince } = await getDomainState(freshCtx(page), blog.id, { ask });
  const { hostname, txt_record, cname_target, status, checked_at } = domain;
  const may = PLANS[plan.plan].features.includes("custom_domain");
  const shown = PLANS[shownPlan(plan)].features.includes("custom_domain");
  const faults = refused?.faults ?? {};
  const main = domainMain({
    ...{ blog, faults, seen, failingSince },
    own: ownUrl(deps, blog.slug),
    gate: may ? null : planWith("custom_domain"),
    hostname: refused?.hostname ?? "",
    domain: hostname === null ? null : {
      ...{ hostname, shown, checkedAt: checked_at },
      active: status === "active",
      cname: cname_target!,
      txt: txt_record!,
    },
  });
  return send(page, {
    ...{ title: "Domain", tab: "/domain", main },
    said: Object.hasOwn(SAID, done) ? SAID[done] : null,
    fault: faults[""] ?? (done === "silent" ? SILENT : null),
    scripts: ["domain"],
  }, { status: refused?.status });
}
