import { isUtf8 } from "node:buffer";

import { ownCopy } from "./births.ts";
import { splitLines } from "./line-diff.ts";

/** A NUL byte this near the beginning makes a file binary, as git sees it. */
const binaryProbeBytes = 8000;

/** Files above these limits are owned as wholes, not line by line. */
export const ownedBytesMax = 8 * 1024 * 1024;
const ownedLinesMax = 200_000;

/** Content of one file as text that can be compared; null for binary content and over the limit. */
export function textOfBytes(bytes: Buffer): string | null {
  if (bytes.length > ownedBytesMax) return null;
  if (bytes.subarray(0, binaryProbeBytes).includes(0)) return null;
  // Bytes that are not UTF-8 are kept one a character: lines stay comparable, nothing is replaced.
  return bytes.toString(isUtf8(bytes) ? "utf8" : "latin1");
}

/** The lines of {@link textOfBytes}; null for what is not owned line by line. */
export function linesOfBytes(bytes: Buffer): readonly string[] | null {
  const text = textOfBytes(bytes);
  return text === null ? null : linesWithin(splitLines(text));
}

/** The lines, or null if there are too many. */
export function linesWithin(lines: readonly string[]): readonly string[] | null {
  return lines.length > ownedLinesMax ? null : lines;
}

/** Lines that are copied out of their text, so that a few do not keep all of it in memory. */
const ownedMiddleMax = 2_000;

/**
 * The lines of a text that differs little from another: those at both ends are the very strings of
 * the other's lines, which compare in no time, and only what lies between is split.
 */
export function linesNear(
  text: string,
  other: { text: string; lines: readonly string[] },
): string[] {
  const head = sharedLength(text, other.text);
  const before = head === 0 ? 0 : text.lastIndexOf("\n", head - 1) + 1;
  const tailMax = Math.min(text.length, other.text.length) - before;
  const tail = sharedTailLength(text, other.text, tailMax);
  const after = text.indexOf("\n", text.length - tail) + 1;
  if (after === 0 || after < before) return splitLines(text);
  const headLines = countNewlines(other.text, 0, before);
  const tailLines =
    other.lines.length - countNewlines(other.text, 0, other.text.length - (text.length - after));
  const cut = splitLines(text.slice(before, after));
  const middle = cut.length > ownedMiddleMax ? cut : cut.map(ownCopy);
  const last = other.lines.slice(other.lines.length - tailLines);
  return other.lines.slice(0, headLines).concat(middle, last);
}

const comparedChars = 4096;

function sharedLength(left: string, right: string): number {
  const max = Math.min(left.length, right.length);
  let at = 0;
  while (at < max && left.slice(at, at + comparedChars) === right.slice(at, at + comparedChars)) {
    at += comparedChars;
  }
  at = Math.min(at, max);
  while (at < max && left.charCodeAt(at) === right.charCodeAt(at)) at += 1;
  return at;
}

function sharedTailLength(left: string, right: string, max: number): number {
  const piece = (text: string, from: number): string =>
    text.slice(Math.max(0, text.length - from - comparedChars), text.length - from);
  let at = 0;
  while (at + comparedChars <= max && piece(left, at) === piece(right, at)) at += comparedChars;
  while (
    at < max &&
    left.charCodeAt(left.length - 1 - at) === right.charCodeAt(right.length - 1 - at)
  ) {
    at += 1;
  }
  return at;
}

function countNewlines(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf("\n", from); at !== -1 && at < to; at = text.indexOf("\n", at + 1)) {
    count += 1;
  }
  return count;
}

/** Marks a line that is known by the keyed hash of its raw text alone. */
const hashMark = "\u0000keyed:";

/**
 * Lines of gated content, where those that the gate changed stand as their keyed hash: compare them
 * with raw lines that went through {@link withKeyedLines}.
 */
export function linesOfGated(
  text: string,
  redacted: readonly (readonly [line: number, hash: string])[] | undefined,
): readonly string[] {
  const lines = splitLines(text);
  for (const [line, hash] of redacted ?? []) {
    if (line < lines.length) lines[line] = hashMark + hash;
  }
  return lines;
}

/** Lines that were looked through for hashes: a content is after one change and before the next. */
const looked = new WeakMap<readonly string[], boolean>();

/** True if some line of gated content is known by its hash alone; `lines` never change. */
export function hasKeyedLines(lines: readonly string[]): boolean {
  let found = looked.get(lines);
  if (found === undefined) {
    found = lines.some((line) => line.charCodeAt(0) === 0 && line.startsWith(hashMark));
    looked.set(lines, found);
  }
  return found;
}

/** Raw lines, with each one whose keyed hash stands in `gated` in the form that it has there. */
export function withKeyedLines(
  raw: readonly string[],
  gated: readonly string[],
  hashOf: (line: string) => string,
): readonly string[] {
  const keyed = new Set(gated.filter((line) => line.startsWith(hashMark)));
  if (keyed.size === 0) return raw;
  const plain = new Set(gated);
  return raw.map((line) => {
    if (plain.has(line)) return line;
    const form = hashMark + hashOf(line);
    return keyed.has(form) ? form : line;
  });
}

/** True if `gated` reads as `raw` does, but for the placeholders that the gate put into it. */
export function isGatedFormOf(gated: string, raw: string): boolean {
  const parts = gated.split(/\[\[secret:[^\]]{1,80}\]\]/u);
  const first = parts[0] ?? "";
  const last = parts.at(-1) ?? "";
  if (parts.length < 2 || !raw.startsWith(first)) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = raw.indexOf(part, at + 1);
    if (found < 0) return false;
    at = found + part.length;
  }
  return raw.endsWith(last) && raw.length - last.length > at;
}

/** True for a line without anything to read on it. */
export function isBlankLine(line: string): boolean {
  return line.trim() === "";
}

/** Lines that two contents have in common at their beginnings and ends. */
export function sharedEnds(left: readonly string[], right: readonly string[]): number {
  const shorter = Math.min(left.length, right.length);
  let low = 0;
  while (low < shorter && left[low] === right[low]) low += 1;
  let high = 0;
  const leftLast = left.length - 1;
  const rightLast = right.length - 1;
  while (high < shorter - low && left[leftLast - high] === right[rightLast - high]) high += 1;
  return low + high;
}
