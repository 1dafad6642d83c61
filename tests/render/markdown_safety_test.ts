import assert from "node:assert/strict";
import fc from "fast-check";
import { BoundExceeded, renderMarkdown } from "../../render/markdown/mod.ts";
import { assertSafeHtml } from "./_safe_html.ts";

const VECTORS = [
  // scripts and event handlers
  "<script>alert(1)</script>",
  "<ScRiPt src=//x.y/z.js></ScRiPt>",
  "<scr<script>ipt>alert(1)</scr</script>ipt>",
  "<script/x>alert(1)</script >",
  "<script>alert(1)",
  "a <script>alert(1)</script> b",
  "<img src=x onerror=alert(1)>",
  '<img/src="x"/onerror=alert(1)>',
  "<img src=x onerror\n=alert(1)>",
  '<img """><script>alert(1)</script>">',
  "<IMG SRC=x OnErRoR=alert(1) //",
  "<div onclick=alert(1)>a</div>",
  "<details open ontoggle=alert(1)>a</details>",
  "<a href=x onmouseover=alert(1)>a</a>",
  "<p/onmouseover=alert(1)>a",
  "<body onload=alert(1)>",
  "<input autofocus onfocus=alert(1)>",
  "<video><source onerror=alert(1)></video>",
  // URLs
  "[a](javascript:alert(1))",
  "[a](JaVaScRiPt:alert(1))",
  "[a](java\tscript:alert(1))",
  "[a](<java\tscript:alert(1)>)",
  "[a](&#106;avascript:alert(1))",
  "[a](&#x6A;avascript&colon;alert(1))",
  "[a](javascript&colon;alert(1))",
  "[a](java&Tab;script:alert(1))",
  "[a](java&NewLine;script:alert(1))",
  "[a](\\javascript:alert(1))",
  "[a](vbscript:msgbox(1))",
  "[a](data:text/html;base64,PHNjcmlwdD4=)",
  "[a](feed:javascript:alert(1))",
  "[a](view-source:javascript:alert(1))",
  "[a](blob:https://x.y/z)",
  "[a](file:///etc/passwd)",
  "[a]: javascript:alert(1)\n\n[a]",
  "<javascript:alert(1)>",
  '<a href="javascript:alert(1)">a</a>',
  '<a href=" &#14; javascript:alert(1)">a</a>',
  '<a href="\u0001javascript:alert(1)">a</a>',
  '<a href="java\u0000script:alert(1)">a</a>',
  '<a href="java&#0;script:alert(1)">a</a>',
  '<a href="java&#x1;script:alert(1)">a</a>',
  '<a href="java<!-- -->script:alert(1)">a</a>',
  '<a href="&#x6a;&#x61;&#x76;&#x61;&#x73;cript:alert(1)">a</a>',
  "![a](javascript:alert(1))",
  "![a](data:image/svg+xml;base64,PHN2Zz4=)",
  "![a](mailto:a@b.c)",
  '<img src="data:image/png;base64,AAAA">',
  '![a](x "\\" onerror=\\"alert(1)")',
  '![" onerror="alert(1)](x)',
  '[a](x "\\"><script>alert(1)</script>")',
  '<a href="//evil.example">a</a>',
  '<a href="https://x.y" ping="https://evil.example" target=_blank download>a</a>',
  // elements that must not be there
  "<iframe src=https://x.y></iframe>",
  '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
  "<object data=x></object><embed src=x><applet code=x>",
  "<base href=//evil.example/>",
  "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
  "<link rel=stylesheet href=//evil.example>",
  "<form action=//evil.example><button formaction=javascript:alert(1)>a</button></form>",
  "<input type=text name=password>",
  "<input type=image src=x onerror=alert(1)>",
  '<input type="CHECKBOX" onclick=alert(1) formaction=x>',
  "<input>",
  "<style>@import '//evil.example';</style>",
  '<p style="background:url(javascript:alert(1))">a</p>',
  '<img srcset="javascript:alert(1) 1x" src=x>',
  "<textarea><script>alert(1)</script></textarea>",
  "<marquee onstart=alert(1)>a</marquee>",
  '<p id=content name=x class="site">a</p>',
  "<template><script>alert(1)</script></template>",
  "<frameset><frame src=javascript:alert(1)></frameset>",
  "<audio src=x onerror=alert(1)>",
  "<portal src=x></portal>",
  // parsers that disagree
  "<svg onload=alert(1)>",
  "<svg><script>alert(1)</script></svg>",
  '<svg><a xlink:href="javascript:alert(1)"><text>a</text></a></svg>',
  '<svg><animate attributeName=href values="javascript:alert(1)"/></svg>',
  '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">',
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
  "<math><annotation-xml encoding=text/html><script>alert(1)</script></annotation-xml></math>",
  "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  '<xmp><p title="</xmp><img src=x onerror=alert(1)>">',
  '<noembed><img title="</noembed><img src onerror=alert(1)>">',
  '<title><img title="</title><img src onerror=alert(1)>">',
  "<select><style></select><img src=x onerror=alert(1)></style>",
  "<plaintext><img src=x onerror=alert(1)>",
  "<!--><img src=x onerror=alert(1)>-->",
  "<!--!><img src=x onerror=alert(1)>",
  "<![CDATA[><img src=x onerror=alert(1)>]]>",
  "<?xml ><img src=x onerror=alert(1)>?>",
  "<a title='--><img src=x onerror=alert(1)>'>",
  "<table><td><img src=x onerror=alert(1)></table>",
  "<a<b onclick=alert(1)>c",
  "</p onclick=alert(1)><br/onclick=alert(1)>",
  "&lt;script&gt;alert(1)&lt;/script&gt; &#60;script&#62;",
  "`<script>alert(1)</script>` <code><script>alert(1)</script></code>",
  "<pre><script>alert(1)</script></pre> <pre>\n\n<img src=x onerror=alert(1)>",
  '```"><script>alert(1)</script>\n</code></pre><script>alert(1)</script>\n```',
  "```html\n<script>alert(1)</script>\n```",
  "|a|\n|-|\n|<script>alert(1)</script>|",
  '<td class="align-left x" align=left><th onclick=alert(1)>',
  '<code class="language-x hljs site">a</code>',
  "\uD800<img src=x onerror=alert(1)>\uDFFF",
  // our own syntax
  '```ts title="<img src=x onerror=alert(1)>" {1} showLineNumbers\n<script>alert(1)</script>\n```',
  "```diff-html\n+<script>alert(1)</script>\n```",
  "```mermaid\n</pre><script>alert(1)</script>\n```",
  "```math\n</math><script>alert(1)</script>\n```",
  "$<img src=x onerror=alert(1)>$",
  "$\\href{javascript:alert(1)}{x} \\htmlData{onclick=alert(1)}{x}$",
  "$\\text{</annotation></semantics></math><script>alert(1)</script>}$",
  "> [!NOTE] <img src=x onerror=alert(1)>\n> <script>alert(1)</script>",
  ":::note <img src=x onerror=alert(1)>\n</div></div><script>alert(1)</script>\n:::",
  ":::note\n<div>\n:::\n</div></div>",
  "[^x]\n\n[^x]: </li></ol></section><script>alert(1)</script>",
  '[^"><script>]\n\n[^"><script>]: a',
  '[toc]\n\n## <img src=x onerror=alert(1)> "><script>alert(1)</script>',
  "## `<script>` &lt;script&gt; $<script>$",
  "<h2><a href=javascript:alert(1)>a</a></h2>",
  'https://youtu.be/dQw4w9WgXcQ?t=1"onload="alert(1)',
  "https://youtu.be/dQw4w9WgXcQ?<script>",
  ":rocket:<img src=x onerror=alert(1)>:tada:",
];

