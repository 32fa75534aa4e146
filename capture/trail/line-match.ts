/** Inner steps that one diff may spend on the exact algorithm, about 10 ms. */
const exactStepsMax = 1_500_000;

/** Edit distance up to which a box is searched once that is spent, and once as much again is. */
const cheapDistanceMax = 256;
const cheapestDistanceMax = 48;

/** "There is no path to this diagonal". */
const dead = -0x4000_0000;

interface Box {
  readonly aLow: number;
  readonly aHigh: number;
  readonly bLow: number;
  readonly bHigh: number;
  /** Items of the smallest box around this one that was found to have no anchors. */
  readonly anchorless: number;
}

interface Search {
  readonly a: Int32Array;
  readonly b: Int32Array;
  readonly matchOf: Int32Array;
  readonly forward: Int32Array;
  readonly backward: Int32Array;
  readonly todo: Box[];
  /** By symbol: where it stands in the box that is looked at, plus one; -1 for more than once. */
  readonly inA: Int32Array;
  readonly inB: Int32Array;
  stepsLeft: number;
}

interface Split {
  readonly x: number;
  readonly y: number;
  /** False if the budget ended the search before an optimal point was found. */
  readonly exact: boolean;
}

/**
 * Longest common subsequence of two sequences of symbols: for each item of `b`, the index in `a`
 * it is matched with, or -1. Ascending wherever it is not -1.
 *
 * Exact (Myers, linear space) within a budget of steps; beyond it the items that are unique on both
 * sides become anchors, and where there are none the furthest path found so far is kept.
 */
export function matchSymbols(a: Int32Array, b: Int32Array): Int32Array {
  const width = a.length + b.length + 4;
  const symbols = 1 + Math.max(highest(a), highest(b));
  const search: Search = {
    a,
    b,
    matchOf: new Int32Array(b.length).fill(-1),
    forward: new Int32Array(width),
    backward: new Int32Array(width),
    todo: [{ aLow: 0, aHigh: a.length, bLow: 0, bHigh: b.length, anchorless: Infinity }],
    inA: new Int32Array(symbols),
    inB: new Int32Array(symbols),
    stepsLeft: exactStepsMax,
  };
  for (let box = search.todo.pop(); box !== undefined; box = search.todo.pop()) {
    searchBox(search, trimmed(search, box));
  }
  return search.matchOf;
}

function highest(symbols: Int32Array): number {
  let found = -1;
  for (const symbol of symbols) if (symbol > found) found = symbol;
  return found;
}

/** Matches what is equal at both ends of the box and answers what lies between. */
function trimmed(search: Search, box: Box): Box {
  const { a, b, matchOf } = search;
  let { aLow, aHigh, bLow, bHigh } = box;
  while (aLow < aHigh && bLow < bHigh && a[aLow] === b[bLow]) matchOf[bLow++] = aLow++;
  while (aLow < aHigh && bLow < bHigh && a[aHigh - 1] === b[bHigh - 1]) matchOf[--bHigh] = --aHigh;
  return { aLow, aHigh, bLow, bHigh, anchorless: box.anchorless };
}

function searchBox(search: Search, box: Box): void {
  if (box.aLow === box.aHigh || box.bLow === box.bHigh) return;
  const split = findSplit(search, box, distanceMax(search.stepsLeft));
  const size = box.aHigh - box.aLow + box.bHigh - box.bLow;
  let { anchorless } = box;
  // Part of a box without anchors may have some; looking for them again and again costs too much.
  if (!split.exact && size * 2 <= anchorless) {
    if (pushBetweenAnchors(search, box)) return;
    anchorless = size;
  }
  const x = box.aLow + split.x;
  const y = box.bLow + split.y;
  search.todo.push({ aLow: box.aLow, aHigh: x, bLow: box.bLow, bHigh: y, anchorless });
  search.todo.push({ aLow: x, aHigh: box.aHigh, bLow: y, bHigh: box.bHigh, anchorless });
}

function distanceMax(stepsLeft: number): number {
  if (stepsLeft < -exactStepsMax) return cheapestDistanceMax;
  return Math.max(cheapDistanceMax, Math.floor(Math.sqrt(Math.max(0, stepsLeft))));
}

/** A point on a shortest edit path through the box, which starts and ends with a difference. */
function findSplit(search: Search, box: Box, roundsMax: number): Split {
  const n = box.aHigh - box.aLow;
  const m = box.bHigh - box.bLow;
  const { forward, backward } = search;
  const zero = m + 1;
  const delta = n - m;
  forward[zero + 1] = 0;
  forward[zero - 1] = dead;
  backward[zero + 1] = 0;
  backward[zero - 1] = dead;
  for (let d = 0; ; d += 1) {
    const low = -(d - 2 * Math.max(0, d - m));
    const high = d - 2 * Math.max(0, d - n);
    search.stepsLeft -= high - low + 2;
    setEdges(search, d, n, m);
    for (let k = low; k <= high; k += 2) {
      const x = furthest(search, box, k, true);
      if (x < 0 || delta % 2 === 0) continue;
      const other = delta - k;
      if (inReach(other, d - 1, n, m) && x + at(backward, zero + other) >= n) {
        return { x, y: x - k, exact: true };
      }
    }
    for (let k = low; k <= high; k += 2) {
      const x = furthest(search, box, k, false);
      if (x < 0 || delta % 2 !== 0) continue;
      const other = delta - k;
      if (inReach(other, d, n, m) && x + at(forward, zero + other) >= n) {
        return { x: n - x, y: m - (x - k), exact: true };
      }
    }
    if (d >= roundsMax) return furthestPoint(search, box, low, high);
  }
}

