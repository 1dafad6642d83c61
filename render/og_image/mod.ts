import { load } from "./renderer.ts";

/** Names the design: a picture that was drawn under another one is drawn anew. */
export const DESIGN_VERSION = 1;

/** What a picture shows; `accent` is a hex colour, darkened where white would not read on it. */
export type OgPicture = {
  title: string;
  /** the first three are shown */
  tags: string[];
  blog: string;
  /** whether the service's name stands in the corner */
  brand?: boolean;
  accent?: string;
};

/** A PNG of 1200×630, the same bytes for the same picture. What no face can draw is left out. */
export async function drawOgImage(picture: OgPicture): Promise<Uint8Array> {
  // Begun here, it compiles beside what follows; what fails meets who draws.
  load().catch(() => {});
  const { draw } = await import("./picture.ts");
  return await draw(picture);
}

/** Draws a picture for nobody, so that the first that is asked for takes no longer than others; the event loop turns in between. */
export async function warmUp(): Promise<void> {
  await drawOgImage({ title: "Title", tags: ["tag"], blog: "Blog", brand: true });
}
