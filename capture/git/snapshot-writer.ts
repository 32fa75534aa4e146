import * as path from "node:path";

import { lockFile } from "../base/file-lock.ts";
import type { Op } from "../base/op.ts";
import { ObjectReader } from "./batch.ts";
import { ContentFilter } from "./content-filter.ts";
import { IgnoreCheck } from "./ignore-check.ts";
import { ObjectBatch } from "./object-batch.ts";
import { zeroOid } from "./objects.ts";
import { PathCapture } from "./path-capture.ts";
import { type BytePath, onDisk } from "./paths.ts";
import { ensurePin } from "./pins.ts";
import { placeOf, type Repository } from "./repository.ts";
import { git } from "./run.ts";
import { sessionRef } from "./session-ref.ts";
import { formatSnapshotCommit, type SnapshotCommit } from "./snapshot-commit.ts";
import { TreeBuild } from "./snapshot-build.ts";
import { adoptShimSnapshots, shimCause } from "./shim-adopt.ts";
import type { Snapshot, SnapshotRequest } from "./snapshot.ts";
import { consolidate, packPending } from "./store-pack.ts";
import type { StoredSnapshot, StoreReader } from "./store-reader.ts";
import { declaredPath, type Scan, WorkTreeScan } from "./work-tree-scan.ts";

/** Snapshots that wait in the write-ahead file at most. */
const snapshotsPerPack = 25;
const walBytesMax = 16 * 1024 * 1024;
const storedOidsMax = 200_000;

/** HEAD at one moment. */
interface Base {
  readonly commit: string | null;
  readonly tree: string | null;
}

/** Takes snapshots of one work tree. Every call of its own holds the store's lock. */
export class SnapshotWriter implements Disposable {
  readonly #repository: Repository;
  readonly #storeDir: string;
  readonly #reader: StoreReader;
  readonly #filter: ContentFilter;
  readonly #capture: PathCapture;
  readonly #ignores: IgnoreCheck;
  readonly #scan: WorkTreeScan;
  readonly #heads: ObjectReader;
  /** Ids that this process put into the store: no need to put them again. */
  readonly #stored = new Set<string>();
  /** HEAD of the newest snapshot, where it moved without a new one being needed. */
  readonly #baseOf = new Map<string, string | null>();
  #pinned = "";
  #lastBase: Base = { commit: null, tree: null };
  #generation = "";
  #indexSignature = "";

