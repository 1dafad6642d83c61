/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { ask, Refused } from "./ask.ts";
import { control, type Fields } from "./fields.ts";

type Warning = { message: string; line?: number };

const PAUSE = 400;
const DIAGRAM = '<pre class="mermaid">';

/** The live preview of a form; `goTo` leads to a line of the text. */
export function createPreview(
  form: HTMLFormElement,
  { read, goTo }: { read: () => Fields; goTo: (line: number) => void },
) {
  const find = <T extends HTMLElement>(selector: string) => form.querySelector<T>(selector)!;
  const work = form.dataset.editor!;
  const figures = find("[data-figures]");
  const warnings = find("[data-warnings]");
  const frame = document.createElement("iframe");
  frame.title = "Preview of the post";
  frame.setAttribute("sandbox", "allow-scripts");
  let ready = false;
  // What draws has a wider policy, which most posts do without.
  let draws = false;
  let last: { html: string } | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let busy = false;
  let again = false;

  // Its origin is none, which only "*" fits.
  const tell = (message: unknown) => ready && frame.contentWindow?.postMessage(message, "*");
  addEventListener("message", ({ source, data }) => {
    if (source !== frame.contentWindow || data !== "ready") return;
    ready = true;
    if (last) tell(last);
  });
  const load = (query: string) => {
    ready = false;
    frame.src = `${work}/frame${query}`;
  };
  load("");
  find("[data-frame]").append(frame);
  find("[data-preview]").hidden = false;

  async function refresh(): Promise<void> {
    if (busy) return void (again = true);
    busy = true;
    try {
      const own = control(form, "own").value;
      const shown = await ask(`${work}/preview`, { ...read(), own });
      last = { html: shown.html };
      if (!draws && shown.html.includes(DIAGRAM)) {
        draws = true;
        load("?diagrams");
      }
      tell(last);
      figures.textContent = `${shown.word_count} words, ${shown.reading_minutes} min`;
      control(form, "slug").placeholder = shown.slug;
      control(form, "description").placeholder = shown.meta_description;
      list(shown.warnings);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      figures.textContent = error.message;
    }
    busy = false;
    if (again) changed();
    again = false;
  }

  function list(found: Warning[]): void {
    warnings.hidden = found.length === 0;
    warnings.querySelector("ul")!.replaceChildren(...found.map(({ message, line }) => {
      const item = document.createElement("li");
      item.append(message);
      if (line !== undefined) {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = `Line ${line}`;
        button.addEventListener("click", () => goTo(line));
        item.append(" ", button);
      }
      return item;
    }));
  }

  function changed(): void {
    clearTimeout(timer);
    timer = setTimeout(refresh, PAUSE);
  }

  refresh();
  return { changed, scrolled: (at: number) => void tell({ at }) };
}
