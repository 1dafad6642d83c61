import { type Face, keepDrawable, orderFaces, splitGraphemes } from "./coverage.ts";
import { compose, type Content, type Step, titleProbe, titleSteps } from "./design.ts";
import type { OgPicture } from "./mod.ts";
import { type Drawing, withDrawing } from "./renderer.ts";
import { detectHan, isRightToLeft, markBreaks, tidy } from "./text.ts";

const MAX_TITLE = 320;
const MAX_NAME = 60;
const MAX_TAGS = 3;

/** What drawOgImage of mod.ts does, once this is loaded. */
export function draw(picture: OgPicture): Promise<Uint8Array> {
  const { content, faces } = prepare(picture);
  return withDrawing(
    faces,
    async (drawing) => drawing.draw(compose(content, await fit(content, drawing))),
  );
}

function prepare(picture: OgPicture): { content: Content; faces: Face[] } {
  const texts = [picture.title, picture.blog, ...picture.tags.slice(0, 10)].map(tidy);
  const [title, blog, ...tags] = texts;
  const han = detectHan([title, texts.join(" ")]);
  const faces = new Set<Face>(["noto-sans-latin"]);
  const keep = (text: string, max: number): string => {
    const drawable = keepDrawable(shorten(text, max), han);
    drawable.faces.forEach((face) => faces.add(face));
    return drawable.text;
  };
  const kept = { title: keep(title, MAX_TITLE), blog: keep(blog, MAX_NAME) };
  const content: Content = {
    title: markBreaks(kept.title || kept.blog),
    blog: kept.blog,
    tags: tags.map((tag) => keep(tag, MAX_NAME)).filter((tag) => tag !== "").slice(0, MAX_TAGS),
    initial: keep(initialOf(kept.blog), 2),
    brand: picture.brand ?? false,
    accent: picture.accent,
    han,
    rightToLeft: isRightToLeft(kept.title),
  };
  return { content, faces: orderFaces(han).filter((face) => faces.has(face)) };
}

function initialOf(name: string): string {
  const first = splitGraphemes(name).find((char) => /[\p{L}\p{N}]/u.test(char)) ?? "";
  return splitGraphemes(first.toUpperCase())[0] ?? "";
}

function shorten(text: string, max: number): string {
  const clusters = splitGraphemes(text);
  return clusters.length <= max ? text : clusters.slice(0, max).join("") + "…";
}

/** The largest step whose lines hold the title, with whole words where that can be. */
async function fit(content: Content, drawing: Drawing): Promise<Step> {
  const steps = titleSteps(content);
  // An empty text has no box to measure.
  if (content.title === "") return steps[0];
  for (const breaking of [false, true]) {
    for (const step of steps) {
      const { children: [text], width } = await drawing.measure(
        titleProbe(content, step, breaking),
      );
      const right = Math.max(0, ...text.runs.map((run) => run.x + run.width));
      if (text.height <= step.line * step.lines && right <= width + 1) return step;
    }
  }
  return steps[steps.length - 1];
}
