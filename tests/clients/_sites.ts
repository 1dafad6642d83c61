/** An image of one pixel. */
export const PNG = Uint8Array.fromBase64(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==",
);

/** Writes files below a folder: text as it is, and the image where there is none. */
export async function writeSite(
  dir: string,
  files: Record<string, string | null>,
): Promise<string> {
  for (const [name, text] of Object.entries(files)) {
    const path = `${dir}/${name}`;
    await Deno.mkdir(path.replace(/\/[^/]*$/, ""), { recursive: true });
    if (text === null) await Deno.writeFile(path, PNG);
    else await Deno.writeTextFile(path, text);
  }
  return dir;
}

const LEXICAL = {
  root: {
    type: "root",
    children: [
      {
        type: "paragraph",
        children: [
          { type: "extended-text", text: "Plain, ", format: 0 },
          { type: "extended-text", text: "bold", format: 1 },
          { type: "extended-text", text: " and ", format: 0 },
          { type: "extended-text", text: "x = 1", format: 16 },
          { type: "linebreak" },
          {
            type: "link",
            url: "__GHOST_URL__/other/",
            children: [{ type: "extended-text", text: "another post", format: 0 }],
          },
        ],
      },
      { type: "extended-heading", tag: "h2", children: [{ type: "text", text: "List" }] },
      {
        type: "list",
        listType: "number",
        start: 1,
        children: [
          { type: "listitem", children: [{ type: "text", text: "one" }] },
          { type: "listitem", children: [{ type: "text", text: "two" }] },
        ],
      },
      { type: "codeblock", code: "let a = 1 < 2;", language: "js" },
      {
        type: "image",
        src: "__GHOST_URL__/content/images/a.png",
        alt: "A",
        caption: "<span>Seen</span>",
      },
      { type: "markdown", version: 1, markdown: "| a | b |\n| - | - |\n| 1 | **2** |" },
      { type: "bookmark", url: "https://example.org/", metadata: { title: "Elsewhere" } },
      { type: "email-cta", html: "<p>For subscribers</p>" },
    ],
  },
};

const MOBILEDOC = {
  version: "0.3.1",
  atoms: [["soft-return", "", {}]],
  cards: [["hr", {}], ["code", { code: "ls", language: "sh" }]],
  markups: [["strong"], ["a", ["href", "https://example.com/"]]],
  sections: [
    [1, "p", [[0, [], 0, "See "], [0, [1], 0, "this "], [0, [0], 2, "site"], [1, [], 0, 0], [
      0,
      [],
      0,
      "below",
    ]]],
    [10, 0],
    [3, "ul", [[[0, [], 0, "one"]], [[0, [], 0, "two"]]]],
    [10, 1],
  ],
};

const HTML = `<p>Costs $5 &amp; more than $4.</p><!--kg-card-begin: html-->
<figure class="kg-card kg-image-card"><img src="__GHOST_URL__/content/images/2024/b.png" class="kg-image" alt="B"></figure>
<!--kg-card-end: html-->
<figure class="kg-card kg-embed-card"><iframe width="200" src="https://www.youtube.com/embed/dQw4w9WgXcQ?feature=oembed"></iframe></figure>
<div class="kg-card kg-callout-card"><div class="kg-callout-text">Careful with <em>this</em></div></div>
<pre><code class="language-ts">const a: string[] = [];
</code></pre><script>alert(1)</script>`;

const ghostPost = (n: number, more: Record<string, unknown>) => ({
  id: `64f0c0ffee${n}`,
  uuid: `00000000-0000-4000-8000-00000000000${n}`,
  slug: `post-${n}`,
  title: `Post ${n}`,
  html: null,
  lexical: null,
  mobiledoc: null,
  feature_image: null,
  type: "post",
  status: "published",
  visibility: "public",
  custom_excerpt: null,
  canonical_url: null,
  created_at: `2023-0${n}-01T00:00:00.000Z`,
  published_at: `2023-0${n}-02T08:00:00.000Z`,
  ...more,
});

