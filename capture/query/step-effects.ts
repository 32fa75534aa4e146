import type { StepCandidate } from "../model/trail.ts";
import type { Effect, PathLedger } from "../trail/path-ledger.ts";

/** What a step did to a path, change by change: of a change that others share, its own part. */
export function effectsOfStep(ledger: PathLedger, step: StepCandidate): readonly Effect[] {
  return ledger.effects
    .filter((effect) => stepsOfEffect(ledger, effect).some((other) => isSameStep(other, step)))
    .map((effect) => effectOfStep(ledger, effect, step));
}

/** The steps that are credited with lines of a change; else the one that made it. */
export function stepsOfEffect(ledger: PathLedger, effect: Effect): readonly StepCandidate[] {
  const steps: StepCandidate[] = [];
  const add = (step: StepCandidate | null | undefined): void => {
    if (step === null || step === undefined) return;
    if (!steps.some((known) => isSameStep(known, step))) steps.push(step);
  };
  for (const id of effect.added) add(ledger.births.get(id).attribution?.owner.step);
  const { added, removed } = effect;
  const isGits = removed.length > 0 && removed.every((id) => ledger.births.get(id).isBrought);
  // A deletion, a binary file, a new format or mode of what others wrote.
  const isOwn = added.length === 0 && !isGits && isChange(effect);
  if (isOwn) add(effect.change.cause("", -1)?.owner.step);
  return steps;
}

/** False for a write of what was there already: where snapshots saw a change, there is one. */
function isChange({ change: { before, after, from, path, sinceMs } }: Effect): boolean {
  const isSame = before !== undefined && (before?.key ?? null) === (after?.key ?? null);
  return !isSame || sinceMs !== null || (from !== null && from !== path);
}

/** The lines of a change that are one step's: what others wrote meanwhile is not its patch. */
export function effectOfStep(ledger: PathLedger, effect: Effect, step: StepCandidate): Effect {
  const isOwn = (id: number): boolean => {
    const owner = ledger.births.get(id).attribution?.owner.step ?? null;
    return owner !== null && isSameStep(owner, step);
  };
  const added = effect.added.filter(isOwn);
  if (added.length === effect.added.length) return effect;
  const deletion = effect.change.cause("", -1)?.owner.step ?? null;
  if (deletion !== null && isSameStep(deletion, step)) return { ...effect, added };
  const replaced = new Set(
    added.flatMap((id) => ledger.births.get(id).ancestors.map(({ birth }) => birth)),
  );
  return { ...effect, added, removed: effect.removed.filter((id) => replaced.has(id)) };
}

function isSameStep(one: StepCandidate, other: StepCandidate): boolean {
  return one.trace === other.trace && one.agent === other.agent && one.index === other.index;
}
