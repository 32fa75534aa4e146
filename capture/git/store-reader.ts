import { OtError } from "../base/errors.ts";
import type { Op } from "../base/op.ts";
import { ObjectReader } from "./batch.ts";
import {
  folderMode,
  type GitObject,
  parseCommit,
  parseTree,
  type TreeEntries,
  type TreeEntry,
} from "./objects.ts";
import { toBytePath } from "./paths.ts";
import { placeOf, type Repository } from "./repository.ts";
import { git } from "./run.ts";
import { parseSessionRef, refPrefix, type SessionKey, sessionRef } from "./session-ref.ts";
import { parseSnapshotCommit, type SnapshotCommit } from "./snapshot-commit.ts";
import { storeDirOf, storeExists, storePlace } from "./store-folder.ts";
import { TreeCache } from "./tree-cache.ts";
import { type ChangedPath, diffTrees } from "./tree-diff.ts";
import type { LoadTree } from "./tree-editor.ts";
import { Wal } from "./wal.ts";

/** A snapshot as it lies in the store. */
export interface StoredSnapshot extends SnapshotCommit {
  readonly commit: string;
}

/** Longest chain that is walked. */
const chainMax = 100_000;
/** Parsed snapshots that are kept; their ids are their content, so nothing goes stale. */
const snapshotsKept = 5_000;

/**
 * Reads snapshots and the user's own objects: first what is in the write-ahead file, then the
 * store, which borrows the user's object database. Takes no lock and never waits for a writer.
 *
 * Works as well where nothing was ever captured: then only the user's objects are there.
 */
export class StoreReader implements Disposable {
  readonly repository: Repository;
  readonly wal: Wal;
  readonly trees = new TreeCache();
  readonly #storeDir: string;
  #objects: ObjectReader | undefined;
  #readsStore = false;
  readonly #snapshots = new Map<string, StoredSnapshot>();

