/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { sayLocalTimes } from "./times.ts";

/** A page as it is now, or null where it cannot be read. */
export async function readPage(path: string): Promise<Document | null> {
  try {
    const answer = await fetch(path);
    return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  } catch {
    return null;
  }
}

/** Puts a live part in its place; what is the same stays as it is: it is not to be read out again. */
export function putLive(part: HTMLElement): void {
  const old = document.querySelector<HTMLElement>(`[data-live="${part.dataset.live}"]`);
  sayLocalTimes(part);
  if (!old || old.textContent === part.textContent) return;
  old.className = part.className;
  old.replaceChildren(...part.childNodes);
}
