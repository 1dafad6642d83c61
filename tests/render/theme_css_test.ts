import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import {
  checkLayout,
  type Page,
  PLATFORM_CSP,
  platformNotFound,
  postPage,
  safeCss,
} from "../../render/blog/mod.ts";
import { EVERYTHING, pagesOf, postOf, SITE, siteWith, THEMES } from "./_blog.ts";

const POST = postOf("Text.");
const LAYOUT =
  `<!doctype html><html lang="{{lang}}"><head><title>{{ title }}</title>{{head}}{{style}}</head>` +
  `<body data-d="{{description}}">{{header}}<main>{{content}}</main>{{footer}}{{unknown}}</body></html>`;

function directive(page: Page, name: string): string[] {
  const found = page.csp.split("; ").find((part) => part.startsWith(`${name} `));
  return found?.split(" ").slice(1) ?? [];
}

function hashes(html: string, tag: "script" | "style"): string[] {
  return [...html.matchAll(new RegExp(`<${tag}>(.*?)</${tag}>`, "gs"))]
    .map(([, text]) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`);
}

for (const theme of THEMES) {
  Deno.test(`the policy of each page in ${theme} allows its inline parts by hash and no others`, () => {
    const site = siteWith({ theme, customCss: ".title{color:red}" });
    for (const [name, page] of Object.entries(pagesOf(site))) {
      const scripts = directive(page, "script-src").filter((source) => source !== "'self'");
      assert.deepEqual(scripts, hashes(page.html, "script"), name);
      const styles = hashes(page.html, "style");
      assert.equal(styles.length, 2);
      // Mermaid styles its drawings in place.
      const expected = name === "a post" ? ["'unsafe-inline'"] : styles;
      assert.deepEqual(directive(page, "style-src"), expected, name);
      assert.doesNotMatch(page.html, /\sstyle="|\son\w+="/, name);
    }
  });
}

Deno.test("the policy of a text forbids all that it does not name", () => {
  const { csp } = postPage(SITE, POST);
  assert.match(
    csp,
    /^default-src 'none'; script-src 'sha256-\S+'; style-src 'sha256-\S+'; img-src https: http:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
  );
  assert.match(
    PLATFORM_CSP,
    /^default-src 'none'; style-src 'sha256-\S+'; img-src https: http:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
  );
  assert.ok(PLATFORM_CSP.includes(hashes(platformNotFound, "style")[0]));
});

Deno.test("a policy lets in files for code, and the frames of videos only where there is one", () => {
  const code = postPage(SITE, postOf("```ts\na\n```"));
  assert.ok(directive(code, "script-src").includes("'self'"));
  assert.deepEqual(directive(code, "frame-src"), []);
  const video = postPage(SITE, postOf("https://youtu.be/dQw4w9WgXcQ"));
  assert.deepEqual(directive(video, "frame-src"), ["https://www.youtube-nocookie.com"]);
  assert.ok(!directive(video, "script-src").includes("'self'"));
});

Deno.test("the owner's styles add fonts over https, a style sheet elsewhere also styles", () => {
  const custom = postPage(siteWith({ customCss: "a{color:red}" }), POST);
  assert.deepEqual(directive(custom, "font-src"), ["https:"]);
  assert.ok(!directive(custom, "style-src").includes("https:"));
  const cssUrl = "https://x.example/a.css?b&c";
  const linked = postPage(siteWith({ cssUrl }), POST);
  assert.deepEqual(directive(linked, "style-src"), [...hashes(linked.html, "style"), "https:"]);
  assert.match(linked.html, /<link rel="stylesheet" href="https:\/\/x.example\/a.css\?b&amp;c">/);
  assert.doesNotMatch(custom.csp + linked.csp, /unsafe/);
  assert.doesNotMatch(
    postPage(siteWith({ cssUrl: "http://x.example/a.css" }), POST).html,
    /a\.css/,
  );
});

for (const part of ["adCode", "headerHtml", "footerHtml", "headHtml"] as const) {
  Deno.test(`${part} comes out as it is, under a policy that still frames nothing`, () => {
    const own = `<b>${part}</b><script>1</script>`;
    const page = postPage(siteWith({ [part]: own }), POST);
    assert.ok(page.html.includes(own));
    assert.ok(directive(page, "script-src").includes("'unsafe-inline'"));
    assert.doesNotMatch(page.csp, /sha256/, "with a hash, unsafe-inline counts for nothing");
    for (const name of ["object-src", "base-uri", "frame-ancestors"]) {
      assert.deepEqual(directive(page, name), ["'none'"]);
    }
  });
}

Deno.test("adCode is on what there is to read, and not on errors or search", () => {
  const pages = pagesOf(siteWith({ adCode: "<i>AD</i>" }));
  const shown = Object.keys(pages).filter((name) => pages[name].html.includes("<i>AD</i>"));
  assert.deepEqual(
    Object.keys(pages).filter((name) => !shown.includes(name)),
    ["404", "410", "the search", "a search without a hit", "a search for too much"],
  );
});

Deno.test("a page template is filled, once, and its unknown names are left alone", () => {
  const title = "{{content}} $& <b>";
  const post = postOf(EVERYTHING, { title, description: '"{{title}}"', lang: "ja" });
  const { html } = postPage(siteWith({ layoutHtml: LAYOUT, headerHtml: "<p>H</p>" }), post);
  assert.match(
    html,
    /^<!doctype html><html lang="ja"><head><title>\{\{content\}\} \$&amp; &lt;b&gt; · /,
  );
  assert.match(html, /<title>.*<\/title><meta charset="utf-8">.*<style>.*<\/style>\s*<\/head>/s);
  assert.match(html, /<body data-d="&quot;\{\{title\}\}&quot;">\s*<p>H<\/p>\s*<header/);
  assert.match(html, /\{\{unknown\}\}<\/body>/);
  assert.equal(html.match(/<article/g)!.length, 1);
});

Deno.test("checkLayout names what a page template lacks", () => {
  assert.equal(checkLayout(LAYOUT), null);
  assert.equal(checkLayout("{{title}}{{ head }}{{content}}"), null);
  assert.equal(checkLayout("{{title}}{{head}}"), "content");
  assert.equal(checkLayout("{{content}}{{head}}{{Title}}"), "title");
  assert.equal(checkLayout("{{content}}{{title}}{{ header }}"), "head");
});

Deno.test("safeCss keeps what a style sheet is made of", () => {
  const kept = [
    ":root{--bg:light-dark(#fff,#000)}",
    'a:is(b,c):not(.d)::before{content:"“"}',
    "a{color:red!important;&:hover{color:rgb(from red r g b/50%)}}",
    "@media (400px<width<600px){a{width:calc(100% - (2*3px))}}",
    "@layer a,b;@container x (width>400px){a{color:red}}",
    "@keyframes k{from{top:0}50%{top:1px}}",
    '@font-face{font-family:x;src:url(https://f.example/x.woff2)format("woff2")}',
    "a{background:url(https://x.example/a.png)}",
    'a{background:image-set("https://x.example/a.png"1x)}',
  ];
  for (const css of kept) assert.equal(safeCss(css), css);
});

Deno.test("safeCss drops what fetches or runs anything else, and keeps what stands beside it", () => {
  const dropped = [
    "a{background:url(javascript:alert(1))}",
    "a{background:url( 'data:image/svg+xml,<svg onload=x>' )}",
    "a{background:url(http://x.example/a.png)}",
    "a{background:url(//x.example/a.png)}",
    "a{background:u\\72l('http://x.example/a.png')}",
    "a{background:image-set('http://x.example/a.png' 1x)}",
    "a{background:src('http://x.example/a.png')}",
    "a{width:expression(alert(1))}",
    "a{width:\\65xpression(alert(1))}",
    "a{behavior:url(https://x.example/a.htc)}",
    "a{-moz-binding:url(https://x.example/a.xml)}",
    "a{b\\65havior:x}",
    "@import 'https://x.example/a.css';",
    "@\\69mport url(https://x.example/a.css);",
    "@charset 'x';",
    "@font-face{src:url(http://x.example/a.woff2)}",
    "@media </style>{a{color:red}}",
    "a{color:red;}</style><script>alert(1)</script>",
  ];
  for (const css of dropped) {
    const safe = safeCss(`${css} b{top:0}`);
    assert.doesNotMatch(safe, /url|expression|havior|binding|import|charset|script|src/, css);
  }
  assert.equal(safeCss("a{top:0;width:expression(1);left:0}"), "a{top:0;left:0}");
  assert.equal(safeCss("<!-- a{top:0} -->/*! x */"), "a{top:0}");
});

Deno.test("safeCss cannot be made to leave its style element, and changes nothing the second time", () => {
  const piece = fc.constantFrom(
    ...["</style>", "<!--", "-->", "<script>", "\\", "'", '"', "/*", "*/", "{", "}", "(", ")"],
    ...[
      "url(",
      ";",
      ":",
      "@media ",
      "@font-face",
      "a",
      "--x",
      "[",
      "]",
      "\n",
      "\0",
      "\r",
      ",",
      " ",
    ],
    ...["<", "/style>", "\\3c ", "content:", "https://x", "!important", "&", "#", "\ud800", "%"],
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => {
      const safe = safeCss(pieces.join(""));
      assert.doesNotMatch(safe, /<[/!?]|\r|\0/);
      assert.equal(safeCss(safe), safe);
    }),
    { numRuns: 3000, seed: 1 },
  );
});

Deno.test("safeCss ends for what is nested deeper than its parser goes", () => {
  for (const open of ["(", "[", "{", "a{", "@media x{", ":is(", "a{b:("]) {
    assert.equal(typeof safeCss(open.repeat(64_000 / open.length)), "string");
  }
});
