import assert from "node:assert/strict";
import { toPostMarkdown } from "../../clients/cli/import/html.ts";
import { translateShortcodes } from "../../clients/cli/import/hugo.ts";
import { translateLiquid } from "../../clients/cli/import/jekyll.ts";
import { readTime } from "../../clients/cli/import/incoming.ts";

Deno.test("HTML of other editors becomes Markdown that says the same", () => {
  const cases: [string, string][] = [
    ["<p>a *b* _c_ `d` $1 and $2 [e](f)</p>", "a \\*b\\* \\_c\\_ \\`d\\` \\$1 and \\$2 \\[e]\\(f)"],
    ["<p>:::note is no box</p><p>1. no list</p>", "\\:::note is no box\n\n1\\. no list"],
    ["<p>x <strong>bold </strong>y<em> it</em></p>", "x **bold** y *it*"],
    ["<p>H<sub>2</sub>O <kbd>Esc</kbd></p>", "H<sub>2</sub>O <kbd>Esc</kbd>"],
    ["<p>a</p><p>&nbsp;</p><p><code></code></p><p>b</p>", "a\n\nb"],
    ["<p>https://youtu.be/dQw4w9WgXcQ</p>", "https://youtu.be/dQw4w9WgXcQ"],
    ["<p>https://example.com/a_b</p>", "<https://example.com/a_b>"],
    [
      "<iframe src='//maps.example.com/x' title='Map'></iframe>",
      "[Map](https://maps.example.com/x)",
    ],
    ["<pre class='brush: php'>a\n  b ``` c</pre>", "````php\na\n  b ``` c\n````"],
    [
      "<details><summary>A <b>&lt;</b></summary><p>B</p></details>",
      "<details>\n<summary>A &lt;</summary>\n\nB\n\n</details>",
    ],
    [
      "<figure class='kg-bookmark-card'><a href='https://e.com/'><div class='kg-bookmark-title'>E</div></a></figure>",
      "[E](https://e.com/)",
    ],
    [
      "<table><tr><th>a</th></tr><tr><td>b | c</td></tr></table>",
      "| a      |\n| ------ |\n| b \\| c |",
    ],
    ["<ul><li>a<ol><li>b</li></ol></li></ul><!-- wp:x -->", "- a\n  1. b"],
  ];
  for (const [html, markdown] of cases) {
    const warnings: string[] = [];
    assert.equal(toPostMarkdown(html, warnings), `${markdown}\n`, html);
    assert.deepEqual(warnings, [], html);
  }
});

Deno.test("Liquid that stands for something outside of the site becomes it, and the rest is named", () => {
  const cases: [string, string, string[]][] = [
    ["{{ '/a.png' | relative_url }} {{ site.url }}{{ site.baseurl }}/b", "/a.png /b", []],
    ["{% raw %}{{ a }}{% endraw %}", "{{ a }}", []],
    ["{% post_url 2020-01-02-b %} {% post_url sub/2020-01-02-c %}", "/b /c", []],
    ["{% highlight js linenos %}\nx\n{% endhighlight %}", "```js\nx\n```", []],
    ["* TOC\n{:toc}\n\n{: .lead}\ntext", "[TOC]\n\ntext", []],
    ["a{% comment %}b{% endcomment %}c", "ac", []],
    ["{{ page.title }}", "{{ page.title }}", ["Liquid stands in it as text: page.title"]],
  ];
  for (const [liquid, markdown, said] of cases) {
    const warnings: string[] = [];
    assert.equal(translateLiquid(liquid, warnings), markdown);
    assert.deepEqual(warnings, said);
  }
});

Deno.test("shortcodes that are Markdown at heart become it, and the rest is named", () => {
  const cases: [string, string, string[]][] = [
    ["{{< figure src=a.png alt='A' >}}", "![A](a.png)", []],
    ['{{< figure src="a b.png" link="/x" >}}', "[![](<a b.png>)](/x)", []],
    ["{{< youtube id=dQw4w9WgXcQ />}}", "https://www.youtube.com/watch?v=dQw4w9WgXcQ", []],
    ['[a]({{< ref "/posts/b.md#c" >}})', "[a](/b#c)", []],
    ["{{</* figure */>}}", "{{< figure >}}", []],
    ["{{< highlight md >}}\n```\n{{< /highlight >}}", "````md\n```\n````", []],
    ["{{% note %}}a{{% /note %}}", "{{% note %}}a{{% /note %}}", [
      "shortcodes stand in it as text: note",
    ]],
  ];
  for (const [shortcode, markdown, said] of cases) {
    const warnings: string[] = [];
    assert.equal(translateShortcodes(shortcode, warnings), markdown);
    assert.deepEqual(warnings, said);
  }
});

Deno.test("times are read in the form that each system writes", () => {
  const same = Date.parse("2024-01-02T03:04:05Z");
  const forms = ["2024-01-02 03:04:05", "2024-01-02T05:04:05+02:00", "2024-01-02 04:04:05 +0100"];
  for (const text of forms) assert.equal(readTime(text), same, text);
  assert.equal(readTime("2024-01-02"), Date.parse("2024-01-02T00:00:00Z"));
  for (const text of ["soon", "", null, "2024-13-01", "2024"]) assert.ok(isNaN(readTime(text)));
});
