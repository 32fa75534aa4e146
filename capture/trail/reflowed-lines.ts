import type { Attribution, Birth, Piece } from "./births.ts";
import { type Draft, lineMarks, type Source } from "./carry.ts";
import { unknownOwner } from "./cause.ts";
import { hunksOfMatch, newIndexOf, oldIndexOf } from "./line-diff.ts";
import { type Reflow, reflowsOf } from "./reflow.ts";

/**
 * Lines that were broken or joined keep their owner: whoever reflows a text did not write it.
 *
 * Where every token is the same, the new lines are the old ones; where a formatter's punctuation
 * differs they descend from them.
 */
export function bearReflowed(draft: Draft, matchOf: Int32Array, source: Source): void {
  for (const hunk of hunksOfMatch(matchOf, draft.before.lines.length)) {
    const olds = open(oldIndexOf(hunk), hunk.oldLines, (old) => draft.used[old] === 0);
    const news = open(newIndexOf(hunk), hunk.newLines, (index) => draft.ids[index] === -1);
    const reflows = reflowsOf(
      olds.map((old) => draft.before.lines[old] ?? ""),
      news.map((index) => draft.after[index] ?? ""),
    );
    for (const reflow of reflows) bearOne(draft, { reflow, olds, news }, source);
  }
}

function open(start: number, length: number, isOpen: (index: number) => boolean): number[] {
  return Array.from({ length }, (_, step) => start + step).filter(isOpen);
}

interface Found {
  readonly reflow: Reflow;
  readonly olds: readonly number[];
  readonly news: readonly number[];
}

function bearOne(draft: Draft, { reflow, ...at }: Found, { change, isPassing }: Source): void {
  const { births, before } = draft;
  const olds = reflow.olds.map((position) => at.olds[position] ?? -1);
  const ids = olds.map((old) => before.ids[old] ?? -1);
  const origins = ids.map((id) => births.get(id));
  const shared = sharedPart(origins);
  const isBrought = origins.every((origin) => origin.isBrought);
  for (const position of reflow.news) {
    const line = at.news[position] ?? -1;
    const text = draft.after[line] ?? "";
    const pieces: Piece[] = ids.map((birth) => ({ birth, of: reflow.news.length }));
    const ancestors = ids.map((birth) => ({ birth, how: "derived" as const }));
    draft.ids[line] = births.add(
      reflow.isExact
        ? { ...shared, text, change, line, ancestors: [], pieces, isBrought }
        : { ...shared, text, change, line, ancestors, isBrought },
    );
    draft.marks[line] = lineMarks.reformatted;
  }
  for (const old of olds) {
    draft.used[old] = 1;
    if (isPassing === true) continue;
    const death = { previous: before.ids[old - 1] ?? -1, next: before.ids[old + 1] ?? -1 };
    births.bury(before.ids[old] ?? -1, death);
  }
}

/** What lines that became one have in common; where their owners differ, none is credited. */
function sharedPart(origins: readonly Birth[]): Pick<Birth, "attribution" | "seenAtMs"> {
  const [first] = origins;
  const seen = origins.flatMap(({ seenAtMs }) => seenAtMs ?? []);
  const seenAtMs = seen.length === 0 ? null : Math.min(...seen);
  const attributions = origins.map(({ attribution }) => attribution);
  const isOne = attributions.every((other) => nameOf(other) === nameOf(first?.attribution ?? null));
  if (isOne) return { attribution: first?.attribution ?? null, seenAtMs };
  const candidates = new Map(
    attributions.flatMap((attribution) => {
      const step = attribution?.owner.step ?? null;
      return step === null ? [] : [[nameOf(attribution), step] as const];
    }),
  );
  const owner = { ...unknownOwner, candidates: [...candidates.values()] };
  return { attribution: { owner, evidence: "none" }, seenAtMs };
}

function nameOf(attribution: Attribution | null): string {
  return JSON.stringify(attribution?.owner ?? null);
}