  constructor(storeDir: string, reader: StoreReader, trusted: boolean) {
    const { repository } = reader;
    this.#repository = repository;
    this.#storeDir = storeDir;
    this.#reader = reader;
    this.#filter = new ContentFilter({ repository, storeDir, trusted });
    this.#capture = new PathCapture({
      workTree: repository.workTree,
      format: repository.objectFormat,
      filter: this.#filter,
      nestedHead: (op, nested) => nestedHead(op, repository, nested),
      readBlob: (op, oid) => reader.readBlob(op, oid),
    });
    this.#ignores = new IgnoreCheck(repository);
    this.#scan = new WorkTreeScan(repository);
    this.#heads = new ObjectReader(placeOf(repository));
  }

  async take(op: Op, request: SnapshotRequest): Promise<Snapshot> {
    await using _ = await this.#lock(op);
    await this.#refresh(op);
    const previous = await this.#reader.tip(op, request.session);
    if (previous?.cause === shimCause) await this.#adopt(op, previous);
    const build = await this.#build(op, request, previous);
    const snapshot = await this.#commit(op, { request, previous, ...build });
    const { wal } = this.#reader;
    if (wal.snapshots >= snapshotsPerPack || wal.sizeBytes >= walBytesMax) await this.#pack(op);
    return snapshot;
  }

  /** Moves what waits in the write-ahead file into a pack. */
  async flush(op: Op): Promise<void> {
    await using _ = await this.#lock(op);
    this.#reader.wal.refresh();
    await this.#pack(op);
  }

  /** As {@link flush}, and makes one pack of many. */
  async tidy(op: Op): Promise<void> {
    await using _ = await this.#lock(op);
    this.#reader.wal.refresh();
    await this.#pack(op);
    const format = this.#repository.objectFormat;
    await consolidate(op, { storeDir: this.#storeDir, format, reader: this.#reader });
  }

  /** Ends the git processes; they start again when needed. */
  [Symbol.dispose](): void {
    this.#filter[Symbol.dispose]();
    this.#ignores[Symbol.dispose]();
    this.#heads[Symbol.dispose]();
  }

  #lock(op: Op): Promise<AsyncDisposable> {
    return lockFile(op, path.join(this.#storeDir, "lock"));
  }

  async #adopt(op: Op, tip: StoredSnapshot): Promise<void> {
    if (this.#stored.has(tip.commit)) return;
    const format = this.#repository.objectFormat;
    const job = { storeDir: this.#storeDir, format, reader: this.#reader };
    await adoptShimSnapshots(op, job, tip);
    this.#stored.add(tip.commit);
  }

  async #pack(op: Op): Promise<void> {
    const format = this.#repository.objectFormat;
    await packPending(op, { storeDir: this.#storeDir, format, reader: this.#reader });
    this.#generation = this.#reader.wal.generation;
  }

  /** Drops what this process believed of the store if another one has written it meanwhile. */
  async #refresh(op: Op): Promise<void> {
    const { wal } = this.#reader;
    wal.refresh();
    if (wal.generation !== this.#generation) {
      this.#generation = wal.generation;
      this.#pinned = "";
      this.#stored.clear();
      this.#capture.forget();
    }
    if (this.#stored.size > storedOidsMax) this.#stored.clear();
    const index = this.#scan.indexSignature();
    if (index !== this.#indexSignature) this.#ignores.restart();
    this.#indexSignature = index;
    this.#capture.begin(await this.#filter.refresh(op));
  }

  async #build(op: Op, request: SnapshotRequest, previous: StoredSnapshot | null) {
    const { objectFormat } = this.#repository;
    const batch = new ObjectBatch(objectFormat, (oid) => this.#stored.has(oid));
    const tools = { reader: this.#reader, capture: this.#capture, ignores: this.#ignores, batch };
    const base = await this.#readBase(op);
    const declared = request.paths === null ? null : await this.#declared(request.paths);

    if (declared !== null && previous !== null && this.#knownBase(previous) === base.commit) {
      const build = new TreeBuild(tools, previous.tree, op);
      if (await build.applyDeclared(op, declared, base.tree)) {
        return { batch, base, built: await build.write() };
      }
    }
    const scan = await this.#scan.run(op);
    if (scan === null) {
      const build = new TreeBuild(tools, previous?.tree ?? base.tree, op);
      build.note({ path: "", why: "budget" });
      await this.#pin(op, base);
      await build.applyDeclared(op, declared ?? [], base.tree);
      return { batch, base, built: await build.write() };
    }
    const scanned = scan.head === base.commit ? base : await this.#baseAt(op, scan.head);
    const built = await this.#buildFromScan(op, { tools, scan, base: scanned, previous });
    return { batch, base: scanned, built };
  }

  async #buildFromScan(
    op: Op,
    from: {
      tools: ConstructorParameters<typeof TreeBuild>[0];
      scan: Scan;
      base: Base;
      previous: StoredSnapshot | null;
    },
  ) {
    const { tools, scan, base, previous } = from;
    await this.#pin(op, base);
    const build = new TreeBuild(tools, base.tree, op);
    await build.applyScan(op, scan);
    const built = await build.write();
    if (previous === null || previous.tree === built.tree) return built;
    await build.keepIgnored(op, previous.tree, built.tree, scan);
    return build.write();
  }

  async #commit(
    op: Op,
    made: {
      request: SnapshotRequest;
      previous: StoredSnapshot | null;
      batch: ObjectBatch;
      base: Base;
      built: { tree: string; skipped: SnapshotCommit["skipped"] };
    },
  ): Promise<Snapshot> {
    const { request, previous, batch, base, built } = made;
    const common = { tree: built.tree, base: base.commit, skipped: built.skipped };
    if (previous?.tree === built.tree) {
      this.#baseOf.set(previous.commit, base.commit);
      const parent = previous.parents[0] ?? null;
      return { ...common, commit: previous.commit, parent, changed: [], isNew: false };
    }
    const parent = previous?.commit ?? null;
    const { worktree, objectFormat } = this.#repository;
    const body = formatSnapshotCommit({
      ...common,
      parents: parent === null ? [] : [parent],
      atMs: request.atMs,
      cause: request.cause,
      worktree,
    });
    const commit = await batch.put("commit", body);
    const ref = sessionRef(request.session, worktree);
    await this.#append(batch, { ref, commit, old: parent ?? zeroOid(objectFormat) });
    const changed =
      previous === null ? [] : await this.#reader.diffSnapshots(op, previous.tree, built.tree);
    return { ...common, commit, parent, changed, isNew: true };
  }

  async #append(
    batch: ObjectBatch,
    snapshot: { ref: string; commit: string; old: string },
  ): Promise<void> {
    const { objects } = batch;
    try {
      await this.#reader.wal.append(objects, snapshot);
    } catch (error) {
      // The content was handed out but is nowhere: it must be read again.
      this.#capture.forget();
      throw error;
    }
    for (const { oid } of objects) this.#stored.add(oid);
    this.#generation = this.#reader.wal.generation;
  }

  #knownBase(previous: StoredSnapshot): string | null {
    const moved = this.#baseOf.get(previous.commit);
    return moved === undefined ? previous.base : moved;
  }

  async #readBase(op: Op): Promise<Base> {
    const head = await this.#heads.header(op, "HEAD^{commit}");
    return this.#baseAt(op, head?.oid ?? null);
  }

  async #baseAt(op: Op, commit: string | null): Promise<Base> {
    if (commit === null) return { commit, tree: null };
    if (this.#lastBase.commit !== commit) {
      this.#lastBase = { commit, tree: await this.#reader.treeOf(op, commit) };
    }
    return this.#lastBase;
  }

  /** Before anything is built on a tree of the user's, gc is told to leave it alone. */
  async #pin(op: Op, base: Base): Promise<void> {
    if (base.tree === null || base.tree === this.#pinned) return;
    await ensurePin(op, this.#repository, base.tree);
    this.#pinned = base.tree;
  }

  async #declared(paths: readonly string[]): Promise<BytePath[]> {
    const { workTree } = this.#repository;
    const found = await Promise.all(paths.map((name) => declaredPath(workTree, name)));
    return [...new Set(found.filter((one) => one !== null))];
  }
}

/** The commit that is checked out in the repository at `nested`; null if there is none. */
async function nestedHead(
  op: Op,
  repository: Repository,
  nested: BytePath,
): Promise<string | null> {
  const cwd = onDisk(repository.workTree, nested).toString("utf8");
  const { exitCode, stdout } = await git(op, {
    cwd,
    args: ["rev-parse", "--quiet", "--verify", "HEAD^{commit}"],
    okExitCodes: [0, 1, 128],
  });
  return exitCode === 0 ? stdout.toString("latin1").trim() : null;
}
