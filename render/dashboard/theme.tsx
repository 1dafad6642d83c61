import { blogPath, type FramedBlog } from "./document.tsx";
import { type Faults, SelectField, TextArea, TextField, Title } from "./parts.tsx";

/** The keys of a theme, "" where there is nothing. */
export type ThemeTexts = Record<keyof typeof THEME_LABELS, string>;
/**
 * `gates` are the lowest plans that have a key, of those that the account's lacks; `withoutHtml`: the blog
 * is where no HTML of its owner's is shown; `etag` is the blog's that `stored` is of.
 */
export type ThemePage = {
  blog: FramedBlog;
  themes: readonly string[];
  typed: ThemeTexts;
  stored: ThemeTexts;
  etag: string;
  gates: Partial<Record<keyof ThemeTexts, string>>;
  withoutHtml: boolean;
  faults: Faults;
};

/** What the form calls each key. */
export const THEME_LABELS = {
  theme: "Theme",
  customCss: "Custom CSS",
  cssUrl: "Style sheet elsewhere",
  adCode: "Advertisement",
  headerHtml: "Above the header",
  footerHtml: "Below the footer",
  headHtml: "In the head",
  layoutHtml: "Page template",
};
const ABOUT: Record<string, string> = {
  paper: "Serifs on warm paper, for reading at length",
  ink: "A plain sans serif, black on white",
  terminal: "Monospaced, for those at home there",
};
const HINTS: Partial<Record<keyof ThemeTexts, string>> = {
  customCss: "Comes after the theme's own styles.",
  cssUrl: "An https address; loaded before the custom CSS.",
  adCode: "HTML at the end of each page that has something to read.",
  headerHtml: "HTML before everything else on the page.",
  footerHtml: "HTML after everything else on the page.",
  headHtml: "HTML such as metadata, or the scripts of another service.",
  layoutHtml:
    "A whole document with {{head}}, {{title}} and {{content}} in it; {{style}}, {{header}} and {{footer}} bring ours.",
};
const GROUPS: [string, (keyof ThemeTexts)[]][] = [
  ["Styles", ["customCss", "cssUrl"]],
  ["HTML of yours", ["headerHtml", "footerHtml", "adCode"]],
  ["The whole page", ["headHtml", "layoutHtml"]],
];
const SHOWN = [["index", "The list of posts"], ["post", "The newest post"]] as const;

/** The theme of a blog: the form, and beside it how the blog looks by it. */
export function themeMain(page: ThemePage) {
  const { blog, etag } = page;
  const preview = blogPath(blog, "/theme/preview");
  return (
    <>
      <Title title="Theme">
        <a class="button" href={blog.url}>Visit the blog</a>
      </Title>
      <form class="stack theming" method="post" action={blogPath(blog, "/theme")} data-theming>
        <input type="hidden" name="etag" value={etag} />
        <div class="stack">
          <Choice {...page} />
          {GROUPS.map(([title, keys]) => <Group {...page} title={title} keys={keys} />)}
          {!blog.frozen && (
            <div class="bulk">
              <button class="button main" type="submit">Save the theme</button>
            </div>
          )}
        </div>
        <section class="stack shown" aria-labelledby="Preview">
          <div class="title">
            <h2 id="Preview">Preview</h2>
            <div class="fields">
              <SelectField label="Show" name="page" value="index" options={SHOWN} />
              <button
                class="button"
                type="submit"
                formaction={preview}
                formtarget="preview"
                formnovalidate
                data-refresh
              >
                Preview
              </button>
            </div>
          </div>
          <iframe name="preview" title="Preview of the blog" src={preview} sandbox=""></iframe>
          <p class="soft small">
            As the blog would look; nothing is stored by it. Scripts do not run here, and links lead
            nowhere. A blog without posts is shown with some that stand in.
          </p>
        </section>
      </form>
    </>
  );
}

function Choice({ themes, typed, faults }: ThemePage) {
  return (
    <fieldset class="card ticks">
      <legend class="hidden">Theme</legend>
      <h2>Theme</h2>
      {themes.map((theme) => (
        <label>
          <input type="radio" name="theme" value={theme} checked={typed.theme === theme} />
          <span>
            <strong class="capital">{theme}</strong>
            <br />
            <span class="soft small">{ABOUT[theme]}</span>
          </span>
        </label>
      ))}
      {faults.theme && <span class="fault" role="alert">{faults.theme}</span>}
    </fieldset>
  );
}

function Group(
  { title, keys, ...page }: ThemePage & { title: string; keys: (keyof ThemeTexts)[] },
) {
  const { typed, faults, gates } = page;
  const open = keys.some((key) => typed[key] || faults[key]);
  const wanting = [...new Set(keys.map((key) => gates[key]))];
  const locked = wanting.length === 1 && wanting[0];
  return (
    <details class="card" open={open}>
      <summary>
        <h2>{title}</h2>
        {locked && <span class="badge">{locked} and above</span>}
      </summary>
      {keys.map((key) => <Key {...page} of={key} />)}
    </details>
  );
}

function Key(
  { typed, stored, gates, withoutHtml, faults, of: key }: ThemePage & { of: keyof ThemeTexts },
) {
  const plan = gates[key];
  const isHtml = key !== "customCss" && key !== "cssUrl";
  const field = {
    ...{ label: THEME_LABELS[key], name: key, value: typed[key], fault: faults[key] },
    // What a former plan has left can only be taken away.
    disabled: plan !== undefined && !stored[key],
    hint: [
      HINTS[key],
      isHtml && withoutHtml && "Shown once the blog has a domain of its own.",
      plan && !stored[key] && `Requires the ${plan} plan or above.`,
      plan && stored[key] &&
      `The plan does not show it any more (${plan} and above do); it can be emptied.`,
    ].filter(Boolean).join(" "),
  };
  return (
    <div>
      {key === "cssUrl" ? <TextField {...field} /> : <TextArea {...field} code />}
      {plan && <a class="small" href="/upgrade">Compare the plans</a>}
    </div>
  );
}
