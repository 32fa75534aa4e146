import type { Attribution, Births, Descent } from "./births.ts";
import { restoreInPlace, restoreMoved } from "./bring-back.ts";
import {
  addNormalisedMatches,
  diffLines,
  hunksOfMatch,
  matchOfHunks,
  newIndexOf,
  oldIndexOf,
} from "./line-diff.ts";
import { matchMoved } from "./moved-lines.ts";
import { bearReflowed } from "./reflowed-lines.ts";
import { kinOf } from "./similarity.ts";

/** How a line came to where it stands, besides staying in its place. Bits of a line's mark. */
export const lineMarks = { moved: 1, reformatted: 2, renamed: 4 } as const;

/** One content of a file: its lines, and for each of them which birth it is. */
export interface LineState {
  readonly lines: readonly string[];
  readonly ids: Int32Array;
  readonly marks: Uint8Array;
  /** Lines that are known to read otherwise than when they were born, by 0-based line. */
  readonly others?: ReadonlyMap<number, string>;
}

export const noLines: LineState = {
  lines: [],
  ids: new Int32Array(0),
  marks: new Uint8Array(0),
};

/** What is known of the lines that a change brings in. */
export interface Source {
  readonly change: number;
  readonly seenAtMs: number | null;
  /** By 0-based line: a commit held it then, so that it was not new when it was seen. */
  isHeld?(index: number): boolean;
  /** By 0-based line: git brought it. */
  isBrought?(index: number): boolean;
  /** A question: lines that went away are not remembered. */
  readonly isPassing?: boolean;
  attribute(text: string, index: number): Attribution | null;
}

export interface Carried extends LineState {
  /** Ids born here. */
  readonly added: readonly number[];
  /** Ids that stood before and no longer do. */
  readonly removed: readonly number[];
  /** Of each line, the line before that reads the same in its place; -1 for the others. */
  readonly exact: Int32Array;
}

/** A carry under way: `ids[i]` is -1 while line `i` of the text after is not explained. */
export interface Draft {
  readonly births: Births;
  readonly before: LineState;
  readonly after: readonly string[];
  readonly ids: Int32Array;
  readonly marks: Uint8Array;
  /** 0-based lines after that nothing in their place before explains. */
  readonly open: readonly number[];
  /** For each line before, whether it lives on. */
  readonly used: Uint8Array;
}

/**
 * The content after a change, each line with its birth: what stayed, was re-indented or requoted,
 * was moved, or came back keeps the birth that it had; only the rest is born here.
 *
 * Lines that go away are remembered in `births`, so that they can come back.
 */
export function carry(
  births: Births,
  before: LineState,
  after: readonly string[],
  source: Source,
): Carried {
  const { draft, exact, matchOf } = matchInPlace(births, before, after);
  if (draft.open.length > 0) {
    restoreInPlace(draft, matchOf, source);
    bearReflowed(draft, matchOf, source);
    matchMoved(draft);
    restoreMoved(draft);
  }
  const added = bear(draft, matchOf, source);
  return {
    lines: after,
    ids: draft.ids,
    marks: draft.marks,
    added,
    removed: removedLines(draft, source),
    exact,
  };
}

/** Gives line `index` after the birth of line `old` before, which thereby lives on. */
export function keep(draft: Draft, index: number, old: number, mark = 0): void {
  draft.ids[index] = draft.before.ids[old] ?? -1;
  draft.marks[index] = (draft.before.marks[old] ?? 0) | mark;
  draft.used[old] = 1;
}

function matchInPlace(births: Births, before: LineState, after: readonly string[]) {
  const exact = matchOfHunks(diffLines(before.lines, after), after.length);
  const { matchOf, reformatted } = addNormalisedMatches(exact, before.lines, after);
  const ids = new Int32Array(after.length);
  const marks = new Uint8Array(after.length);
  const used = new Uint8Array(before.lines.length);
  const open: number[] = [];
  for (let index = 0; index < matchOf.length; index += 1) {
    const old = matchOf[index] ?? -1;
    if (old < 0) {
      ids[index] = -1;
      open.push(index);
    } else {
      ids[index] = before.ids[old] ?? -1;
      marks[index] = before.marks[old] ?? 0;
      used[old] = 1;
    }
  }
  for (const index of reformatted) marks[index] = (marks[index] ?? 0) | lineMarks.reformatted;
  const draft: Draft = { births, before, after, ids, marks, open, used };
  return { draft, exact, matchOf };
}

function bear(draft: Draft, matchOf: Int32Array, source: Source): number[] {
  const added: number[] = [];
  const places: number[] = [];
  for (const hunk of hunksOfMatch(matchOf, draft.before.lines.length)) {
    const news = range(newIndexOf(hunk), hunk.newLines).filter((index) => draft.ids[index] === -1);
    if (news.length === 0) continue;
    const olds = range(oldIndexOf(hunk), hunk.oldLines).filter((old) => draft.used[old] === 0);
    const kin = kinOf(
      olds.map((old) => draft.before.lines[old] ?? ""),
      news.map((index) => draft.after[index] ?? ""),
    );
    news.forEach((index, position) => {
      const text = draft.after[index] ?? "";
      const origin = kin[position];
      const old = origin === null || origin === undefined ? undefined : olds[origin.old];
      const ancestors: Descent[] =
        old === undefined || origin === null || origin === undefined
          ? []
          : [{ birth: draft.before.ids[old] ?? -1, how: origin.how }];
      const { change } = source;
      const attribution = source.attribute(text, index);
      const isBrought = source.isBrought?.(index) ?? false;
      const isNew = !isBrought && source.isHeld?.(index) !== true;
      const seenAtMs = isNew ? source.seenAtMs : null;
      const birth = { text, attribution, change, line: index, ancestors, seenAtMs, isBrought };
      const id = draft.births.add(birth);
      draft.ids[index] = id;
      added.push(id);
      places.push(index);
    });
  }
  if (source.isPassing !== true) notePlaces(draft, places);
  return added;
}

/** Notes where lines were born, by their 0-based places, ascending. */
function notePlaces({ births, ids }: Draft, places: readonly number[]): void {
  for (const at of places) {
    births.place(ids[at] ?? -1, { previous: ids[at - 1] ?? -1, next: ids[at + 1] ?? -1 });
  }
}

function removedLines({ births, before, used }: Draft, { isPassing = false }: Source): number[] {
  const removed: number[] = [];
  if (isPassing) return removed;
  for (let old = used.indexOf(0); old >= 0; old = used.indexOf(0, old + 1)) {
    const id = before.ids[old] ?? -1;
    if (id < 0) continue;
    removed.push(id);
    births.bury(id, { previous: before.ids[old - 1] ?? -1, next: before.ids[old + 1] ?? -1 });
  }
  return removed;
}

function range(start: number, length: number): number[] {
  return Array.from({ length }, (_, index) => start + index);
}
