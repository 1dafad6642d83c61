/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import type { Writing } from "./writing.ts";

/** The fields of a post as the service takes them. */
export type Fields = {
  title: string;
  content: string;
  slug: string;
  tags: string[];
  meta: { description: string; og_image: string; canonical_url: string; noindex: boolean };
};

/** One control of the form. */
export function control(form: HTMLFormElement, name: string): HTMLInputElement {
  return form.elements.namedItem(name) as HTMLInputElement;
}

/** What the form holds now. */
export function readFields(form: HTMLFormElement, writing: Writing): Fields {
  const text = (name: string) => control(form, name).value;
  return {
    title: text("title"),
    content: writing.text(),
    slug: text("slug").trim(),
    tags: text("tags").split(",").map((tag) => tag.trim()).filter(Boolean),
    meta: {
      description: text("description"),
      og_image: text("og_image").trim(),
      canonical_url: text("canonical_url").trim(),
      noindex: control(form, "noindex").checked,
    },
  };
}

/** Puts fields into the form. */
export function writeFields(form: HTMLFormElement, writing: Writing, fields: Fields): void {
  const { description, og_image, canonical_url, noindex } = fields.meta;
  const { title, slug } = fields;
  const texts = { title, slug, tags: fields.tags.join(", "), description, og_image, canonical_url };
  for (const [name, value] of Object.entries(texts)) control(form, name).value = value;
  control(form, "noindex").checked = noindex;
  if (writing.text() !== fields.content) writing.set(fields.content);
}
