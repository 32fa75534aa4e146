import { readdir, readFile, rm, stat } from "node:fs/promises";
import * as path from "node:path";

import { OtError } from "../base/errors.ts";
import type { Op } from "../base/op.ts";
import { git, gitLine } from "./run.ts";
import { storePlace } from "./store-folder.ts";
import type { PackJob } from "./store-pack.ts";

/** More packs than this are made fewer. */
const packsMax = 20;
const looseMax = 500;
/** A pack that is so many times larger than all smaller ones together is left as it is. */
const keptRatio = 2;

const packSettings = ["pack.threads=1", "pack.windowMemory=64m", "pack.packSizeLimit=0"];

/** Effort for deltas: more when a person asked for the smallest store. */
const efforts = {
  idle: ["--window=50", "--depth=50"],
  asked: ["--window=250", "--depth=250"],
} as const;

interface OwnPack {
  readonly index: string;
  readonly sizeBytes: number;
}

/**
 * Makes one pack of many, and of the loose objects that the shim left; false if there was no need.
 *
 * The list is explicit: our own packs' and loose objects, none of the user's. An old pack goes
 * only when each of its objects is in the new one. Needs the lock.
 */
export async function consolidate(op: Op, job: PackJob): Promise<boolean> {
  const packDir = path.join(job.storeDir, "objects", "pack");
  const packs = await ownPacks(packDir);
  const loose = await listLoose(job.storeDir);
  if (packs.length <= packsMax && loose.length <= looseMax) return false;
  const old = worthMerging(packs);
  const lists = await Promise.all(old.map(({ index }) => listPack(op, job, index)));
  const oids = new Set([...lists.flat(), ...loose.map(({ oid }) => oid)]);
  const made = await packObjects(op, job, {
    lines: await namedObjects(op, job, oids),
    effort: "idle",
  });
  const kept = new Set(await listPack(op, job, made));
  if (![...oids].every((oid) => kept.has(oid))) return false;
  for (const { index } of old) if (index !== made) await removePack(packDir, index);
  for (const { file } of loose) await rm(file, { force: true });
  return true;
}

/**
 * Makes one pack of all that snapshots hold beyond the `pinned` trees, wherever it lies now.
 *
 * What no ref of the store leads to is dropped; what a snapshot borrowed from any other tree of
 * the user's is the store's own from then on. Nothing is removed before the new pack holds it.
 */
export async function repackStore(
  op: Op,
  job: PackJob,
  { pinned }: { readonly pinned: readonly string[] },
): Promise<void> {
  const packDir = path.join(job.storeDir, "objects", "pack");
  const old = await ownPacks(packDir);
  const loose = await listLoose(job.storeDir);
  const lines = await reachable(op, job, pinned);
  const made = lines.length === 0 ? "" : await packObjects(op, job, { lines, effort: "asked" });
  const kept = new Set(made === "" ? [] : await listPack(op, job, made));
  const missing = lines.find((line) => !kept.has(line.split(" ", 1)[0] ?? ""));
  if (missing !== undefined) {
    throw new OtError("data-damaged", `Object ${missing} did not get into the store's new pack.`);
  }
  for (const { index } of old) if (index !== made) await removePack(packDir, index);
  for (const { file } of loose) await rm(file, { force: true });
}

/** `<oid> <path>` of each object; one that is missing already is passed over. */
async function reachable(
  op: Op,
  job: PackJob,
  pinned: readonly string[],
): Promise<readonly string[]> {
  const { stdout } = await git(op, {
    ...storePlace(job.storeDir),
    args: ["rev-list", "--objects", "--missing=allow-any", "--all", "--stdin"],
    stdin: pinned.map((tree) => `^${tree}\n`).join(""),
  });
  return stdout
    .toString("latin1")
    .split("\n")
    .filter((line) => line !== "");
}

/** From the smallest up, as long as the next one is not far larger than those before it. */
function worthMerging(packs: readonly OwnPack[]): readonly OwnPack[] {
  const ordered = packs.toSorted((a, b) => a.sizeBytes - b.sizeBytes);
  let smallerBytes = 0;
  let count = 0;
  for (const [at, { sizeBytes }] of ordered.entries()) {
    if (at < packsMax || sizeBytes <= smallerBytes * keptRatio) count = at + 1;
    smallerBytes += sizeBytes;
  }
  return ordered.slice(0, count);
}

async function ownPacks(packDir: string): Promise<readonly OwnPack[]> {
  const names = (await readdir(packDir)).filter((name) => name.endsWith(".idx")).toSorted();
  return Promise.all(
    names.map(async (index) => {
      const pack = path.join(packDir, `${index.slice(0, -".idx".length)}.pack`);
      return { index, sizeBytes: (await stat(pack)).size };
    }),
  );
}

/** The objects with the paths they stand at, by which git finds what to make deltas of. */
async function namedObjects(
  op: Op,
  job: PackJob,
  oids: ReadonlySet<string>,
): Promise<readonly string[]> {
  const { stdout } = await git(op, {
    ...storePlace(job.storeDir),
    args: ["rev-list", "--objects", "--all"],
  });
  const named = new Map<string, string>();
  for (const line of stdout.toString("latin1").split("\n")) {
    const oid = line.split(" ", 1)[0] ?? "";
    if (oids.has(oid)) named.set(oid, line);
  }
  return [...oids].map((oid) => named.get(oid) ?? oid);
}

/** Packs the listed objects; the name of the index. */
async function packObjects(
  op: Op,
  job: PackJob,
  { lines, effort }: { readonly lines: readonly string[]; readonly effort: keyof typeof efforts },
): Promise<string> {
  const hash = await gitLine(op, {
    ...storePlace(job.storeDir),
    args: [
      ...packSettings.flatMap((setting) => ["-c", setting]),
      "pack-objects",
      "--quiet",
      "--no-reuse-object",
      ...efforts[effort],
      path.join(job.storeDir, "objects", "pack", "pack"),
    ],
    stdin: Buffer.from(`${lines.join("\n")}\n`, "latin1"),
  });
  return `pack-${hash}.idx`;
}

async function listPack(op: Op, job: PackJob, idx: string): Promise<string[]> {
  const { stdout } = await git(op, {
    ...storePlace(job.storeDir),
    args: ["show-index", `--object-format=${job.format}`],
    stdin: await readFile(path.join(job.storeDir, "objects", "pack", idx)),
  });
  return stdout
    .toString("latin1")
    .split("\n")
    .flatMap((line) => line.split(" ")[1] ?? []);
}

/** The index first: a pack without one is nobody's, an index without its pack is an error. */
async function removePack(packDir: string, idx: string): Promise<void> {
  const stem = path.join(packDir, idx.slice(0, -".idx".length));
  for (const end of [".idx", ".rev", ".pack"]) await rm(`${stem}${end}`, { force: true });
}

async function listLoose(storeDir: string): Promise<{ oid: string; file: string }[]> {
  const root = path.join(storeDir, "objects");
  const folders = (await readdir(root)).filter((name) => /^[0-9a-f]{2}$/.test(name));
  const lists = await Promise.all(
    folders.map(async (folder) => {
      const names = await readdir(path.join(root, folder));
      return names
        .filter((name) => /^[0-9a-f]{38,62}$/.test(name))
        .map((name) => ({ oid: folder + name, file: path.join(root, folder, name) }));
    }),
  );
  return lists.flat();
}
