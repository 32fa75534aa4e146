import { createHmac, hash } from "node:crypto";

/** How a placeholder looks. Pinned: source files of the bucket hold it. */
const placeholder = /\[\[secret:[a-z0-9-]{1,40}:[0-9a-f]{6}\]\]/y;
const opening = "[[secret:";

/**
 * Stands in a text where a secret stood: `[[secret:github-token:3f2a91]]`.
 *
 * Equal secrets under one key have equal hex digits, whatever their type. The reverse is only
 * likely: 24 bits tell a few thousand secrets apart, so equal digits invite a look and prove
 * nothing. Proof is the whole keyed hash of the raw line, which stands in the source map.
 */
export function placeholderOf(type: string, secret: Buffer, hashWith: KeyedHash): string {
  return `[[secret:${type}:${hashWith(Buffer.concat([secretDomain, secret])).slice(0, 6)}]]`;
}

/** Sets hashes of secrets apart from those of lines. */
const secretDomain = Buffer.from("secret\0");

/** HMAC-SHA256 under a fixed key, as 64 hex digits. */
export type KeyedHash = (message: Buffer) => string;

const blockBytes = 64;
const oneShotBytesMax = 64 * 1024;

/**
 * Makes the keyed hash of one bucket.
 *
 * Same digests as `createHmac`, at a tenth of its price for short messages: the two one-shot hashes
 * need no objects of the crypto library.
 */
export function keyedHash(key: Buffer): KeyedHash {
  const block = Buffer.alloc(blockBytes);
  (key.length > blockBytes ? hash("sha256", key, "buffer") : key).copy(block);
  const inner = block.map((byte) => byte ^ 0x36);
  const outer = block.map((byte) => byte ^ 0x5c);
  return (message) => {
    if (message.length > oneShotBytesMax) {
      return createHmac("sha256", key).update(message).digest("hex");
    }
    const digest = hash("sha256", Buffer.concat([inner, message]), "buffer");
    return hash("sha256", Buffer.concat([outer, digest]), "hex");
  };
}

/** A half-open range of characters. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Where placeholders stand in `text`, in order. */
export function placeholdersIn(text: string): Range[] {
  const found: Range[] = [];
  for (let at = text.indexOf(opening); at >= 0; at = text.indexOf(opening, at + 1)) {
    placeholder.lastIndex = at;
    const match = placeholder.exec(text);
    if (match !== null) found.push({ start: at, end: at + match[0].length });
  }
  return found;
}
