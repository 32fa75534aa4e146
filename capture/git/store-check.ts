import type { Op } from "../base/op.ts";
import { readPinned } from "./pin-guard.ts";
import { listPins } from "./pins.ts";
import type { Repository } from "./repository.ts";
import { git } from "./run.ts";
import { storeDirOf, storePlace } from "./store-folder.ts";
import { sizeOfStore } from "./store-gc.ts";
import { StoreReader } from "./store-reader.ts";

export interface StoreHealth {
  readonly sessions: number;
  readonly sizeBytes: number;
  /** Trees that snapshots borrow from and that no pin keeps. */
  readonly unpinned: number;
  /** Objects that packed snapshots need and that are nowhere; at most {@link missingMax}. */
  readonly missing: number;
}

const missingMax = 1_000;

/** How whole a store is. Reads everything that its snapshots hold; changes nothing. */
export async function checkStore(op: Op, repository: Repository): Promise<StoreHealth> {
  const storeDir = storeDirOf(repository);
  using reader = new StoreReader(repository);
  const sessions = await reader.sessions(op);
  const held = new Set((await listPins(op, repository)).map(({ tree }) => tree));
  const pinned = new Set((await readPinned(storeDir)).map(({ tree }) => tree));
  const { stdout } = await git(op, {
    ...storePlace(storeDir),
    args: ["rev-list", "--objects", "--all", "--missing=print", "--no-object-names"],
  });
  let missing = 0;
  for (const line of stdout.toString("latin1").split("\n")) {
    if (line.startsWith("?") && missing < missingMax) missing += 1;
  }
  const unpinned = [...pinned].filter((tree) => tree !== null && !held.has(tree)).length;
  return { sessions: sessions.length, sizeBytes: await sizeOfStore(storeDir), unpinned, missing };
}
