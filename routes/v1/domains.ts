import {
  Domain,
  DomainInput,
  DomainRemoved,
  getDomain,
  registerDomain,
  removeDomain,
} from "../../lib/content/domains/mod.ts";
import { operation, route } from "../_operation.ts";

const acts = { tag: "Domains", path: "/blogs/{id}/domain", blog: "param" } as const;

const register = operation({
  ...acts,
  method: "post",
  operationId: "registerDomain",
  summary: "Register a custom domain",
  description:
    "Starter and above. In place of the one that the blog has. It is verified by a CNAME record to `cname_target`, or by `txt_record`, which an apex needs, and a host that was another account's.",
  scope: "domains:write",
  reasons: ["blog_not_found", "blog_bound", "plan_required", "blog_frozen", "domain_taken"],
  body: DomainInput,
  answer: { status: 200, schema: Domain, description: "The domain, and how to verify it." },
});
const get = operation({
  ...acts,
  method: "get",
  operationId: "getDomain",
  summary: "Get a blog's custom domain",
  description: "Where it is pending, DNS is asked again. `status` is `none` where there is none.",
  scope: "domains:read",
  reasons: ["blog_not_found", "blog_bound"],
  answer: { status: 200, schema: Domain, description: "The domain." },
});
const remove = operation({
  ...acts,
  method: "delete",
  operationId: "removeDomain",
  summary: "Remove a blog's custom domain",
  scope: "domains:write",
  reasons: ["blog_not_found", "blog_bound", "domain_not_found"],
  answer: {
    status: 200,
    schema: DomainRemoved,
    description: "The blog is at its subdomain again.",
  },
});

export const domains = [
  route(register, ({ ctx, params, body }) => registerDomain(ctx, params.id, body)),
  route(get, ({ ctx, params }) => getDomain(ctx, params.id)),
  route(remove, ({ ctx, params }) => removeDomain(ctx, params.id)),
];
