import type { MeasuredNode, Node, Renderer } from "@takumi-rs/wasm";
import type { Face } from "./coverage.ts";

const SIZE = { width: 1200, height: 630 };

/** What a node tree is measured and drawn with, between the walls of one turn. */
export type Drawing = {
  measure(node: Node): Promise<MeasuredNode>;
  /** a PNG of 1200×630 */
  draw(node: Node): Promise<Uint8Array>;
};
type Loaded = { renderer: Renderer; registered: Set<Face> };

let library: Promise<typeof import("@takumi-rs/wasm")> | undefined;
let loaded: Loaded | undefined;
let last: Promise<unknown> = Promise.resolve();

/** Loads the renderer's module; called before the rest is ready, it compiles beside that. */
export function load(): Promise<typeof import("@takumi-rs/wasm")> {
  return library ??= compile().catch((error) => {
    library = undefined;
    throw error;
  });
}

/** One drawing at a time, on one renderer that keeps each face once a text has needed it; the event loop turns between two. */
export function withDrawing<T>(faces: Face[], work: (drawing: Drawing) => Promise<T>): Promise<T> {
  const turn = last.then(() => new Promise((resolve) => setTimeout(resolve, 0)));
  const mine = turn.then(() => run(faces, work));
  last = mine.catch(() => {});
  return mine;
}

async function run<T>(faces: Face[], work: (drawing: Drawing) => Promise<T>): Promise<T> {
  const { Renderer } = await load();
  try {
    const { renderer, registered } = loaded ??= { renderer: new Renderer(), registered: new Set() };
    const missing = faces.filter((face) => !registered.has(face));
    const files = await Promise.all(missing.map(readFace));
    for (const [i, name] of missing.entries()) {
      await renderer.registerFont({ name, data: files[i], weight: 700, style: "normal" });
      registered.add(name);
    }
    const options = { ...SIZE, fontFamilies: faces as string[] };
    return await work({
      measure: (node) => renderer.measure(node, options),
      draw: (node) => renderer.render(node, { ...options, format: "png" }),
    });
  } catch (error) {
    // A trap in the middle of a drawing may leave the renderer half changed.
    loaded = undefined;
    throw error;
  }
}

/** The library's entry for servers would read and compile on this thread. */
async function compile(): Promise<typeof import("@takumi-rs/wasm")> {
  const [library, bytes] = await Promise.all([import("@takumi-rs/wasm"), readBinary()]);
  library.initSync({ module: await WebAssembly.compile(bytes) });
  return library;
}

/** As a module it needs no permission to read where packages are kept; a runtime that cannot is let read the file. */
async function readBinary(): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const module: unknown = await import("@takumi-rs/wasm/takumi_wasm_bg.wasm", {
      with: { type: "bytes" },
    });
    return (module as { default: Uint8Array<ArrayBuffer> }).default;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return await Deno.readFile(
      new URL(import.meta.resolve("@takumi-rs/wasm/takumi_wasm_bg.wasm")),
    );
  }
}

function readFace(face: Face): Promise<Uint8Array<ArrayBuffer>> {
  return Deno.readFile(new URL(`../fonts/${face}.woff2`, import.meta.url));
}
