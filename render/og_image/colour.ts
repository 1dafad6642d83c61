export type Colour = [red: number, green: number, blue: number];

/** #rgb or #rrggbb; anything else is null. */
export function parseHex(text: string): Colour | null {
  const digits = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(text.trim())?.[1];
  if (!digits) return null;
  const wide = digits.length === 3 ? digits.replace(/./g, "$&$&") : digits;
  return [0, 2, 4].map((at) => parseInt(wide.slice(at, at + 2), 16)) as Colour;
}

export function formatHex(colour: Colour): string {
  return "#" + colour.map((part) => Math.round(part).toString(16).padStart(2, "0")).join("");
}

/** The colour, with `share` (0 to 1) of the other in it. */
export function mix(colour: Colour, other: Colour, share: number): Colour {
  return colour.map((part, i) => part + (other[i] - part) * share) as Colour;
}

/** The WCAG contrast ratio, 1 to 21. */
export function contrast(a: Colour, b: Colour): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/** The nearest shade towards black that reads on the given ground at the ratio. */
export function darkenFor(colour: Colour, against: { ground: Colour; ratio: number }): Colour {
  let shade = colour;
  while (contrast(shade, against.ground) < against.ratio) shade = mix(shade, [0, 0, 0], 0.06);
  return shade;
}

function luminance(colour: Colour): number {
  const [red, green, blue] = colour.map((part) => {
    const unit = part / 255;
    return unit <= 0.04045 ? unit / 12.92 : ((unit + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
