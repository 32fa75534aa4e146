import type { Op } from "../base/op.ts";
import type { SnapshotEvent } from "../model/events.ts";
import { traceIdOf } from "../model/ids.ts";
import type { Gate } from "../security/gate-line.ts";
import { ObservedPatches, type SnapshotReader } from "./observed-patches.ts";
import type { UnitIngest } from "./unit-ingest.ts";

/** The fold from a unit's snapshots to `trail.live.jsonl`, brought up to its events. */
export class ObservedFold {
  readonly #folds = new WeakMap<UnitIngest, ObservedPatches>();

  /**
   * Adds the patches of every snapshot that came since. Snapshots whose store is gone are passed
   * over: what they showed can no longer be told.
   */
  async catchUp(
    op: Op,
    unit: UnitIngest,
    sources: { gate: Gate; readerOf(root: string): Promise<SnapshotReader | null> },
  ): Promise<void> {
    const from = unit.observedUpTo;
    const snapshots = unit.events.filter((event) => event.r === "snapshot");
    for (const [at, to] of snapshots.entries()) {
      if (to.seq < from) continue;
      const before = snapshots.slice(0, at).findLast((other) => isSameTree(other, to));
      if (before === undefined || before.tree === to.tree) continue;
      const reader = await sources.readerOf(to.root);
      if (reader === null) continue;
      const fold = this.#foldOf(unit, sources.gate);
      await unit.addObservedPatches(await fold.between(op, reader, { from: before, to }));
    }
    unit.observedUpTo = unit.events.length;
  }

  #foldOf(unit: UnitIngest, gate: Gate): ObservedPatches {
    const known = this.#folds.get(unit);
    if (known !== undefined) return known;
    const trace = traceIdOf(unit.place.harness, unit.place.nativeId);
    const fold = new ObservedPatches(trace, gate, unit.unit.blobs);
    for (const patch of unit.observedPatches) fold.seen(patch);
    this.#folds.set(unit, fold);
    return fold;
  }
}

function isSameTree(a: SnapshotEvent, b: SnapshotEvent): boolean {
  return a.root === b.root && a.worktree === b.worktree;
}
