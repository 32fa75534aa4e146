import { randomBytes } from "node:crypto";
import {
  closeSync,
  fdatasync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  writeSync,
} from "node:fs";
import * as path from "node:path";
import { promisify } from "node:util";
import { inflate, inflateSync } from "node:zlib";

import { atomicWrite, systemFault } from "../base/atomic-write.ts";
import { OtError } from "../base/errors.ts";
import type { GitObject, ObjectFormat } from "./objects.ts";
import { type OpenWal, readRange, WalFile } from "./wal-file.ts";
import {
  formatBatch,
  type NewObject,
  parseBatches,
  readWalHeader,
  walHeader,
  walName,
  type WalObject,
  type WalSnapshot,
} from "./wal-format.ts";

const headerBytesMax = 128;
/** Below this, handing the work to a thread costs more than the work. */
const syncBytesMax = 256 * 1024;
const inflateAsync = promisify(inflate);

/** A session's newest snapshot in the file, and the commit its ref held before the first one. */
export interface WalTip {
  readonly commit: string;
  readonly refBefore: string;
}

/**
 * One process's view of a store's write-ahead file.
 *
 * Reading needs no lock: the file only grows, until a new generation replaces it by rename, and
 * that only happens once all it held is in packs and refs. Writing is for the lock's holder.
 */
export class Wal implements Disposable {
  readonly #path: string;
  readonly #file: WalFile;
  readonly #format: ObjectFormat;
  #identity = "";
  #generation = "";
  #endOffset = 0;
  #objects = new Map<string, WalObject>();
  #tips = new Map<string, WalTip>();
  #snapshots = 0;

  constructor(storeDir: string, format: ObjectFormat) {
    this.#path = path.join(storeDir, walName);
    this.#file = new WalFile(this.#path);
    this.#format = format;
  }

  /** Names the file's present content lineage; empty while there is no file. */
  get generation(): string {
    return this.#generation;
  }

  /** Snapshots that are in the file only. */
  get snapshots(): number {
    return this.#snapshots;
  }

  get sizeBytes(): number {
    return this.#endOffset;
  }

  get objects(): ReadonlyMap<string, WalObject> {
    return this.#objects;
  }

  get tips(): ReadonlyMap<string, WalTip> {
    return this.#tips;
  }

  /** Catches up with what any process has appended or replaced. */
  refresh(): void {
    const isThere = this.#file.use((file, sizeBytes) => {
      if (file.identity !== this.#identity) this.#begin(file);
      if (this.#generation === "" || sizeBytes <= this.#endOffset) return true;
      const start = this.#endOffset;
      const bytes = readRange(file.fd, start, sizeBytes - start);
      if (bytes !== null) this.#accept(bytes, start);
      return true;
    });
    if (isThere === null) this.#forget("", 0);
  }

  /** An object of the file; null if it is not, or not any more, in it. */
  async read(oid: string): Promise<GitObject | null> {
    const found = this.#objects.get(oid);
    if (found === undefined) return null;
    const stored = this.readStored(found);
    if (stored === null) return null;
    const isSmall = found.sizeBytes <= syncBytesMax;
    return {
      oid,
      type: found.type,
      body: isSmall ? inflateSync(stored) : await inflateAsync(stored),
    };
  }

  /** The zlib stream of an object; null if the file was replaced since. */
  readStored(object: WalObject): Buffer | null {
    return this.#file.use((file) =>
      file.identity === this.#identity
        ? readRange(file.fd, object.offset, object.storedBytes)
        : null,
    );
  }

  /**
   * Appends one snapshot and makes it durable. Needs the store's lock, and a fresh view.
   *
   * All or nothing: throws `disk-full` or `home-read-only` with the file as it was.
   */
  async append(objects: readonly NewObject[], snapshot: WalSnapshot): Promise<void> {
    if (this.#generation === "") await this.reset();
    const batch = formatBatch(objects, snapshot);
    const start = this.#endOffset;
    try {
      // A descriptor of its own: a reader may let go of the shared one while this one waits.
      const file = openSync(this.#path, "r+");
      try {
        await writeDurably(file, batch, start);
      } catch (error) {
        ftruncateSync(file, start);
        throw error;
      } finally {
        closeSync(file);
      }
    } catch (error) {
      throw systemFault(error, this.#path);
    }
    this.#accept(batch, start);
  }

  /** Starts an empty generation. Needs the lock, and everything of the old one elsewhere. */
  async reset(): Promise<void> {
    const header = walHeader(this.#format, randomBytes(8).toString("hex"));
    await atomicWrite(this.#path, header, { followLink: false });
    this.refresh();
  }

  /** Lets go of the file; the next look opens it again. */
  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
    this.#identity = "";
  }

  #begin(file: OpenWal): void {
    const head = Buffer.alloc(headerBytesMax);
    const count = readSync(file.fd, head, 0, headerBytesMax, 0);
    const header = readWalHeader(head.subarray(0, count), this.#format);
    this.#identity = file.identity;
    // The same generation again, after the file was let go of: what is known of it holds.
    if (header !== null && header.generation === this.#generation) return;
    this.#forget(header?.generation ?? "", header?.sizeBytes ?? 0);
  }

  #accept(bytes: Buffer, start: number): void {
    const { batches, endOffset } = parseBatches(bytes, start);
    this.#endOffset = endOffset;
    this.#snapshots += batches.length;
    for (const { objects, snapshot } of batches) {
      for (const object of objects) this.#objects.set(object.oid, object);
      const refBefore = this.#tips.get(snapshot.ref)?.refBefore ?? snapshot.old;
      this.#tips.set(snapshot.ref, { commit: snapshot.commit, refBefore });
    }
  }

  #forget(generation: string, endOffset: number): void {
    this.#generation = generation;
    this.#endOffset = endOffset;
    this.#objects = new Map();
    this.#tips = new Map();
    this.#snapshots = 0;
  }
}

async function writeDurably(file: number, bytes: Buffer, offset: number): Promise<void> {
  // What lies behind the last whole batch is the torn rest of a writer that died.
  if (fstatSync(file).size > offset) ftruncateSync(file, offset);
  for (let done = 0; done < bytes.length;) {
    const count = writeSync(file, bytes, done, bytes.length - done, offset + done);
    if (count === 0) throw new OtError("disk-full", "The write-ahead file took no bytes.");
    done += count;
  }
  await new Promise<void>((resolve, reject) => {
    fdatasync(file, (error) => (error === null ? resolve() : reject(error)));
  });
}
