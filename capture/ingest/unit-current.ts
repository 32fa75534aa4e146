import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import { isErrno } from "../base/errors.ts";
import { readFully } from "../base/jsonl-batches.ts";
import { parsedOrUndefined } from "../base/jsonl.ts";
import { parseSourceMapRecord } from "../bucket/codec/session-codec.ts";
import { nativeFileNames } from "../bucket/unit-paths.ts";
import type { NativeFileRef } from "../harness/adapter.ts";
import type { NativeFile, SessionUnit, SourceMapRecord } from "../model/session.ts";
import { holdsLine } from "./tail-position.ts";
import { openNative } from "./open-native.ts";

const mapTailBytes = 64 * 1024;

/**
 * True if a unit already holds all of these files and nothing in it is unfinished.
 *
 * A few stats and one line of each file are looked at: this is what a second import costs.
 */
export async function isUnitCurrent(
  unitDir: string,
  session: SessionUnit,
  { refs, key }: { refs: readonly NativeFileRef[]; key: Buffer },
): Promise<boolean> {
  const sizes = { ...session.folds };
  for (const [name, { bytes }] of Object.entries(session.digests)) sizes[name] = bytes;
  for (const [name, bytes] of Object.entries(sizes)) {
    if ((await sizeOf(join(unitDir, name))) !== bytes) return false;
  }
  for (const ref of refs) {
    const known = session.files.find((file) => file.agent === ref.agent);
    if (known === undefined || known.path !== ref.path) return false;
    if (!(await isFileCurrent(unitDir, known, key))) return false;
  }
  return true;
}

async function isFileCurrent(unitDir: string, known: NativeFile, key: Buffer): Promise<boolean> {
  let handle;
  try {
    handle = await openNative(known.path);
  } catch (error) {
    if (isErrno(error, "ENOENT", "EACCES", "EPERM", "EISDIR", "ELOOP")) return false;
    throw error;
  }
  try {
    if ((await handle.stat()).size !== known.offset) return false;
    if (known.offset === 0) return true;
    const last = await lastRecord(join(unitDir, nativeFileNames(known.file).map));
    if (last === undefined || last.g !== known.generation) return false;
    return last.o + last.l + 1 === known.offset && (await holdsLine(handle, last, key));
  } finally {
    await handle.close();
  }
}

async function lastRecord(mapPath: string): Promise<SourceMapRecord | undefined> {
  const handle = await open(mapPath, "r");
  try {
    const { size } = await handle.stat();
    const buffer = Buffer.allocUnsafe(Math.min(size, mapTailBytes));
    const filled = await readFully(handle, buffer, size - buffer.length);
    const lines = buffer.toString("utf8", 0, filled).trimEnd().split("\n");
    return parseSourceMapRecord(parsedOrUndefined(lines.at(-1) ?? ""));
  } finally {
    await handle.close();
  }
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
