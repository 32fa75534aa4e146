import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";

import { systemFault } from "../base/atomic-write.ts";
import { isErrno } from "../base/errors.ts";

/** An open file that had this name when it was looked at. */
export interface OpenWal {
  readonly fd: number;
  /** Equal as long as no other file has taken the name. */
  readonly identity: string;
}

/**
 * Where a file that is open cannot be replaced by rename, it is opened for each look; elsewhere it
 * stays open, and one `stat` says whether it is still the file of that name.
 */
const staysOpen = process.platform !== "win32";

/** The file at one path, opened anew whenever another one has taken its place. */
export class WalFile implements Disposable {
  readonly #path: string;
  #open: OpenWal | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  /** Calls `work` with the file that has the name now and its size; null if there is none. */
  use<T>(work: (file: OpenWal, sizeBytes: number) => T): T | null {
    const found = statSync(this.#path, { throwIfNoEntry: false });
    if (found !== undefined && this.#open?.identity === identityOf(found)) {
      return this.#done(work(this.#open, found.size));
    }
    this[Symbol.dispose]();
    this.#open = found === undefined ? null : openWal(this.#path);
    if (this.#open === null) return null;
    return this.#done(work(this.#open, fstatSync(this.#open.fd).size));
  }

  #done<T>(result: T): T {
    if (!staysOpen) this[Symbol.dispose]();
    return result;
  }

  [Symbol.dispose](): void {
    if (this.#open !== null) closeSync(this.#open.fd);
    this.#open = null;
  }
}

function openWal(path: string): OpenWal | null {
  try {
    const fd = openSync(path, "r");
    return { fd, identity: identityOf(fstatSync(fd)) };
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return null;
    throw systemFault(error, path);
  }
}

/** A file that is open keeps its number to itself: no later one of that name can have it. */
function identityOf(stat: { readonly dev: number; readonly ino: number }): string {
  return `${stat.dev}.${stat.ino}`;
}

/** Bytes of a range; null if the file ends before it. */
export function readRange(fd: number, offset: number, sizeBytes: number): Buffer | null {
  const buffer = Buffer.allocUnsafe(sizeBytes);
  for (let done = 0; done < sizeBytes;) {
    const count = readSync(fd, buffer, done, sizeBytes - done, offset + done);
    if (count === 0) return null;
    done += count;
  }
  return buffer;
}
