import type { PatchState } from "../model/trail.ts";
import type { Birth, Births } from "./births.ts";
import type { LineState } from "./carry.ts";
import { lineMarks } from "./carry.ts";
import { diffLines, newIndexOf, oldIndexOf } from "./line-diff.ts";
import type { Effect } from "./path-ledger.ts";
import { isBlankLine } from "./text-lines.ts";

/** Generations of lines through which descent is followed. */
const generationsMax = 16;

/** One content, as a set of births: what lives in it, and what its lines descend from. */
export interface Population {
  readonly state: LineState;
  /** Line index by the id of its birth. */
  readonly lineOf: ReadonlyMap<number, number>;
  /** Ids that a line of it was derived from. */
  readonly forebears: ReadonlySet<number>;
}

export function populationOf(
  births: Births,
  state: LineState,
  birthAt: (index: number) => Birth | undefined,
): Population {
  const lineOf = new Map<number, number>();
  const forebears = new Set<number>();
  state.ids.forEach((id, line) => {
    if (id >= 0) lineOf.set(id, line);
  });
  for (const [id, line] of reflowedLines(births, state.ids, birthAt)) {
    if (!lineOf.has(id)) lineOf.set(id, line);
  }
  for (let index = 0; index < state.lines.length; index += 1) {
    let [descent] = birthAt(index)?.ancestors ?? [];
    for (let step = 0; step < generationsMax && descent !== undefined; step += 1) {
      if (descent.how !== "derived" || forebears.has(descent.birth)) break;
      forebears.add(descent.birth);
      [descent] = births.get(descent.birth).ancestors;
    }
  }
  return { state, lineOf, forebears };
}

/** Lines that stand in a content in other line breaks, all pieces of them, and where they begin. */
export function reflowedLines(
  births: Births,
  ids: Int32Array,
  birthAt: (index: number) => Birth | undefined,
): ReadonlyMap<number, number> {
  const whole = new Map<number, number>();
  if (!births.hasPieces) return whole;
  const found = new Map<number, { count: number; readonly first: number }>();
  const note = (birth: Birth | undefined, line: number, generation: number): void => {
    if (generation >= generationsMax) return;
    for (const piece of birth?.pieces ?? []) {
      const known = found.get(piece.birth) ?? { count: 0, first: line };
      known.count += 1;
      found.set(piece.birth, known);
      if (known.count !== piece.of || whole.has(piece.birth)) continue;
      whole.set(piece.birth, known.first);
      note(births.get(piece.birth), known.first, generation + 1);
    }
  };
  for (let line = 0; line < ids.length; line += 1) note(birthAt(line), line, 0);
  return whole;
}

/** What is left of one change in one content. */
export interface Remains {
  /**
   * Added lines that live there, and how many there were; blank ones only where there are no
   * others.
   */
  readonly surviving: readonly number[];
  readonly added: number;
  /** True if a line there descends from an added one. */
  readonly hasDescendants: boolean;
  /** Deleted lines that stand there again, and how many were deleted. */
  readonly returned: number;
  readonly deleted: number;
  readonly marks: number;
}

export function remainsOf(births: Births, effect: Effect, there: Population): Remains {
  const added = readableIds(births, effect.added);
  const removed = readableIds(births, effect.removed);
  const surviving = added.filter((id) => there.lineOf.has(id));
  let marks = 0;
  for (const id of surviving) marks |= there.state.marks[there.lineOf.get(id) ?? 0] ?? 0;
  return {
    surviving,
    added: added.length,
    hasDescendants: added.some((id) => there.forebears.has(id)),
    returned: removed.filter((id) => there.lineOf.has(id)).length,
    deleted: removed.length,
    marks,
  };
}

/** Without its blank lines, which follow the block they stand in. */
export function readableIds(births: Births, ids: readonly number[]): readonly number[] {
  const lines = ids.filter((id) => !isBlankLine(births.get(id).text));
  return lines.length === 0 ? ids : lines;
}

