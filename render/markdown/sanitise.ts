import sanitizeHtml from "sanitize-html";

// sanitize-html reads a URL again for each comment in it: quadratic in a long one.
const LONGEST_URL = 2_048;

const TAGS = [
  ...["h1", "h2", "h3", "h4", "h5", "h6", "p", "div", "section", "aside", "hr", "br", "wbr"],
  ...["blockquote", "pre", "ul", "ol", "li", "dl", "dt", "dd", "figure", "figcaption"],
  ...["table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "details", "summary"],
  ...["a", "img", "input", "span", "strong", "b", "em", "i", "u", "s", "del", "ins", "mark"],
  ...["small", "sub", "sup", "abbr", "cite", "q", "dfn", "time", "bdi", "bdo"],
  ...["code", "kbd", "samp", "var", "ruby", "rb", "rp", "rt", "rtc"],
];

const ALIGNMENTS = ["align-left", "align-center", "align-right"];

const ATTRIBUTES = {
  "*": ["title", "lang", "dir"],
  a: ["href", "rel"],
  img: ["src", "alt", "width", "height", "loading", "decoding"],
  input: ["type", "checked", "disabled", "aria-label"],
  ol: ["start", "reversed"],
  th: ["colspan", "rowspan", "scope"],
  td: ["colspan", "rowspan"],
  time: ["datetime"],
  details: ["open"],
};

const OPTIONS: sanitizeHtml.IOptions = {
  allowedTags: TAGS,
  allowedClasses: { code: ["language-*"], th: ALIGNMENTS, td: ALIGNMENTS },
  allowedSchemes: ["http", "https", "mailto"],
  allowedSchemesByTag: { img: ["http", "https"] },
  allowProtocolRelative: false,
  nestingLimit: 120,
  transformTags: { a: link, img: image, input: checkbox },
};

/** Keeps what an article may hold, and one attribute more: `mark`, on any element. */
export function sanitise(html: string, mark: string): string {
  const clean = sanitizeHtml(html, {
    ...OPTIONS,
    allowedAttributes: { ...ATTRIBUTES, "*": [...ATTRIBUTES["*"], mark] },
  });
  // It writes void elements as in XML; every other `>` in its output is an entity.
  return clean.replaceAll(" />", ">");
}

function link(tagName: string, attribs: sanitizeHtml.Attributes): sanitizeHtml.Tag {
  const { rel: _, ...kept } = withoutLongUrl(attribs, "href");
  if (/^https?:/i.test(kept.href ?? "")) kept.rel = "noopener";
  return { tagName, attribs: kept };
}

function image(tagName: string, attribs: sanitizeHtml.Attributes): sanitizeHtml.Tag {
  const kept = withoutLongUrl(attribs, "src");
  return { tagName, attribs: { ...kept, alt: kept.alt ?? "", loading: "lazy", decoding: "async" } };
}

function checkbox(_: string, attribs: sanitizeHtml.Attributes): sanitizeHtml.Tag {
  if (attribs.type?.toLowerCase() !== "checkbox") return { tagName: "removed", attribs: {} };
  const checked: sanitizeHtml.Attributes = "checked" in attribs ? { checked: "" } : {};
  const label = "checked" in attribs ? "Done" : "To do";
  return {
    tagName: "input",
    attribs: { type: "checkbox", disabled: "", ...checked, "aria-label": label },
  };
}

function withoutLongUrl(attribs: sanitizeHtml.Attributes, name: string): sanitizeHtml.Attributes {
  if ((attribs[name]?.length ?? 0) <= LONGEST_URL) return attribs;
  const { [name]: _, ...kept } = attribs;
  return kept;
}
