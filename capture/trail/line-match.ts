/** Inner steps that one diff may spend on the exact algorithm, about 30 ms. */
const exactStepsMax = 6_000_000;

/** Edit distance up to which a box is searched once the exact budget is spent. */
const cheapDistanceMax = 256;

/** "There is no path to this diagonal". */
const dead = -0x4000_0000;

interface Box {
  readonly aLow: number;
  readonly aHigh: number;
  readonly bLow: number;
  readonly bHigh: number;
}

interface Search {
  readonly a: Int32Array;
  readonly b: Int32Array;
  readonly matchOf: Int32Array;
  readonly forward: Int32Array;
  readonly backward: Int32Array;
  readonly todo: Box[];
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
  const search: Search = {
    a,
    b,
    matchOf: new Int32Array(b.length).fill(-1),
    forward: new Int32Array(width),
    backward: new Int32Array(width),
    todo: [{ aLow: 0, aHigh: a.length, bLow: 0, bHigh: b.length }],
    stepsLeft: exactStepsMax,
  };
  for (let box = search.todo.pop(); box !== undefined; box = search.todo.pop()) {
    searchBox(search, trimmed(search, box));
  }
  return search.matchOf;
}

/** Matches what is equal at both ends of the box and answers what lies between. */
function trimmed(search: Search, box: Box): Box {
  const { a, b, matchOf } = search;
  let { aLow, aHigh, bLow, bHigh } = box;
  while (aLow < aHigh && bLow < bHigh && a[aLow] === b[bLow]) matchOf[bLow++] = aLow++;
  while (aLow < aHigh && bLow < bHigh && a[aHigh - 1] === b[bHigh - 1]) matchOf[--bHigh] = --aHigh;
  return { aLow, aHigh, bLow, bHigh };
}

function searchBox(search: Search, box: Box): void {
  if (box.aLow === box.aHigh || box.bLow === box.bHigh) return;
  const exactDistance = Math.floor(Math.sqrt(Math.max(0, search.stepsLeft)));
  const split = findSplit(search, box, Math.max(cheapDistanceMax, exactDistance));
  if (!split.exact && pushBetweenAnchors(search, box)) return;
  const x = box.aLow + split.x;
  const y = box.bLow + split.y;
  search.todo.push({ aLow: box.aLow, aHigh: x, bLow: box.bLow, bHigh: y });
  search.todo.push({ aLow: x, aHigh: box.aHigh, bLow: y, bHigh: box.bHigh });
}

/** A point on a shortest edit path through the box, which starts and ends with a difference. */
function findSplit(search: Search, box: Box, distanceMax: number): Split {
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
    if (d >= distanceMax) return furthestPoint(search, box, low, high);
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
  const right = at(reach, index - 1) + 1;
  const down = at(reach, index + 1);
  let x = right >= 0 && right <= n ? right : dead;
  if (down >= 0 && down - k <= m && down >= x) x = down;
  if (x < 0) {
    reach[index] = dead;
    return dead;
  }
  let y = x - k;
  const { a, b } = search;
  const step = ahead ? 1 : -1;
  let inA = ahead ? box.aLow + x : box.aHigh - 1 - x;
  let inB = ahead ? box.bLow + y : box.bHigh - 1 - y;
  while (x < n && y < m && a[inA] === b[inB]) {
    x += 1;
    y += 1;
    inA += step;
    inB += step;
  }
  reach[index] = x;
  return x;
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
  const anchors = ascending(uniquePairs(search, box));
  if (anchors.length === 0) return false;
  let aLow = box.aLow;
  let bLow = box.bLow;
  for (const [x, y] of anchors) {
    search.matchOf[y] = x;
    search.todo.push({ aLow, aHigh: x, bLow, bHigh: y });
    aLow = x + 1;
    bLow = y + 1;
  }
  search.todo.push({ aLow, aHigh: box.aHigh, bLow, bHigh: box.bHigh });
  return true;
}

type Pair = readonly [x: number, y: number];

function uniquePairs(search: Search, box: Box): Pair[] {
  const inA = uniquePositions(search.a, box.aLow, box.aHigh);
  const inB = uniquePositions(search.b, box.bLow, box.bHigh);
  const pairs: Pair[] = [];
  for (const [symbol, x] of inA) {
    const y = inB.get(symbol);
    if (x >= 0 && y !== undefined && y >= 0) pairs.push([x, y]);
  }
  return pairs.toSorted((left, right) => left[0] - right[0]);
}

function uniquePositions(symbols: Int32Array, low: number, high: number): Map<number, number> {
  const positions = new Map<number, number>();
  for (let index = low; index < high; index += 1) {
    const symbol = at(symbols, index);
    positions.set(symbol, positions.has(symbol) ? -1 : index);
  }
  return positions;
}

/** Longest run of pairs in which y ascends as x does (patience sorting). */
function ascending(pairs: readonly Pair[]): Pair[] {
  const tops: number[] = [];
  const previous = new Int32Array(pairs.length).fill(-1);
  pairs.forEach(([, y], index) => {
    let low = 0;
    let high = tops.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pairs[tops[middle] ?? 0]?.[1] ?? 0) < y) low = middle + 1;
      else high = middle;
    }
    previous[index] = low === 0 ? -1 : (tops[low - 1] ?? -1);
    tops[low] = index;
  });
  const run: Pair[] = [];
  for (let index = tops.at(-1) ?? -1; index >= 0; index = at(previous, index)) {
    const pair = pairs[index];
    if (pair !== undefined) run.push(pair);
  }
  return run.toReversed();
}

function at(numbers: Int32Array, index: number): number {
  return numbers[index] ?? dead;
}
