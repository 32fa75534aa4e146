import type { Op } from "../base/op.ts";
import { listCommits } from "../git/history.ts";
import type { CommitInfo } from "../git/parse/log.ts";
import type { EventRecord, SnapshotEvent } from "../model/events.ts";
import type { PatchRecord } from "../model/trail.ts";
import type { GitPart, LedgerSide, LineSet } from "../trail/path-ledger.ts";
import { diffLines, matchOfHunks } from "../trail/line-diff.ts";
import { isLaterSecond } from "./capture-begin.ts";
import { historyOf, unchangedSince } from "./commit-history.ts";
import { wasMadeSince } from "./commit-order.ts";
import { findInCommit } from "./file-content.ts";
import type { RepoContext } from "./repo-context.ts";

const none: LineSet = { has: () => false };

const noMove: GitPart = {
  brought: none,
  isWhole: false,
  heldBefore: none,
  heldAfter: none,
  hasMoved: false,
  isHeads: false,
};

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
    readonly before: LedgerSide | null | undefined;
    readonly after: LedgerSide | null;
    readonly events: readonly EventRecord[];
  },
): Promise<GitPart> {
  const [from, to] = snapshotsOf(change.events, change.patch);
  if (from === undefined || to === undefined || to.base === null) return noMove;
  const hasMoved = from.base !== to.base;
  const { path, before = null } = change;
  const sides = [before, change.after];
  const was = await inCommit(op, context, { sha: from.base, path }, sides);
  const is = await inCommit(op, context, { sha: to.base, path }, sides);
  const shas = hasMoved
    ? [...(await olderSources(op, context, change.path, { sha: to.base, from }))]
    : [to.base];
  const brought: LineSet[] = [];
  let isWhole = false;
  for (const sha of shas) {
    const there = await inCommit(op, context, { sha, path }, sides);
    // What the file was before the change tells nothing of what came in.
    if (there !== null && there.key === change.patch.before?.oid) continue;
    if (hasMoved && (there?.key ?? null) === (change.after?.key ?? null)) isWhole = true;
    brought.push(sharedLines(there, change.after));
  }
  return {
    brought: { has: (line) => brought.some((lines) => lines.has(line)) },
    isWhole,
    heldBefore: sharedLines(was, before),
    heldAfter: sharedLines(is, change.after),
    hasMoved,
    isHeads: (is?.key ?? null) === (change.after?.key ?? null),
  };
}

/**
 * What a commit has of the path: one of the sides where it is that, for then it is read already.
 * Null also for a commit that is gone: history was rewritten since.
 */
async function inCommit(
  op: Op,
  context: RepoContext,
  at: { readonly sha: string | null; readonly path: string },
  sides: readonly (LedgerSide | null)[],
): Promise<LedgerSide | null> {
  const { sha, path } = at;
  if (sha === null) return null;
  const entry = await context.reader.readTreePath(op, sha, path).catch(() => null);
  if (entry === null) return null;
  const side = sides.find((known) => known?.key === entry.oid);
  return side ?? findInCommit(op, context, { sha, path }).catch(() => null);
}

/** 0-based lines of `side` that stand in the other content too, in their order. */
function sharedLines(there: LedgerSide | null, side: LedgerSide | null): LineSet {
  if (there === null || there.lines === null || side === null || side.lines === null) return none;
  const { length } = side.lines;
  if (there.key === side.key) return { has: (line) => line >= 0 && line < length };
  const matchOf = matchOfHunks(diffLines(there.lines, side.lines), length);
  const shared = new Uint8Array(length);
  for (let line = 0; line < length; line += 1) if ((matchOf[line] ?? -1) >= 0) shared[line] = 1;
  return { has: (line) => shared[line] === 1 };
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
