/// <reference lib="dom" />
import { ask, Refused } from "./ask.ts";
import { Backups } from "./backup.ts";
import { control, type Fields } from "./fields.ts";

const PAUSE = 2000;
// Each save is a revision, of which the last 50 are kept.
const BETWEEN = 30_000;
const RETRY = 10_000;
const KEEP_AFTER = 300;

/** What a form can say of its saves; `conflict` is told once the post was changed elsewhere. */
type Hears = {
  read: () => Fields;
  say: (words: string) => void;
  conflict: () => void;
  /** whether now is a moment to save by itself */
  calm: () => boolean;
};

/** Saves a form as it changes: drafts by themselves, a published post when it is told to. */
export function createSaving(form: HTMLFormElement, { read, say, conflict, calm }: Hears) {
  const work = form.dataset.editor!;
  const etag = control(form, "etag");
  const once = form.elements.namedItem("once") as HTMLInputElement | null;
  const backups = new Backups({ account: form.dataset.account!, path: form.action });
  let saved = form.dataset.unsaved === undefined ? JSON.stringify(read()) : "";
  let lastSave = -Infinity;
  let stopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let keeper: ReturnType<typeof setTimeout> | undefined;
  let running: Promise<boolean> | null = null;

  const isDirty = () => JSON.stringify(read()) !== saved;

  function changed(): void {
    if (!stopped) say(isDirty() ? "Not saved yet" : "");
    clearTimeout(keeper);
    keeper = setTimeout(keep, KEEP_AFTER);
    plan(PAUSE);
  }

  function keep(): void {
    if (isDirty()) backups.keep({ etag: etag.value, fields: read(), at: Date.now() });
    else backups.drop();
  }

  function plan(wait: number): void {
    clearTimeout(timer);
    const soonest = lastSave + BETWEEN - performance.now();
    timer = setTimeout(saveByItself, Math.max(wait, soonest));
  }

  function saveByItself(): void {
    // What is published changes before its readers' eyes: its author says when.
    if (stopped || form.dataset.status === "published" || !isDirty()) return;
    const { title, content } = read();
    if (title.trim() === "" || content.trim() === "") return;
    if (calm()) save();
    else plan(PAUSE);
  }

  /** Saves now; says whether all is saved. */
  async function save(): Promise<boolean> {
    while (running) await running;
    if (stopped) return false;
    if (!isDirty()) return true;
    running = saveOnce();
    try {
      return await running;
    } finally {
      running = null;
    }
  }

  async function saveOnce(): Promise<boolean> {
    const fields = read();
    say("Saving…");
    try {
      const sent = { ...fields, id: form.dataset.id, etag: etag.value, once: once?.value };
      took(await ask(`${work}/save`, sent), fields);
      return true;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      refuse(error);
      return false;
    } finally {
      lastSave = performance.now();
    }
  }

  function took(
    post: { id: string; slug: string; etag: string; path: string },
    fields: Fields,
  ): void {
    if (form.dataset.id === "") {
      history.replaceState(null, "", post.path);
      form.action = post.path;
      backups.move(form.action);
      form.dataset.id = post.id;
      document.querySelector("[data-heading]")!.textContent = "Edit post";
      document.title = document.title.replace("New post", () => fields.title);
    }
    etag.value = post.etag;
    control(form, "own").value = post.slug;
    const typed = control(form, "slug");
    if (typed.value.trim() === fields.slug) {
      typed.value = post.slug;
      fields = { ...fields, slug: post.slug };
    }
    saved = JSON.stringify(fields);
    if (isDirty()) return changed();
    clearTimeout(keeper);
    backups.drop();
    say("Saved");
  }

  function refuse({ status, message }: Refused): void {
    if (status === 412) {
      stopped = true;
      say("Not saved: changed elsewhere");
      return conflict();
    }
    say(`Not saved: ${message}`);
    if (status === 0 || status === 401 || status === 429 || status >= 500) plan(RETRY);
  }

  addEventListener("beforeunload", (event) => {
    if (isDirty()) event.preventDefault();
  });
  return {
    changed,
    save,
    /** goes on from the version that is stored now, over which the next save goes */
    resume(version: string) {
      etag.value = version;
      stopped = false;
    },
    /** nothing of this window is to be kept any more */
    release() {
      saved = JSON.stringify(read());
      stopped = true;
      clearTimeout(keeper);
      backups.drop();
    },
    /** keeps what is there for the next window */
    leave() {
      keep();
      saved = JSON.stringify(read());
      stopped = true;
      clearTimeout(keeper);
    },
    settled: () => running ?? Promise.resolve(true),
    left: () => backups.left(),
  };
}
