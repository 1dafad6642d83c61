import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import coverage from "../../render/fonts/coverage.json" with { type: "json" };
import { type Colour, contrast, parseHex } from "../../render/og_image/colour.ts";
import { keepDrawable } from "../../render/og_image/coverage.ts";
import { drawOgImage, type OgPicture } from "../../render/og_image/mod.ts";
import { detectHan, markBreaks, tidy } from "../../render/og_image/text.ts";
import { decodePng, type Pixels } from "./_png.ts";

/** Where the title may stand, and the padding around all text. */
const BOX = { left: 72, right: 1128, top: 132, bottom: 506 };
const PLAIN: OgPicture = { title: "a", tags: ["deno", "edge"], blog: "Notes", brand: true };

/** For each script, characters of one width: two missing glyphs would be the same picture. */
const SCRIPTS: Record<string, [string, string]> = {
  Latin: ["HELLO", "HELLQ"],
  "Latin extended": ["Łódź", "Łódż"],
  Vietnamese: ["ặ", "ậ"],
  Cyrillic: ["ни", "пи"],
  Greek: ["ώ", "ὧ"],
  Hangul: ["한", "뷁"],
  Hanja: ["한國", "한家"],
  Hiragana: ["あ", "ぬ"],
  Katakana: ["ア", "ヌ"],
  Kanji: ["日本のは", "日木のは"],
  "simplified Chinese": ["简体", "简休"],
  "traditional Chinese": ["繁體", "繁豐"],
  "rare Han": ["齄", "鼗"],
  Arabic: ["ب", "ت"],
  Hebrew: ["ה", "ח"],
  Thai: ["ก", "ถ"],
  Devanagari: ["प", "ष"],
  emoji: ["🚀", "🎉"],
  flags: ["🇰🇷", "🇯🇵"],
  symbols: ["①", "②"],
  arrows: ["→", "←"],
};

const HOSTILE: Record<string, string> = {
  "5,000 combining marks": "a" + "\u0301".repeat(5000),
  "5,000 combining marks alone": "\u0301".repeat(5000),
  "5,000 W": "W".repeat(5000),
  "5,000 ideographs": "国".repeat(5000),
  "a lone high surrogate": "a\ud83d b",
  "a lone low surrogate": "\udc00",
  "500 families": "👨‍👩‍👧‍👦".repeat(500),
  "joiners without end": "👨" + "\u200d👨".repeat(2000),
  "nothing": "",
  "white space": " \n\t\u3000\u200b ",
  "only emoji": "🚀🎉✨",
  "both directions": "The word مرحبا בעולם, שלום!",
  "direction overrides": "\u202eabc\u2066def\u202c",
  "controls": "a\u0000b\u0007c\u001b[31m",
  "private and unassigned": "\ue000\u0378\u{10ffff}",
  "markup": "<script>alert(1)</script>&amp;\"'",
  "variation selectors": "a" + "\ufe0f".repeat(2000),
  "tag characters": "🏴" + "\u{e0067}".repeat(500),
};

function draw(change: Partial<OgPicture>): Promise<Uint8Array> {
  return drawOgImage({ ...PLAIN, ...change });
}

/** How many pixels of a rectangle differ. */
function differences(a: Pixels, b: Pixels, box: typeof BOX): number {
  let count = 0;
  for (let y = box.top; y < box.bottom; y++) {
    for (let at = y * 1200 + box.left; at < y * 1200 + box.right; at++) {
      if (a.rgb[at] !== b.rgb[at]) count++;
    }
  }
  return count;
}

Deno.test("a share picture is a PNG of 1200×630", async () => {
  const { width, height } = decodePng(await draw({}));
  assert.deepEqual([width, height], [1200, 630]);
});

Deno.test("the same picture is the same bytes, whatever was drawn in between and at the same time", async () => {
  const titles = ["Hello ☀ 直 骨", "한국어 直", "日本語の骨", "简体骨", "繁體骨", "Ελλάδα 🚀"];
  const first: Uint8Array[] = [];
  for (const title of titles) first.push(await draw({ title }));
  const together = await Promise.all([...titles, ...titles].map((title) => draw({ title })));
  for (const [i, png] of together.entries()) assert.deepEqual(png, first[i % titles.length]);
});

for (const [script, [one, other]] of Object.entries(SCRIPTS)) {
  Deno.test(`${script}: two titles of one width are two shapes, and no character is left out`, async () => {
    const han = detectHan([one]);
    assert.equal(keepDrawable(tidy(one), han).text, one);
    assert.equal(keepDrawable(tidy(other), han).text, other);
    const [a, b, blank] = await Promise.all([one, other, "."].map((title) => draw({ title })));
    assert.ok(differences(decodePng(a), decodePng(b), BOX) > 20);
    assert.ok(differences(decodePng(a), decodePng(blank), BOX) > 200);
  });
}

Deno.test("a character that no face has is left out and draws no box", async () => {
  assert.deepEqual(await draw({ title: "ab\u0378 \u{12000}c" }), await draw({ title: "ab c" }));
  assert.deepEqual(await draw({ tags: ["deno", "\u{12000}"] }), await draw({ tags: ["deno"] }));
});