/** What Ghost 5 exports: a post in each of its three forms, and one of every status. */
export const GHOST = {
  db: [{
    meta: { exported_on: 1_700_000_000_000, version: "5.75.0" },
    data: {
      posts: [
        ghostPost(3, {
          html: HTML,
          slug: "in-html",
          title: "Written as <HTML>",
          feature_image: "__GHOST_URL__/content/images/f.png",
          custom_excerpt: "What it is about.",
        }),
        ghostPost(1, { lexical: JSON.stringify(LEXICAL), slug: "in-lexical" }),
        ghostPost(2, { mobiledoc: JSON.stringify(MOBILEDOC), slug: "in-mobiledoc" }),
        ghostPost(4, { html: "<p>Not yet.</p>", status: "draft", published_at: null }),
        ghostPost(5, {
          html: "<p>Later.</p>",
          status: "scheduled",
          published_at: "2040-01-01T00:00:00.000Z",
        }),
        ghostPost(6, { html: "<p>Paid.</p>", visibility: "paid" }),
        ghostPost(7, { html: "<p>About.</p>", type: "page" }),
      ],
      posts_meta: [{ post_id: "64f0c0ffee1", meta_description: "For engines.", og_image: null }],
      tags: [
        { id: "t1", name: "News", slug: "news", visibility: "public" },
        { id: "t2", name: "#internal", slug: "hash-internal", visibility: "internal" },
        { id: "t3", name: "How to", slug: "how-to", visibility: "public" },
      ],
      posts_tags: [
        { post_id: "64f0c0ffee3", tag_id: "t1", sort_order: 1 },
        { post_id: "64f0c0ffee3", tag_id: "t3", sort_order: 0 },
        { post_id: "64f0c0ffee3", tag_id: "t2", sort_order: 2 },
      ],
    },
  }],
};

const item = (id: number, fields: Record<string, string>, more = "") => `
	<item>
		<title>${fields.title ?? `Item ${id}`}</title>
		<link>https://old.example.com/?p=${id}</link>
		<pubDate>Tue, 02 Jan 2024 10:00:00 +0000</pubDate>
		<content:encoded><![CDATA[${fields.content ?? "<p>Text.</p>"}]]></content:encoded>
		<excerpt:encoded><![CDATA[${fields.excerpt ?? ""}]]></excerpt:encoded>
		<wp:post_id>${id}</wp:post_id>
		<wp:post_date><![CDATA[2024-01-0${id} 10:00:00]]></wp:post_date>
		<wp:post_date_gmt><![CDATA[${fields.date ?? `2024-01-0${id} 10:00:00`}]]></wp:post_date_gmt>
		<wp:post_name><![CDATA[${fields.name ?? `item-${id}`}]]></wp:post_name>
		<wp:status><![CDATA[${fields.status ?? "publish"}]]></wp:status>
		<wp:post_type><![CDATA[${fields.type ?? "post"}]]></wp:post_type>
		<wp:post_password><![CDATA[${fields.password ?? ""}]]></wp:post_password>${more}
	</item>`;

const GUTENBERG = `<!-- wp:paragraph -->
<p>Gutenberg &amp; <strong>CDATA</strong> ]]]]><![CDATA[> end.</p>
<!-- /wp:paragraph -->

<!-- wp:heading -->
<h2 class="wp-block-heading">A heading</h2>
<!-- /wp:heading -->

<!-- wp:code -->
<pre class="wp-block-code"><code lang="php" class="language-php">echo [1];</code></pre>
<!-- /wp:code -->

<!-- wp:embed {"url":"https://youtu.be/dQw4w9WgXcQ"} -->
<figure class="wp-block-embed is-provider-youtube"><div class="wp-block-embed__wrapper">
https://youtu.be/dQw4w9WgXcQ
</div></figure>
<!-- /wp:embed -->

<!-- wp:shortcode -->
[gallery ids="1,2"]
<!-- /wp:shortcode -->`;

const CLASSIC = `First line
second line.

[caption id="attachment_9" width="300"]<img src="https://old.example.com/wp-content/p.png" alt="P" /> The <em>caption</em>[/caption]

<ul>
<li>one</li>
</ul>
<pre>kept

  as it is</pre>`;

