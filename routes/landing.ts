import { type Context, Hono } from "hono";
import type { Deps } from "../lib/ctx.ts";
import { sha256 } from "../lib/kit/crypto.ts";
import { ownUrl } from "../lib/content/blogs.ts";
import { PLANS, planWith } from "../lib/metering/plans.ts";
import { HEADLINE, LANDING_CSP, landingPage } from "../render/landing/mod.tsx";
import { drawOgImage } from "../render/og_image/mod.ts";
import { hasTag, requestId } from "./_answer.ts";

const PICTURE = "/assets/og.png";
const EXAMPLE = "ada";

/** The page at `/`, the same for everybody, and its picture for previews. */
export function landing(deps: Deps) {
  const app = new Hono();
  const { origin, signup } = deps.config;
  const { title, blogs, posts } = PLANS.free;
  const html = landingPage({
    ...{ origin, signup, blog: ownUrl(deps, EXAMPLE), picture: PICTURE },
    free: { title, blogs, posts },
    indexed: planWith("indexing"),
  });
  const etag = tagOf(html);
  let picture: Promise<Uint8Array<ArrayBuffer>> | null = null;
  app.get("/", (c) => {
    c.header("content-security-policy", LANDING_CSP);
    c.header("referrer-policy", "strict-origin-when-cross-origin");
    c.header("cache-control", "public, max-age=0, must-revalidate");
    return answer(c, { etag, type: "text/html; charset=utf-8", body: html });
  });
  app.get(PICTURE, async (c) => {
    picture ??= draw();
    // What could not be drawn is tried again at the next request.
    picture.catch(() => picture = null);
    const png = await picture;
    c.header("cache-control", "public, max-age=86400");
    return answer(c, { etag: tagOf(png), type: "image/png", body: png });
  });
  return app;
}

async function draw(): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(
    await drawOgImage({ title: HEADLINE, tags: [], blog: "Postlark", brand: false }),
  );
}

function tagOf(content: string | Uint8Array): string {
  return `"${sha256(content).slice(0, 32)}"`;
}

type Content = { etag: string; type: string; body: string | Uint8Array<ArrayBuffer> };

function answer(c: Context, { etag, type, body }: Content): Response {
  c.header("x-request-id", requestId(c.req.raw));
  c.header("x-content-type-options", "nosniff");
  c.header("etag", etag);
  if (hasTag(c.req.raw, etag)) return c.body(null, 304);
  c.header("content-type", type);
  return c.body(body);
}
