/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { sayLocalTimes } from "./times.ts";

// Milliseconds; the service has DNS asked again ten seconds after it was.
const FIRST = 12_000;
const LONGEST = 60_000;

/** Follows a domain until it is verified: what of the page has changed takes the place of what was. */
function follow(section: HTMLElement): void {
  if (!section.hasAttribute("data-pending")) return;
  let wait = FIRST;
  section.querySelector<HTMLElement>("[data-polling]")!.hidden = false;
  section.querySelector<HTMLElement>("[data-reload]")!.hidden = true;

  async function look(): Promise<void> {
    wait = Math.min(LONGEST, wait * 1.25);
    const page = document.hidden ? null : await read(section.dataset.domain!);
    const now = page?.querySelector("[data-domain]");
    if (page && now) {
      for (const part of page.querySelectorAll<HTMLElement>("[data-live]")) put(part);
      if (!now.hasAttribute("data-pending")) {
        section.querySelector<HTMLElement>("[data-polling]")!.hidden = true;
        return;
      }
    }
    setTimeout(look, wait);
  }
  setTimeout(look, wait);
}

async function read(path: string): Promise<Document | null> {
  try {
    const answer = await fetch(path);
    return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  } catch {
    return null;
  }
}

/** What is the same stays as it is: it is not to be read out again. */
function put(part: HTMLElement): void {
  const old = document.querySelector<HTMLElement>(`[data-live="${part.dataset.live}"]`);
  sayLocalTimes(part);
  if (!old || old.textContent === part.textContent) return;
  old.className = part.className;
  old.replaceChildren(...part.childNodes);
}

document.querySelectorAll<HTMLElement>("[data-domain]").forEach(follow);
