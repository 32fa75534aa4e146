import { rm } from "node:fs/promises";

import { OtError } from "../base/errors.ts";
import type { Op } from "../base/op.ts";
import type { TreeEntry } from "./objects.ts";
import { removePins } from "./pins.ts";
import type { Repository } from "./repository.ts";
import type { SessionKey } from "./session-ref.ts";
import type { Snapshot, SnapshotRequest } from "./snapshot.ts";
import { SnapshotWriter } from "./snapshot-writer.ts";
import { ensureStore, storeDirOf, storeExists } from "./store-folder.ts";
import type { Collected, CollectOptions } from "./store-gc.ts";
import { asWriter, letGo } from "./store-lock.ts";
import { type StoredSnapshot, StoreReader } from "./store-reader.ts";
import type { ChangedPath } from "./tree-diff.ts";

export interface StoreOptions {
  /** Whether the repository's filters may be run. Default false. */
  readonly trusted?: boolean;
}

/**
 * The private snapshot store of one repository, seen from one work tree.
 *
 * Invariant: of the user's repository it changes nothing but `refs/opentraces-pin-<n>`. A snapshot
 * that was returned survives a crash, `git gc`, and any rewriting of history.
 */
export class SnapshotStore implements Disposable {
  readonly repository: Repository;
  readonly #storeDir: string;
  readonly #reader: StoreReader;
  readonly #writer: SnapshotWriter;
  #isClosed = false;
  #lastTurn: Promise<unknown> = Promise.resolve();

  private constructor(repository: Repository, storeDir: string, trusted: boolean) {
    this.repository = repository;
    this.#storeDir = storeDir;
    this.#reader = new StoreReader(repository);
    this.#writer = new SnapshotWriter(storeDir, this.#reader, trusted);
  }

  /** Opens the store, making it if there is none. Throws `disk-full` and `home-read-only`. */
  static async open(
    _op: Op,
    repository: Repository,
    options: StoreOptions = {},
  ): Promise<SnapshotStore> {
    const storeDir = await ensureStore(repository);
    return new SnapshotStore(repository, storeDir, options.trusted ?? false);
  }

  /** Reads without waiting for writers; lives as long as this store. */
  get reader(): StoreReader {
    return this.#reader;
  }

  /**
   * Takes a snapshot of the work tree; durable when it resolves.
   *
   * Throws `busy` if another process keeps the store, `disk-full`, `home-read-only`, and what git
   * throws. After a throw the chain is as it was.
   */
  take(op: Op, request: SnapshotRequest): Promise<Snapshot> {
    return this.#asWriter(op, async () => {
      const snapshot = await this.#writer.take(op, request);
      // After the answer, which nobody should wait for longer.
      if (this.#writer.isFull) this.#flushLater(op);
      return snapshot;
    });
  }

  /** Moves waiting snapshots into a pack and the refs. */
  async flush(op: Op): Promise<void> {
    if (storeExists(this.#storeDir)) await this.#asWriter(op, () => this.#writer.flush(op));
  }

  /** For quiet times: {@link flush}, many packs into one, git processes ended. */
  async idle(op: Op): Promise<void> {
    if (storeExists(this.#storeDir)) await this.#asWriter(op, () => this.#writer.tidy(op));
    this.#stopProcesses();
  }

  /** Lets old snapshots go; what is kept lies in one pack afterwards. */
  collect(op: Op, options: CollectOptions): Promise<Collected> {
    return this.#asWriter(op, () => this.#writer.collect(op, options));
  }

  readBlob(op: Op, oid: string): Promise<Buffer | null> {
    return this.#reader.readBlob(op, oid);
  }

  readTreePath(op: Op, treeish: string, path: string): Promise<TreeEntry | null> {
    return this.#reader.readTreePath(op, treeish, path);
  }

  tip(op: Op, session: SessionKey): Promise<StoredSnapshot | null> {
    return this.#reader.tip(op, session);
  }

  chain(op: Op, session: SessionKey): Promise<readonly StoredSnapshot[]> {
    return this.#reader.chain(op, session);
  }

  diffSnapshots(op: Op, from: string | null, to: string | null): Promise<readonly ChangedPath[]> {
    return this.#reader.diffSnapshots(op, from, to);
  }

  /** Waits for what is under way and ends the git processes. What waits in the file stays there. */
  async close(): Promise<void> {
    await this.#lastTurn;
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#stopProcesses();
  }

  async #asWriter<T>(op: Op, work: () => Promise<T>): Promise<T> {
    await ensureStore(this.repository);
    const turn = asWriter(op, this.#storeDir, work);
    this.#lastTurn = turn.catch(() => undefined);
    return turn;
  }

  #flushLater(op: Op): void {
    const work = async (): Promise<void> => {
      if (!this.#isClosed) await this.#writer.flush(op);
    };
    this.#asWriter(op, work).catch((error: unknown) => {
      // What waits stays in the file; the next full one tries again.
      const code = error instanceof OtError ? error.code : "unexpected";
      op.log.log("warn", "store.flush-failed", { code });
    });
  }

  #stopProcesses(): void {
    this.#writer[Symbol.dispose]();
    this.#reader[Symbol.dispose]();
    letGo(this.#storeDir);
  }
}

/** Removes everything of ours from a repository: the store with all snapshots, and the pins. */
export async function removeStore(op: Op, repository: Repository): Promise<void> {
  const storeDir = storeDirOf(repository);
  if (storeExists(storeDir)) {
    await asWriter(op, storeDir, () => rm(storeDir, { recursive: true, force: true }));
  }
  await removePins(op, repository);
}
