/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { ask } from "./ask.ts";
import { control, readFields, writeFields } from "./fields.ts";
import { createPreview } from "./preview.ts";
import { createSaving } from "./saving.ts";
import { createUploads } from "./uploads.ts";
import { createWriting, type Writing } from "./writing.ts";

function start(form: HTMLFormElement): void {
  const state = form.querySelector("[data-state]")!;
  const title = control(form, "title");
  let heard = false;
  const changed = () => {
    if (!heard) return;
    saving.changed();
    preview.changed();
  };
  const uploads = createUploads(form, { writing: () => writing, settled: () => changed() });
  const area = control(form, "content") as unknown as HTMLTextAreaElement;
  const writing: Writing = createWriting(area, {
    changed,
    save: () => void saving.save(),
    publish: () => form.requestSubmit(form.querySelector<HTMLButtonElement>("[data-publish]")),
    files: uploads.add,
    scrolled: (at) => preview.scrolled(at),
  });
  const read = () => readFields(form, writing);
  const saving = createSaving(form, {
    read,
    say: (words) => void (state.textContent = words),
    conflict: () => showConflict(form, { writing, saving, read }),
    calm: () => uploads.pending() === 0 && (form.dataset.id !== "" || !title.matches(":focus")),
  });
  const preview = createPreview(form, { read, goTo: writing.goTo });
  heard = true;
  form.addEventListener("input", changed);
  form.addEventListener("formdata", ({ formData }) => formData.set("content", writing.text()));
  form.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key !== "s") return;
    event.preventDefault();
    saving.save();
  });
  handleSubmits(form, saving);
  proposeZone(form);
  offerLeft(form, { writing, saving, changed });
}

type Saving = ReturnType<typeof createSaving>;

function handleSubmits(form: HTMLFormElement, saving: Saving): void {
  let going = false;
  form.addEventListener("submit", async (event) => {
    const button = event.submitter as HTMLButtonElement | null;
    if (button?.formTarget || going) return;
    event.preventDefault();
    if (button?.name !== "then") return void await saving.save();
    // The form says which version it began from: a save on its way would make another.
    if (!await saving.save()) return;
    saving.release();
    going = true;
    // While the event of one submission is under way, another is ignored.
    setTimeout(() => form.requestSubmit(button));
  });
}

function notice(form: HTMLFormElement, words: string, buttons: [string, () => void][]): void {
  const said = document.createElement("div");
  said.className = "said bad";
  said.setAttribute("role", "alert");
  const text = document.createElement("span");
  text.textContent = words;
  said.append(text);
  for (const [name, act] of buttons) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button slim";
    button.textContent = name;
    button.addEventListener("click", () => {
      if (name !== "Compare") said.remove();
      act();
    });
    said.append(button);
  }
  form.querySelector("[data-notices]")!.append(said);
}

async function showConflict(
  form: HTMLFormElement,
  { writing, saving, read }: {
    writing: Writing;
    saving: Saving;
    read: () => ReturnType<typeof readFields>;
  },
): Promise<void> {
  const url = `${form.dataset.editor}/posts/${form.dataset.id}`;
  const stored = await ask(url).catch(() => null);
  if (!stored) {
    const again = () => void showConflict(form, { writing, saving, read });
    return notice(form, "The post was changed or deleted elsewhere.", [["Look again", again]]);
  }
  const title = stored.title === read().title ? "" : ` Its title is “${stored.title}” there.`;
  notice(form, `The post was changed elsewhere, and yours is not saved.${title}`, [
    ["Compare", () => writing.compare(stored.content)],
    ["Save mine over it", () => {
      writing.compare(null);
      saving.resume(stored.etag);
      saving.save();
    }],
    ["Take the other", () => {
      saving.leave();
      location.reload();
    }],
  ]);
}

async function offerLeft(
  form: HTMLFormElement,
  { writing, saving, changed }: { writing: Writing; saving: Saving; changed: () => void },
): Promise<void> {
  for (const left of await saving.left()) {
    const same = JSON.stringify(left.fields) === JSON.stringify(readFields(form, writing));
    if (same) {
      left.drop();
      continue;
    }
    const at = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" })
      .format(left.at);
    notice(form, `Text of ${at} that was not saved is kept in this browser.`, [
      ["Restore it", () => {
        saving.resume(left.etag);
        writeFields(form, writing, left.fields);
        left.drop();
        changed();
      }],
      ["Discard it", left.drop],
    ]);
  }
}

function proposeZone(form: HTMLFormElement): void {
  const zone = form.elements.namedItem("zone") as HTMLSelectElement | null;
  const at = form.elements.namedItem("scheduled_at") as HTMLInputElement | null;
  if (!zone || !at || at.value) return;
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if ([...zone.options].some(({ value }) => value === own)) zone.value = own;
  if (!form.dataset.at || zone.value !== own) return;
  const date = new Date(form.dataset.at);
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  at.value = local.toISOString().slice(0, 16);
}

document.querySelectorAll<HTMLFormElement>("form[data-editor]").forEach(start);
