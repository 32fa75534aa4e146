import { byteSet, digits, letters } from "./detector.ts";
import { kindOf, nameAround, nameCharsMax, wordBefore } from "./name-in-text.ts";

const nameByte = byteSet(`${letters}${digits}_.$-`);
const gapByte = byteSet(" \t\n\r\\\"'`[])?*\x1b");
const siblingGap = byteSet(" \t\n\r\\\"',-");
const separatorByte = byteSet(":=>");
const gapBytesMax = 64;
const valueGap = byteSet(" \t=>:\\");
const valueEnd = byteSet(" \t\n\r\"'`");
const numberEnd = byteSet(" \t\n\r\"'`,;<>(){}[]|&");
const plainByte = byteSet(`${letters}_$.`);
const escapedEnd = byteSet("nrt\"'");
const numberByte = byteSet(`${digits}+-.eE`);

/**
 * Cheap, over escaped bytes: whether something like a value may follow the name at `at`, and the
 * name may be one that says secret. `digitsCount` tells whether a bare number can be the value.
 */
export function mayAssign(bytes: Uint8Array, at: number, digitsCount: boolean): boolean {
  return mayHaveValue(bytes, at, digitsCount) && mayBeName(bytes, at);
}

function mayHaveValue(bytes: Uint8Array, at: number, digitsCount: boolean): boolean {
  let i = at;
  const nameEnd = Math.min(bytes.length, at + nameCharsMax);
  while (i < nameEnd && nameByte[bytes[i] ?? 0] === 1) i += 1;
  const gapStart = i;
  const gapEnd = Math.min(bytes.length, i + gapBytesMax);
  for (; i < gapEnd; i += 1) {
    const byte = bytes[i] ?? 0;
    if (byte === 0x2c) return isOption(bytes, at) || hasSibling(bytes, i);
    if (separatorByte[byte] === 1)
      return mayBeValue(bytes, i + 1, { digitsCount, isEnv: i === gapStart && byte === 0x3d });
    if (byte === 0x1b || byte === 0x5b) return true;
    if (byte === 0x5c && bytes[i + 1] === 0x75) return true;
    if (byte === 0x0a || (byte === 0x5c && bytes[i + 1] === 0x6e)) return hasSibling(bytes, i);
    if (gapByte[byte] === 0) {
      // A value after blanks alone: an option's, an attribute's, or "… is …".
      return i > gapStart && (isOption(bytes, at) || isVerb(bytes, i) || hasSibling(bytes, i));
    }
  }
  // Escapes of escapes can make a gap of any width.
  return i === gapStart + gapBytesMax;
}

/** Whether the name around `at` says secret; `\nname` may be a line break and a name. */
function mayBeName(bytes: Uint8Array, at: number): boolean {
  const from = Math.max(0, at - nameCharsMax - 32);
  const text = latin1(bytes, from, at + nameCharsMax);
  const name = nameAround(text, at - from);
  const before = wordBefore(text, name.start);
  if (kindOf(name, before) !== null) return true;
  if (text.charAt(name.start - 1) !== "\\") return false;
  return kindOf({ ...name, text: name.text.slice(1) }, "") !== null;
}

function latin1(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1", from, to);
}

interface Place {
  readonly digitsCount: boolean;
  /** True right behind an equals sign, where even a plain word may be a value. */
  readonly isEnv: boolean;
}

function mayBeValue(bytes: Uint8Array, from: number, place: Place): boolean {
  let i = from;
  let isQuoted = false;
  let length = 0;
  const gapEnd = Math.min(bytes.length, from + gapBytesMax);
  for (; i < gapEnd; i += 1) {
    const byte = bytes[i] ?? 0;
    const next = bytes[i + 1] ?? 0;
    // Any element of a list may be the value; a terminal colour or an escape may hide it.
    if (byte === 0x5b || byte === 0x1b) return true;
    if (byte === 0x5c && next !== 0x22 && next !== 0x27 && next !== 0x5c) return true;
    const isQuote = byte === 0x22 || byte === 0x27 || byte === 0x60;
    if (!isQuote && (isQuoted ? byte !== 0x5c : valueGap[byte] === 0)) break;
    // Behind the first quote, further ones belong to the value.
    if (isQuoted) length += 1;
    isQuoted ||= isQuote;
  }
  if (i === from + gapBytesMax) return true;
  if (!isQuoted && !(place.isEnv && i === from) && isPlainWord(bytes, i)) return false;
  let isNumber = !isQuoted;
  for (; i < bytes.length && length < 6; i += 1) {
    const byte = bytes[i] ?? 0;
    if (byte === 0x5c) return true;
    if (isQuoted ? byte === 0x22 : valueEnd[byte] === 1) break;
    if (numberByte[byte] === 0) isNumber = false;
    length += 1;
  }
  if (length < 6) return false;
  if (!isNumber || place.digitsCount) return true;
  const end = Math.min(bytes.length, i + nameCharsMax);
  while (i < end && numberByte[bytes[i] ?? 0] === 1) i += 1;
  return i < bytes.length && numberEnd[bytes[i] ?? 0] === 0;
}

/** A bare word this long may be random letters. */
const plainWordBytesMax = 19;

/** True for a type, a variable or a call behind a colon or an equals sign: never a secret. */
function isPlainWord(bytes: Uint8Array, from: number): boolean {
  let end = from;
  while (end - from <= plainWordBytesMax && plainByte[bytes[end] ?? 0] === 1) end += 1;
  if (end === from || end - from > plainWordBytesMax) return false;
  let next = end;
  while (next - end < gapBytesMax && bytes[next] === 0x5c) next += 1;
  // Behind backslashes only a line break or a quote is sure to end the word.
  if (next > end) return escapedEnd[bytes[next] ?? 0] === 1;
  // `token: string = "…"` has its value behind the type.
  if (bytes[end] === 0x20) return bytes[end + 1] !== 0x3d;
  return end >= bytes.length || numberEnd[bytes[end] ?? 0] === 1;
}

function isOption(bytes: Uint8Array, at: number): boolean {
  let start = at;
  while (start > 0 && at - start < nameCharsMax && nameByte[bytes[start - 1] ?? 0] === 1)
    start -= 1;
  return bytes[start] === 0x2d;
}

/** Whether a member called `value` follows, as in `"name": "DB_PASSWORD", "value": …`. */
function hasSibling(bytes: Uint8Array, at: number): boolean {
  const end = Math.min(bytes.length - 2, at + 80);
  for (let i = at; i < end; i += 1) {
    const byte = bytes[i] ?? 0;
    if (siblingGap[byte] === 1) continue;
    // The letter of an escape: `\n`, or `\\n` one level down.
    if ((byte === 0x6e || byte === 0x72 || byte === 0x74) && bytes[i - 1] === 0x5c) continue;
    return (byte | 0x20) === 0x76 && ((bytes[i + 1] ?? 0) | 0x20) === 0x61;
  }
  return false;
}

function isVerb(bytes: Uint8Array, at: number): boolean {
  const [first, second] = [bytes[at], bytes[at + 1]];
  return (first === 0x69 || first === 0x77) && (second === 0x73 || second === 0x61);
}
