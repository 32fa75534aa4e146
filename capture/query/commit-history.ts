import { OtError } from "../base/errors.ts";
import type { Op } from "../base/op.ts";
import { changesOfCommits, listChangedCommits } from "../git/changed-commits.ts";
import type { ChangedCommit, PathChange } from "../git/parse/changed-log.ts";
import type { TreeChange } from "../git/parse/diff.ts";
import { captureBegin } from "./capture-begin.ts";
import type { RepoContext } from "./repo-context.ts";
import type { RepoSession } from "./repo-sessions.ts";

/** Commits of which it is kept what they changed; of a longer history each path is listed alone. */
const commitsMax = 10_000;

/** Commits on which snapshots stood that are asked for beside HEAD's, the latest of them. */
const basesMax = 500;

/**
 * Commits with what each did to which path, in memory: the part of a history that came after
 * capture began. Whatever asks which commits touched a path asks here, not git.
 */
export class CommitHistory {
  /** Newest first, children before parents. */
  readonly commits: readonly ChangedCommit[];
  readonly #indexOf = new Map<string, number>();
  readonly #byPath = new Map<string, number[]>();
  readonly #reach = new Map<string, Uint8Array>();

  constructor(commits: readonly ChangedCommit[]) {
    this.commits = commits;
    commits.forEach(({ sha, changes }, index) => {
      this.#indexOf.set(sha, index);
      for (const { path } of changes) {
        const known = this.#byPath.get(path);
        if (known === undefined) this.#byPath.set(path, [index]);
        else known.push(index);
      }
    });
  }

  /** Place in {@link CommitHistory.commits}; undefined for a commit before its beginning. */
  indexOf(sha: string): number | undefined {
    return this.#indexOf.get(sha);
  }

  /** The commits up to `sha` that touched one of the paths, newest first. */
  touching(sha: string, paths: readonly string[]): readonly ChangedCommit[] {
    const reach = this.#reachOf(sha);
    const found = new Set<number>();
    for (const path of paths) {
      for (const index of this.#byPath.get(path) ?? []) if (reach[index] === 1) found.add(index);
    }
    const ordered = [...found].toSorted((a, b) => a - b);
    return ordered.flatMap((index) => this.commits[index] ?? []);
  }

  /** True if a commit up to `sha` follows `base`, which itself is before the beginning. */
  leadsFrom(base: string, sha: string): boolean {
    if (base === sha) return true;
    const reach = this.#reachOf(sha);
    return this.commits.some(({ parents }, index) => reach[index] === 1 && parents.includes(base));
  }

  /** True if both are known, and `sha` is `older` or follows it. */
  follows(sha: string, older: string): boolean {
    const at = this.#indexOf.get(older);
    return at !== undefined && this.#reachOf(sha)[at] === 1;
  }

  #reachOf(sha: string): Uint8Array {
    const known = this.#reach.get(sha);
    if (known !== undefined) return known;
    const reach = new Uint8Array(this.commits.length);
    const first = this.#indexOf.get(sha);
    if (first !== undefined) reach[first] = 1;
    // Parents come after their children, so one pass reaches all.
    for (let index = first ?? this.commits.length; index < this.commits.length; index += 1) {
      if (reach[index] === 0) continue;
      for (const parent of this.commits[index]?.parents ?? []) {
        const at = this.#indexOf.get(parent);
        if (at !== undefined) reach[at] = 1;
      }
    }
    this.#reach.set(sha, reach);
    return reach;
  }
}

/**
 * The history that tells what happened to some paths up to a commit: everything since capture began
 * where that fits, else what touched these paths.
 */
export async function historyOf(
  op: Op,
  context: RepoContext,
  sha: string,
  paths: readonly string[],
): Promise<CommitHistory> {
  const begin = await beginOfHistory(op, context);
  const shared = await sharedHistory(op, context, begin);
  if (shared?.indexOf(sha) !== undefined) return shared;
  const without = begin === null ? [] : [begin];
  // Where HEAD's is too long, another one is hardly shorter.
  const whole =
    shared === null
      ? null
      : await context.once(
          `history\0${sha}\0${begin}`,
          () => load(op, context, { tips: [sha], without }),
          "content",
        );
  if (whole !== null) return whole;
  const names = [...new Set(paths)].toSorted();
  const key = `history-of\0${sha}\0${begin}\0${names.join("\0")}`;
  const ofPaths = await context.once(
    key,
    () => load(op, context, { tips: [sha], without, paths: names }),
    "content",
  );
  return ofPaths ?? new CommitHistory([]);
}

