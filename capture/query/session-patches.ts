import type { Op } from "../base/op.ts";
import type { UnitPlace } from "../bucket/units.ts";
import type { PatchRecord, StepCandidate } from "../model/trail.ts";
import {
  type PatchSides,
  type PatchSketch,
  planChanges,
  type SessionEvidence,
} from "../trail/path-changes.ts";
import { PathLedger } from "../trail/path-ledger.ts";
import type { Address } from "./address.ts";
import { addedLines } from "./path-patches.ts";
import { SideReader } from "./side-reader.ts";
import { stepsOfEffect } from "./step-effects.ts";
import { UnitView } from "./unit-view.ts";

/** A patch with the steps of its session that made it; none for what lies between their windows. */
export interface SessionPatch {
  readonly patch: PatchRecord;
  readonly steps: readonly StepCandidate[];
}

/**
 * The patches of one session by its own evidence alone, in order of time: needs no repository, so
 * it works for a unit that was copied elsewhere.
 */
async function sessionPatches(op: Op, view: UnitView): Promise<readonly SessionPatch[]> {
  const root = view.session?.repository?.root ?? view.session?.cwd ?? "/";
  const windows = await view.readWindows();
  const events = await view.readEvents();
  const session: SessionEvidence = { trace: view.trace, root, windows, events };
  const byPath = new Map<string, (PatchSketch & { readonly sides: PatchSides })[]>();
  const records = new Map<string, PatchRecord>();
  const sides = new SideReader(null, view.place.dir);
  for (const entry of await view.readEntries()) {
    const patch = await view.readPatch(entry);
    if (patch === undefined) continue;
    const before = await sides.read(op, patch.before);
    const after = await sides.read(op, patch.after);
    const known =
      after ?? (patch.after === null ? null : { key: `unread:${patch.id}`, lines: null });
    const { path, from = null } = patch;
    const told = entry.isObserved ? [] : addedLines(patch, known);
    const sketch = { session, agent: entry.agent, patch, path, from, told };
    const found = { ...sketch, afterKey: known?.key ?? null, sides: { before, after: known } };
    byPath.set(path, [...(byPath.get(path) ?? []), found]);
    records.set(patch.id, patch);
  }
  const found: (SessionPatch & { readonly atMs: number })[] = [];
  for (const patches of byPath.values()) {
    // Both sides come from the bucket, where equal lines are redacted equally.
    const hashOf = (): string => "";
    const ledger = new PathLedger(hashOf);
    for (const change of planChanges(patches, [session], hashOf)) {
      ledger.replay(change.make(change.patch.sides));
    }
    for (const effect of ledger.effects) {
      const patch = records.get(effect.change.patch);
      if (patch === undefined) continue;
      found.push({ patch, steps: stepsOfEffect(ledger, effect), atMs: effect.change.atMs });
    }
  }
  return found.toSorted((a, b) => a.atMs - b.atMs || (a.patch.path < b.patch.path ? -1 : 1));
}

/** The patches of the steps that an address selects, in order. */
export async function selectedPatches(
  op: Op,
  { place, selected }: { readonly place: UnitPlace; readonly selected: Address },
): Promise<{ readonly view: UnitView; readonly patches: readonly PatchRecord[] }> {
  const view = new UnitView(place);
  await view.refresh();
  const all = (await sessionPatches(op, view)).filter(({ steps }) => steps.length > 0);
  const isOurs = selectorOf(selected, all);
  const patches = all.filter(({ steps }) => steps.some(isOurs)).map(({ patch }) => patch);
  return { view, patches };
}

function selectorOf(
  { agent, selection }: Address,
  all: readonly SessionPatch[],
): (step: StepCandidate) => boolean {
  const inFile = (step: StepCandidate): boolean => step.agent === agent;
  switch (selection.kind) {
    case "all":
      return agent === null ? () => true : inFile;
    case "step":
      return (step) => inFile(step) && step.index === selection.index;
    case "range":
      return (step) => inFile(step) && step.index >= selection.from && step.index <= selection.to;
    case "last": {
      const last = Math.max(
        ...all.flatMap(({ steps }) => steps.filter(inFile)).map(({ index }) => index),
      );
      return (step) => inFile(step) && step.index === last;
    }
  }
}
