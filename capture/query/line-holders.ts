import { type Op, throwIfCancelled } from "../base/op.ts";
import type { ChangedCommit } from "../git/parse/changed-log.ts";
import type { Birth } from "../trail/births.ts";
import type { PathLedger } from "../trail/path-ledger.ts";
import { reflowedLines } from "../trail/survival.ts";
import { linesOfBytes } from "../trail/text-lines.ts";
import type { BlobBirths } from "./blob-ids.ts";
import { changeOfPath, changesOf, type CommitHistory, historyOf } from "./commit-history.ts";
import type { RepoContext } from "./repo-context.ts";
import { isShallowEnd } from "./shallow-end.ts";

/** Births so few that each is looked for by itself. */
const searchedMax = 16;

/** The commit that took a line in and has kept it since, and where the line stands in it. */
export interface LineHolder {
  readonly commit: ChangedCommit;
  readonly path: string;
  /** 0-based, in that commit's version of the file. */
  readonly line: number;
  /** Id of that version. */
  readonly blob: string;
}

/** One content of the path as a commit has it. */
export interface Place {
  readonly path: string;
  readonly blob: string;
}

/** What is known of a path, and the names that the file had or has. */
export interface NamedLedger {
  readonly ledger: PathLedger;
  /** The path that the ledger is of. */
  readonly path: string;
  readonly names: readonly string[];
}

interface Search extends Place {
  readonly wanted: ReadonlySet<number>;
}

/**
 * Which commit holds each line of a path, as seen from one commit: what `git blame` tells of lines,
 * told of births. So a line that moved, was re-indented or came back is known, and nothing has to
 * be compared where snapshots saw what was committed.
 */
export class LineHolders {
  readonly #context: RepoContext;
  readonly #named: NamedLedger;
  readonly #at: Place & { readonly sha: string };
  readonly #known = new Map<number, readonly LineHolder[]>();
  readonly #knownAll = new Map<number, readonly LineHolder[]>();
  #asking: Promise<unknown> = Promise.resolve();

  constructor(context: RepoContext, named: NamedLedger, at: Place & { readonly sha: string }) {
    this.#context = context;
    this.#named = named;
    this.#at = at;
  }

  /**
   * The holder of each birth; none for one that the commit does not have, or had before capture.
   */
  async of(op: Op, ids: Iterable<number>): Promise<ReadonlyMap<number, LineHolder>> {
    const asked = [...ids];
    await this.#search(op, asked, { everyWay: false });
    const found = new Map<number, LineHolder>();
    for (const id of asked) {
      const [holder] = this.#known.get(id) ?? [];
      if (holder !== undefined) found.set(id, holder);
    }
    return found;
  }

