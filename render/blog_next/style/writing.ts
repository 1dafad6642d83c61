import { directionOf } from "../language.ts";

type Fonts = { sans: string; serif: string };

const FONTS: Record<string, Fonts> = {
  ja: {
    sans: `"Hiragino Sans","Yu Gothic","Noto Sans CJK JP","Noto Sans JP"`,
    serif: `"Hiragino Mincho ProN","Yu Mincho","Noto Serif CJK JP","Noto Serif JP"`,
  },
  ko: {
    sans: `"Apple SD Gothic Neo","Malgun Gothic","Noto Sans CJK KR","Noto Sans KR"`,
    serif: `AppleMyungjo,Batang,"Noto Serif CJK KR","Noto Serif KR"`,
  },
  zh: {
    sans: `"PingFang SC","Microsoft YaHei","Noto Sans CJK SC","Noto Sans SC"`,
    serif: `"Songti SC",SimSun,"Noto Serif CJK SC","Noto Serif SC"`,
  },
  "zh-Hant": {
    sans: `"PingFang TC","Microsoft JhengHei","Noto Sans CJK TC","Noto Sans TC"`,
    serif: `"Songti TC",PMingLiU,"Noto Serif CJK TC","Noto Serif TC"`,
  },
};

// Letters that are joined cannot be spaced, and most scripts have no italics.
const RIGHT_TO_LEFT = `
[dir=rtl],[dir=rtl] *{letter-spacing:0;font-style:normal}`;

/** What a page needs for those of its languages that are not written as English is. */
export function writingStyle(langs: string[], kind: "sans" | "serif"): string {
  const names = new Set(langs.map(nameOf).filter((name) => name !== null));
  // In order: `zh` is also for zh-Hant, whose own rules have to come after.
  const rulesOfNames = [...names].sort().map((name) => rules(name, FONTS[name][kind]));
  const isMirrored = langs.some((lang) => directionOf(lang) === "rtl");
  return rulesOfNames.join("") + (isMirrored ? RIGHT_TO_LEFT : "");
}

function rules(name: string, fonts: string): string {
  // As Chinese may be tagged by its script or by its region.
  const lang = `:lang(${name === "zh-Hant" ? "zh-Hant,zh-TW,zh-HK,zh-MO" : name})`;
  const korean = name === "ko";
  const breaks = korean ? "word-break:keep-all" : "line-break:strict";
  return `
:where(html,article)${lang}{--cjk:${fonts},var(--generic);--leading:1.85;${breaks}}
article${lang}{line-height:var(--leading)}
${lang}{font-style:normal;letter-spacing:0}
em${lang}{${korean ? "font-weight:700" : "text-emphasis:filled dot"}}`;
}

function nameOf(lang: string): string | null {
  const { language, script } = new Intl.Locale(lang).maximize();
  return language === "zh" && script === "Hant" ? "zh-Hant" : language in FONTS ? language : null;
}
