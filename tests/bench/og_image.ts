import { fileURLToPath } from "node:url";
import { drawOgImage, type OgPicture } from "../../render/og_image/mod.ts";

/** `deno run --frozen -A tests/bench/og_image.ts`: first pictures in processes of their own, then many in one. */
const FIRST_RUNS = 9;
const PICTURES = 600;
const SELF = fileURLToPath(import.meta.url);

const TITLES: Record<string, string> = {
  "Latin, short": "Hello, edge world",
  "Latin, 300 characters": "A title that goes on for as long as a title may go on ".repeat(6).slice(
    0,
    300,
  ),
  Cyrillic: "Как мы перенесли платформу на край сети",
  Korean: "안녕하세요 세계 — 데노로 만드는 블로그 플랫폼",
  Japanese: "日本語のタイトル、エッジで画像を作る",
  "simplified Chinese": "简体中文标题：在边缘渲染分享图片",
  "traditional Chinese": "繁體中文標題：在邊緣算繪分享圖片",
  Arabic: "مرحبا بالعالم: كيف نبني منصة تدوين سريعة",
  emoji: "Ship it 🚀🎉 with ❤️ from 👩‍💻",
};

function picture(title: string): OgPicture {
  return { title, tags: ["deno", "edge", "release"], blog: "Notebook", brand: true };
}

function rss(): string {
  return `${(Deno.memoryUsage().rss / 2 ** 20).toFixed(0)} MB`;
}

function quantile(times: number[], share: number): string {
  return times.toSorted((a, b) => a - b)[Math.floor((times.length - 1) * share)].toFixed(1);
}

async function timeOne(title: string): Promise<number> {
  const started = performance.now();
  await drawOgImage(picture(title));
  return performance.now() - started;
}

async function timeFirst(title: string): Promise<number> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--frozen", "-A", SELF, title],
  }).output();
  return Number(new TextDecoder().decode(stdout));
}

async function main(): Promise<void> {
  console.log("| first picture of a process | least ms | median ms |\n| --- | ---: | ---: |");
  for (const [name, title] of Object.entries(TITLES)) {
    const times: number[] = [];
    for (let i = 0; i < FIRST_RUNS; i++) times.push(await timeFirst(title));
    console.log(`| ${name} | ${quantile(times, 0)} | ${quantile(times, 0.5)} |`);
  }
  console.log(`\nRSS ${rss()} before`);
  for (const title of Object.values(TITLES)) await timeOne(title);
  console.log(`RSS ${rss()} with all faces loaded\n`);
  console.log("| later pictures | p50 ms | p95 ms |\n| --- | ---: | ---: |");
  const entries = Object.entries(TITLES);
  for (const [name, title] of entries) {
    const times: number[] = [];
    for (let i = 0; i < PICTURES / entries.length; i++) times.push(await timeOne(`${title} ${i}`));
    console.log(`| ${name} | ${quantile(times, 0.5)} | ${quantile(times, 0.95)} |`);
  }
  console.log(`\nRSS ${rss()} after ${PICTURES} more`);
  await Promise.all(
    entries.flatMap(([, title]) => Array.from({ length: 20 }, () => timeOne(title))),
  );
  console.log(`RSS ${rss()} after ${entries.length * 20} at once`);
}

if (Deno.args[0]) console.log(await timeOne(Deno.args[0]));
else await main();
