import assert from "node:assert/strict";

const ELEMENTS = new Set(
  ("h1 h2 h3 h4 h5 h6 p div section aside hr br wbr blockquote pre ul ol li dl dt dd figure figcaption " +
    "table caption thead tbody tfoot tr th td details summary a img input span strong b em i u s del ins " +
    "mark small sub sup abbr cite q dfn time bdi bdo code kbd samp var ruby rb rp rt rtc nav iframe " +
    "math semantics annotation mrow mi mn mo mtext mspace ms msup msub msubsup mfrac msqrt mroot mover " +
    "munder munderover mstyle mtable mtr mtd mpadded mphantom menclose mmultiscripts mprescripts none " +
    "mlabeledtr")
    .split(" "),
);
const ATTRIBUTES = new Set(
  ("href src alt title lang dir class rel loading decoding width height type checked disabled aria-label " +
    "start reversed colspan rowspan scope datetime open tabindex id role allow allowfullscreen referrerpolicy " +
    "xmlns display encoding mathvariant mathcolor mathbackground mathsize scriptlevel displaystyle fence " +
    "separator stretchy symmetric maxsize minsize largeop movablelimits accent accentunder lspace rspace " +
    "linethickness depth voffset notation columnalign columnspacing columnlines rowspacing rowlines frame " +
    "align side form linebreak")
    .split(" "),
);
const PLAYER = /^https:\/\/www\.youtube-nocookie\.com\/embed\/[\w-]{11}(?:\?start=\d+)?$/;
const ID = /^(?:[\p{L}\p{N}\p{M}\p{Pc}\p{Join_Control}\p{So}-]+|fn:\d+|fnref:\d+(?::\d+)?)$/u;
const VOID = new Set(["hr", "br", "wbr", "img", "input"]);
const TOKEN = /([^<>]+)|<\/([a-z][a-z0-9]*)>|<([a-z][a-z0-9]*)((?: [a-z-]+(?:="[^"<>]*")?)*)>/y;

/**
 * Reads HTML by a grammar so narrow that every browser reads it the same way: known elements, quoted
 * known attributes, balanced tags, no raw-text element. URLs are judged by the WHATWG parser.
 */
export function assertSafeHtml(html: string): void {
  const open: string[] = [];
  const ids = new Set<string>();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < html.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(html);
    assert.ok(match, `not plain HTML: ${html.slice(at, at + 200)}`);
    const [, , closed, opened, attributes] = match;
    if (closed) assert.equal(open.pop(), closed, `unbalanced in ${html.slice(0, 500)}`);
    if (!opened) continue;
    assert.ok(ELEMENTS.has(opened), `element ${opened}`);
    if (!VOID.has(opened)) open.push(opened);
    const { id } = assertSafeAttributes(opened, attributes);
    if (id === undefined) continue;
    assert.ok(ID.test(id) && !/[A-Z]/.test(id) && !ids.has(id), `id ${id}`);
    ids.add(id);
  }
  assert.deepEqual(open, []);
}

function assertSafeAttributes(element: string, attributes: string): { id?: string } {
  const values = new Map<string, string>();
  for (const [, name, value = ""] of attributes.matchAll(/ ([a-z-]+)(?:="([^"]*)")?/g)) {
    assert.ok(ATTRIBUTES.has(name), `attribute ${name} on ${element}`);
    assert.ok(!values.has(name), `attribute ${name} twice`);
    values.set(name, decode(value));
  }
  for (const name of ["href", "src"]) {
    const url = values.get(name);
    if (url === undefined) continue;
    const allowed = name === "href" ? ["http:", "https:", "mailto:"] : ["http:", "https:"];
    const parsed = URL.parse(url, "https://blog.example/post");
    if (parsed) assert.ok(allowed.includes(parsed.protocol), `${name}=${url}`);
  }
  if (element === "input") {
    assert.equal(values.get("type"), "checkbox");
    assert.ok(values.has("disabled"));
  }
  if (element === "iframe") assert.match(values.get("src")!, PLAYER);
  return { id: values.get("id") };
}

function decode(value: string): string {
  return value.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'").replaceAll("&amp;", "&");
}
