import type { Extension } from "./extension.ts";

/** Counts the URLs of links and images: one long definition may be referred to thousands of times. */
export const links: Extension = ({ meter }) => {
  function count(token: { href: string; title?: string | null }): false {
    meter.spend("output", token.href.length + (token.title?.length ?? 0));
    return false;
  }
  return { rules: { renderer: { link: count, image: count } } };
};
