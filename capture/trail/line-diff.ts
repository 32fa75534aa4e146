import type { Hunk } from "../model/trail.ts";
import { matchSymbols } from "./line-match.ts";
import { settleHunks } from "./settle-hunks.ts";

/**
 * Lines of a text without their `\n`; a `\r` before it stays part of the line.
 *
 * A last line without a newline counts like any other, and the empty text has no lines: whether
 * a file ends with a newline is not seen here, see {@link endsWithoutNewline}.
 */
export function splitLines(text: string): string[] {
  if (text === "") return [];
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** True if the last line of a text lacks its newline. */
export function endsWithoutNewline(text: string): boolean {
  return text !== "" && !text.endsWith("\n");
}

/** The hunks, without context, that turn `before` into `after`; ascending, never touching. */
export function diffLines(before: readonly string[], after: readonly string[]): Hunk[] {
  const matchOf = matchLines(before, after);
  return settleHunks(hunksOfMatch(matchOf, before.length), before, after);
}

/**
 * For each line of `after`, the 0-based index of the line of `before` it is matched with, or -1.
 * Matched lines are equal, and ascend.
 */
export function matchLines(before: readonly string[], after: readonly string[]): Int32Array {
  const matchOf = new Int32Array(after.length).fill(-1);
  const shorter = Math.min(before.length, after.length);
  let low = 0;
  while (low < shorter && before[low] === after[low]) matchOf[low] = low++;
  let beforeHigh = before.length;
  let afterHigh = after.length;
  while (beforeHigh > low && afterHigh > low && before[beforeHigh - 1] === after[afterHigh - 1]) {
    matchOf[--afterHigh] = --beforeHigh;
  }
  if (low === beforeHigh || low === afterHigh) return matchOf;
  const symbols = shared(before, after, { low, beforeHigh, afterHigh });
  const inner = matchSymbols(symbols.a, symbols.b);
  inner.forEach((x, y) => {
    if (x >= 0) matchOf[symbols.bIndex[y] ?? 0] = symbols.aIndex[x] ?? -1;
  });
  return matchOf;
}

interface Between {
  readonly low: number;
  readonly beforeHigh: number;
  readonly afterHigh: number;
}

/** Both sides as symbols, without the lines that stand on one side only and so never match. */
function shared(
  before: readonly string[],
  after: readonly string[],
  { low, beforeHigh, afterHigh }: Between,
) {
  const symbolOf = new Map<string, number>();
  const ofA = new Int32Array(beforeHigh - low);
  for (let index = low; index < beforeHigh; index += 1) {
    const line = before[index] ?? "";
    let symbol = symbolOf.get(line);
    if (symbol === undefined) {
      symbol = symbolOf.size;
      symbolOf.set(line, symbol);
    }
    ofA[index - low] = symbol;
  }
  const inAfter = new Uint8Array(symbolOf.size);
  const b = new Int32Array(afterHigh - low);
  const bIndex = new Int32Array(afterHigh - low);
  let bLength = 0;
  for (let index = low; index < afterHigh; index += 1) {
    const symbol = symbolOf.get(after[index] ?? "");
    if (symbol === undefined) continue;
    inAfter[symbol] = 1;
    b[bLength] = symbol;
    bIndex[bLength++] = index;
  }
  const a = new Int32Array(ofA.length);
  const aIndex = new Int32Array(ofA.length);
  let aLength = 0;
  ofA.forEach((symbol, at) => {
    if (inAfter[symbol] === 0) return;
    a[aLength] = symbol;
    aIndex[aLength++] = low + at;
  });
  return { a: a.subarray(0, aLength), b: b.subarray(0, bLength), aIndex, bIndex };
}

/** The regions between matched lines as hunks. */
export function hunksOfMatch(matchOf: Int32Array, beforeLength: number): Hunk[] {
  const hunks: Hunk[] = [];
  let oldNext = 0;
  let newNext = 0;
  const flush = (oldEnd: number, newEnd: number): void => {
    if (oldEnd > oldNext || newEnd > newNext) {
      hunks.push(hunkOf(oldNext, oldEnd - oldNext, newNext, newEnd - newNext));
    }
  };
  for (let index = 0; index < matchOf.length; index += 1) {
    const old = matchOf[index] ?? -1;
    if (old < 0) continue;
    if (old !== oldNext || index !== newNext) flush(old, index);
    oldNext = old + 1;
    newNext = index + 1;
  }
  flush(beforeLength, matchOf.length);
  return hunks;
}

/**
 * A hunk from 0-based starts: the side without lines names the line before it, as `diff -U0` does.
 */
function hunkOf(oldIndex: number, oldLines: number, newIndex: number, newLines: number): Hunk {
  return {
    oldStart: oldLines === 0 ? oldIndex : oldIndex + 1,
    oldLines,
    newStart: newLines === 0 ? newIndex : newIndex + 1,
    newLines,
  };
}

/** 0-based index of a hunk's first line in the text before. */
export function oldIndexOf(hunk: Hunk): number {
  return hunk.oldLines === 0 ? hunk.oldStart : hunk.oldStart - 1;
}

/** 0-based index of a hunk's first line in the text after. */
export function newIndexOf(hunk: Hunk): number {
  return hunk.newLines === 0 ? hunk.newStart : hunk.newStart - 1;
}

/** For each line after the hunks, the 0-based line before them that it is, or -1 for a new one. */
export function matchOfHunks(hunks: readonly Hunk[], afterLength: number): Int32Array {
  const matchOf = new Int32Array(afterLength).fill(-1);
  let oldNext = 0;
  let newNext = 0;
  for (const hunk of hunks) {
    const newIndex = newIndexOf(hunk);
    while (newNext < newIndex) matchOf[newNext++] = oldNext++;
    oldNext = oldIndexOf(hunk) + hunk.oldLines;
    newNext = newIndex + hunk.newLines;
  }
  while (newNext < afterLength) matchOf[newNext++] = oldNext++;
  return matchOf;
}

/**
 * A line as it reads apart from white space and the kind of its quotes: equal for two lines that
 * only a formatter's hand tells apart. White space between two words stays as one space.
 */
export function normalisedLine(line: string): string {
  return line
    .replaceAll(/["'`]/gu, '"')
    .replaceAll(/\s+/gu, " ")
    .replaceAll(/(?<![\p{L}\p{N}_$]) | (?![\p{L}\p{N}_$])/gu, "");
}

/**
 * Within each hunk, the further pairs of lines that are equal once normalised: `matchOf` as
 * {@link matchLines} answers it, with these added. A blank line is paired only beside a pair: it
 * belongs to the block that it stands in.
 */
export function addNormalisedMatches(
  matchOf: Int32Array,
  before: readonly string[],
  after: readonly string[],
): { readonly matchOf: Int32Array; readonly reformatted: readonly number[] } {
  const extended = matchOf.slice();
  const reformatted: number[] = [];
  for (const hunk of hunksOfMatch(matchOf, before.length)) {
    if (hunk.oldLines === 0 || hunk.newLines === 0) continue;
    const oldIndex = oldIndexOf(hunk);
    const newIndex = newIndexOf(hunk);
    const olds = before.slice(oldIndex, oldIndex + hunk.oldLines).map(normalisedLine);
    const news = after.slice(newIndex, newIndex + hunk.newLines).map(normalisedLine);
    const pairs = matchLines(olds, news);
    const add = (index: number): void => {
      extended[newIndex + index] = oldIndex + (pairs[index] ?? 0);
      reformatted.push(newIndex + index);
    };
    const isBlankPair = (index: number): boolean =>
      (pairs[index] ?? -1) >= 0 && (extended[newIndex + index] ?? -1) < 0;
    pairs.forEach((old, index) => {
      if (old >= 0 && news[index] !== "") add(index);
    });
    for (let index = 0; index < pairs.length; index += 1) {
      const above = newIndex + index === 0 ? -1 : (extended[newIndex + index - 1] ?? -2);
      if (isBlankPair(index) && above === oldIndex + (pairs[index] ?? 0) - 1) add(index);
    }
    for (let index = pairs.length - 1; index >= 0; index -= 1) {
      const below = extended[newIndex + index + 1] ?? before.length;
      if (isBlankPair(index) && below === oldIndex + (pairs[index] ?? 0) + 1) add(index);
    }
  }
  return { matchOf: extended, reformatted };
}
