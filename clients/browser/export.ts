/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

const STEP = 1024;
const UNITS = ["bytes", "KiB", "MiB", "GiB"];

function part<T extends HTMLElement>(selector: string): T {
  return document.querySelector<T>(selector)!;
}

function sayBytes(bytes: number): string {
  const step = Math.min(UNITS.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10));
  const n = bytes / STEP ** step;
  return `${n.toLocaleString("en", { maximumFractionDigits: n < 100 ? 1 : 0 })} ${UNITS[step]}`;
}

/** Reads an export with its progress shown, where its link is followed as usual. */
export function offerExports(): void {
  let running: AbortController | null = null;
  for (const link of document.querySelectorAll<HTMLAnchorElement>("a[data-export]")) {
    link.addEventListener("click", async (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      if (running) return;
      running = new AbortController();
      try {
        await readExport(link, running);
      } finally {
        running = null;
      }
    });
  }
}

async function readExport(link: HTMLAnchorElement, running: AbortController): Promise<void> {
  const panel = part("[data-exporting]");
  const bytes = part("[data-bytes]");
  const end = part("[data-exported]");
  const stop = part<HTMLButtonElement>("[data-stop]");
  const leave = () => running.abort();
  stop.addEventListener("click", leave);
  panel.hidden = false;
  bytes.textContent = "Waiting for the first bytes";
  end.textContent = "The export is on its way.";
  try {
    const answer = await fetch(link.href, { signal: running.signal });
    const name = /filename="([^"]+)"/.exec(answer.headers.get("content-disposition") ?? "")?.[1];
    // Signed out, or refused: the page says it.
    if (!answer.ok || !name) return location.assign(link.href);
    let read = 0;
    const counted = answer.body!.pipeThrough(
      new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
        transform(piece, controller) {
          read += piece.length;
          bytes.textContent = `${sayBytes(read)} so far`;
          controller.enqueue(piece);
        },
      }),
    );
    // A browser may keep what a Response holds on the disk.
    const file = await new Response(counted).blob();
    save(file, name);
    end.textContent = `${name} is here: ${sayBytes(read)}.`;
  } catch {
    end.textContent = running.signal.aborted
      ? "Stopped; nothing was saved."
      : "The export broke off, and nothing was saved: try it again.";
  } finally {
    stop.removeEventListener("click", leave);
    panel.hidden = true;
  }
}

function save(file: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
