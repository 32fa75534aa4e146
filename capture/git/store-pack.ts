import * as path from "node:path";

import { assert } from "../base/errors.ts";
import type { Op } from "../base/op.ts";
import { type ObjectFormat, zeroOid } from "./objects.ts";
import { type PackEntry, writePack } from "./pack-file.ts";
import type { RefMove, RefMover } from "./ref-mover.ts";
import { gitLine } from "./run.ts";
import { formatSnapshotCommit } from "./snapshot-commit.ts";
import { storePlace } from "./store-folder.ts";
import type { StoreReader } from "./store-reader.ts";
import type { Wal } from "./wal.ts";

export interface PackJob {
  readonly storeDir: string;
  readonly format: ObjectFormat;
  readonly reader: StoreReader;
  readonly refs: RefMover;
}

/**
 * Moves what is in the write-ahead file into a pack and the refs, then empties the file.
 *
 * Needs the store's lock. May die anywhere: the file is only emptied last, and doing it all again
 * gives the same pack and finds the refs moved.
 */
export async function packPending(op: Op, job: PackJob): Promise<void> {
  const { wal } = job.reader;
  if (wal.snapshots === 0) return;
  await writePack(path.join(job.storeDir, "objects", "pack"), job.format, pendingOf(wal));
  await job.refs.move(op, await movesOf(op, job));
  await wal.reset();
}

function pendingOf(wal: Wal): readonly PackEntry[] {
  return [...wal.objects.values()].map((object) => {
    const stored = wal.readStored(object);
    assert(stored !== null, `object ${object.oid} left the write-ahead file under the lock`);
    return { ...object, stored };
  });
}

async function movesOf(op: Op, job: PackJob): Promise<readonly RefMove[]> {
  const zero = zeroOid(job.format);
  const moves: RefMove[] = [];
  for (const [ref, { commit, refBefore }] of job.reader.wal.tips) {
    const now = (await job.reader.refTip(op, ref)) ?? zero;
    if (now === commit) continue;
    const to =
      now === refBefore || now === zero ? commit : await joinChains(op, job, [commit, now]);
    moves.push({ ref, to, from: now });
  }
  return moves;
}

/**
 * The shim took snapshots with plain git while ours waited in the file: one commit follows both,
 * with the later one's tree, so that neither is lost.
 */
async function joinChains(
  op: Op,
  job: PackJob,
  parents: readonly [ours: string, theirs: string],
): Promise<string> {
  const [ours, theirs] = await Promise.all(parents.map((oid) => job.reader.readSnapshot(op, oid)));
  assert(
    ours !== null && ours !== undefined,
    "a snapshot left the write-ahead file under the lock",
  );
  // Somebody moved the ref to what is no snapshot of ours.
  if (theirs === null || theirs === undefined) return ours.commit;
  const later = theirs.atMs >= ours.atMs ? theirs : ours;
  const body = formatSnapshotCommit({ ...later, parents, cause: "idle", skipped: [] });
  return gitLine(op, {
    ...storePlace(job.storeDir),
    args: ["hash-object", "-t", "commit", "-w", "--stdin"],
    stdin: body,
  });
}
