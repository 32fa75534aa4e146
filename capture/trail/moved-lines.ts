import { type Draft, keep, lineMarks } from "./carry.ts";
import { blockLinesMin, isDistinctive } from "./distinctive.ts";

/** Places at which one text is looked for at most; a text more common than that is no evidence. */
const placesMax = 16;

/**
 * Finds blocks that one change took from one place of the file and put down at another.
 *
 * Three lines or one unique line are needed, see {@link isDistinctive}; the longest block wins.
 */
export function matchMoved(draft: Draft): void {
  const open = openPlaces(draft.after, (index) => draft.ids[index] === -1);
  const gone = openPlaces(draft.before.lines, (old) => draft.used[old] === 0);
  if (open.size === 0 || gone.size === 0) return;
  for (let index = 0; index < draft.after.length; index += 1) {
    if (draft.ids[index] !== -1) continue;
    const text = draft.after[index] ?? "";
    const places = gone.get(text) ?? [];
    if (places.length === 0 || places.length > placesMax) continue;
    const [old, length] = longestRun(draft, index, places);
    const lines = draft.after.slice(index, index + length);
    const isSole = places.length === 1 && open.get(text)?.length === 1;
    if (!isDistinctive(lines) || (length < blockLinesMin && !isSole)) continue;
    for (let step = 0; step < length; step += 1) {
      keep(draft, index + step, old + step, lineMarks.moved);
    }
  }
}

function longestRun(draft: Draft, index: number, places: readonly number[]): [number, number] {
  let best: [number, number] = [0, 0];
  for (const old of places) {
    let length = 0;
    while (isOpenPair(draft, index + length, old + length)) length += 1;
    if (length > best[1]) best = [old, length];
  }
  return best;
}

function isOpenPair({ ids, used, after, before }: Draft, index: number, old: number): boolean {
  return ids[index] === -1 && used[old] === 0 && after[index] === before.lines[old];
}

/**
 * Positions of the lines that are open, by text; blank lines are looked up with their block only.
 */
function openPlaces(
  lines: readonly string[],
  isOpen: (index: number) => boolean,
): Map<string, number[]> {
  const places = new Map<string, number[]>();
  lines.forEach((line, index) => {
    if (!isOpen(index) || line.trim() === "") return;
    const known = places.get(line);
    if (known === undefined) places.set(line, [index]);
    else known.push(index);
  });
  return places;
}
