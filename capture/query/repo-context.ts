import { realpath } from "node:fs/promises";
import { join } from "node:path";

import type { Op } from "../base/op.ts";
import { placeOf, type Repository, rootCommits } from "../git/repository.ts";
import { git } from "../git/run.ts";
import { StoreReader } from "../git/store-reader.ts";
import type { EventRecord } from "../model/events.ts";
import { Origins, remembered } from "../trail/origins.ts";
import type { PathLedger } from "../trail/path-ledger.ts";
import { BlobIds } from "./blob-ids.ts";
import type { Bucket } from "./bucket-views.ts";
import type { FileContent } from "./file-content.ts";
import { fileStamp, HeadWatch } from "./head-watch.ts";
import { planLedger } from "./ledger-plan.ts";
import { type MadeLedger, makeLedger } from "./made-ledger.ts";
import type { KnownPatch } from "./path-patches.ts";
import {
  type EntriesByPath,
  entriesByPath,
  type RepoPlaces,
  type RepoSession,
  repoSessionOf,
} from "./repo-sessions.ts";
import type { PatchEntry } from "./patch-entry.ts";
import type { UnitView } from "./unit-view.ts";
import { WritingIndex } from "./writing-index.ts";

/** Ledgers that are kept; the least recently asked for go first. */
const ledgersMax = 200;

/**
 * Answers that are kept, by what they hold: a few words, a content's lines, all of a file's owners.
 */
const keptMax = { small: 4096, content: 128, file: 24 };

function newMemo(): Map<string, Promise<unknown>> {
  return new Map();
}

interface KnownFile {
  readonly stamp: string;
  readonly content: FileContent;
  /** Null for what is no text. */
  readonly text: string | null;
}

/** How a session is related to the repository, and what that was decided by. */
interface KnownKin {
  readonly key: string;
  readonly places: RepoPlaces;
  readonly session: RepoSession | null;
}

interface KnownLedger {
  /** Bucket version at which it was last found to stand. */
  readonly version: number;
  readonly made: Promise<MadeLedger>;
}

/**
 * Everything that questions about one repository share: its sessions, the ledgers of its paths,
 * where its lines come from. Kept for as long as the repository is worked in; nothing in it is
 * truth.
 *
 * It asks the bucket whether something changed before each answer, at most once every
 * {@link Bucket} interval, or at once after `bucket.markStale()`.
 */
export class RepoContext implements Disposable {
  readonly repository: Repository;
  readonly bucket: Bucket;
  readonly reader: StoreReader;
  readonly origins: Origins;
  readonly head: HeadWatch;
  /** Births of the lines of committed contents. */
  readonly blobIds = new BlobIds();
  /** Files as they were last read from the work tree. */
  readonly onDisk = new Map<string, KnownFile>();
  /** Where sessions without snapshots wrote. */
  readonly writings = new WritingIndex();
  readonly #memo = { small: newMemo(), content: newMemo(), file: newMemo() };
  readonly #entries = new WeakMap<
    UnitView,
    { readonly entries: readonly PatchEntry[]; readonly byPath: EntriesByPath }
  >();
  readonly #bases = new WeakMap<readonly EventRecord[], readonly string[]>();
  readonly #kin = new WeakMap<UnitView, KnownKin>();
  readonly #patches = new WeakMap<PatchEntry, Map<string, KnownPatch>>();
  readonly #ledgers = new Map<string, KnownLedger>();
  #places: { readonly stamp: string; readonly places: Promise<RepoPlaces> } | undefined;
  #sessions:
    | { readonly version: number; readonly sessions: Promise<readonly RepoSession[]> }
    | undefined;

  constructor(repository: Repository, bucket: Bucket) {
    this.repository = repository;
    this.bucket = bucket;
    this.reader = new StoreReader(repository);
    this.origins = new Origins(repository);
    this.head = new HeadWatch(repository);
  }

  /** Sessions of this repository, and guests that may be, at the bucket's current version. */
  async sessions(op: Op): Promise<readonly RepoSession[]> {
    const version = await this.bucket.refresh(op);
    if (this.#sessions?.version !== version) {
      this.#sessions = { version, sessions: this.#findSessions(op) };
    }
    return this.#sessions.sessions;
  }

  /** Grows with every change of the bucket. */
  version(op: Op): Promise<number> {
    return this.bucket.refresh(op);
  }

  /** The patches of one session by the path that they have here. */
  async entriesByPath(session: RepoSession): Promise<EntriesByPath> {
    const entries = await session.view.readEntries();
    const known = this.#entries.get(session.view);
    if (known?.entries === entries) return known.byPath;
    const byPath = entriesByPath(session, entries);
    this.#entries.set(session.view, { entries, byPath });
    return byPath;
  }

