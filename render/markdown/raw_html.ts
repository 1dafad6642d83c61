import type { Extension } from "./extension.ts";

/** Keeps the line end after a block of raw HTML, which marked drops though a <pre> around it shows it. */
export const rawHtml: Extension = () => ({
  rules: {
    renderer: {
      html: ({ text, block }) => block && !text.endsWith("\n") ? `${text}\n` : text,
    },
  },
});
