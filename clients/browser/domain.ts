/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { putLive, readPage } from "./live.ts";

// Milliseconds; the service has DNS asked again ten seconds after it was.
const FIRST = 12_000;
const LONGEST = 60_000;

/** Follows a domain until it is verified: what of the page has changed takes the place of what was. */
function follow(section: HTMLElement): void {
  if (!section.hasAttribute("data-pending")) return;
  let wait = FIRST;
  const note = section.querySelector<HTMLElement>("[data-follow]")!;
  note.textContent = "This page follows by itself.";

  async function look(): Promise<void> {
    wait = Math.min(LONGEST, wait * 1.25);
    const page = document.hidden ? null : await readPage(section.dataset.domain!);
    const now = page?.querySelector("[data-domain]");
    if (page && now) {
      for (const part of page.querySelectorAll<HTMLElement>("[data-live]")) putLive(part);
      if (!now.hasAttribute("data-pending")) {
        note.hidden = true;
        return;
      }
    }
    setTimeout(look, wait);
  }
  setTimeout(look, wait);
}

document.querySelectorAll<HTMLElement>("[data-domain]").forEach(follow);
