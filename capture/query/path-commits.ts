import type { Op } from "../base/op.ts";
import type { ChangedCommit } from "../git/parse/changed-log.ts";
import { remembered } from "../trail/origins.ts";
import type { Effect, LedgerChange, PathLedger } from "../trail/path-ledger.ts";
import { type Population, populationOf, readableIds } from "../trail/survival.ts";
import { changeOfPath, commitsTouching } from "./commit-history.ts";
import { isOlderThan } from "./commit-order.ts";
import { findInCommit } from "./file-content.ts";
import { birthsOfBlob, type Place } from "./line-holders.ts";
import type { RepoContext } from "./repo-context.ts";

/** Commits of one path that are walked to learn what happened to a patch. */
const walkedCommitsMax = 500;

/** Commits that are asked which of them was the first to take a part of a change. */
const askedForPartsMax = 50;

/** Which births a version of the path has; `blob` is null where there is none. */
interface Presence {
  readonly blob: string | null;
  readonly has: (id: number) => boolean;
}

const nothing: Presence = { blob: null, has: () => false };

/** The names that one file had or has, and what is known of its lines. */
interface Named {
  readonly ledger: PathLedger;
  /** The path that the ledger is of. */
  readonly path: string;
  readonly names: readonly string[];
  /** The tip; null where nothing is committed. */
  readonly sha: string | null;
}

/** The commits of a tip's history that touched a file, and which lines each has of it. */
export class PathCommits {
  readonly #context: RepoContext;
  readonly #named: Named;
  readonly #presence = new Map<string, Promise<Presence>>();

  constructor(context: RepoContext, named: Named) {
    this.#context = context;
    this.#named = named;
  }

  /** The newest commit that held all of a change, and the one that followed it. */
  async lastHolder(
    op: Op,
    effect: Effect,
  ): Promise<{ readonly commit: ChangedCommit; readonly next: ChangedCommit | null } | null> {
    const { births } = this.#named.ledger;
    const added = readableIds(births, effect.added);
    const removed = readableIds(births, effect.removed);
    const commits = await this.#commits(op);
    for (const [at, commit] of commits.entries()) {
      const { has } = await this.#after(op, commit);
      if (!added.every(has) || removed.some(has)) continue;
      if (await isOlderThan(op, this.#context, commit, effect.change)) continue;
      return { commit, next: commits[at - 1] ?? null };
    }
    return null;
  }

  /** The first commit with some lines of a change, or with lines that descend from them. */
  async firstPart(op: Op, effect: Effect): Promise<ChangedCommit | null> {
    const added = readableIds(this.#named.ledger.births, effect.added);
    let asked = 0;
    for (const commit of (await this.#commits(op)).toReversed()) {
      if (await isOlderThan(op, this.#context, commit, effect.change)) continue;
      const population = await this.#populationOf(op, commit);
      const isThere = (id: number): boolean =>
        population.lineOf.has(id) || population.forebears.has(id);
      if (added.some(isThere)) return commit;
      asked += 1;
      if (asked >= askedForPartsMax) return null;
    }
    return null;
  }

  /**
   * The commits that took lines away which a change had removed, newest first, as far back as they
   * last were there; for a change that removed none, the first one after it.
   */
  async deletions(
    op: Op,
    effect: Effect,
  ): Promise<readonly { readonly commit: ChangedCommit; readonly blob: string | null }[]> {
    const removed = readableIds(this.#named.ledger.births, effect.removed);
    const found: { commit: ChangedCommit; blob: string | null }[] = [];
    let last: (typeof found)[number] | undefined;
    for (const commit of await this.#commits(op)) {
      if (await isOlderThan(op, this.#context, commit, effect.change)) continue;
      const after = await this.#after(op, commit);
      last = { commit, blob: after.blob };
      if (removed.length === 0) continue;
      const before = await this.#before(op, commit);
      const change = removed.filter(after.has).length - removed.filter(before.has).length;
      if (change > 0) break;
      if (change < 0) found.push(last);
    }
    return removed.length === 0 && last !== undefined ? [last] : found;
  }

  /** The commits that are no older than a change, newest first. */
  async since(op: Op, change: LedgerChange): Promise<readonly ChangedCommit[]> {
    const found: ChangedCommit[] = [];
    for (const commit of await this.#commits(op)) {
      if (!(await isOlderThan(op, this.#context, commit, change))) found.push(commit);
    }
    return found;
  }

  /** The version that a commit has of the file; null where it has none. */
  async blobIn(op: Op, commit: ChangedCommit): Promise<string | null> {
    return (await this.#place(op, commit))?.blob ?? null;
  }

  /** Newest first. */
  async #commits(op: Op): Promise<readonly ChangedCommit[]> {
    const { sha, names } = this.#named;
    if (sha === null) return [];
    const commits = await commitsTouching(op, this.#context, sha, names);
    return commits.slice(0, walkedCommitsMax);
  }

  #after(op: Op, commit: ChangedCommit): Promise<Presence> {
    return this.#known(commit.sha, async () => this.#presenceOf(op, await this.#place(op, commit)));
  }

  #before(op: Op, commit: ChangedCommit): Promise<Presence> {
    const places = this.#named.names.flatMap((path): Place[] => {
      const blob = changeOfPath(commit, path)?.before ?? null;
      return blob === null ? [] : [{ path, blob }];
    });
    return this.#known(`before ${commit.sha}`, () => this.#presenceOf(op, places[0] ?? null));
  }

  #known(key: string, find: () => Promise<Presence>): Promise<Presence> {
    return remembered(this.#presence, key, find, 2 * walkedCommitsMax);
  }

  async #presenceOf(op: Op, place: Place | null): Promise<Presence> {
    if (place === null) return nothing;
    const present = new Uint8Array(this.#named.ledger.births.count);
    const { ids, reflowed } = await birthsOfBlob(op, this.#context, this.#named, place);
    for (const id of ids) if (id >= 0) present[id] = 1;
    for (const id of reflowed.keys()) present[id] = 1;
    return { blob: place.blob, has: (id) => present[id] === 1 };
  }

  async #populationOf(op: Op, { sha }: ChangedCommit): Promise<Population> {
    const { ledger, path: home, names } = this.#named;
    for (const path of names) {
      const content = await findInCommit(op, this.#context, { sha, path });
      if (content === null || content.lines === null) continue;
      const name = ledger.latest(path) === undefined ? home : path;
      const resolved = ledger.resolve(name, { key: content.key, lines: content.lines });
      return populationOf(ledger.births, resolved, resolved.birthAt);
    }
    const none = ledger.resolve(home, { key: "absent", lines: [] });
    return populationOf(ledger.births, none, none.birthAt);
  }

  /** What the file is in a commit that touched it, under whichever name. */
  async #place(op: Op, commit: ChangedCommit): Promise<Place | null> {
    const { names } = this.#named;
    for (const path of names) {
      const blob = changeOfPath(commit, path)?.after ?? null;
      if (blob !== null) return { path, blob };
    }
    for (const path of names) {
      const entry = await this.#context.reader.readTreePath(op, commit.sha, path);
      if (entry !== null) return { path, blob: entry.oid };
    }
    return null;
  }
}