  constructor(repository: Repository) {
    this.repository = repository;
    this.#storeDir = storeDirOf(repository);
    this.wal = new Wal(this.#storeDir, repository.objectFormat);
  }

  /** Any object by id, or by a ref of the store; null if there is none. */
  async read(op: Op, name: string): Promise<GitObject | null> {
    const pending = await this.wal.read(name);
    if (pending !== null) return pending;
    const stored = await (await this.#reader()).read(op, name);
    if (stored !== null) return stored;
    // It may have been appended, or moved from the file into a pack, since we last looked.
    this.wal.refresh();
    return (await this.wal.read(name)) ?? (await (await this.#reader()).read(op, name));
  }

  /** True if an object of the store or the user's has this name. */
  async has(op: Op, name: string): Promise<boolean> {
    return (await (await this.#reader()).header(op, name)) !== null;
  }

  /** A blob's bytes; null if it is not there. Throws `limit-exceeded` for one above 64 MiB. */
  async readBlob(op: Op, oid: string): Promise<Buffer | null> {
    const object = await this.read(op, oid);
    return object?.type === "blob" ? object.body : null;
  }

  /** The tree of a tree or commit id; null if there is none. */
  async treeOf(op: Op, treeish: string): Promise<string | null> {
    if (this.trees.get(treeish) !== undefined) return treeish;
    const object = await this.read(op, treeish);
    if (object?.type === "tree") return object.oid;
    return object?.type === "commit" ? (parseCommit(object.body)?.tree ?? null) : null;
  }

  /** A tree's entries; throws `data-damaged` if it is missing, for what is pinned cannot be. */
  async loadTree(op: Op, oid: string): Promise<TreeEntries> {
    const cached = this.trees.get(oid);
    if (cached !== undefined) return cached;
    const object = await this.read(op, oid);
    if (object?.type !== "tree") {
      throw new OtError("data-damaged", `The tree ${oid} is missing from the repository.`, {
        hint: "`git fsck` says what else is missing.",
      });
    }
    const entries = parseTree(this.repository.objectFormat, object.body);
    this.trees.set(oid, entries);
    return entries;
  }

  treeLoader(op: Op): LoadTree {
    return (oid) => this.loadTree(op, oid);
  }

  /** What is at `path` in a tree or commit; null if nothing is. `path` as the records carry it. */
  async readTreePath(op: Op, treeish: string, path: string): Promise<TreeEntry | null> {
    const root = await this.treeOf(op, treeish);
    if (root === null) return null;
    let entry: TreeEntry = { mode: folderMode, oid: root };
    for (const part of toBytePath(path).split("/")) {
      if (entry.mode !== folderMode) return null;
      const below = (await this.loadTree(op, entry.oid)).get(part);
      if (below === undefined) return null;
      entry = below;
    }
    return entry;
  }

  /** What differs between two trees or commits; null stands for the empty tree. */
  async diffSnapshots(op: Op, from: string | null, to: string | null): Promise<ChangedPath[]> {
    const [before, after] = await Promise.all([this.#rootOf(op, from), this.#rootOf(op, to)]);
    return diffTrees(this.treeLoader(op), before, after);
  }

  /** The newest snapshot of a session in this work tree; null if it has none. */
  tip(op: Op, session: SessionKey): Promise<StoredSnapshot | null> {
    this.wal.refresh();
    return this.knownTip(op, session);
  }

  /** As {@link tip}, for the lock's holder, whose view of the write-ahead file is fresh. */
  async knownTip(op: Op, session: SessionKey): Promise<StoredSnapshot | null> {
    const ref = sessionRef(session, this.repository.worktree);
    const pending = this.wal.tips.get(ref);
    if (pending !== undefined) return this.readSnapshot(op, pending.commit);
    const commit = await this.refTip(op, ref);
    return commit === null ? null : this.readSnapshot(op, commit);
  }

  /** What a ref of the store holds, whatever waits in the write-ahead file. */
  async refTip(op: Op, ref: string): Promise<string | null> {
    return (await (await this.#reader()).header(op, ref))?.oid ?? null;
  }

  /** Takes in a snapshot that was just written, which then need not be read again. */
  remember(snapshot: StoredSnapshot): void {
    if (this.#snapshots.size >= snapshotsKept) this.#snapshots.clear();
    this.#snapshots.set(snapshot.commit, snapshot);
  }

  /** One snapshot by commit id; null if there is none. */
  async readSnapshot(op: Op, name: string): Promise<StoredSnapshot | null> {
    const known = this.#snapshots.get(name);
    if (known !== undefined) return known;
    const object = await this.read(op, name);
    const parsed = object?.type === "commit" ? parseSnapshotCommit(object.body) : null;
    if (object === null || parsed === null) return null;
    const snapshot = { ...parsed, commit: object.oid };
    this.remember(snapshot);
    return snapshot;
  }

  /** All snapshots of a session in this work tree, oldest first. */
  async chain(op: Op, session: SessionKey): Promise<readonly StoredSnapshot[]> {
    const tip = await this.tip(op, session);
    const seen = new Map<string, StoredSnapshot>();
    const open = tip === null ? [] : [tip];
    for (let next = open.pop(); next !== undefined && seen.size < chainMax; next = open.pop()) {
      if (seen.has(next.commit)) continue;
      seen.set(next.commit, next);
      for (const parent of next.parents) {
        const older = seen.has(parent) ? null : await this.readSnapshot(op, parent);
        if (older !== null) open.push(older);
      }
    }
    return oldestFirst(seen);
  }

  /** Every session that has snapshots here, of all work trees. */
  async sessions(op: Op): Promise<readonly (SessionKey & { readonly worktree: string })[]> {
    this.wal.refresh();
    const refs = new Set(this.wal.tips.keys());
    if (storeExists(this.#storeDir)) {
      const { stdout } = await git(op, {
        ...storePlace(this.#storeDir),
        args: ["for-each-ref", "--format=%(refname)", refPrefix],
      });
      for (const ref of stdout.toString("latin1").split("\n")) if (ref !== "") refs.add(ref);
    }
    return [...refs].toSorted().flatMap((ref) => parseSessionRef(ref) ?? []);
  }

  /** Needed when another store stands in the place of this one. */
  forget(): void {
    this.#snapshots.clear();
    this[Symbol.dispose]();
  }

  /** Ends the git processes and lets go of files; both come back when needed. */
  [Symbol.dispose](): void {
    this.#objects?.[Symbol.dispose]();
    this.#objects = undefined;
    this.wal[Symbol.dispose]();
  }

  async #rootOf(op: Op, treeish: string | null): Promise<string | null> {
    if (treeish === null) return null;
    const root = await this.treeOf(op, treeish);
    if (root === null) throw new OtError("not-found", `There is no tree or commit ${treeish}.`);
    return root;
  }

  /** Through the store once there is one: it sees the user's objects too, and never fetches. */
  async #reader(): Promise<ObjectReader> {
    if (this.#objects !== undefined && this.#readsStore) return this.#objects;
    const exists = storeExists(this.#storeDir);
    // Asked again after the wait: another reader may have started it meanwhile.
    if (this.#objects !== undefined && this.#readsStore === exists) return this.#objects;
    this.#objects?.[Symbol.dispose]();
    this.#readsStore = exists;
    this.#objects = new ObjectReader(
      exists ? storePlace(this.#storeDir) : placeOf(this.repository),
    );
    return this.#objects;
  }
}

/** Parents come before children; where chains joined, by time. */
function oldestFirst(snapshots: ReadonlyMap<string, StoredSnapshot>): StoredSnapshot[] {
  const ordered: StoredSnapshot[] = [];
  const placed = new Set<string>();
  const waiting = [...snapshots.values()].toSorted(
    (a, b) => a.atMs - b.atMs || b.parents.length - a.parents.length,
  );
  const stack = waiting.toReversed();
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (placed.has(next.commit)) continue;
    const missing = next.parents
      .map((parent) => snapshots.get(parent))
      .filter((parent) => parent !== undefined && !placed.has(parent.commit));
    if (missing.length === 0) {
      placed.add(next.commit);
      ordered.push(next);
    } else {
      stack.push(next, ...missing.flatMap((parent) => parent ?? []));
    }
  }
  return ordered;
}
