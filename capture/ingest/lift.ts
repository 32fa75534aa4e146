import { liftedStringBytesMin } from "../base/limits.ts";
import { type BlobWriter, headOf } from "../bucket/blobs.ts";
import type { BlobText } from "../model/text.ts";

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;
const pieceBytes = 256 * 1024;

/** How a lifted string stands in the line that the decoder is given. */
export const liftedPattern = /^\[\[lifted:([0-9a-f]{64}):(\d+)\]\]$/;

export interface LiftedLine {
  /** The line with a marker in place of each long string. */
  readonly text: string;
  /** The blobs by their markers. */
  readonly lifted: ReadonlyMap<string, BlobText>;
}

/**
 * Moves the long strings of one JSON line into blobs before anything parses it.
 *
 * Works on bytes, a piece at a time, so a string of any length costs a piece of memory. Object keys
 * stay. A line that is no JSON comes out as some text that is none either; it is never thrown for.
 */
export async function liftLine(line: Buffer, blobs: BlobWriter): Promise<LiftedLine> {
  const parts: string[] = [];
  const lifted = new Map<string, BlobText>();
  let copied = 0;
  let start = line.indexOf(quote);
  while (start !== -1) {
    const end = stringEnd(line, start + 1);
    if (end === -1) break;
    if (end - start > liftedStringBytesMin && !isKey(line, end + 1)) {
      const text = await liftString(line.subarray(start + 1, end), blobs);
      if (text !== undefined) {
        const marker = `[[lifted:${text.blob}:${text.bytes}]]`;
        lifted.set(marker, text);
        parts.push(line.toString("utf8", copied, start + 1), marker);
        copied = end;
      }
    }
    start = line.indexOf(quote, end + 1);
  }
  parts.push(line.toString("utf8", copied));
  return { text: parts.join(""), lifted };
}

/** Offset of the quote that ends the string whose content begins at `from`; -1 if none does. */
function stringEnd(line: Buffer, from: number): number {
  let end = line.indexOf(quote, from);
  while (end !== -1) {
    let slashes = 0;
    while (end - slashes > from && line[end - slashes - 1] === backslash) slashes += 1;
    if (slashes % 2 === 0) return end;
    end = line.indexOf(quote, end + 1);
  }
  return -1;
}

function isKey(line: Buffer, from: number): boolean {
  let at = from;
  while (line[at] === 0x20 || line[at] === 0x09) at += 1;
  return line[at] === colon;
}

/** Writes the value of one JSON string as a blob; undefined where its escapes are broken. */
async function liftString(raw: Buffer, blobs: BlobWriter): Promise<BlobText | undefined> {
  const stream = await blobs.openStream();
  let head = "";
  for (let start = 0; start < raw.length;) {
    const end = pieceEnd(raw, start);
    const piece = unescaped(raw.subarray(start, end));
    if (piece === undefined) {
      await stream.abort();
      return undefined;
    }
    if (start === 0) head = headOf(piece);
    await stream.write(Buffer.from(piece, "utf8"));
    start = end;
  }
  const { sha256, bytes } = await stream.close();
  return { blob: sha256, bytes, head };
}

/** A cut after which no escape, no UTF-8 character and no surrogate pair goes on. */
function pieceEnd(raw: Buffer, start: number): number {
  const limit = start + pieceBytes;
  if (limit >= raw.length) return raw.length;
  let at = start;
  let cut = start;
  while (at < limit) {
    const next = raw.indexOf(backslash, at);
    if (next === -1 || next >= limit) {
      at = limit;
      while (((raw[at] ?? 0) & 0xc0) === 0x80) at += 1;
      return at;
    }
    const isUnicode = raw[next + 1] === 0x75;
    at = next + (isUnicode ? 6 : 2);
    const isHigh = isUnicode && /^d[89ab]/i.test(raw.toString("latin1", next + 2, next + 4));
    if (isHigh && raw[at] === backslash && raw[at + 1] === 0x75) at += 6;
    cut = at;
  }
  return Math.min(cut, raw.length);
}

function unescaped(raw: Buffer): string | undefined {
  try {
    const value: unknown = JSON.parse(`"${raw.toString("utf8")}"`);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}
