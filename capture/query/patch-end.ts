import type { Op } from "../base/op.ts";
import { stepNumber } from "../model/ids.ts";
import type { TrackedPatch } from "../model/answers.ts";
import { unknownOwner } from "../trail/cause.ts";
import type { Effect, LedgerChange, PathLedger } from "../trail/path-ledger.ts";
import type { Population } from "../trail/survival.ts";
import { isOlderThan } from "./commit-order.ts";
import type { PathCommits } from "./path-commits.ts";
import type { RepoContext } from "./repo-context.ts";

export type Ender = NonNullable<TrackedPatch["by"]>;

/** The last change that was seen to undo something of another one. */
export interface Remover {
  readonly change: LedgerChange;
  readonly by: Ender;
}

/**
 * The last change by which lines that are missing at a tip went away, or deleted ones came back, as
 * far as snapshots tell. What git moved by itself ends nothing: the commits tell more.
 */
export function removerOf(
  ledger: PathLedger,
  effect: Effect,
  tip: { readonly population: Population; readonly isHead: boolean },
): Remover | null {
  const isAddition = effect.added.length > 0;
  const { lineOf } = tip.population;
  const own = new Set(
    isAddition
      ? effect.added.filter((id) => !lineOf.has(id))
      : effect.removed.filter((id) => lineOf.has(id)),
  );
  const at = ledger.effects.findIndex(({ change }) => change === effect.change);
  const undone = (later: Effect): boolean => {
    if (later.change.git?.isWhole === true) return false;
    if (isAddition) return later.removed.some((id) => own.has(id));
    const before = new Set(later.before.ids);
    return later.after.ids.some((id) => own.has(id) && !before.has(id));
  };
  for (const later of ledger.effects.slice(at + 1).toReversed()) {
    if (!undone(later)) continue;
    // Of another branch only what it took over counts there.
    if (!tip.isHead && !later.added.some((id) => lineOf.has(id))) return null;
    const by = whoDid(ledger, later);
    const { git } = later.change;
    const isCommitted = git !== undefined && git.hasMoved && git.isHeads;
    if (by.kind !== "unknown" || !isCommitted) return { change: later.change, by };
  }
  return null;
}

function whoDid(ledger: PathLedger, { change, added }: Effect): Ender {
  const [first] = added;
  const attribution = first === undefined ? null : ledger.births.get(first).attribution;
  const { kind, step } = (change.cause("", -1) ?? attribution)?.owner ?? unknownOwner;
  if (step === null) return { kind, id: null };
  return { kind, id: `${step.trace}:${stepNumber(step.agent, step.index)}` };
}

/**
 * Who ended a change that is not whole at a tip: a step or the user, where they were seen to; else
 * the commit that followed the last one with all of it, or the first that took only a part.
 */
export async function enderOf(
  op: Op,
  context: RepoContext,
  effect: Effect,
  found: {
    readonly commits: PathCommits;
    readonly holder: Awaited<ReturnType<PathCommits["lastHolder"]>>;
    readonly remover: Remover | null;
  },
): Promise<Ender | null> {
  const { commits, holder, remover } = found;
  if (holder !== null) {
    const isSeen =
      remover !== null &&
      remover.by.kind !== "unknown" &&
      (await isOlderThan(op, context, holder.commit, remover.change));
    if (isSeen) return remover.by;
    if (holder.next !== null) return { kind: "commit", id: holder.next.sha };
  }
  if (remover !== null) return remover.by;
  const part = effect.added.length === 0 ? null : await commits.firstPart(op, effect);
  return part === null ? null : { kind: "commit", id: part.sha };
}