/** What WordPress 6 exports: Gutenberg and classic texts, and every kind of status. */
export const WXR = `<?xml version="1.0" encoding="UTF-8" ?>
<!-- This is a WordPress eXtended RSS file. -->
<rss version="2.0"
	xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
	xmlns:content="http://purl.org/rss/1.0/modules/content/"
	xmlns:dc="http://purl.org/dc/elements/1.1/"
	xmlns:wp="http://wordpress.org/export/1.2/">
<channel>
	<title>Old</title>
	<wp:wxr_version>1.2</wp:wxr_version>
	<wp:base_site_url>https://old.example.com</wp:base_site_url>
	<wp:base_blog_url>https://old.example.com</wp:base_blog_url>${
  item(
    1,
    { title: "Fish &amp; Chips &#8211; 1", content: GUTENBERG, excerpt: "An <b>excerpt</b>." },
    `
		<category domain="category" nicename="food"><![CDATA[Food & Drink]]></category>
		<category domain="category" nicename="uncategorized"><![CDATA[Uncategorized]]></category>
		<category domain="post_tag" nicename="fish"><![CDATA[fish]]></category>
		<category domain="post_format" nicename="post-format-aside"><![CDATA[Aside]]></category>
		<wp:postmeta><wp:meta_key><![CDATA[_thumbnail_id]]></wp:meta_key><wp:meta_value><![CDATA[9]]></wp:meta_value></wp:postmeta>`,
  )
}${item(2, { title: "Classic", content: CLASSIC, name: "%ec%95%88%eb%85%95" })}${
  item(3, { status: "draft", date: "0000-00-00 00:00:00", name: "", title: "A draft" })
}${item(4, { status: "future", date: "2040-01-01 00:00:00" })}${item(5, { status: "private" })}${
  item(6, { status: "trash" })
}${item(7, { type: "page" })}${item(8, { password: "secret" })}${
  item(
    9,
    { type: "attachment", status: "inherit" },
    "\n\t\t<wp:attachment_url><![CDATA[https://old.example.com/wp-content/p.png]]></wp:attachment_url>",
  )
}
</channel>
</rss>
`;

/** A Hugo site: TOML, YAML and JSON, a page bundle, shortcodes. */
export const HUGO: Record<string, string | null> = {
  "hugo.toml": 'baseURL = "https://old.example.com/"\n',
  "static/images/s.png": null,
  "content/_index.md": "---\ntitle: Home\n---\nWelcome.\n",
  "content/posts/toml.md": `+++
title = 'In TOML'
date = 2023-05-01T10:00:00+02:00
tags = ['Go', "web"]
categories = ["Notes"]
description = "Said in TOML."
aliases = ["/old/toml/"]
+++

Above.

<!--more-->

![s](/images/s.png)

{{< highlight go "linenos=table" >}}
a := 1
{{< /highlight >}}

{{< figure src="/images/s.png" alt="An S" caption="Seen" >}}

{{< youtube dQw4w9WgXcQ >}}

See [it]({{< relref "posts/bundle/index.md" >}}). {{< tweet user="x" id="1" >}}
`,
  "content/posts/bundle/index.md":
    "---\ntitle: A bundle\ndate: 2023-06-01\nslug: bundled\n---\n![c](cover.png) ![again](./cover.png)\n",
  "content/posts/bundle/cover.png": null,
  "content/posts/json.md":
    '{\n  "title": "In JSON",\n  "draft": true,\n  "tags": ["j"]\n}\n\nText.\n',
  "content/posts/late.md":
    "---\ntitle: Late\npublishDate: 2040-01-01T00:00:00Z\n---\nSoon. <!--more--> More.\n",
  "content/notes/toml.md": "---\ntitle: The other\ndate: 2023-07-01\n---\nSame name.\n",
};

/** A Jekyll site: dated names, drafts, Liquid, excerpts. */
export const JEKYLL: Record<string, string | null> = {
  "_config.yml": "title: Old\nexcerpt_separator: <!--cut-->\n",
  "assets/a.png": null,
  "about.md": "---\ntitle: About\n---\nA page.\n",
  "_posts/2022-03-04-hello-world.md": `---
layout: post
title:  "Hello & welcome"
categories: notes meta
tags: [one, two]
---
The *beginning*.

<!--cut-->

![a]({{ site.baseurl }}/assets/a.png){: .wide}
{: .lead}

{% highlight ruby %}
puts 'hi'
{% endhighlight %}

{% raw %}{{ kept }}{% endraw %} and [before]({% post_url 2021-01-02-older %}).
{% include note.html %}
`,
  "_posts/2021-01-02-older.markdown":
    "---\ndate: 2021-01-02 09:00:00 +0100\npermalink: /archive/oldest/\n---\n# Its own title\n\nText.\n",
  "_posts/2022-05-05-hidden.md": "---\ntitle: Hidden\npublished: false\n---\nText.\n",
  "_posts/2022-06-06-page.html": "---\ntitle: In HTML\n---\n<p>Some <b>HTML</b></p>\n",
  "_posts/undated.md": "---\ntitle: Undated\n---\nText.\n",
  "_drafts/idea.md": "---\ntitle: Idea\n---\nText.\n",
  "_site/2022/x.md": "---\ntitle: Built\n---\nText.\n",
};
