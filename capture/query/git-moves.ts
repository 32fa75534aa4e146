import type { Op } from "../base/op.ts";
import { listCommits } from "../git/history.ts";
import type { CommitInfo } from "../git/parse/log.ts";
import type { EventRecord, SnapshotEvent } from "../model/events.ts";
import type { PatchRecord } from "../model/trail.ts";
import type { LedgerSide } from "../trail/path-ledger.ts";
import { diffLines, matchOfHunks } from "../trail/line-diff.ts";
import { isLaterSecond } from "./capture-begin.ts";
import { historyOf, unchangedSince } from "./commit-history.ts";
import { wasMadeSince } from "./commit-order.ts";
import { findInCommit } from "./file-content.ts";
import type { RepoContext } from "./repo-context.ts";

/** What git itself put into a file while a snapshot was followed by the next. */
export interface GitMove {
  /** 0-based lines of the content after that a commit held before that time. */
  readonly lines: ReadonlySet<number>;
  /** True if git did all of it: a checkout, a pull, a reset. */
  readonly isWhole: boolean;
}

const noMove: GitMove = { lines: new Set(), isWhole: false };

/**
 * Tells the lines that came from commits which are older than the change: whoever ran `git
 * checkout`, `pull` or `merge` did not write them.
 */
export async function gitMove(
  op: Op,
  context: RepoContext,
  change: {
    readonly path: string;
    readonly patch: PatchRecord;
    readonly after: LedgerSide | null;
    readonly events: readonly EventRecord[];
  },
): Promise<GitMove> {
  const [from, to] = snapshotsOf(change.events, change.patch);
  if (from === undefined || to === undefined || to.base === null) return noMove;
  const hasMoved = from.base !== to.base;
  const shas = hasMoved
    ? [...(await olderSources(op, context, change.path, { sha: to.base, from }))]
    : [to.base];
  const lines = new Set<number>();
  let isWhole = false;
  for (const sha of shas) {
    const there = await findInCommit(op, context, { sha, path: change.path });
    // What the file was before the change tells nothing of what came in.
    if (there !== null && there.key === change.patch.before?.oid) continue;
    if (hasMoved && (there?.key ?? null) === (change.after?.key ?? null)) isWhole = true;
    if (there === null || there.lines === null) continue;
    const after = change.after?.lines ?? [];
    matchOfHunks(diffLines(there.lines, after), after.length).forEach((old, index) => {
      if (old >= 0) lines.add(index);
    });
  }
  return { lines, isWhole };
}

/**
 * The commits whose content of the path was there before: the one itself, or what a merge joined.
 */
async function olderSources(
  op: Op,
  context: RepoContext,
  path: string,
  { sha, from }: { sha: string; from: SnapshotEvent },
): Promise<readonly string[]> {
  const last = await lastBefore(op, context, sha, path);
  // No commit of its history knows the path: it was left behind with another branch.
  if (last === undefined) return [sha];
  const isDatedBefore = isLaterSecond(from.atMs, last.authoredAtMs);
  if (isDatedBefore && !(await wasMadeSince(op, context, last.sha, from.base))) return [sha];
  return last.parents.length > 1 ? last.parents : [];
}

/**
 * The last commit that touched the path, also one from before capture began: asked of git only
 * where nothing has touched it since.
 */
async function lastBefore(
  op: Op,
  context: RepoContext,
  sha: string,
  path: string,
): Promise<CommitInfo | undefined> {
  const since = await unchangedSince(op, context, sha, path);
  const history = await historyOf(op, context, sha, [path]);
  const known = history.commits[history.indexOf(since) ?? -1];
  if (known?.changes.some((change) => change.path === path)) return known;
  const [last] = await context.once(`last\0${since}\0${path}`, () =>
    listCommits(op, context.repository, { revs: [since], paths: [path], limit: 1 }),
  );
  return last;
}

function snapshotsOf(
  events: readonly EventRecord[],
  { between }: PatchRecord,
): readonly [SnapshotEvent | undefined, SnapshotEvent | undefined] {
  const at = (seq: number | undefined): SnapshotEvent | undefined => {
    const event = events.find((other) => other.seq === seq);
    return event?.r === "snapshot" ? event : undefined;
  };
  return [at(between?.[0]), at(between?.[1])];
}
