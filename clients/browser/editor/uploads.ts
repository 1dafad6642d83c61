/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { createSending } from "./sending.ts";
import type { Writing } from "./writing.ts";

/** Uploads images into the text; `pending` says how many are left. */
export function createUploads(
  form: HTMLFormElement,
  { writing, settled }: { writing: () => Writing; settled: () => void },
) {
  const url = `${form.dataset.editor}/media`;
  const send = createSending(url, form.querySelector("[data-progress]")!);
  let pending = 0;
  let counter = 0;

  async function upload(file: File): Promise<void> {
    counter++;
    const name = file.name.replace(/[[\]()\\<>\p{Cc}]+/gu, " ");
    const mark = `![Uploading ${name} (${counter})…]()`;
    writing().insert(`${mark}\n`);
    pending++;
    const sent = await send(file);
    if (sent) writing().replace(mark, sent.markdown);
    else writing().replace(`${mark}\n`, "");
    pending--;
    settled();
  }

  const add = (files: File[]) => files.forEach((file) => void upload(file));
  const input = form.querySelector<HTMLInputElement>("[data-files]")!;
  input.addEventListener("change", () => {
    add([...input.files ?? []]);
    input.value = "";
  });
  form.querySelector<HTMLElement>("[data-uploads]")!.hidden = false;
  return { add, pending: () => pending };
}
