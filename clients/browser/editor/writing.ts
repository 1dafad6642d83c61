/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { markdown, markdownKeymap, markdownLanguage } from "@codemirror/lang-markdown";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { unifiedMergeView } from "@codemirror/merge";
import { Compartment, EditorSelection, EditorState } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import { tags } from "@lezer/highlight";

/** What a text editor tells of: changes, keys that act, files that are dropped or pasted, how far it is scrolled (0 to 1). */
export type Hears = {
  changed: () => void;
  save: () => void;
  publish: () => void;
  files: (files: File[]) => void;
  scrolled: (at: number) => void;
};
/** The text as it is edited. */
export type Writing = {
  text: () => string;
  /** puts another text in its place; undo brings the first back */
  set: (text: string) => void;
  insert: (text: string) => void;
  /** puts `to` where `from` is, if it is still there */
  replace: (from: string, to: string) => void;
  /** from 1 */
  goTo: (line: number) => void;
  /** shows what differs from another text; null ends it */
  compare: (other: string | null) => void;
};

const LOOK = EditorView.theme({
  "&": { height: "100%", color: "var(--fg)", backgroundColor: "var(--pane)" },
  "&.cm-focused": { outline: "3px solid var(--accent)", outlineOffset: "-3px" },
  ".cm-scroller": {
    font: ".9375rem/1.6 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace",
    overflow: "auto",
  },
  ".cm-content": { padding: ".75rem", caretColor: "var(--fg)" },
  ".cm-deletedChunk": { color: "var(--fg)", backgroundColor: "light-dark(#fbe3e6, #42191f)" },
  ".cm-deletedText": { background: "light-dark(#f0a9b2, #7d2733)" },
  ".cm-changedLine": { backgroundColor: "light-dark(#e0f5e6, #12351d)" },
  ".cm-changedText": { background: "light-dark(#a4e0b5, #1f6b38)" },
  ".cm-deletedChunk button[name=accept]": { font: "inherit", color: "#fff", background: "#1c6b1c" },
  ".cm-deletedChunk button[name=reject]": { font: "inherit", color: "#fff", background: "#a3172a" },
});
const COLOURS = HighlightStyle.define([
  { tag: tags.heading, fontWeight: "700" },
  { tag: tags.strong, fontWeight: "700" },
  { tag: tags.emphasis, fontStyle: "italic" },
  { tag: tags.strikethrough, textDecoration: "line-through" },
  { tag: [tags.link, tags.url], color: "var(--accent)" },
  { tag: [tags.quote, tags.processingInstruction, tags.meta], color: "var(--soft)" },
]);

/** Puts an editor in the place of a text area, which stays for the form. */
export function createWriting(area: HTMLTextAreaElement, hears: Hears): Writing {
  const comparison = new Compartment();
  const host = document.createElement("div");
  host.className = "writing";
  // Styles of a shadow tree need no leave of the page's policy.
  const root = host.attachShadow({ mode: "open" });
  const described = area.getAttribute("aria-invalid") === "true";
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: area.value,
      extensions: [
        history(),
        markdown({ base: markdownLanguage }),
        syntaxHighlighting(COLOURS),
        LOOK,
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({
          "aria-label": area.labels?.[0]?.textContent ?? "Text",
          "aria-invalid": String(described),
          spellcheck: "true",
          autocorrect: "on",
          autocapitalize: "sentences",
        }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) hears.changed();
        }),
        EditorView.domEventHandlers(fileHandlers(host, hears.files)),
        keymap.of([
          { key: "Mod-s", run: () => done(hears.save), preventDefault: true },
          { key: "Mod-Enter", run: () => done(hears.publish) },
          { key: "Mod-b", run: (view) => wrap(view, "**", "**") },
          { key: "Mod-i", run: (view) => wrap(view, "*", "*") },
          { key: "Mod-e", run: (view) => wrap(view, "`", "`") },
          { key: "Mod-k", run: (view) => wrap(view, "[", "](https://)") },
          ...markdownKeymap,
          ...defaultKeymap,
          ...historyKeymap,
        ]),
        comparison.of([]),
      ],
    }),
  });
  area.hidden = true;
  area.required = false;
  area.after(host);
  area.labels?.[0]?.addEventListener("click", () => view.focus());
  const { scrollDOM } = view;
  scrollDOM.addEventListener("scroll", () => {
    const room = scrollDOM.scrollHeight - scrollDOM.clientHeight;
    hears.scrolled(room > 0 ? scrollDOM.scrollTop / room : 0);
  });
  return {
    text: () => view.state.doc.toString(),
    set: (text) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } }),
    insert: (text) => view.dispatch(view.state.replaceSelection(text)),
    replace(from, to) {
      const at = view.state.doc.toString().indexOf(from);
      if (at >= 0) view.dispatch({ changes: { from: at, to: at + from.length, insert: to } });
    },
    goTo(number) {
      const { doc } = view.state;
      const { from } = doc.line(Math.min(Math.max(number, 1), doc.lines));
      view.dispatch({ selection: { anchor: from }, scrollIntoView: true });
      view.focus();
    },
    compare: (other) =>
      view.dispatch({
        effects: comparison.reconfigure(
          other === null ? [] : unifiedMergeView({ original: other, mergeControls: true }),
        ),
      }),
  };
}

function done(act: () => void): true {
  act();
  return true;
}

function wrap(view: EditorView, before: string, after: string): boolean {
  view.dispatch(view.state.changeByRange(({ from, to }) => ({
    changes: [{ from, insert: before }, { from: to, insert: after }],
    range: EditorSelection.range(from + before.length, to + before.length),
  })));
  return true;
}

function fileHandlers(host: HTMLElement, take: Hears["files"]) {
  const imagesOf = (data: DataTransfer | null) =>
    [...data?.files ?? []].filter(({ type }) => type.startsWith("image/"));
  return {
    paste(event: ClipboardEvent) {
      const images = imagesOf(event.clipboardData);
      if (images.length) take(images);
      return images.length > 0;
    },
    drop(event: DragEvent, view: EditorView) {
      host.classList.remove("over");
      const images = imagesOf(event.dataTransfer);
      if (!images.length) return false;
      event.preventDefault();
      const at = view.posAtCoords({ x: event.clientX, y: event.clientY });
      if (at !== null) view.dispatch({ selection: { anchor: at } });
      take(images);
      return true;
    },
    dragover(event: DragEvent) {
      if (event.dataTransfer?.types.includes("Files")) host.classList.add("over");
      return false;
    },
    dragleave() {
      host.classList.remove("over");
      return false;
    },
  };
}
