import * as path from "node:path";

import type { Op } from "../base/op.ts";
import { listPins } from "./pins.ts";
import { git } from "./run.ts";
import { storePlace } from "./store-folder.ts";
import type { PackJob } from "./store-pack.ts";
import type { StoredSnapshot } from "./store-reader.ts";

/** Cause of the snapshots that the hook shim took with plain git. */
export const shimCause = "shim";

/**
 * Makes the store whole after snapshots that the shim took with plain git.
 *
 * git does not write an object that the user's database has already, such as a blob that
 * `git add` left loose: nothing but the user's index may keep that alive. So what those snapshots
 * hold beyond the pins is packed into the store. Needs the lock.
 */
export async function adoptShimSnapshots(op: Op, job: PackJob, tip: StoredSnapshot): Promise<void> {
  const older = await oldestBeforeShim(op, job, tip);
  const pins = await listPins(op, job.reader.repository);
  const known = [...older, ...pins.map((pin) => pin.tree)];
  const { stdout } = await git(op, {
    ...storePlace(job.storeDir),
    args: ["rev-list", "--objects", "--stdin"],
    stdin: `${[tip.commit, ...known.map((oid) => `^${oid}`)].join("\n")}\n`,
  });
  const oids = stdout
    .toString("latin1")
    .split("\n")
    .flatMap((line) => line.split(" ")[0] ?? [])
    .filter((oid) => oid !== "");
  await git(op, {
    ...storePlace(job.storeDir),
    args: ["pack-objects", "--quiet", path.join(job.storeDir, "objects", "pack", "pack")],
    stdin: `${oids.join("\n")}\n`,
  });
}

/** The snapshots that the shim built upon: those are in our own packs. */
async function oldestBeforeShim(
  op: Op,
  job: PackJob,
  tip: StoredSnapshot,
): Promise<readonly string[]> {
  let now: StoredSnapshot | null = tip;
  while (now !== null && now.cause === shimCause) {
    const parent: string | undefined = now.parents[0];
    if (parent === undefined) return [];
    now = await job.reader.readSnapshot(op, parent);
  }
  return now === null || job.reader.wal.objects.has(now.commit) ? [] : [now.commit];
}