/** True if diagonal `k` was computed in round `d`. */
function inReach(k: number, d: number, n: number, m: number): boolean {
  if ((k - d) % 2 !== 0) return false;
  return k >= -(d - 2 * Math.max(0, d - m)) && k <= d - 2 * Math.max(0, d - n);
}

/** Diagonals just outside the ones of the round before have no path yet, inside the box. */
function setEdges(search: Search, d: number, n: number, m: number): void {
  if (d === 0) return;
  const zero = m + 1;
  for (const reach of [search.forward, search.backward]) {
    if (d <= m) reach[zero - d - 1] = dead;
    if (d <= n) reach[zero + d + 1] = dead;
  }
}

/**
 * Furthest x on diagonal `k`, one edit further than the round before; negative if there is none.
 */
function furthest(search: Search, box: Box, k: number, ahead: boolean): number {
  const reach = ahead ? search.forward : search.backward;
  const n = box.aHigh - box.aLow;
  const m = box.bHigh - box.bLow;
  const index = m + 1 + k;
  const right = (reach[index - 1] ?? dead) + 1;
  const down = reach[index + 1] ?? dead;
  let x = right >= 0 && right <= n ? right : dead;
  if (down >= 0 && down - k <= m && down >= x) x = down;
  if (x < 0) {
    reach[index] = dead;
    return dead;
  }
  const { a, b } = search;
  const room = Math.min(n - x, m - (x - k));
  const fromA = ahead ? box.aLow + x : box.aHigh - 1 - x;
  const fromB = ahead ? box.bLow + x - k : box.bHigh - 1 - (x - k);
  const step = ahead ? 1 : -1;
  let run = 0;
  while (run < room && a[fromA + run * step] === b[fromB + run * step]) run += 1;
  reach[index] = x + run;
  return x + run;
}

function furthestPoint(search: Search, box: Box, low: number, high: number): Split {
  const n = box.aHigh - box.aLow;
  const m = box.bHigh - box.bLow;
  let best: Split = { x: 0, y: 0, exact: false };
  let bestLength = 0;
  for (let k = low; k <= high; k += 2) {
    const ahead = at(search.forward, m + 1 + k);
    if (ahead >= 0 && 2 * ahead - k > bestLength) {
      bestLength = 2 * ahead - k;
      best = { x: ahead, y: ahead - k, exact: false };
    }
    const back = at(search.backward, m + 1 + k);
    if (back >= 0 && 2 * back - k > bestLength) {
      bestLength = 2 * back - k;
      best = { x: n - back, y: m - (back - k), exact: false };
    }
  }
  return best;
}

/** Splits the box at items that are unique on both sides, if there are any. */
function pushBetweenAnchors(search: Search, box: Box): boolean {
  const { xs, ys } = uniquePairs(search, box);
  const anchors = ascending(ys);
  if (anchors.length === 0) return false;
  let aLow = box.aLow;
  let bLow = box.bLow;
  const push = (aHigh: number, bHigh: number): void => {
    if (aHigh > aLow && bHigh > bLow) {
      search.todo.push({ aLow, aHigh, bLow, bHigh, anchorless: Infinity });
    }
  };
  for (const anchor of anchors) {
    const x = xs[anchor] ?? 0;
    const y = ys[anchor] ?? 0;
    search.matchOf[y] = x;
    push(x, y);
    aLow = x + 1;
    bLow = y + 1;
  }
  push(box.aHigh, box.bHigh);
  return true;
}

/** Places of the items that stand once on each side; `xs` ascends. */
function uniquePairs({ a, b, inA, inB }: Search, box: Box): { xs: Int32Array; ys: Int32Array } {
  notePlaces(a, inA, box.aLow, box.aHigh);
  notePlaces(b, inB, box.bLow, box.bHigh);
  const xs = new Int32Array(box.aHigh - box.aLow);
  const ys = new Int32Array(box.aHigh - box.aLow);
  let count = 0;
  for (let x = box.aLow; x < box.aHigh; x += 1) {
    const symbol = a[x] ?? 0;
    const y = inB[symbol] ?? 0;
    if (inA[symbol] !== x + 1 || y <= 0) continue;
    xs[count] = x;
    ys[count++] = y - 1;
  }
  for (let x = box.aLow; x < box.aHigh; x += 1) inA[a[x] ?? 0] = 0;
  for (let y = box.bLow; y < box.bHigh; y += 1) inB[b[y] ?? 0] = 0;
  return { xs: xs.subarray(0, count), ys: ys.subarray(0, count) };
}

function notePlaces(symbols: Int32Array, places: Int32Array, low: number, high: number): void {
  for (let index = low; index < high; index += 1) {
    const symbol = symbols[index] ?? 0;
    places[symbol] = places[symbol] === 0 ? index + 1 : -1;
  }
}

/** Places of the longest ascending run among the numbers (patience sorting). */
function ascending(numbers: Int32Array): Int32Array {
  const tops = new Int32Array(numbers.length);
  const previous = new Int32Array(numbers.length);
  let length = 0;
  numbers.forEach((number, index) => {
    let low = 0;
    let high = length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (at(numbers, at(tops, middle)) < number) low = middle + 1;
      else high = middle;
    }
    previous[index] = low === 0 ? -1 : at(tops, low - 1);
    tops[low] = index;
    if (low === length) length += 1;
  });
  const run = new Int32Array(length);
  let index = length === 0 ? -1 : at(tops, length - 1);
  for (let place = length - 1; place >= 0; place -= 1) {
    run[place] = index;
    index = at(previous, index);
  }
  return run;
}

function at(numbers: Int32Array, index: number): number {
  return numbers[index] ?? dead;
}
