/** What is sent to publish a post. */
export type Draft = { title: string; slug: string; tags: string[]; content: string };

/** A post with everything that a text may hold; its pictures are at `images`, an origin. */
export function articleWith(images: string): Draft {
  return {
    title: "Moving a small database to the edge",
    slug: "small-database",
    tags: ["Edge", "Databases", "Field notes"],
    content: CONTENT.replaceAll("IMAGES", images),
  };
}

/** Runs `use` with the origin of a server on the loopback that has the pictures of the post. */
export async function withImages(use: (images: string) => Promise<void>): Promise<void> {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    const body = PICTURES[new URL(request.url).pathname];
    const headers = {
      "content-type": "image/svg+xml",
      "cache-control": "public, max-age=31536000",
    };
    return body ? new Response(body, { headers }) : new Response(null, { status: 404 });
  });
  try {
    await use(`http://localhost:${server.addr.port}`);
  } finally {
    await server.shutdown();
  }
}

const PICTURES: Record<string, string> = {
  "/dunes.svg": `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1200 600">
    <linearGradient id="a" x2="0" y2="1"><stop stop-color="#f9d9a8"/><stop offset="1" stop-color="#e98f6a"/></linearGradient>
    <path fill="url(#a)" d="M0 0h1200v600H0z"/><circle cx="860" cy="190" r="70" fill="#fff3d6"/>
    <path fill="#c96f4e" d="M0 330q300-120 620 10t580-60v320H0z"/>
    <path fill="#9c4a3a" d="M0 430q260-90 540 20t660-90v240H0z"/>
    <path fill="#5f2a2e" d="M0 520q420-120 700 0t500-40v120H0z"/></svg>`,
  "/misses.svg": `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1200 420">
    <path fill="#f4f1ea" d="M0 0h1200v420H0z"/>
    <path fill="none" stroke="#cfc7b8" stroke-width="2" d="M60 90h1080M60 180h1080M60 270h1080M60 360h1080"/>
    <path fill="none" stroke="#96310f" stroke-width="8" d="M60 80 276 120 492 190 708 290 924 318 1140 330"/></svg>`,
};

const CONTENT =
  `A cache that is nearest to the reader is *only* useful while it tells the truth. This is what we
learnt from six months of moving a small key-value store towards the people who read from it, and what
we would do again.[^scope]

[TOC]

## The shape of the problem

Every write goes to one region, and every read would like to stay at home. The distance between the
two is not a matter of taste: light needs about five milliseconds for a thousand kilometres of fibre,
and a commit needs at least one journey there and back.

> [!NOTE]
> All figures are medians of seven days. The slowest one in a hundred is about three times as slow.

<figure>
<img src="IMAGES/dunes.svg" alt="Waves of dunes in evening light" width="1200" height="600">
<figcaption>Where it began: a long way from any region.</figcaption>
</figure>

What a reader waits for is then

$$
t = t_{\\text{edge}} + p \\cdot \\left( \\frac{2d}{c_f} + t_{\\text{commit}} \\right),
\\qquad c_f \\approx 2 \\times 10^8\\,\\text{m/s}
$$

where $p$ is the share of requests that miss, and $d$ the distance to the region. With $p = 0.02$ the
second half all but disappears.

## Three ways to stay fresh

| way                  | round trips | stale for      | cost per million |
| -------------------- | ----------: | -------------- | ---------------: |
| ask every time       |           1 | never          |           \\$1.20 |
| keep for a second    |         0.1 | up to 1,000 ms |           \\$0.18 |
| keep, and be told    |        0.02 | until the word |           \\$0.09 |
| keep until it is old |       0.001 | an hour        |           \\$0.04 |

The third is what we chose. A change that is committed names the pages that it touches, and those are
forgotten wherever they are kept:

\`\`\`ts title="purge.ts" {5-7} showLineNumbers
import { transact } from "./kv.ts";

/** Publishes a post, and lets every copy of its pages know. */
export async function publish(ctx: Ctx, post: Post): Promise<Post> {
  return await transact(ctx, async (tx) => {
    tx.set(pageKey(post), await render(post)); // the very bytes that are sent
    stagePurge(tx, [\`post:\${post.id}\`, "index"]);
    return { ...post, publishedAt: ctx.now };
  });
}
\`\`\`

> [!WARNING] Do not purge before the commit
> A reader in between brings the old page back, and nobody will ever take it away again.

The first version had that very fault, and the mend was one line up and one line down:

\`\`\`diff-ts
 const page = await render(post);
-await purge(page);
 await commit(page);
+await purge(page);
\`\`\`

### What happens on the way

\`\`\`mermaid
graph LR
  Writer --> Region
  Region --> Outbox
  Outbox --> Edge
  Reader --> Edge
\`\`\`

## How it went

- [x] One region, no copies
- [x] Copies that ask
- [ ] Copies that are told

1. The share of misses fell from 11 % to 2 %.
2. Commits did not get any faster, which was to be expected.
3. Nobody noticed, which is **the best thing** that can be said of a cache.

<img src="IMAGES/misses.svg" alt="The share of misses falls from 11 to 2 % in six weeks" width="1200" height="420">

> It is much easier to make a correct system fast than to make a fast system correct.

Run it yourself with \`deno task bench\`; press <kbd>Ctrl</kbd> + <kbd>C</kbd> when you have seen enough.

[^scope]: Three small instances, one region in Frankfurt, about forty requests a second. See
    [the figures](https://example.org/figures) for the rest.
`;
