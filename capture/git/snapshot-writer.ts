import { OtError } from "../base/errors.ts";
import type { Op } from "../base/op.ts";
import { ObjectReader } from "./batch.ts";
import { ContentFilter } from "./content-filter.ts";
import { lookAtHead } from "./head-file.ts";
import { IgnoreCheck } from "./ignore-check.ts";
import { ObjectBatch } from "./object-batch.ts";
import { zeroOid } from "./objects.ts";
import { PathCapture } from "./path-capture.ts";
import { type BytePath, onDisk } from "./paths.ts";
import { type Base, PinGuard } from "./pin-guard.ts";
import { RefMover } from "./ref-mover.ts";
import { placeOf, type Repository } from "./repository.ts";
import { git } from "./run.ts";
import { sessionRef } from "./session-ref.ts";
import { formatSnapshotCommit, type SnapshotCommit } from "./snapshot-commit.ts";
import { TreeBuild } from "./snapshot-build.ts";
import type { Snapshot, SnapshotRequest } from "./snapshot.ts";
import { type CollectOptions, type Collected, collectStore } from "./store-gc.ts";
import { consolidate } from "./store-consolidate.ts";
import { storePlace, storeSignature } from "./store-folder.ts";
import { type PackJob, packPending } from "./store-pack.ts";
import type { StoredSnapshot, StoreReader } from "./store-reader.ts";
import { declaredPath, type Scan, WorkTreeScan } from "./work-tree-scan.ts";

/** Snapshots that wait in the write-ahead file at most. */
const snapshotsPerPack = 25;
const walBytesMax = 16 * 1024 * 1024;
const storedOidsMax = 200_000;