for (const vector of VECTORS) {
  Deno.test(`renderMarkdown leaves nothing dangerous of ${JSON.stringify(vector)}`, () => {
    for (
      const source of [vector, `text ${vector} text`, `> - ${vector}`, `${vector}\n\n${vector}`]
    ) {
      assertSafeHtml(renderMarkdown(source).html);
    }
  });
}

const FRAGMENTS = [
  ...[
    "$",
    "$$",
    "\\",
    "{",
    "}",
    "```math\n",
    "```mermaid\n",
    "```diff-js {1} ",
    ' title="',
    "// [!code ++]",
  ],
  ...[
    ":::note ",
    ":::",
    "[!TIP]",
    "[^a]",
    "[^a]: ",
    "[toc]",
    ":rocket:",
    "# ",
    "https://youtu.be/dQw4w9WgXcQ",
  ],
  ...[
    "<",
    ">",
    "</",
    "/>",
    '"',
    "'",
    "=",
    " ",
    "\n",
    "\n\n",
    "`",
    "```",
    "&",
    ";",
    "&#60;",
    "&lt;",
  ],
  ...[
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?",
    "[",
    "](",
    ")",
    "![",
    "*",
    "_",
    "|",
    "|-|\n",
    "- ",
    "> ",
  ],
  ...[
    "script",
    "style",
    "svg",
    "math",
    "img",
    "a",
    "p",
    "table",
    "td",
    "pre",
    "code",
    "div",
    "input",
  ],
  ...["noscript", "textarea", "iframe", "title", "xmp", "select", "form", "mglyph", "mtext"],
  ...[
    " src=x",
    " href=",
    " onerror=alert(1)",
    "javascript:",
    "data:",
    "type=checkbox",
    "\0",
    "\uD800",
  ],
];

Deno.test("renderMarkdown leaves nothing dangerous of any mix of fragments", () => {
  const mix = fc.array(fc.oneof(fc.constantFrom(...FRAGMENTS), fc.string({ maxLength: 3 })), {
    maxLength: 40,
  }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(mix, (source) => {
      try {
        assertSafeHtml(renderMarkdown(source).html);
      } catch (error) {
        if (!(error instanceof BoundExceeded)) throw error;
      }
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("a placeholder that the author copies from the page of an earlier version is not filled", () => {
  const code = "```js\nlet a = 1;\n```\n";
  const marks: string[] = [];
  for (const name of ["data-h", "data-hold", "data-h" + "0".repeat(32)]) {
    for (const tag of ["div", "span"]) marks.push(`<${tag} ${name}="0"></${tag}>`);
  }
  const { html } = renderMarkdown(`${code}\n${marks.join("\n")}`);
  assert.equal(html.split("hljs-keyword").length - 1, 1);
  assert.ok(!html.includes("data-h"));
});

Deno.test("the safety check of these tests fails on dangerous HTML", () => {
  for (
    const html of [
      "<script></script>",
      '<a href="javascript:alert(1)">a</a>',
      '<a href="java&#39;script:x" onclick="x">a</a>',
      "<p>",
      "a < b",
      '<img src="data:x">',
      '<input type="text" disabled>',
    ]
  ) {
    assert.throws(() => assertSafeHtml(html), html);
  }
});
