import type { Draft, Source } from "./carry.ts";
import { blockLinesMin, isDistinctive } from "./distinctive.ts";
import { hunksOfMatch, newIndexOf, oldIndexOf } from "./line-diff.ts";

/** Generations of earlier lines through which a restored line is looked for. */
const generationsMax = 8;

/** Dead lines of one text that are looked at; a text more common than that is no evidence. */
const deadMax = 64;

/**
 * Lines that stand again where they once stood are the ones of then: an undo, a revert, a revert
 * of the revert. The place is known by the neighbour, or by the line that is taken away again.
 *
 * Where nobody is known to have written a line, it may as well be one that another version has in
 * that place: of a branch that was merged, of another work tree.
 */
export function restoreInPlace(draft: Draft, matchOf: Int32Array, source: Source): void {
  const { births } = draft;
  const dead: Known = {
    ofText: (text) => births.deadWithText(text),
    at: (id) => births.deathOf(id),
  };
  const placed: Known = {
    ofText: (text) => births.placedWithText(text),
    at: (id) => births.placeOf(id),
  };
  const hasDead = hasAny(draft, dead);
  if (!hasDead && !hasAny(draft, placed)) return;
  const living = new Living(births.count, draft.before.ids);
  const mayLiveElsewhere = (index: number): boolean =>
    source.attribute(draft.after[index] ?? "", index) === null;
  for (const hunk of hunksOfMatch(matchOf, draft.before.lines.length)) {
    const first = newIndexOf(hunk);
    const region = {
      first,
      last: first + hunk.newLines - 1,
      old: oldIndexOf(hunk),
      oldLines: hunk.oldLines,
    };
    if (hasDead) {
      restoreBeside(draft, region, { living, known: dead, isAllowed: () => true });
      restoreReplaced(draft, region, living);
    }
    restoreBeside(draft, region, { living, known: placed, isAllowed: mayLiveElsewhere });
  }
}

/** Which births stand in a content, by id. */
class Living {
  readonly #flags: Uint8Array;

  constructor(count: number, ids: Int32Array) {
    this.#flags = new Uint8Array(count);
    this.addAll(ids);
  }

  addAll(ids: Int32Array): void {
    const flags = this.#flags;
    for (const id of ids) if (id >= 0) flags[id] = 1;
  }

  has(id: number): boolean {
    return this.#flags[id] === 1;
  }

  add(id: number): void {
    this.#flags[id] = 1;
  }
}

/** Lines of a text, and between which others each of them stood. */
interface Known {
  ofText(text: string): readonly number[];
  at(id: number): { readonly previous: number; readonly next: number } | undefined;
}

interface Beside {
  readonly living: Living;
  readonly known: Known;
  isAllowed(index: number): boolean;
}

/** From the line above on, then from the line below. */
function restoreBeside(draft: Draft, { first, last }: Region, beside: Beside): void {
  const { ids, after } = draft;
  const end = after.length - 1;
  const restore = (index: number, side: "previous" | "next"): void => {
    if (ids[index] !== -1) return;
    const isAtEnd = index === (side === "previous" ? 0 : end);
    const neighbour = ids[side === "previous" ? index - 1 : index + 1] ?? -1;
    if ((!isAtEnd && neighbour === -1) || !beside.isAllowed(index)) return;
    const wanted = isAtEnd ? -1 : neighbour;
    const id = candidatesAt(draft, index, beside).find(
      (other) => beside.known.at(other)?.[side] === wanted,
    );
    if (id !== undefined) revive(draft, index, id, beside.living);
  };
  for (let index = first; index <= last; index += 1) restore(index, "previous");
  for (let index = last; index >= first; index -= 1) restore(index, "next");
}

function candidatesAt(
  draft: Draft,
  index: number,
  { known, living }: Pick<Beside, "known" | "living">,
): readonly number[] {
  const found = known.ofText(draft.after[index] ?? "");
  return found.length > deadMax ? [] : found.filter((id) => !living.has(id));
}

function hasAny({ after, ids, open }: Draft, known: Known): boolean {
  return open.some((at) => ids[at] === -1 && known.ofText(after[at] ?? "").length > 0);
}

interface Region {
  readonly first: number;
  readonly last: number;
  readonly old: number;
  readonly oldLines: number;
}

/** A line that the removed ones had replaced comes back when they go. */
function restoreReplaced(draft: Draft, region: Region, living: Living): void {
  const earlier = new Map<string, number>();
  for (let old = region.old; old < region.old + region.oldLines; old += 1) {
    if (draft.used[old] === 1) continue;
    let id = draft.before.ids[old];
    for (let generation = 0; generation < generationsMax; generation += 1) {
      id = id === undefined ? undefined : draft.births.get(id).ancestors[0]?.birth;
      if (id === undefined) break;
      const { text } = draft.births.get(id);
      if (!living.has(id) && !earlier.has(text)) earlier.set(text, id);
    }
  }
  for (let index = region.first; index <= region.last; index += 1) {
    if (draft.ids[index] !== -1) continue;
    const id = earlier.get(draft.after[index] ?? "");
    if (id !== undefined && !living.has(id)) revive(draft, index, id, living);
  }
}

/** Blocks that went away earlier and now stand elsewhere; the rule of moved lines holds. */
export function restoreMoved(draft: Draft): void {
  if (!hasDead(draft)) return;
  const living = new Living(draft.births.count, draft.before.ids);
  living.addAll(draft.ids);
  for (const index of draft.open) {
    if (draft.ids[index] !== -1 || draft.after[index]?.trim() === "") continue;
    const candidates = deadAt(draft, index, living);
    let best: readonly number[] = [];
    for (const dead of candidates) {
      const block = blockFrom(draft, index, dead, living);
      if (block.length > best.length) best = block;
    }
    const lines = draft.after.slice(index, index + best.length);
    if (!isDistinctive(lines)) continue;
    if (best.length < blockLinesMin && !isSole(draft, index, candidates)) continue;
    best.forEach((id, step) => revive(draft, index + step, id, living));
  }
}

/** True if one of the open lines reads like one that went away: else nothing can come back. */
function hasDead({ births, after, ids, open }: Draft): boolean {
  return open.some((at) => ids[at] === -1 && births.deadWithText(after[at] ?? "").length > 0);
}

/** Dead lines that were born one after the other and read like the lines from `index` on. */
function blockFrom(draft: Draft, index: number, dead: number, living: Living): number[] {
  const block = [dead];
  for (let at = index + 1; at < draft.after.length && draft.ids[at] === -1; at += 1) {
    const last = draft.births.get(block.at(-1) ?? dead);
    const next = deadAt(draft, at, living).find((id) => {
      const birth = draft.births.get(id);
      return birth.change === last.change && birth.line === last.line + 1;
    });
    if (next === undefined) break;
    block.push(next);
  }
  return block;
}

function isSole(draft: Draft, index: number, candidates: readonly number[]): boolean {
  const text = draft.after[index];
  const isOnce = draft.after.indexOf(text ?? "") === draft.after.lastIndexOf(text ?? "");
  return candidates.length === 1 && isOnce;
}

function deadAt(draft: Draft, index: number, living: Living): readonly number[] {
  const dead = draft.births.deadWithText(draft.after[index] ?? "");
  return dead.length > deadMax ? [] : dead.filter((id) => !living.has(id));
}

function revive(draft: Draft, index: number, id: number, living: Living): void {
  draft.ids[index] = id;
  living.add(id);
}
