import { isAloneOnLine } from "./line.ts";
import type { Extension } from "./extension.ts";

const LINE =
  /(?:https?:\/\/)?(?:www\.|m\.)?(?:youtube\.com\/(?:watch\?(?:[^\s#&]{0,200}&){0,10}?v=|embed\/)|youtu\.be\/)([\w-]{11})((?:[?&#]\S*)?)[ \t]*(?:\n|$)/;
const AT_START = new RegExp(`^ {0,3}${LINE.source}`, "i");
const BEGIN = /[?&#](?:t|start)=(\d{1,6})s?(?:[&#]|$)/;

/** A YouTube URL alone on a line as a player that loads when it is scrolled to. */
export const youtube: Extension = ({ trusted, uses }) => ({
  blockStart: LINE,
  rules: {
    extensions: [{
      name: "youtube",
      level: "block",
      tokenizer(src, tokens) {
        const match = AT_START.exec(src);
        if (!match || !isAloneOnLine(this.lexer, tokens)) return undefined;
        return { type: "youtube", raw: match[0], id: match[1], begin: BEGIN.exec(match[2])?.[1] };
      },
      renderer({ id, begin }) {
        uses.youtube = true;
        const src = `https://www.youtube-nocookie.com/embed/${id}${begin ? `?start=${begin}` : ""}`;
        // YouTube refuses to play where it is not told which site it plays on.
        return trusted.block(
          `<div class="video"><iframe src="${src}" title="YouTube video" loading="lazy" ` +
            `referrerpolicy="strict-origin-when-cross-origin" allow="fullscreen; encrypted-media; ` +
            `picture-in-picture" allowfullscreen></iframe></div>\n`,
        );
      },
    }],
  },
});
