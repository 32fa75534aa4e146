import type { Hunk } from "../model/trail.ts";

/** Lines over which a hunk is moved at most, to find the place that reads best. */
const slideLinesMax = 100;

/**
 * Moves each pure insertion or deletion, among the places where it would mean the same, to the one
 * that a reader would call the change: around whole blocks, not from the middle of one to the
 * middle of the next. Of equally good places it takes the last.
 */
export function settleHunks(
  hunks: readonly Hunk[],
  before: readonly string[],
  after: readonly string[],
): Hunk[] {
  const settled: Hunk[] = [];
  hunks.forEach((hunk, index) => {
    const around = [settled.at(-1), hunk, hunks[index + 1]] as const;
    settled.push(settledHunk(around, before, after));
  });
  return settled;
}

type Around = readonly [previous: Hunk | undefined, hunk: Hunk, next: Hunk | undefined];

function settledHunk(around: Around, before: readonly string[], after: readonly string[]): Hunk {
  const hunk = around[1];
  const isInsertion = hunk.oldLines === 0;
  if (!isInsertion && hunk.newLines > 0) return hunk;
  const lines = isInsertion ? after : before;
  const start = isInsertion ? hunk.newStart - 1 : hunk.oldStart - 1;
  const length = isInsertion ? hunk.newLines : hunk.oldLines;
  const room = roomAround(around, isInsertion, lines.length);
  const shift = bestShift(lines, start, length, room);
  return { ...hunk, oldStart: hunk.oldStart + shift, newStart: hunk.newStart + shift };
}

interface Room {
  readonly up: number;
  readonly down: number;
}

/** Unchanged lines between a hunk and its neighbours, less one so that they never touch. */
function roomAround(around: Around, isInsertion: boolean, lineCount: number): Room {
  const [previous, hunk, next] = around;
  const start = (hunk: Hunk): number => {
    const lines = isInsertion ? hunk.newLines : hunk.oldLines;
    const first = isInsertion ? hunk.newStart : hunk.oldStart;
    return lines === 0 ? first : first - 1;
  };
  const end = (hunk: Hunk): number => start(hunk) + (isInsertion ? hunk.newLines : hunk.oldLines);
  const up = start(hunk) - (previous === undefined ? 0 : end(previous) + 1);
  const down = (next === undefined ? lineCount : start(next) - 1) - end(hunk);
  return { up: Math.min(up, slideLinesMax), down: Math.min(down, slideLinesMax) };
}

function bestShift(lines: readonly string[], start: number, length: number, room: Room): number {
  let highest = 0;
  while (highest < room.down && lines[start + highest] === lines[start + length + highest]) {
    highest += 1;
  }
  let lowest = 0;
  while (lowest < room.up && lines[start - lowest - 1] === lines[start + length - lowest - 1]) {
    lowest += 1;
  }
  let best = highest;
  let bestCost = Infinity;
  for (let shift = highest; shift >= -lowest; shift -= 1) {
    const cost = edgeCost(lines, start + shift) + edgeCost(lines, start + shift + length);
    if (cost >= bestCost) continue;
    best = shift;
    bestCost = cost;
  }
  return best;
}

/** How badly an edge before line `index` cuts through a block: its depth, less where it is airy. */
function edgeCost(lines: readonly string[], index: number): number {
  let next = index;
  while (next < lines.length && isBlank(lines[next])) next += 1;
  const depth = next === lines.length ? 0 : indentOf(lines[next] ?? "");
  const isAiry = isBlank(lines[index - 1]) || isBlank(lines[index]);
  return depth * 2 + (isAiry ? 0 : 1);
}

function isBlank(line: string | undefined): boolean {
  return line === undefined || line.trim() === "";
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}
