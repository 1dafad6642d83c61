import { createHmac, timingSafeEqual } from "node:crypto";
import { Buffer } from "node:buffer";

// How far a delivery's time may be from ours, seconds: older ones are replays.
const TOLERANCE = 300;

/**
 * Whether a `Paddle-Signature` header (`ts=…;h1=…`, of HMAC-SHA256 over `ts:body`) is of one of the secrets,
 * and no more than five minutes old; `now` in milliseconds. The form is that of Paddle's documentation.
 */
export function isSignedByPaddle(
  body: string,
  header: string | null,
  options: { secrets: string[]; now: number },
): boolean {
  const parts = (header ?? "").split(";").map((part) => part.trim().split("="));
  const [time] = valuesOf(parts, "ts");
  if (!time || !/^\d{1,12}$/.test(time)) return false;
  if (Math.abs(options.now / 1000 - Number(time)) > TOLERANCE) return false;
  const signatures = valuesOf(parts, "h1").filter((one) => /^[0-9a-f]{64}$/.test(one));
  return options.secrets.some((secret) => {
    const expected = createHmac("sha256", secret).update(`${time}:${body}`).digest();
    return signatures.some((one) => timingSafeEqual(expected, Buffer.from(one, "hex")));
  });
}

function valuesOf(parts: string[][], name: string): string[] {
  return parts.filter(([key]) => key === name).map(([, value]) => value ?? "");
}
