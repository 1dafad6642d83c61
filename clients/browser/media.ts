/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { createSending } from "./editor/sending.ts";

/** Sends what is chosen, dropped or pasted with a bar for each, and shows the list when all is there. */
function start(form: HTMLFormElement): void {
  const list = form.querySelector("[data-progress]")!;
  const input = form.querySelector<HTMLInputElement>("input[type=file]")!;
  const send = createSending(form.dataset.media!, list);
  let pending = 0;
  let done = 0;
  let failed = 0;

  async function upload(file: File): Promise<void> {
    pending++;
    if (await send(file)) done++;
    else failed++;
    pending--;
    if (pending > 0 || done === 0) return;
    const url = new URL(form.action);
    url.search = String(new URLSearchParams({ done: "uploaded", n: String(done) }));
    // Why the others were not taken is to be read first.
    if (failed === 0) location.assign(url);
    else offer(url);
  }

  function offer(url: URL): void {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = url.href;
    link.textContent = done === 1
      ? "Show the one that was uploaded"
      : `Show the ${done} that were uploaded`;
    item.append(link);
    list.querySelector("li:has(a)")?.remove();
    list.append(item);
  }

  const add = (files: Iterable<File>) => {
    for (const file of files) void upload(file);
  };
  form.addEventListener("submit", (event) => {
    if (!input.files?.length) return;
    event.preventDefault();
    add(input.files);
    input.value = "";
  });
  input.addEventListener("change", () => form.requestSubmit());
  form.querySelector("button[type=submit]")!.parentElement!.hidden = true;
  offerDrop(form, add);
  addEventListener("paste", ({ clipboardData }) => add(clipboardData?.files ?? []));
}

function offerDrop(form: HTMLFormElement, add: (files: Iterable<File>) => void): void {
  const holds = ({ dataTransfer }: DragEvent) => dataTransfer?.types.includes("Files");
  form.querySelector<HTMLElement>("[data-dropping]")!.hidden = false;
  // Beside the form a file that is dropped would take the page's place.
  addEventListener("dragover", (event) => {
    if (!holds(event)) return;
    event.preventDefault();
    form.classList.add("over");
  });
  addEventListener("dragleave", ({ relatedTarget }) => {
    if (!relatedTarget) form.classList.remove("over");
  });
  addEventListener("drop", (event) => {
    if (!holds(event)) return;
    event.preventDefault();
    form.classList.remove("over");
    add(event.dataTransfer!.files);
  });
}

document.querySelectorAll<HTMLFormElement>("form[data-media]").forEach(start);
