import { Buffer } from "node:buffer";
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hash,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";

// What a derived key is for; each has a key of its own.
type Purpose =
  | "session"
  | "address"
  | "idempotency"
  | "visitor"
  | "sale"
  | "oauth"
  | "device"
  | "webhook"
  | "flash";

/** Keys derived from the server's secret by HKDF-SHA256 (RFC 5869), one a purpose. */
export class Keyring {
  #keys = new Map<string, Uint8Array>();

  constructor(readonly secret: string) {}

  /** 32 bytes; `salt` makes a key of its own for one value, and is then not kept. */
  key(purpose: Purpose, salt = ""): Uint8Array {
    const kept = salt ? undefined : this.#keys.get(purpose);
    if (kept) return kept;
    const key = new Uint8Array(hkdfSync("sha256", this.secret, salt, `postlark/${purpose}`, 32));
    if (!salt) this.#keys.set(purpose, key);
    return key;
  }
}

/** SHA-256 in lower-case hexadecimal. */
export function sha256(data: string | Uint8Array): string {
  return hash("sha256", data, "hex");
}

/** Whether two texts are the same; takes as long whatever the answer. */
export function isSame(one: string, other: string): boolean {
  return timingSafeEqual(Buffer.from(sha256(one)), Buffer.from(sha256(other)));
}

/** Whether `hash` is the SHA-256 of a secret; takes as long whatever the answer. */
export function isHashOf(hash: string, secret: string): boolean {
  return timingSafeEqual(Buffer.from(sha256(secret)), Buffer.from(hash));
}

/** HMAC-SHA256 in lower-case hexadecimal. */
export function hmac(key: Uint8Array, data: string): string {
  return createHmac("sha256", key).update(data).digest("hex");
}

/** The S256 code challenge of a PKCE verifier (RFC 7636, 4.2). */
export function pkceChallenge(verifier: string): string {
  return hash("sha256", verifier, "base64url");
}

/** AES-256-GCM: 12 bytes of nonce, 16 of tag, then the ciphertext. */
export function seal(key: Uint8Array, plain: Uint8Array): Uint8Array {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return new Uint8Array(Buffer.concat([nonce, cipher.getAuthTag(), body]));
}

/** The inverse of `seal`; throws where the key is another or a byte was changed. */
export function unseal(key: Uint8Array, sealed: Uint8Array): Uint8Array {
  const cipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, 12));
  cipher.setAuthTag(sealed.subarray(12, 28));
  return new Uint8Array(Buffer.concat([cipher.update(sealed.subarray(28)), cipher.final()]));
}
