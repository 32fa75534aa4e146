import { randomBytes } from "node:crypto";
import { open, readlink, realpath, rename, rm, stat } from "node:fs/promises";
import * as path from "node:path";

import { isErrno, OtError } from "./errors.ts";

export interface AtomicWriteOptions {
  /** Mode of a file that did not exist; an existing one keeps its own. Default 0600. */
  readonly mode?: number;
  /** Write through a symbolic link to its target, so that the link stays one. Default true. */
  readonly followLink?: boolean;
}

/**
 * Replaces a file's content as a whole: a reader sees the old bytes or the new ones.
 *
 * Durable when it resolves. Throws `disk-full` or `home-read-only`; the old file is then intact.
 */
export async function atomicWrite(
  file: string,
  bytes: Buffer | string,
  options: AtomicWriteOptions = {},
): Promise<void> {
  const target = (options.followLink ?? true) ? await linkTarget(file) : file;
  const mode = (await modeOf(target)) ?? options.mode ?? 0o600;
  const draft = `${target}.${process.pid}-${randomBytes(4).toString("hex")}.tmp`;
  try {
    await writeDraft(draft, bytes, mode);
    await rename(draft, target);
    await syncFolder(path.dirname(target));
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw systemFault(error, target);
  }
}

async function writeDraft(draft: string, bytes: Buffer | string, mode: number): Promise<void> {
  await using handle = await open(draft, "wx", mode);
  // `open` applies the umask; an existing file's mode is kept to the bit.
  await handle.chmod(mode);
  await handle.writeFile(bytes);
  await handle.sync();
}

/** The file a link leads to, also if that does not exist yet; `file` itself if it is no link. */
async function linkTarget(file: string): Promise<string> {
  try {
    return await realpath(file);
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw systemFault(error, file);
  }
  const link = await readlink(file).catch(() => null);
  return link === null ? file : path.resolve(path.dirname(file), link);
}

async function modeOf(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).mode & 0o7777;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw systemFault(error, file);
  }
}

/** Makes renames and new names in `folder` durable; where a folder cannot be opened, nothing. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    await using handle = await open(folder, "r");
    await handle.sync();
  } catch (error) {
    if (!isErrno(error, "EISDIR", "EPERM", "EACCES", "EINVAL", "ENOTSUP")) throw error;
  }
}

/** A failed system call on `file` as the error a person can act on; others come back unchanged. */
export function systemFault(error: unknown, file: string): unknown {
  if (error instanceof OtError) return error;
  if (isErrno(error, "ENOSPC", "EDQUOT")) {
    return new OtError("disk-full", `No space is left to write ${file}.`, {
      hint: "Free some space; nothing recorded so far is lost.",
      cause: error,
    });
  }
  if (isErrno(error, "EROFS", "EACCES", "EPERM")) {
    return new OtError("home-read-only", `${file} cannot be written.`, {
      hint: "Check its permissions, or set OPENTRACES_HOME to a folder that can be written.",
      cause: error,
    });
  }
  return error;
}
