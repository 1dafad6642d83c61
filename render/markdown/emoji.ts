import { nameToEmoji } from "gemoji";
import type { Extension } from "./extension.ts";

const NAME = /:([a-z0-9_+-]{1,50}):/;
const AT_START = new RegExp(`^${NAME.source}`);

/** `:rocket:` and the other names of gemoji as the characters themselves. */
export const emoji: Extension = () => ({
  inlineStart: NAME,
  rules: {
    extensions: [{
      name: "emoji",
      level: "inline",
      tokenizer(src) {
        const match = src[0] === ":" ? AT_START.exec(src) : null;
        if (!match || !Object.hasOwn(nameToEmoji, match[1])) return undefined;
        return { type: "emoji", raw: match[0], text: nameToEmoji[match[1]] };
      },
      renderer: (token) => token.text,
    }],
  },
});
