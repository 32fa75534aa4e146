import type { StepCandidate } from "../model/trail.ts";
import type { Effect, PathLedger } from "../trail/path-ledger.ts";

/** The changes of a path that a step made, or had a part in. */
export function effectsOfStep(ledger: PathLedger, step: StepCandidate): readonly Effect[] {
  return ledger.effects.filter((effect) =>
    stepsOfEffect(ledger, effect).some((other) => isSameStep(other, step)),
  );
}

/** The steps that are credited with lines of a change; of a pure deletion, the one that did it. */
export function stepsOfEffect(ledger: PathLedger, effect: Effect): readonly StepCandidate[] {
  const steps: StepCandidate[] = [];
  const add = (step: StepCandidate | null | undefined): void => {
    if (step === null || step === undefined) return;
    if (!steps.some((known) => isSameStep(known, step))) steps.push(step);
  };
  for (const id of effect.added) add(ledger.births.get(id).attribution?.owner.step);
  const isGits = effect.removed.every((id) => ledger.births.get(id).isBrought);
  if (effect.added.length === 0 && !isGits) {
    add(effect.change.cause("", -1)?.owner.step);
  }
  const isBinary = effect.change.after !== null && effect.change.after.lines === null;
  if (isBinary) add(effect.change.cause("", -1)?.owner.step);
  return steps;
}

function isSameStep(one: StepCandidate, other: StepCandidate): boolean {
  return one.trace === other.trace && one.agent === other.agent && one.index === other.index;
}