/** True if memory tells that `sha` is `older` or follows it: nothing is asked of git for it. */
export async function isKnownToFollow(
  op: Op,
  context: RepoContext,
  sha: string,
  older: string,
): Promise<boolean> {
  const shared = await sharedHistory(op, context, await beginOfHistory(op, context));
  return shared?.follows(sha, older) ?? false;
}

/** The commits up to `sha` that touched one of the paths since capture began, newest first. */
export async function commitsTouching(
  op: Op,
  context: RepoContext,
  sha: string,
  paths: readonly string[],
): Promise<readonly ChangedCommit[]> {
  return (await historyOf(op, context, sha, paths)).touching(sha, paths);
}

/** A commit, no later than `sha`, since which the path has stayed as it is in `sha`. */
export async function unchangedSince(
  op: Op,
  context: RepoContext,
  sha: string,
  path: string,
): Promise<string> {
  const history = await historyOf(op, context, sha, [path]);
  const [last] = history.touching(sha, [path]);
  if (last !== undefined) return last.sha;
  const begin = await beginOfHistory(op, context);
  return begin !== null && history.leadsFrom(begin, sha) ? begin : sha;
}

/** HEAD's, and that of all commits on which snapshots stood; null where it is too long. */
async function sharedHistory(
  op: Op,
  context: RepoContext,
  begin: string | null,
): Promise<CommitHistory | null> {
  const head = await context.head.commit(op);
  if (head === null) return new CommitHistory([]);
  const bases = await context.snapshotBases(op);
  const others = bases.filter((sha) => sha !== head).slice(-basesMax);
  const without = begin === null ? [] : [begin];
  const key = `history\0${head} ${others.join(" ")}\0${begin}`;
  return context.once(key, async () => {
    const there: string[] = [];
    for (const sha of others) if (await context.reader.has(op, sha)) there.push(sha);
    try {
      return await load(op, context, { tips: [head, ...there], without });
    } catch (error) {
      // Of commits that were rewritten, git may have thrown away what they followed.
      if (there.length === 0 || !(error instanceof OtError) || error.code !== "git-failed")
        throw error;
      return load(op, context, { tips: [head], without });
    }
  });
}

async function load(
  op: Op,
  context: RepoContext,
  range: { tips: readonly string[]; without: readonly string[]; paths?: readonly string[] },
): Promise<CommitHistory | null> {
  const { repository } = context;
  const commits = await listChangedCommits(op, repository, { ...range, limit: commitsMax });
  if (commits === null || (range.paths === undefined && commits.length >= commitsMax)) return null;
  return new CommitHistory(commits);
}

/** The commit before which no session can have written anything; null where none is known. */
async function beginOfHistory(op: Op, context: RepoContext): Promise<string | null> {
  const begin = await captureBegin(op, context);
  if (begin === null || typeof begin.base !== "string") return null;
  // What ran in a folder that is gone may be older than what is known of this one.
  const guests = (await context.sessions(op)).filter(({ kin }) => kin === "guest");
  const isOlder = ({ view }: RepoSession): boolean =>
    (view.session?.startedAtMs ?? -Infinity) < begin.atMs;
  if (guests.some(isOlder)) return null;
  return (await context.reader.has(op, begin.base)) ? begin.base : null;
}

/** What each commit changed with renames found; one process for all that are not known yet. */
export async function changesOfAll(
  op: Op,
  context: RepoContext,
  shas: readonly string[],
): Promise<ReadonlyMap<string, readonly TreeChange[]>> {
  let asked: ReturnType<typeof changesOfCommits> | undefined;
  const found = new Map<string, readonly TreeChange[]>();
  for (const sha of shas) {
    const changes = await context.once(`changes\0${sha}`, async () => {
      asked ??= changesOfCommits(op, context.repository, shas);
      return (await asked).get(sha) ?? [];
    });
    found.set(sha, changes);
  }
  return found;
}

/** As {@link changesOfAll}, of one commit. */
export async function changesOf(
  op: Op,
  context: RepoContext,
  sha: string,
): Promise<readonly TreeChange[]> {
  return (await changesOfAll(op, context, [sha])).get(sha) ?? [];
}

/** What a commit did to a path; undefined where it left it alone. */
export function changeOfPath(commit: ChangedCommit, path: string): PathChange | undefined {
  return commit.changes.find((change) => change.path === path);
}
