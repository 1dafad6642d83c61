/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { offerExports } from "./export.ts";
import { sayLocalTimes } from "./times.ts";

// Milliseconds.
const COPIED_FOR = 2000;
const SENT_FOR = 5000;
// A screen reader may miss what stands there for less.
const SILENT_FOR = 100;

/** Every element of the page that fits. */
function all<T extends HTMLElement>(selector: string): T[] {
  return [...document.querySelectorAll<T>(selector)];
}

/** Says things to screen readers, each of them anew. */
function createAnnouncer(): (words: string) => void {
  const region = document.createElement("div");
  region.className = "hidden";
  region.setAttribute("role", "status");
  document.body.append(region);
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (words) => {
    clearTimeout(timer);
    // The same words again would be no change.
    region.textContent = "";
    timer = setTimeout(() => region.textContent = words, SILENT_FOR);
  };
}

function offerCopies(): void {
  if (!navigator.clipboard) return;
  const announce = createAnnouncer();
  for (const button of all<HTMLButtonElement>("[data-copy]")) {
    const text = button.parentElement?.querySelector("code")?.textContent ?? "";
    const { textContent: words, ariaLabel: name } = button;
    button.hidden = false;
    button.addEventListener("click", async () => {
      const say = (words: string | null, name = words) => {
        button.textContent = words;
        button.ariaLabel = name;
      };
      const copied = await navigator.clipboard.writeText(text).then(() => true, () => false);
      say(copied ? "Copied" : "Not allowed");
      announce(copied ? "Copied" : "Not copied: the browser does not allow it");
      setTimeout(() => say(words, name), COPIED_FOR);
    });
  }
}

function closeMenus(): void {
  const menus = all<HTMLDetailsElement>("[data-menu]");
  const close = (but: Node | null) => {
    for (const menu of menus) if (!but || !menu.contains(but)) menu.open = false;
  };
  document.addEventListener("click", (event) => close(event.target as Node));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = menus.find((menu) => menu.open);
    open?.querySelector("summary")?.focus();
    close(null);
  });
}

function offerTickAll(): void {
  for (const every of all<HTMLInputElement>("[data-tick-all]")) {
    const boxes = [...every.form?.querySelectorAll<HTMLInputElement>("[data-tick]") ?? []];
    const actions = every.form?.querySelectorAll<HTMLButtonElement>("button[name=action]") ?? [];
    const show = () => {
      const ticked = boxes.filter((box) => box.checked).length;
      every.checked = ticked > 0 && ticked === boxes.length;
      every.indeterminate = ticked > 0 && ticked < boxes.length;
      for (const action of actions) action.disabled = ticked === 0;
    };
    every.hidden = false;
    every.addEventListener("change", () => {
      for (const box of boxes) box.checked = every.checked;
      show();
    });
    for (const box of boxes) box.addEventListener("change", show);
    // A page that is gone back to comes with its ticks.
    addEventListener("pageshow", show);
  }
}

/** Shows what belongs to a choice, a fieldset, only while the choice is made. */
function followChoices(): void {
  for (const part of all<HTMLFieldSetElement>("[data-when]")) {
    const [name, value] = part.dataset.when!.split("=");
    const radios = [...part.closest("form")!.elements]
      .filter((one): one is HTMLInputElement => one instanceof HTMLInputElement)
      .filter((one) => one.type === "radio" && one.name === name);
    const show = () => {
      part.hidden = !radios.some((radio) => radio.checked && radio.value === value);
    };
    for (const radio of radios) radio.addEventListener("change", show);
    addEventListener("pageshow", show);
  }
}

/** Sends a form that writes once, however often its button is pressed before the answer is there. */
function sendOnce(): void {
  const sent = new Set<EventTarget>();
  document.addEventListener("submit", (event) => {
    const { target, submitter, defaultPrevented } = event;
    const form = target as HTMLFormElement;
    const elsewhere = (submitter as HTMLButtonElement | null)?.formTarget;
    if (defaultPrevented || elsewhere || form.method !== "post") return;
    if (sent.has(form)) return event.preventDefault();
    sent.add(form);
    // What was stopped on its way can be sent again.
    setTimeout(() => sent.delete(form), SENT_FOR);
  });
  addEventListener("pageshow", () => sent.clear());
}

offerCopies();
sendOnce();
closeMenus();
sayLocalTimes();
offerTickAll();
followChoices();
offerExports();
