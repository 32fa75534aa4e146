import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
} from "node:fs";
import { open } from "node:fs/promises";

import { isErrno } from "../base/errors.ts";
import { type ObjectFormat, objectHash } from "./objects.ts";

/*
 * Small files are read synchronously: a look at a file takes microseconds, a round trip through
 * the thread pool some fifty times that, and a snapshot makes dozens of looks.
 */

/** Never follows a link, never waits for a pipe that took the file's place meanwhile. */
const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
const chunkBytes = 1024 * 1024;

/** What is at a path, links not followed; null if nothing is. */
export function statPlain(name: string | Buffer): BigIntStats | null {
  try {
    return lstatSync(name, { bigint: true, throwIfNoEntry: false }) ?? null;
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return null;
    throw error;
  }
}

/** Something that changes whenever the file does; empty while there is none within reach. */
export function signatureOf(name: string | Buffer): string {
  try {
    // Numbers do here: they tell a quarter of a microsecond.
    const stat = lstatSync(name, { throwIfNoEntry: false });
    return stat === undefined ? "" : `${stat.mtimeMs}.${stat.ctimeMs}.${stat.ino}.${stat.size}`;
  } catch {
    return "";
  }
}

/** A file's bytes; null if there are more than `limit`. */
export function readPlain(name: Buffer, limit: number): Buffer | null {
  const file = openSync(name, flags);
  try {
    const { size } = fstatSync(file);
    if (size > limit) return null;
    // One byte more than the size: a file that grows meanwhile is read on.
    let buffer = Buffer.allocUnsafe(size + 1);
    for (let done = 0; ;) {
      const count = readSync(file, buffer, done, buffer.length - done, done);
      if (count === 0) return buffer.subarray(0, done);
      done += count;
      if (done > limit) return null;
      if (done === buffer.length) buffer = Buffer.concat([buffer, Buffer.alloc(64 * 1024)]);
    }
  } finally {
    closeSync(file);
  }
}

/** git's id of a file's raw bytes, read in pieces; for files of any size. */
export async function hashPlain(
  name: Buffer,
  format: ObjectFormat,
  sizeBytes: number,
): Promise<string> {
  await using handle = await open(name, flags);
  const hash = objectHash(format, "blob", sizeBytes);
  const buffer = Buffer.allocUnsafe(chunkBytes);
  for (let at = 0; ;) {
    const { bytesRead } = await handle.read(buffer, 0, chunkBytes, at);
    if (bytesRead === 0) return hash.digest("hex");
    hash.update(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
}
