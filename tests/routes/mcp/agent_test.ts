import assert from "node:assert/strict";
import { setup } from "../../_setup.ts";
import { readFixture } from "../../support/images.ts";
import { type Called, connect, KINDS } from "../../support/mcp.ts";

type Schema = { properties?: Record<string, unknown>; required?: string[] };

for (const kind of KINDS) {
  Deno.test(`an agent of ${kind} that knows only the list of tools publishes, finds, mends and schedules, a call a step`, async () => {
    using t = await setup();
    const { key, blog } = await t.tenant("creator");
    await using agent = await connect(t, { key, kind });
    const { tools } = await agent.client.listTools();
    let calls = 0;

    /** The tool whose description speaks of all the words, called with arguments that its schema names. */
    async function step(words: RegExp[], args: Record<string, unknown>): Promise<Called> {
      const fits = tools.filter(({ title, description }) =>
        words.every((word) => word.test(`${title}. ${description}`))
      );
      assert.equal(fits.length, 1, `${words}: ${fits.map(({ name }) => name)}`);
      const { properties = {}, required = [] } = fits[0].inputSchema as Schema;
      for (const name of Object.keys(args)) assert.ok(name in properties, name);
      for (const name of required) assert.ok(name in args, name);
      calls++;
      return await agent.call(fits[0].name, args);
    }

    const image = readFixture("jpeg-baseline.jpg");
    const uploaded = await step([/image/i, /5 MB/], {
      data: image.bytes.toBase64(),
      content_type: image.type,
      filename: "zebra.jpg",
    });
    const { markdown, url } = uploaded.structuredContent;
    assert.ok(uploaded.texts[1].includes(markdown));

    const published = await step([/^Create a post/, /Publishes/], {
      title: "Zebras at noon",
      content: `# Stripes\n\n${markdown}\n\nThey graze.`,
      tags: ["africa"],
    });
    const post = published.structuredContent;
    assert.ok(published.texts[1].includes(post.url));
    const page = await t.view(blog.slug, new URL(post.url).pathname);
    assert.ok(page.text.includes(url), "the page shows the image");
    assert.equal((await t.send("GET", url)).status, 200);

    const found = await step([/^Search a blog/], { q: "zebra africa" });
    assert.equal(found.structuredContent.data[0].slug, post.slug);

    const taken = await step([/^Create a post/, /Publishes/], {
      title: "Zebras again",
      content: "They sleep.",
      slug: post.slug,
    });
    assert.equal(taken.isError, true);
    assert.match(taken.texts[0], /^slug .* is already taken\nNext: .*another slug/);
    const mended = await step([/^Create a post/, /Publishes/], {
      title: "Zebras again",
      content: "They sleep.",
      slug: `${post.slug}-again`,
      status: "draft",
    });
    assert.match(mended.texts[1], /schedule_post with slug zebras-at-noon-again/);

    const past = await step([/^Schedule a post/], {
      slug: `${post.slug}-again`,
      scheduled_at: "2020-01-01T00:00:00Z",
    });
    assert.equal(past.isError, true);
    assert.match(past.texts[0], /must be in the future.*\nNext: .*later time/);
    const scheduled = await step([/^Schedule a post/], {
      slug: `${post.slug}-again`,
      scheduled_at: "2026-03-25T09:00:00Z",
    });
    assert.equal(scheduled.structuredContent.status, "scheduled");
    assert.match(scheduled.texts[1], /2026-03-25T09:00:00.000Z/);
    // Two of them are the mistakes.
    assert.equal(calls, 7);

    t.advance(86_400_000);
    await t.runJob("publish_scheduled");
    assert.equal((await t.view(blog.slug, `/${post.slug}-again`)).status, 200);
  });
}