/** Takes snapshots of one work tree. Every call needs the store's lock. */
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
  readonly #pins: PinGuard;
  readonly #refs: RefMover;
  #head: { readonly signature: string | null; readonly commit: string | null } | undefined;
  #lastBase: Base = { commit: null, tree: null };
  /** The newest snapshot that this process took, by ref. */
  readonly #tips = new Map<string, string>();
  /** Tells this store from one that was made anew in its place. */
  #storeSignature = "";
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
    this.#pins = new PinGuard(repository, storeDir);
    this.#refs = new RefMover(storePlace(storeDir));
  }

  async take(op: Op, request: SnapshotRequest): Promise<Snapshot> {
    await this.#refresh(op);
    const previous = await this.#previous(op, request);
    const build = await this.#build(op, request, previous);
    return this.#commit({ request, previous, ...build });
  }

  /** The newest snapshot, also where somebody removed the ref that held it. */
  async #previous(op: Op, { session }: SnapshotRequest): Promise<StoredSnapshot | null> {
    const tip = await this.#reader.knownTip(op, session);
    if (tip !== null) return tip;
    const last = this.#tips.get(sessionRef(session, this.#repository.worktree));
    const isThere = last !== undefined && (await this.#reader.read(op, last)) !== null;
    return isThere ? this.#reader.readSnapshot(op, last) : null;
  }

  /** Whether so much waits in the write-ahead file that {@link flush} should be called. */
  get isFull(): boolean {
    const { wal } = this.#reader;
    return wal.snapshots >= snapshotsPerPack || wal.sizeBytes >= walBytesMax;
  }

  /** Moves what waits in the write-ahead file into a pack. */
  async flush(op: Op): Promise<void> {
    this.#reader.wal.refresh();
    await this.#pack(op);
  }

  /** As {@link flush}, and makes one pack of many. */
  async tidy(op: Op): Promise<void> {
    this.#reader.wal.refresh();
    await this.#pack(op);
    await consolidate(op, this.#packJob());
  }

  /** As {@link flush}, then {@link collectStore}. */
  async collect(op: Op, options: CollectOptions): Promise<Collected> {
    this.#reader.wal.refresh();
    if (!options.dryRun) await this.#pack(op);
    try {
      return await collectStore(op, this.#packJob(), options);
    } finally {
      this.#pins.forget();
      this.#stored.clear();
      this.#tips.clear();
      this.#capture.forget();
      this.#reader.forget();
    }
  }

  /** Ends the git processes; they start again when needed. */
  [Symbol.dispose](): void {
    this.#filter[Symbol.dispose]();
    this.#ignores[Symbol.dispose]();
    this.#heads[Symbol.dispose]();
    this.#refs[Symbol.dispose]();
  }

  async #pack(op: Op): Promise<void> {
    await packPending(op, this.#packJob());
    this.#generation = this.#reader.wal.generation;
  }

  #packJob(): PackJob {
    const format = this.#repository.objectFormat;
    return { storeDir: this.#storeDir, format, reader: this.#reader, refs: this.#refs };
  }

  /** Drops what this process believed of the store if another one has written it meanwhile. */
  async #refresh(op: Op): Promise<void> {
    const { wal } = this.#reader;
    this.#noticeRemoval();
    wal.refresh();
    if (wal.generation !== this.#generation) {
      this.#generation = wal.generation;
      this.#pins.forget();
      this.#stored.clear();
      this.#capture.forget();
    }
    if (this.#stored.size > storedOidsMax) this.#stored.clear();
    const index = this.#scan.indexSignature();
    if (index !== this.#indexSignature) this.#ignores.restart();
    this.#indexSignature = index;
    this.#capture.begin(await this.#filter.refresh(op));
  }

  /** What was learned of a store that was removed does not hold for the one in its place. */
  #noticeRemoval(): void {
    const signature = storeSignature(this.#storeDir);
    if (signature === this.#storeSignature) return;
    if (this.#storeSignature !== "") {
      this.#tips.clear();
      this.#baseOf.clear();
      this.#reader.forget();
    }
    this.#storeSignature = signature;
  }

  async #build(op: Op, request: SnapshotRequest, previous: StoredSnapshot | null) {
    const { objectFormat } = this.#repository;
    const batch = new ObjectBatch(objectFormat, (oid) => this.#stored.has(oid));
    const tools = { reader: this.#reader, capture: this.#capture, ignores: this.#ignores, batch };
    const base = await this.#readBase(op);
    await this.#pins.ensure(op, base);
    const declared = request.paths === null ? null : await this.#declared(request.paths);

    if (declared !== null && previous !== null && this.#knownBase(previous) === base.commit) {
      const build = new TreeBuild(tools, previous.tree, op);
      const isWhole = await unlessDamaged(() => build.applyDeclared(op, declared, base.tree));
      if (isWhole === true) return { batch, base, built: await build.write() };
    }
    const scan = await this.#scan.run(op);
    if (scan === null) {
      const build = new TreeBuild(tools, previous?.tree ?? base.tree, op);
      build.note({ path: "", why: "budget" });
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
    await this.#pins.ensure(op, base);
    const build = new TreeBuild(tools, base.tree, op);
    await build.applyScan(op, scan);
    const built = await build.write();
    if (previous === null || previous.tree === built.tree) return built;
    const kept = await unlessDamaged(async () => {
      await build.keepIgnored(op, previous.tree, built.tree, scan);
      return true;
    });
    // Parts of the snapshot before were pruned: this one stands without a look at it.
    if (kept === null) build.note({ path: "", why: "unreadable" });
    return build.write();
  }

  async #commit(made: {
    request: SnapshotRequest;
    previous: StoredSnapshot | null;
    batch: ObjectBatch;
    base: Base;
    built: { tree: string; skipped: SnapshotCommit["skipped"] };
  }): Promise<Snapshot> {
    const { request, previous, batch, base, built } = made;
    const common = { tree: built.tree, base: base.commit, skipped: built.skipped };
    if (previous?.tree === built.tree) {
      this.#baseOf.set(previous.commit, base.commit);
      const parent = previous.parents[0] ?? null;
      return { ...common, commit: previous.commit, parent, isNew: false };
    }
    const parent = previous?.commit ?? null;
    const { worktree, objectFormat } = this.#repository;
    const snapshot = {
      ...common,
      parents: parent === null ? [] : [parent],
      atMs: request.atMs,
      cause: request.cause,
      worktree,
    };
    const commit = await batch.put("commit", formatSnapshotCommit(snapshot));
    const ref = sessionRef(request.session, worktree);
    await this.#append(batch, { ref, commit, old: parent ?? zeroOid(objectFormat) });
    this.#reader.remember({ ...snapshot, commit });
    this.#tips.set(ref, commit);
    return { ...common, commit, parent, isNew: true };
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
    const look = lookAtHead(this.#repository);
    if (look.commit !== undefined) return this.#baseAt(op, look.commit);
    if (look.signature === null || look.signature !== this.#head?.signature) {
      const header = await this.#heads.header(op, "HEAD^{commit}");
      this.#head = { signature: look.signature, commit: header?.oid ?? null };
    }
    return this.#baseAt(op, this.#head.commit);
  }

  async #baseAt(op: Op, commit: string | null): Promise<Base> {
    if (commit === null) return { commit, tree: null };
    if (this.#lastBase.commit !== commit) {
      const tree = await this.#reader.treeOf(op, commit);
      if (tree === null) {
        throw new OtError("data-damaged", `HEAD's commit ${commit} is missing.`, {
          hint: "`git fsck` says what else is missing.",
        });
      }
      // A tree that is missing should be said to be, before it is pinned in vain.
      await this.#reader.loadTree(op, tree);
      this.#lastBase = { commit, tree };
    }
    return this.#lastBase;
  }

  async #declared(paths: readonly string[]): Promise<BytePath[]> {
    const { workTree } = this.#repository;
    const found = await Promise.all(paths.map((name) => declaredPath(workTree, name)));
    return [...new Set(found.filter((one) => one !== null))];
  }
}

/** Null where an object is missing that the work needs. */
async function unlessDamaged<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof OtError && error.code === "data-damaged") return null;
    throw error;
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
