import { randomBytes } from "node:crypto";
import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { isErrno } from "../base/errors.ts";

/** First byte of a blob file: how its body is written. */
export const blobCodecs = { raw: 0, gzip: 1, zstd: 2 } as const;

/** What a blob file is to hold. */
export interface BlobBody {
  readonly bytes: Uint8Array;
  /** The same in gzip, for one that is long enough. */
  readonly gzipped: Uint8Array | undefined;
}

/** Tells drafts of this thread from those that one of the same process id left behind. */
const draftsOfThread = randomBytes(6).toString("hex");
let drafts = 0;

/** Name of a file that is not finished: readers pass over it. */
export function draftName(): string {
  drafts += 1;
  return `.${process.pid}-${draftsOfThread}-${drafts}.tmp`;
}

/**
 * Writes a draft beside the place of a blob, which is then to be renamed to it; answers its path.
 *
 * Synchronous: a small write into the page cache takes less than the way to another thread and
 * back. Throws what the file system says, and then nothing stays behind.
 */
export function writeBlobDraft(path: string, { bytes, gzipped }: BlobBody): string {
  const draft = join(dirname(path), draftName());
  const isSmaller = gzipped !== undefined && gzipped.length < bytes.length;
  const codec = Buffer.of(isSmaller ? blobCodecs.gzip : blobCodecs.raw);
  const file = openInFolder(draft);
  try {
    writeWhole(file, Buffer.concat([codec, isSmaller ? gzipped : bytes]));
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
  return draft;
}

/** Puts a blob into its place, not durably. Throws what the file system says. */
export function placeBlob(path: string, body: BlobBody): void {
  renameSync(writeBlobDraft(path, body), path);
}

/** Makes one folder that may be there already; the one it lies in has to be. */
export function makeFolder(dir: string): void {
  try {
    mkdirSync(dir, { mode: 0o700 });
  } catch (error) {
    if (!isErrno(error, "EEXIST")) throw error;
  }
}

/** Folders that were made, of a few units: to ask for one that is there costs as much. */
const madeFoldersMax = 1_024;
const madeFolders = new Set<string>();

function openInFolder(draft: string): number {
  const folder = dirname(draft);
  try {
    if (madeFolders.has(folder)) return openSync(draft, "wx", 0o600);
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error;
  }
  // Only what lies in the unit is made, never the unit: that one may have been removed.
  makeFolder(dirname(folder));
  makeFolder(folder);
  if (madeFolders.size >= madeFoldersMax) madeFolders.clear();
  madeFolders.add(folder);
  return openSync(draft, "wx", 0o600);
}

function writeWhole(file: number, bytes: Buffer): void {
  for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
}
