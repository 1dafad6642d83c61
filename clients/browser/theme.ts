/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

const PAUSE = 500;

/** Shows the theme as one changes it, each time in a frame of its own: that leaves no step in the history. */
function start(form: HTMLFormElement): void {
  const button = form.querySelector<HTMLButtonElement>("[data-refresh]")!;
  let frame = form.querySelector("iframe")!;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let count = 0;
  let busy = false;
  let again = false;
  let changed = false;

  function refresh(): void {
    if (busy) return void (again = true);
    busy = true;
    const next = document.createElement("iframe");
    next.title = frame.title;
    next.setAttribute("sandbox", "");
    next.name = `preview-${++count}`;
    next.className = "coming";
    frame.after(next);
    next.addEventListener("load", () => {
      next.className = "";
      frame.remove();
      frame = next;
      busy = false;
      if (again) refresh();
      again = false;
    }, { once: true });
    button.formTarget = next.name;
    form.requestSubmit(button);
  }

  form.addEventListener("input", ({ target }) => {
    changed ||= (target as HTMLInputElement).name !== "page";
    clearTimeout(timer);
    timer = setTimeout(refresh, PAUSE);
  });
  button.hidden = true;
  form.addEventListener("submit", ({ submitter }) => {
    if (submitter !== button) changed = false;
  });
  addEventListener("beforeunload", (event) => {
    if (changed) event.preventDefault();
  });
}

document.querySelectorAll<HTMLFormElement>("form[data-theming]").forEach(start);
