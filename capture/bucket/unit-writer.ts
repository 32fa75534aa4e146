import { mkdir, truncate } from "node:fs/promises";
import { join } from "node:path";
import { systemFault } from "../base/atomic-write.ts";
import { lockFile } from "../base/file-lock.ts";
import { readLines } from "../base/jsonl.ts";
import type { Op } from "../base/op.ts";
import { AppendFile } from "./append-file.ts";
import { type BlobThread, BlobWriter } from "./blobs.ts";
import { eventsFileName, liveTrailFileName, nativeFileNames, unitLockName } from "./unit-paths.ts";

/** The growing files that belong to one native file. */
export interface NativeFileWriter {
  readonly source: AppendFile;
  readonly map: AppendFile;
  readonly trace: AppendFile;
  readonly ctx: AppendFile;
  readonly trail: AppendFile;
}

/** Takes the lock under which a unit may be opened and written. Throws `busy`. */
export async function lockUnit(
  op: Op,
  unitDir: string,
  options: { waitMs?: number } = {},
): Promise<AsyncDisposable> {
  return lockFile(op, join(unitDir, unitLockName), options);
}

/**
 * The files of one unit, open for appending.
 *
 * Invariant: it is opened and written under {@link lockUnit} only. It may stay open while the lock
 * is let go; then {@link UnitWriter.isCurrent} tells whether somebody else wrote meanwhile.
 */
export class UnitWriter implements AsyncDisposable {
  readonly dir: string;
  readonly blobs: BlobWriter;
  readonly #natives = new Map<number, NativeFileWriter>();
  readonly #plain = new Map<string, AppendFile>();

  private constructor(dir: string, thread: BlobThread | undefined) {
    this.dir = dir;
    this.blobs = new BlobWriter(dir, thread);
  }

  static async open(dir: string, thread?: BlobThread): Promise<UnitWriter> {
    try {
      await mkdir(dir, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw systemFault(error, dir);
    }
    return new UnitWriter(dir, thread);
  }

  /** The files of native file `file`; source and map are brought to the same number of lines. */
  async native(file: number): Promise<NativeFileWriter> {
    const known = this.#natives.get(file);
    if (known !== undefined) return known;
    const names = nativeFileNames(file);
    const at = (name: string): string => join(this.dir, name);
    let [source, map] = await openPair(at(names.source), at(names.map));
    if (source.lines !== map.lines) {
      const lines = Math.min(source.lines, map.lines);
      await Promise.all([source[Symbol.asyncDispose](), map[Symbol.asyncDispose]()]);
      await cutToLines(source.path, lines);
      await cutToLines(map.path, lines);
      [source, map] = await openPair(source.path, map.path);
    }
    const trace = await AppendFile.open(at(names.trace), { digest: false });
    const ctx = await AppendFile.open(at(names.ctx), { digest: false });
    const trail = await AppendFile.open(at(names.trail), { digest: false });
    const native = { source, map, trace, ctx, trail };
    this.#natives.set(file, native);
    return native;
  }

  events(): Promise<AppendFile> {
    return this.#open(eventsFileName, true);
  }

  liveTrail(): Promise<AppendFile> {
    return this.#open(liveTrailFileName, false);
  }

  /** False if a file on disk is not as this writer left it. */
  async isCurrent(): Promise<boolean> {
    for (const file of this.#openFiles()) if (!(await file.isCurrent())) return false;
    return true;
  }

  /** sha256 and length of every truth file that is open, by name. */
  digests(): Record<string, { bytes: number; sha256: string }> {
    const digests: Record<string, { bytes: number; sha256: string }> = {};
    for (const file of this.#openFiles()) {
      const sha256 = file.digest();
      if (sha256 !== undefined && file.bytes > 0) {
        digests[file.path.slice(this.dir.length + 1)] = { bytes: file.bytes, sha256 };
      }
    }
    return digests;
  }

  /** Lengths of the folds that are open, by name. */
  folds(): Record<string, number> {
    const folds: Record<string, number> = {};
    for (const file of this.#openFiles()) {
      if (file.digest() === undefined) folds[file.path.slice(this.dir.length + 1)] = file.bytes;
    }
    return folds;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const files = this.#openFiles();
    this.#natives.clear();
    this.#plain.clear();
    // Blobs that are still on their way must not outlive the lock.
    await this.blobs.flush().catch(() => undefined);
    await Promise.all(files.map((file) => file[Symbol.asyncDispose]()));
  }

  #openFiles(): AppendFile[] {
    const natives = [...this.#natives.entries()].toSorted(([a], [b]) => a - b);
    return [
      ...natives.flatMap(([, n]) => [n.source, n.map, n.trace, n.ctx, n.trail]),
      ...this.#plain.values(),
    ];
  }

  async #open(name: string, digest: boolean): Promise<AppendFile> {
    const known = this.#plain.get(name);
    if (known !== undefined) return known;
    const file = await AppendFile.open(join(this.dir, name), { digest });
    this.#plain.set(name, file);
    return file;
  }
}

async function openPair(source: string, map: string): Promise<[AppendFile, AppendFile]> {
  const opened = await AppendFile.open(source, { digest: true });
  return [opened, await AppendFile.open(map, { digest: true })];
}

/** A kill between the two appends leaves one file with lines that the other does not know. */
async function cutToLines(path: string, lines: number): Promise<void> {
  let seen = 0;
  const end = await readLines(path, () => {
    seen += 1;
    return seen < lines;
  });
  await truncate(path, lines === 0 ? 0 : end);
}
