import { readdir, rm, stat } from "node:fs/promises";
import * as path from "node:path";

import type { Op } from "../base/op.ts";
import type { StoreCounts } from "../model/answers.ts";
import { readPinned, writePinned } from "./pin-guard.ts";
import { listPins, removePins } from "./pins.ts";
import { readHead } from "./repository.ts";
import { git } from "./run.ts";
import { parseSessionRef, refPrefix } from "./session-ref.ts";
import { repackStore } from "./store-consolidate.ts";
import { storePlace } from "./store-folder.ts";
import type { PackJob } from "./store-pack.ts";

export interface CollectOptions {
  /** Sessions whose newest snapshot is older go, with all their snapshots; null: none. */
  readonly expireBeforeMs: number | null;
  readonly dryRun: boolean;
}

export interface Collected {
  readonly before: StoreCounts;
  readonly after: StoreCounts;
  /** Sessions whose snapshots went, or would go. */
  readonly expired: readonly string[];
}

interface SessionTip {
  readonly ref: string;
  readonly commit: string;
  readonly atMs: number;
}

/**
 * Lets expired sessions go, makes one pack of all that is left, and drops pins that nothing needs.
 *
 * What a kept snapshot borrows from a tree whose pin goes is copied into the store first. Old
 * packs go only once the new one holds all that they hold of kept snapshots. Needs the lock and an
 * empty write-ahead file.
 */
export async function collectStore(
  op: Op,
  job: PackJob,
  options: CollectOptions,
): Promise<Collected> {
  const tips = await sessionTips(op, job);
  const limitMs = options.expireBeforeMs ?? Number.NEGATIVE_INFINITY;
  const gone = tips.filter(({ atMs }) => atMs < limitMs);
  const expired = gone.map(({ ref }) => nameOf(ref)).toSorted();
  const before = await countStore(op, job, tips.length);
  if (options.dryRun) return { before, after: before, expired };
  await deleteRefs(op, job, gone);
  const kept = tips.filter((tip) => !gone.includes(tip));
  const wanted = await wantedBases(op, job, kept);
  await repackStore(op, job, { pinned: [...wanted.values()] });
  await writePinned(
    job.storeDir,
    [...wanted].map(([commit, tree]) => ({ commit, tree })),
  );
  const trees = new Set(wanted.values());
  await removePins(op, job.reader.repository, ({ tree }) => trees.has(tree));
  await removeLeftovers(job.storeDir);
  return { before, after: await countStore(op, job, kept.length), expired };
}

async function sessionTips(op: Op, job: PackJob): Promise<readonly SessionTip[]> {
  const { stdout } = await git(op, {
    ...storePlace(job.storeDir),
    args: ["for-each-ref", "--format=%(refname) %(objectname)", refPrefix],
  });
  const tips: SessionTip[] = [];
  for (const line of stdout.toString("latin1").split("\n")) {
    const [ref = "", commit = ""] = line.split(" ");
    const snapshot = commit === "" ? null : await job.reader.readSnapshot(op, commit);
    if (snapshot !== null) tips.push({ ref, commit, atMs: snapshot.atMs });
  }
  return tips;
}

function nameOf(ref: string): string {
  const session = parseSessionRef(ref);
  return session === null ? ref : `${session.harness}:${session.nativeId}`;
}

async function deleteRefs(op: Op, job: PackJob, gone: readonly SessionTip[]): Promise<void> {
  if (gone.length === 0) return;
  await git(op, {
    ...storePlace(job.storeDir),
    args: ["update-ref", "--stdin"],
    stdin: gone.map(({ ref, commit }) => `delete ${ref} ${commit}\n`).join(""),
  });
}

/** The pinned trees, by commit, that the newest kept snapshots stand on, and HEAD's. */
async function wantedBases(
  op: Op,
  job: PackJob,
  kept: readonly SessionTip[],
): Promise<ReadonlyMap<string, string>> {
  const commits = new Set<string | null>();
  if (kept.length > 0) commits.add((await readHead(op, job.reader.repository)).commit);
  for (const { commit } of kept) {
    commits.add((await job.reader.readSnapshot(op, commit))?.base ?? null);
  }
  const pins = await listPins(op, job.reader.repository);
  const held = new Set(pins.map((pin) => pin.tree));
  const wanted = new Map<string, string>();
  for (const { commit, tree } of await readPinned(job.storeDir)) {
    if (commit === null || tree === null) continue;
    if (commits.has(commit) && held.has(tree)) wanted.set(commit, tree);
  }
  return wanted;
}

async function countStore(op: Op, job: PackJob, sessions: number): Promise<StoreCounts> {
  const pins = await listPins(op, job.reader.repository);
  return { sessions, pins: pins.length, sizeBytes: await sizeOfStore(job.storeDir) };
}

/** Bytes of all files of a store. */
export async function sizeOfStore(storeDir: string): Promise<number> {
  const names = await readdir(storeDir, { recursive: true }).catch(() => []);
  const sizes = await Promise.all(
    names.map(async (name) => {
      const found = await stat(path.join(storeDir, name)).catch(() => null);
      return found?.isFile() === true ? found.size : 0;
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Drafts and index copies of processes that died. */
async function removeLeftovers(storeDir: string): Promise<void> {
  const names = await readdir(storeDir);
  const left = names.filter((name) => /^shim-index\.|\.tmp$/.test(name));
  for (const name of left) await rm(path.join(storeDir, name), { force: true });
}
