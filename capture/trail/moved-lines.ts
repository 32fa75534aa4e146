import { type Draft, keep, lineMarks } from "./carry.ts";
import { blockLinesMin, isDistinctive } from "./distinctive.ts";
import { normalisedLine } from "./line-diff.ts";

/** Places at which one text is looked for at most; a text more common than that is no evidence. */
const placesMax = 16;

/** A content from which lines may have been taken. */
export interface Source {
  readonly lines: readonly string[];
  /** True for a line, by its 0-based index, that no longer stands where it did. */
  readonly isGone: (index: number) => boolean;
}

/** Where a line was before: the position of its source, and its 0-based line there. */
export interface Taken {
  readonly source: number;
  readonly line: number;
}

/**
 * Finds blocks that one change took from some place and put down at another, by the 0-based line
 * after. White space and quotes may differ: a block that moves is often re-indented.
 *
 * Three lines or one unique line are needed, see {@link isDistinctive}; the longest block wins.
 */
export function takenLines(
  after: readonly string[],
  isOpen: (index: number) => boolean,
  sources: readonly Source[],
): ReadonlyMap<number, Taken> {
  const taken = new Map<number, Taken>();
  const open = new Map<string, number[]>();
  const texts = new Map<number, string>();
  after.forEach((line, index) => {
    if (!isOpen(index)) return;
    const text = normalisedLine(line);
    texts.set(index, text);
    if (text !== "") noted(open, text, index);
  });
  if (open.size === 0) return taken;
  const search: Search = { after, texts, taken, ...goneLines(sources, open) };
  for (const [index, text] of texts) {
    if (taken.has(index) || text === "") continue;
    const places = search.gone.get(text) ?? [];
    if (places.length === 0 || places.length > placesMax) continue;
    const [from, length] = longestRun(search, index, places);
    if (from === undefined) continue;
    const lines = after.slice(index, index + length);
    const isSole = places.length === 1 && open.get(text)?.length === 1;
    if (!isDistinctive(lines) || (length < blockLinesMin && !isSole)) continue;
    for (let step = 0; step < length; step += 1) {
      const at = { source: from.source, line: from.line + step };
      taken.set(index + step, at);
      search.used.add(placeName(at));
    }
  }
  return taken;
}

/** Moves within one file: the lines keep the birth that they had. */
export function matchMoved(draft: Draft): void {
  const { ids, used, after, before } = draft;
  if (!used.includes(0)) return;
  const source: Source = { lines: before.lines, isGone: (old) => used[old] === 0 };
  const taken = takenLines(after, (index) => ids[index] === -1, [source]);
  for (const [index, { line }] of taken) {
    const isSame = after[index] === before.lines[line];
    const mark = lineMarks.moved | (isSame ? 0 : lineMarks.reformatted);
    keep(draft, index, line, mark);
  }
}

interface Search {
  readonly after: readonly string[];
  /** Normalised text of each open line. */
  readonly texts: ReadonlyMap<number, string>;
  readonly taken: Map<number, Taken>;
  /** Normalised lines that are gone, by place, and their places by text. */
  readonly goneTexts: ReadonlyMap<string, string>;
  readonly gone: ReadonlyMap<string, readonly Taken[]>;
  readonly used: Set<string>;
}

/** What is gone and stands open again; of blank lines only those beside others. */
function goneLines(
  sources: readonly Source[],
  open: ReadonlyMap<string, unknown>,
): Pick<Search, "goneTexts" | "gone" | "used"> {
  const goneTexts = new Map<string, string>();
  const gone = new Map<string, Taken[]>();
  sources.forEach(({ lines, isGone }, source) => {
    lines.forEach((text, line) => {
      if (!isGone(line)) return;
      const normalised = normalisedLine(text);
      if (normalised !== "" && !open.has(normalised)) return;
      const at = { source, line };
      goneTexts.set(placeName(at), normalised);
      if (normalised !== "") noted(gone, normalised, at);
    });
  });
  return { goneTexts, gone, used: new Set() };
}

function longestRun(
  search: Search,
  index: number,
  places: readonly Taken[],
): [Taken | undefined, number] {
  let best: Taken | undefined;
  let bestLength = 0;
  for (const place of places) {
    let length = 0;
    while (isOpenPair(search, index + length, { ...place, line: place.line + length })) length += 1;
    if (length <= bestLength) continue;
    best = place;
    bestLength = length;
  }
  return [best, bestLength];
}

function isOpenPair({ texts, taken, goneTexts, used }: Search, index: number, at: Taken): boolean {
  if (taken.has(index)) return false;
  const name = placeName(at);
  const text = texts.get(index);
  return text !== undefined && !used.has(name) && goneTexts.get(name) === text;
}

function placeName({ source, line }: Taken): string {
  return `${source}:${line}`;
}

function noted<V>(map: Map<string, V[]>, key: string, value: V): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [value]);
  else known.push(value);
}
