import type { Op } from "../base/op.ts";
import { readText } from "../bucket/blobs.ts";
import type { UnitPlace } from "../bucket/units.ts";
import type { DiffAnswer } from "../model/answers.ts";
import type { PatchRecord, PatchSide } from "../model/trail.ts";
import { type DiffSide, hiddenContent, unifiedDiff } from "../trail/unified-diff.ts";
import type { Address } from "./address.ts";
import { selectedPatches } from "./session-patches.ts";

/**
 * What the selected steps changed, as one unified diff of gated text: successive patches of a path
 * are joined where they meet, and stand one after the other where something came between.
 */
export async function stepDiff(
  op: Op,
  request: { readonly place: UnitPlace; readonly selected: Address },
): Promise<DiffAnswer> {
  const { view, patches } = await selectedPatches(op, request);
  const parts: string[] = [];
  for (const { first, last } of joined(patches)) {
    const before = await diffSide(view.place.dir, first.from ?? first.path, first.before);
    const after = await diffSide(view.place.dir, last.path, last.after);
    parts.push(unifiedDiff(before, after));
  }
  return { patch: parts.join("") };
}

interface Joined {
  readonly path: string;
  readonly first: PatchRecord;
  readonly last: PatchRecord;
}

function joined(patches: readonly PatchRecord[]): readonly Joined[] {
  const done: Joined[] = [];
  for (const patch of patches) {
    const at = done.findLastIndex(({ last }) => last.path === (patch.from ?? patch.path));
    const open = done[at];
    if (open !== undefined && meets(open.last.after, patch.before)) {
      done[at] = { path: patch.path, first: open.first, last: patch };
    } else {
      done.push({ path: patch.path, first: patch, last: patch });
    }
  }
  return done.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

function meets(after: PatchSide | null, before: PatchSide | null): boolean {
  if (after === null || before === null) return after === before;
  if (after.oid !== null && before.oid !== null) return after.oid === before.oid;
  return JSON.stringify(after.text) === JSON.stringify(before.text);
}

async function diffSide(
  unitDir: string,
  path: string,
  side: PatchSide | null,
): Promise<DiffSide | null> {
  if (side === null) return null;
  // A side that was never recorded has no id either: what is known stands against nothing.
  const unread = side.oid === null ? "" : hiddenContent;
  const text = side.text === null ? unread : await readText(unitDir, side.text);
  return { path, text, mode: side.mode };
}