  /** The commits on which snapshots of its sessions stood, in the order they were first seen. */
  async snapshotBases(op: Op): Promise<readonly string[]> {
    const bases = new Set<string>();
    for (const { view } of await this.sessions(op)) {
      const events = await view.readEvents();
      let known = this.#bases.get(events);
      if (known === undefined) {
        known = basesOf(events);
        this.#bases.set(events, known);
      }
      for (const base of known) bases.add(base);
    }
    return [...bases];
  }

  /** What is known of a path and of the paths it was renamed from. */
  async ledger(op: Op, path: string): Promise<PathLedger> {
    const version = await this.version(op);
    const known = this.#ledgers.get(path);
    this.#ledgers.delete(path);
    const made = known?.version === version ? known.made : this.#makeLedger(op, path, known?.made);
    this.#ledgers.set(path, { version, made });
    made.catch(() => this.#ledgers.delete(path));
    for (const oldest of this.#ledgers.keys()) {
      if (this.#ledgers.size <= ledgersMax) break;
      this.#ledgers.delete(oldest);
    }
    return (await made).ledger;
  }

  /** What is known of a patch at a place, found once; what cannot be read is not kept. */
  async knownPatch(
    entry: PatchEntry,
    place: string,
    find: () => Promise<KnownPatch | undefined>,
  ): Promise<KnownPatch | undefined> {
    const byPlace = this.#patches.get(entry) ?? new Map<string, KnownPatch>();
    const known = byPlace.get(place) ?? (await find());
    if (known !== undefined) this.#patches.set(entry, byPlace.set(place, known));
    return known;
  }

  /**
   * An answer that is made once for `key`, which begins with the name of its maker and names all
   * that the answer depends on. `size` says how much it holds on to: what is large is soon
   * forgotten.
   */
  once<V>(key: string, make: () => Promise<V>, size: keyof typeof keptMax = "small"): Promise<V> {
    // Safe: a key is used with one kind of answer only.
    return remembered(this.#memo[size], key, make, keptMax[size]) as Promise<V>;
  }

  [Symbol.dispose](): void {
    this.reader[Symbol.dispose]();
  }

  /** The ledger of before stands if it would be made of the same. */
  async #makeLedger(
    op: Op,
    path: string,
    before: Promise<MadeLedger> | undefined,
  ): Promise<MadeLedger> {
    const plan = await planLedger(op, this, await this.sessions(op), path);
    const known = await before?.catch(() => undefined);
    return known?.stamp === plan.stamp ? known : makeLedger(op, this, { path, plan }, known);
  }

  async #findSessions(op: Op): Promise<readonly RepoSession[]> {
    const places = await this.#currentPlaces(op);
    const found: RepoSession[] = [];
    for (const view of this.bucket.views()) {
      const { repository = null, cwd = null } = view.session ?? {};
      const key = JSON.stringify([repository, cwd, view.version]);
      let known = this.#kin.get(view);
      if (known?.key !== key || known.places !== places) {
        known = { key, places, session: await repoSessionOf(view, places) };
        this.#kin.set(view, known);
      }
      if (known.session !== null) found.push(known.session);
    }
    return found;
  }

  /** Looked for again when a work tree came or went, or the first commit did. */
  async #currentPlaces(op: Op): Promise<RepoPlaces> {
    const isUnborn = (await this.head.commit(op)) === null;
    const stamp = `${fileStamp(join(this.repository.commonDir, "worktrees"))} ${isUnborn}`;
    if (this.#places?.stamp !== stamp) {
      this.#places = { stamp, places: findPlaces(op, this.repository) };
    }
    return this.#places.places;
  }
}

function basesOf(events: readonly EventRecord[]): readonly string[] {
  const bases = new Set<string>();
  for (const event of events)
    if (event.r === "snapshot" && event.base !== null) bases.add(event.base);
  return [...bases];
}

async function findPlaces(op: Op, repository: Repository): Promise<RepoPlaces> {
  const { stdout } = await git(op, {
    ...placeOf(repository),
    args: ["worktree", "list", "--porcelain", "-z"],
  });
  const listed = stdout
    .toString("utf8")
    .split("\0")
    .filter((field) => field.startsWith("worktree "))
    .map((field) => field.slice("worktree ".length));
  const roots = await Promise.all(
    [repository.workTree, ...listed].map((root) => realpath(root).catch(() => root)),
  );
  const workTrees = [...new Set([repository.workTree, ...roots])];
  return { repository, rootCommits: await rootCommits(op, repository), workTrees };
}