  /** As {@link LineHolders.of}, with the ones that took it in on other ways to a merge as well. */
  async allOf(op: Op, ids: Iterable<number>): Promise<ReadonlyMap<number, readonly LineHolder[]>> {
    const asked = [...ids];
    await this.#search(op, asked, { everyWay: true });
    return new Map(asked.map((id) => [id, this.#knownAll.get(id) ?? []]));
  }

  #search(op: Op, asked: readonly number[], how: { everyWay: boolean }): Promise<void> {
    const search = this.#asking.then(() => this.#find(op, asked, how));
    this.#asking = search.catch(() => undefined);
    return search;
  }

  async #find(
    op: Op,
    asked: readonly number[],
    { everyWay }: { everyWay: boolean },
  ): Promise<void> {
    const known = everyWay ? this.#knownAll : this.#known;
    const wanted = new Set(asked.filter((id) => id >= 0 && !known.has(id)));
    if (wanted.size === 0) return;
    const { sha, path, blob } = this.#at;
    const names = [path, ...this.#named.names];
    const history = await historyOf(op, this.#context, sha, names);
    const walk = new Walk(op, this.#context, this.#named, { history, everyWay });
    const found = await walk.from(sha, { path, blob, wanted });
    for (const id of wanted) {
      const holders = found.get(id) ?? [];
      const isEnd = ({ commit }: LineHolder): boolean => isShallowEnd(this.#context, commit.sha);
      known.set(id, holders.some(isEnd) ? [] : holders);
    }
  }
}

/** One walk back through a history, from child to parent, each line as far as it is there. */
class Walk {
  readonly #op: Op;
  readonly #context: RepoContext;
  readonly #named: NamedLedger;
  readonly #history: CommitHistory;
  readonly #everyWay: boolean;
  readonly #found = new Map<number, LineHolder[]>();
  /** What is looked for in each commit, by its place in the history. */
  readonly #open = new Map<number, Search[]>();

  constructor(
    op: Op,
    context: RepoContext,
    named: NamedLedger,
    how: { readonly history: CommitHistory; readonly everyWay: boolean },
  ) {
    this.#op = op;
    this.#context = context;
    this.#named = named;
    this.#history = how.history;
    this.#everyWay = how.everyWay;
  }

  async from(sha: string, search: Search): Promise<ReadonlyMap<number, readonly LineHolder[]>> {
    const present = await this.#present(search, search.wanted);
    this.#push(sha, { ...search, wanted: new Set(present.keys()) });
    const { commits } = this.#history;
    for (let index = 0; index < commits.length && this.#open.size > 0; index += 1) {
      const searches = this.#open.get(index);
      const commit = commits[index];
      if (searches === undefined || commit === undefined) continue;
      this.#open.delete(index);
      throwIfCancelled(this.#op);
      for (const one of searches) await this.#step(commit, one);
    }
    return this.#found;
  }

  async #step(commit: ChangedCommit, search: Search): Promise<void> {
    const change = changeOfPath(commit, search.path);
    const [parent] = commit.parents;
    if (change === undefined && commit.parents.length === 1 && parent !== undefined) {
      this.#push(parent, search);
      return;
    }
    let left = search.wanted;
    for (const [sha, place] of await this.#placesBefore(commit, search)) {
      const asked = this.#everyWay ? search.wanted : left;
      if (asked.size === 0) return;
      const isSame = place.blob === search.blob;
      const passed = isSame ? asked : new Set((await this.#present(place, asked)).keys());
      this.#push(sha, { ...place, wanted: passed });
      left = new Set([...left].filter((id) => !passed.has(id)));
    }
    if (left.size === 0) return;
    for (const [id, line] of await this.#present(search, left)) {
      const holder = { commit, path: search.path, line, blob: search.blob };
      this.#found.set(id, [...(this.#found.get(id) ?? []), holder]);
    }
  }

  /**
   * The content in each parent, under the name that it had there; equal ones first, as git does.
   */
  async #placesBefore(commit: ChangedCommit, { path, blob }: Place): Promise<[string, Place][]> {
    const places: [string, Place][] = [];
    const change = changeOfPath(commit, path);
    for (const sha of commit.parents) {
      const isPlain = commit.parents.length === 1 && change !== undefined;
      const oid = isPlain
        ? change.before
        : ((await this.#context.reader.readTreePath(this.#op, sha, path))?.oid ?? null);
      if (oid !== null) places.push([sha, { path, blob: oid }]);
    }
    const [parent] = commit.parents;
    if (places.length === 0 && parent !== undefined && commit.parents.length === 1) {
      const renamed = (await changesOf(this.#op, this.#context, commit.sha)).find(
        (other) => other.path === path && other.from !== null,
      );
      if (renamed !== undefined && renamed.from !== null) {
        places.push([parent, { path: renamed.from, blob: renamed.oldOid }]);
      }
    }
    return places.toSorted(([, a], [, b]) => Number(b.blob === blob) - Number(a.blob === blob));
  }

  /** Of some births those that a content has, with their 0-based lines. */
  async #present(place: Place, wanted: ReadonlySet<number>): Promise<Map<number, number>> {
    const { ids, reflowed } = await birthsOfBlob(this.#op, this.#context, this.#named, place);
    const present = new Map<number, number>();
    for (const [id, line] of reflowed) if (wanted.has(id)) present.set(id, line);
    if (wanted.size <= searchedMax) {
      for (const id of wanted) {
        const line = ids.lastIndexOf(id);
        if (line >= 0) present.set(id, line);
      }
      return present;
    }
    const flags = new Uint8Array(this.#named.ledger.births.count);
    for (const id of wanted) flags[id] = 1;
    for (let line = 0; line < ids.length; line += 1) {
      const id = ids[line] ?? -1;
      if (flags[id] === 1) present.set(id, line);
    }
    return present;
  }

  #push(sha: string, search: Search): void {
    const index = this.#history.indexOf(sha);
    if (index === undefined || search.wanted.size === 0) return;
    const open = this.#open.get(index) ?? [];
    const same = open.findIndex(({ path, blob }) => path === search.path && blob === search.blob);
    const known = open[same];
    if (known === undefined) open.push(search);
    else open[same] = { ...known, wanted: new Set([...known.wanted, ...search.wanted]) };
    this.#open.set(index, open);
  }
}

/**
 * The births that a committed content has; none for one that has no lines to own. Under a name that
 * no session knew, it is compared with what is known of the ledger's own path.
 */
export function birthsOfBlob(
  op: Op,
  context: RepoContext,
  { ledger, path: home }: Pick<NamedLedger, "ledger" | "path">,
  { path, blob }: Place,
): Promise<BlobBirths> {
  const name = ledger.latest(path) === undefined ? home : path;
  return context.blobIds.once(`${ledger.serial}\0${name}\0${blob}`, async () => {
    const seen = ledger.idsOf(name, blob);
    if (seen !== undefined) {
      const birthAt = (line: number): Birth => ledger.births.get(seen[line] ?? -1);
      return { ids: seen, reflowed: reflowedLines(ledger.births, seen, birthAt) };
    }
    const bytes = await context.reader.readBlob(op, blob).catch(() => null);
    const lines = bytes === null ? null : linesOfBytes(bytes);
    if (lines === null) return { ids: new Int32Array(0), reflowed: new Map() };
    const { ids, birthAt } = ledger.resolve(name, { key: blob, lines });
    return { ids, reflowed: reflowedLines(ledger.births, ids, birthAt) };
  });
}
