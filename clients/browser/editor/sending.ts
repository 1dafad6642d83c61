/// <reference lib="dom" />
import { refusalOf, Refused } from "./ask.ts";

const DEFAULT_WAIT = 10;
const MAX_TRIES = 8;

/** An image as the service has taken it. */
export type Sent = { markdown: string };

/**
 * Uploads images one after the other to `url`, with a bar each in `list`; gives null for one that was not
 * taken, whose item then says why.
 */
export function createSending(url: string, list: Element): (file: File) => Promise<Sent | null> {
  let queue: Promise<unknown> = Promise.resolve();

  async function run(file: File): Promise<Sent | null> {
    const item = document.createElement("li");
    const bar = document.createElement("progress");
    bar.max = 1;
    bar.setAttribute("aria-label", `Upload of ${file.name}`);
    item.append(`${file.name} `, bar);
    list.append(item);
    try {
      const sent = await send(url, file, (part) => bar.value = part);
      item.remove();
      return sent;
    } catch (error) {
      const reason = error instanceof Refused ? error.message : String(error);
      item.className = "fault";
      item.textContent = `${file.name} was not uploaded: ${reason}`;
      return null;
    }
  }

  return (file) => {
    const sent = queue.then(() => run(file));
    queue = sent;
    return sent;
  };
}

async function send(url: string, file: File, progress: (part: number) => void): Promise<Sent> {
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

// What fetch sends tells nothing of how far it is.
function sendOnce(url: string, file: File, progress: (part: number) => void): Promise<Sent> {
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
