/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { refusalOf, Refused } from "./ask.ts";
import type { Writing } from "./writing.ts";

const DEFAULT_WAIT = 10;
const MAX_TRIES = 8;

/** Uploads images one after the other into the text, with a bar each; `pending` says how many are left. */
export function createUploads(
  form: HTMLFormElement,
  { writing, settled }: { writing: () => Writing; settled: () => void },
) {
  const url = `${form.dataset.editor}/media`;
  const list = form.querySelector("[data-progress]")!;
  let queue = Promise.resolve();
  let pending = 0;
  let counter = 0;

  function add(files: File[]): void {
    for (const file of files) {
      counter++;
      const name = file.name.replace(/[[\]()\\<>\p{Cc}]+/gu, " ");
      const mark = `![Uploading ${name} (${counter})…]()`;
      writing().insert(`${mark}\n`);
      pending++;
      queue = queue.then(() => run(file, mark));
    }
  }

  async function run(file: File, mark: string): Promise<void> {
    const item = document.createElement("li");
    const bar = document.createElement("progress");
    bar.max = 1;
    bar.setAttribute("aria-label", `Upload of ${file.name}`);
    item.append(`${file.name} `, bar);
    list.append(item);
    try {
      const { markdown } = await send(file, (part) => bar.value = part);
      writing().replace(mark, markdown);
      item.remove();
    } catch (error) {
      writing().replace(`${mark}\n`, "");
      const reason = error instanceof Refused ? error.message : String(error);
      item.textContent = `${file.name} was not uploaded: ${reason}`;
    }
    pending--;
    settled();
  }

  async function send(file: File, progress: (part: number) => void): Promise<{ markdown: string }> {
    for (let tries = 1;; tries++) {
      try {
        return await sendOnce(url, file, progress);
      } catch (error) {
        const waits = error instanceof Refused && error.status === 429 && tries < MAX_TRIES;
        if (!waits) throw error;
        const seconds = error.retryAfter || DEFAULT_WAIT;
        await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      }
    }
  }

  const input = form.querySelector<HTMLInputElement>("[data-files]")!;
  input.addEventListener("change", () => {
    add([...input.files ?? []]);
    input.value = "";
  });
  form.querySelector<HTMLElement>("[data-uploads]")!.hidden = false;
  return { add, pending: () => pending };
}

// What fetch sends tells nothing of how far it is.
function sendOnce(
  url: string,
  file: File,
  progress: (part: number) => void,
): Promise<{ markdown: string }> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.responseType = "json";
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      if (total) progress(loaded / total);
    });
    request.addEventListener("load", () => {
      const { status, response } = request;
      if (status === 201) resolve(response);
      else reject(refusalOf(status, response ?? {}));
    });
    request.addEventListener("error", () => {
      reject(new Refused(0, "the service cannot be reached", 0));
    });
    const body = new FormData();
    body.set("file", file);
    request.send(body);
  });
}