/** Nothing of the change is missing, and nothing that it deleted is back. */
export function isWhole(remains: Remains): boolean {
  return remains.surviving.length === remains.added && remains.returned === 0;
}

function isGone(remains: Remains): boolean {
  return remains.surviving.length === 0 && !remains.hasDescendants;
}

export interface Question {
  readonly births: Births;
  readonly effect: Effect;
  /** The tip that is asked about; null where the path is not there. */
  readonly tip: Population;
  /** The work tree, where the tip is its HEAD. */
  readonly work: Population | null;
  /** All of it is in work that is not committed yet, and new there. */
  readonly isOpen: boolean;
  /** A later step's own change took the lines away. */
  readonly undoneByStep: boolean;
  /** A commit before the tip held them. */
  readonly wasAnchored: boolean;
}

export interface Survival {
  readonly state: PatchState;
  readonly retention: number;
  readonly flags: readonly string[];
}

/**
 * What became of a change at a tip. `reverted` needs the exact inverse; anything else is `lost`.
 */
export function survivalOf(question: Question): Survival {
  const { births, effect, tip, work } = question;
  const atTip = remainsOf(births, effect, tip);
  const atWork = work === null ? null : remainsOf(births, effect, work);
  if (atTip.added === 0) return deletionSurvival(question, atTip);
  const flags = [
    ...((atTip.marks & (lineMarks.moved | lineMarks.renamed)) === 0 ? [] : ["moved"]),
    ...((atTip.marks & lineMarks.reformatted) === 0 ? [] : ["reformatted"]),
    ...(atTip.surviving.length > 0 && !isWhole(atTip) ? ["partial"] : []),
  ];
  const retention = atTip.surviving.length / atTip.added;
  return { state: stateOf(question, atTip, atWork), retention, flags };
}

function stateOf(question: Question, atTip: Remains, atWork: Remains | null): PatchState {
  if (isWhole(atTip)) return "alive";
  if (question.isOpen) return "pending";
  if (!isGone(atTip)) return "transformed";
  if (question.wasAnchored) return isInverse(question) ? "reverted" : "lost";
  if (atWork !== null && !isGone(atWork)) return "pending";
  if (question.undoneByStep) return isInverse(question) ? "reverted" : "lost";
  return "lost";
}

/** A pure deletion lives while the lines stay away. */
function deletionSurvival(question: Question, atTip: Remains): Survival {
  const { deleted, returned } = atTip;
  const retention = deleted === 0 ? 1 : (deleted - returned) / deleted;
  const flags = deleted === 0 ? [] : ["deletion"];
  if (returned === 0) return { state: "alive", retention, flags };
  if (question.isOpen) return { state: "pending", retention: 0, flags };
  const isReverted = returned === deleted && (question.wasAnchored || question.undoneByStep);
  if (isReverted) return { state: "reverted", retention, flags };
  return { state: returned === deleted ? "lost" : "transformed", retention, flags };
}

/**
 * True if what became of the change's lines is what stood there before them: nothing in place of a
 * pure addition, the deleted lines in place of a replacement.
 */
function isInverse({ births, effect, tip, work }: Question): boolean {
  const now = work ?? tip;
  const own = new Set(effect.added);
  const removed = new Set(effect.removed);
  const { lines, ids } = effect.after;
  for (const hunk of diffLines(lines, now.state.lines)) {
    const olds = Array.from(ids.subarray(oldIndexOf(hunk), oldIndexOf(hunk) + hunk.oldLines));
    if (!olds.some((id) => own.has(id))) continue;
    if (olds.some((id) => !own.has(id) && !isBlankLine(births.get(id).text))) return false;
    const first = newIndexOf(hunk);
    for (let index = first; index < first + hunk.newLines; index += 1) {
      const isBack = removed.has(now.state.ids[index] ?? -1);
      if (!isBack && !isBlankLine(now.state.lines[index] ?? "")) return false;
    }
  }
  return readableIds(births, effect.removed).every((id) => now.lineOf.has(id));
}
