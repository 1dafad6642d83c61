import { z } from "@hono/zod-openapi";
import { typed } from "../../kit/input.ts";

export const DomainInput = z.object({
  hostname: z.string(typed("hostname", "a string")).trim().min(1, {
    error: "hostname is required",
  }).max(1000, { error: "hostname is too long" }).openapi({
    description: "A name of yours such as blog.yourdomain.com, without scheme, port or path.",
    example: "blog.yourdomain.com",
    pattern: "^[^\\s/:@?#%*_]+\\.[^\\s/:@?#%*_]+$",
    maxLength: 1000,
  }),
}).openapi("DomainInput");
export type DomainInput = z.infer<typeof DomainInput>;

export const Domain = z.object({
  hostname: z.string().nullable().openapi({ example: "blog.yourdomain.com" }),
  status: z.enum(["pending", "active", "none"]).openapi({
    description: "`active`: verified; the blog is there, and its subdomain redirects to it.",
    example: "pending",
  }),
  ssl_status: z.enum(["pending", "active"]).nullable().openapi({
    description: "`active`: the server's proxy is told to have a certificate for it.",
    example: "pending",
  }),
  cname_target: z.string().nullable().openapi({ example: "my-tech-blog.postlark.ai" }),
  txt_record: z.object({
    name: z.string().openapi({ example: "_postlark.blog.yourdomain.com" }),
    value: z.string().openapi({ example: "postlark-verify=0a1b2c3d4e5f60718293a4b5c6d7e8f9" }),
    required: z.boolean().openapi({ description: "Whether a CNAME alone will not do." }),
  }).nullable().openapi({ description: "What proves a host that cannot have a CNAME." }),
  instructions: z.string().nullable().openapi({
    example: "Add a CNAME record: blog.yourdomain.com → my-tech-blog.postlark.ai",
  }),
  checked_at: z.iso.datetime().nullable().openapi({ description: "When DNS last answered." }),
}).openapi("Domain");
export type Domain = z.infer<typeof Domain>;

export const DomainRemoved = z.object({
  removed: z.literal(true),
  deleted: z.literal(true),
}).openapi("DomainRemoved");
export type DomainRemoved = z.infer<typeof DomainRemoved>;
