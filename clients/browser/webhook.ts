/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { putLive, readPage } from "./live.ts";

// Milliseconds.
const FIRST = 1000;
const LONGEST = 60_000;

/** Follows the deliveries of a webhook while some wait. */
function follow(section: HTMLElement): void {
  if (!section.hasAttribute("data-pending")) return;
  let wait = FIRST;
  let waiting = true;

  async function look(): Promise<void> {
    wait = Math.min(LONGEST, wait * 1.4);
    const page = document.hidden ? null : await readPage(location.pathname + location.search);
    if (page) {
      for (const part of page.querySelectorAll<HTMLElement>("[data-live]")) {
        if (!isInUse(part.dataset.live!)) putLive(part);
      }
      const before = waiting;
      waiting = page.querySelector("[data-deliveries][data-pending]") !== null;
      // Once more after the last: what became of the webhook itself is written a little later.
      if (!before && !waiting) return;
    }
    setTimeout(look, wait);
  }
  setTimeout(look, wait);
}

/** Whether a part holds the focus, or something that was opened. */
function isInUse(name: string): boolean {
  const part = document.querySelector(`[data-live="${name}"]`);
  return !!part && (part.contains(document.activeElement) || !!part.querySelector("[open]"));
}

document.querySelectorAll<HTMLElement>("[data-deliveries]").forEach(follow);
