import { createHash } from "node:crypto";
import { readdir, readFile, rm } from "node:fs/promises";
import * as path from "node:path";

import { assert } from "../base/errors.ts";
import type { Op } from "../base/op.ts";
import { type ObjectFormat, type ObjectType, zeroOid } from "./objects.ts";
import { git, gitLine } from "./run.ts";
import { refPrefix } from "./session-ref.ts";
import { formatSnapshotCommit } from "./snapshot-commit.ts";
import { storePlace } from "./store-folder.ts";
import type { StoreReader } from "./store-reader.ts";
import type { Wal } from "./wal.ts";

/** More packs than this are made one. */
const packsMax = 20;
const looseMax = 500;

export interface PackJob {
  readonly storeDir: string;
  readonly format: ObjectFormat;
  readonly reader: StoreReader;
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
  const pack = packOf(wal, job.format);
  await git(op, { ...storePlace(job.storeDir), args: ["index-pack", "--stdin"], stdin: pack });
  await moveRefs(op, job);
  await wal.reset();
}

const typeCodes: Readonly<Record<ObjectType, number>> = { commit: 1, tree: 2, blob: 3, tag: 4 };

/** A pack of the file's objects; their zlib streams go in as they are. */
function packOf(wal: Wal, format: ObjectFormat): Buffer {
  const head = Buffer.alloc(12);
  head.write("PACK", 0, "latin1");
  head.writeUInt32BE(2, 4);
  head.writeUInt32BE(wal.objects.size, 8);
  const parts: Buffer[] = [head];
  for (const object of wal.objects.values()) {
    const stored = wal.readStored(object);
    assert(stored !== null, `object ${object.oid} left the write-ahead file under the lock`);
    parts.push(entryHead(typeCodes[object.type], object.sizeBytes), stored);
  }
  const hash = createHash(format);
  for (const part of parts) hash.update(part);
  return Buffer.concat([...parts, hash.digest()]);
}

/** Type and size: four bits of size in the first byte, seven in each further one. */
function entryHead(type: number, sizeBytes: number): Buffer {
  const bytes = [(type << 4) | (sizeBytes & 15)];
  for (let rest = Math.floor(sizeBytes / 16); rest > 0; rest = Math.floor(rest / 128)) {
    const last = bytes.length - 1;
    bytes[last] = (bytes[last] ?? 0) | 0x80;
    bytes.push(rest & 127);
  }
  return Buffer.from(bytes);
}

async function moveRefs(op: Op, job: PackJob): Promise<void> {
  const refs = await readRefs(op, job.storeDir);
  const zero = zeroOid(job.format);
  const updates: string[] = [];
  for (const [ref, { commit, refBefore }] of job.reader.wal.tips) {
    const now = refs.get(ref) ?? zero;
    if (now === commit) continue;
    const target = now === refBefore ? commit : await joinChains(op, job, [commit, now]);
    updates.push(`update ${ref} ${target} ${now}\n`);
  }
  if (updates.length === 0) return;
  await git(op, {
    ...storePlace(job.storeDir),
    args: ["update-ref", "--stdin"],
    stdin: updates.join(""),
  });
}

async function readRefs(op: Op, storeDir: string): Promise<ReadonlyMap<string, string>> {
  const { stdout } = await git(op, {
    ...storePlace(storeDir),
    args: ["for-each-ref", "--format=%(refname) %(objectname)", refPrefix],
  });
  const lines = stdout
    .toString("latin1")
    .split("\n")
    .filter((line) => line !== "");
  return new Map(
    lines.map((line) => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)]),
  );
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
  const later = (theirs?.atMs ?? 0) >= (ours?.atMs ?? 0) ? theirs : ours;
  assert(later !== null && later !== undefined, "a ref of the store holds no snapshot");
  const body = formatSnapshotCommit({ ...later, parents, cause: "idle", skipped: [] });
  return gitLine(op, {
    ...storePlace(job.storeDir),
    args: ["hash-object", "-t", "commit", "-w", "--stdin"],
    stdin: body,
  });
}

/**
 * Makes one pack of many, and of the loose objects that the shim left.
 *
 * The list is explicit: our own packs' and loose objects, none of the user's. An old pack goes
 * only when each of its objects is in the new one. Needs the lock.
 */
export async function consolidate(op: Op, job: PackJob): Promise<boolean> {
  const packDir = path.join(job.storeDir, "objects", "pack");
  const old = (await readdir(packDir)).filter((name) => name.endsWith(".idx"));
  const loose = await listLoose(job.storeDir);
  if (old.length <= packsMax && loose.length <= looseMax) return false;

  const packed = await Promise.all(old.map((name) => listPack(op, job, name)));
  const all = new Set([...packed.flat(), ...loose.map(({ oid }) => oid)]);
  const hash = await gitLine(op, {
    ...storePlace(job.storeDir),
    args: [
      "-c",
      "pack.threads=1",
      "-c",
      "pack.windowMemory=64m",
      "-c",
      "pack.packSizeLimit=0",
      "pack-objects",
      "--quiet",
      path.join(packDir, "pack"),
    ],
    stdin: `${[...all].join("\n")}\n`,
  });
  const made = `pack-${hash}.idx`;
  const kept = new Set(await listPack(op, job, made));
  if (![...all].every((oid) => kept.has(oid))) return false;
  for (const name of old) if (name !== made) await removePack(packDir, name);
  for (const { file } of loose) await rm(file, { force: true });
  return true;
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