Deno.test("a character that only looks different is drawn in the form that there is", () => {
  assert.equal(keepDrawable("𝗕𝗼𝗹𝗱 ﬁn", "sc").text, "Bold fin");
  assert.equal(keepDrawable("x̂̂̂̂̂̂̂̂y", "sc").text, "xy");
  assert.equal(keepDrawable(tidy("1️⃣ 👍🏽"), "sc").text, "1 👍🏽");
});

for (const [name, title] of Object.entries(HOSTILE)) {
  Deno.test(`a title of ${name} draws inside its box`, async () => {
    const [plain, drawn] = (await Promise.all([draw({}), draw({ title })])).map(decodePng);
    const around = [
      { left: 0, right: 1200, top: 0, bottom: BOX.top },
      { left: 0, right: 1200, top: BOX.bottom, bottom: 630 },
      { left: 0, right: BOX.left - 8, top: 0, bottom: 630 },
      { left: BOX.right + 8, right: 1200, top: 0, bottom: 630 },
    ];
    for (const box of around) assert.equal(differences(plain, drawn, box), 0);
  });
}

Deno.test("a title that reads from right to left mirrors the picture", async () => {
  const corner = { left: 0, right: 200, top: 500, bottom: 630 };
  const [left, right] = (await Promise.all(
    ["abc", "مرحبا بالعالم"].map((title) => draw({ title, tags: [], brand: false })),
  )).map(decodePng);
  assert.ok(differences(left, right, corner) > 1000);
  assert.equal(right.rgb.at(-1), left.rgb.at(-1200));
});

Deno.test("hostile blog names and tags do not throw", async () => {
  for (const text of Object.values(HOSTILE)) {
    decodePng(await draw({ blog: text, tags: [text, text, text, text] }));
    decodePng(await draw({ title: text, blog: text, tags: [text], brand: false }));
  }
});

Deno.test("a title of 300 characters is shown whole", async () => {
  const title = "Three hundred characters of plain words ".repeat(8).slice(0, 300);
  const [whole, cut] = await Promise.all([draw({ title }), draw({ title: title.slice(0, 295) })]);
  assert.ok(differences(decodePng(whole), decodePng(cut), BOX) > 100);
});

Deno.test("three tags are shown, and a fourth changes nothing", async () => {
  const three = await draw({ tags: ["a", "b", "c"] });
  assert.notDeepEqual(three, await draw({ tags: ["a", "b"] }));
  assert.deepEqual(three, await draw({ tags: ["a", "b", "c", "d"] }));
});

Deno.test("the accent is darkened until white reads on it, and what is no colour is the default", async () => {
  async function stripe(accent?: string): Promise<Colour> {
    const first = decodePng(await draw({ accent })).rgb[0];
    return [first >> 16, first >> 8 & 255, first & 255];
  }
  assert.deepEqual(await stripe("#6d28d9"), parseHex("#6d28d9"));
  assert.ok(contrast(await stripe("#ffee00"), [255, 255, 255]) >= 4.4);
  assert.deepEqual(await stripe("red; background: url(x)"), await stripe(undefined));
});

Deno.test("Han shapes follow the language of the title, then that of what stands around it", () => {
  assert.equal(detectHan(["東京の骨"]), "jp");
  assert.equal(detectHan(["한국의 骨"]), "kr");
  assert.equal(detectHan(["简体骨"]), "sc");
  assert.equal(detectHan(["繁體骨"]), "tc");
  assert.equal(detectHan(["骨", "骨 ひらがな"]), "jp");
  assert.equal(detectHan(["hello", "骨"]), "sc");
});

Deno.test("lines break between words of a script without spaces, not before a particle", () => {
  assert.equal(markBreaks("画像を作る"), "画像を\u200b作る");
  assert.equal(markBreaks("plain words"), "plain words");
  assert.match(markBreaks("สวัสดีชาวโลก"), /\u200b/);
});

Deno.test("coverage.json names the files in render/fonts, and no other", async () => {
  const files: string[] = [];
  for await (const { name } of Deno.readDir(new URL("../../render/fonts/", import.meta.url))) {
    if (name.endsWith(".woff2")) files.push(name.slice(0, -".woff2".length));
  }
  assert.deepEqual(files.sort(), Object.keys(coverage).sort());
});

/** What a script prints, in a process of its own that has only these permissions. */
async function printedBy(script: string, permissions: string[]): Promise<string> {
  const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
  const module = new URL("../../render/og_image/mod.ts", import.meta.url);
  const dir = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(
      `${dir}/main.ts`,
      `const { drawOgImage, warmUp } = await import(${JSON.stringify(module.href)});\n${script}`,
    );
    const flags = ["--no-prompt", "--frozen", "--config", config, "--allow-import", ...permissions];
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", ...flags, `${dir}/main.ts`],
    }).output();
    const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return decode(stdout) || decode(stderr);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("importing the module reads no file; the first drawing does", async () => {
  const script = `console.log("imported");
    await drawOgImage({ title: "a", tags: [], blog: "b" }).catch((error) => console.log(error.name));`;
  assert.equal(await printedBy(script, []), "imported\nNotCapable\n");
});

Deno.test("once warmed up, a picture in Latin letters reads no file", async () => {
  const script = `await warmUp();
    await Deno.permissions.revoke({ name: "read" });
    const png = await drawOgImage({ title: "A title", tags: ["tag"], blog: "Blog", brand: true });
    console.log(png.length > 1000);`;
  assert.equal(await printedBy(script, ["--allow-read"]), "true\n");
});
