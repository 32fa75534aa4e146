import type { Op } from "../base/op.ts";
import { readCommit } from "../git/history.ts";
import type { BlameCommit } from "../git/parse/blame.ts";
import type { CommitInfo } from "../git/parse/log.ts";
import { placeOf } from "../git/repository.ts";
import { git } from "../git/run.ts";
import type { TraceId } from "../model/ids.ts";
import { addNormalisedMatches, diffLines, matchOfHunks } from "../trail/line-diff.ts";
import type { LedgerChange } from "../trail/path-ledger.ts";
import { captureBegin, isLaterSecond } from "./capture-begin.ts";
import { isKnownToFollow } from "./commit-history.ts";
import { findInCommit } from "./file-content.ts";
import type { RepoContext } from "./repo-context.ts";

/** The shape of a commit that evidence is weighed by. */
export type CommitTimes = Pick<BlameCommit, "sha" | "authoredAtMs" | "committedAtMs">;

/** A line of a commit's version of a file; `line` is 0-based. */
export interface CommittedLine {
  readonly path: string;
  readonly line: number;
}

/** Ancestors that are listed at once; of a longer history each commit is asked for by itself. */
const listedAncestorsMax = 20_000;

/** Movements of HEAD that are looked at. */
const movementsMax = 5_000;

/** What git's own record of HEAD calls a commit that was made where HEAD stood. */
const madeHere = /^commit(?: \((?:initial|amend|merge)\))?:/u;

/**
 * True if a commit was there before anything was captured: by parent links, else by how HEAD came
 * to it, and only then by its dates, which any clock or rebase may set.
 */
export async function isBeforeCapture(
  op: Op,
  context: RepoContext,
  commit: CommitTimes,
): Promise<boolean> {
  const begin = await captureBegin(op, context);
  if (begin === null || (await isAncestor(op, context, commit.sha, begin.base))) return true;
  const isCommittedBefore = isLaterSecond(begin.atMs, commit.committedAtMs);
  if (!isCommittedBefore && !isLaterSecond(begin.atMs, commit.authoredAtMs)) return false;
  const since = isCommittedBefore ? begin.seenHead : null;
  if (since !== undefined && (await wasMadeSince(op, context, commit.sha, since))) return false;
  return !isCommittedBefore || !(await hasWrongClock(op, context, commit, begin.base));
}

/**
 * True if a commit was there before a change that snapshots or a transcript tell of: by parent
 * links, by how HEAD came to it, and only then by its date.
 */
export async function isOlderThan(
  op: Op,
  context: RepoContext,
  commit: CommitInfo,
  { atMs, sinceMs, trace }: Pick<LedgerChange, "atMs" | "sinceMs" | "trace">,
): Promise<boolean> {
  const base = await baseAt(context, trace, sinceMs);
  if (typeof base === "string" && (await isKnownToFollow(op, context, base, commit.sha))) {
    return true;
  }
  if (commit.committedAtMs + 999 >= atMs) return false;
  if (base === undefined) return true;
  if (await wasMadeSince(op, context, commit.sha, base)) return false;
  return !(await hasWrongClock(op, context, commit, base));
}

/** HEAD at the last snapshot up to that time; undefined where there is none. */
async function baseAt(
  context: RepoContext,
  trace: TraceId,
  atMs: number | null,
): Promise<string | null | undefined> {
  if (atMs === null) return undefined;
  const events = (await context.bucket.view(trace)?.readEvents()) ?? [];
  const before = events.findLast((event) => event.r === "snapshot" && event.atMs <= atMs);
  return before?.r === "snapshot" ? before.base : undefined;
}

/**
 * True if a commit that was not made here follows one on which capture stood, `base` or the first,
 * and is dated before it: then nothing can be made of its date.
 */
async function hasWrongClock(
  op: Op,
  context: RepoContext,
  commit: CommitTimes,
  base: string | null | undefined,
): Promise<boolean> {
  if (await wasMoved(op, context, commit.sha)) return false;
  const begin = await captureBegin(op, context);
  for (const sha of new Set([base, begin?.base])) {
    if (sha === null || sha === undefined) continue;
    const old = await context.once(`times\0${sha}`, () => readCommit(op, context.repository, sha));
    const isEarlier = old !== null && isLaterSecond(old.committedAtMs, commit.committedAtMs);
    if (isEarlier && (await isAncestor(op, context, sha, commit.sha))) return true;
  }
  return false;
}

/** True if git's record of HEAD says that the commit came to be from another one. */
async function wasMoved(op: Op, context: RepoContext, sha: string): Promise<boolean> {
  const movements = await movementsOf(op, context);
  return movements.some(([to, what]) => to === sha && /^(?:rebase|cherry-pick|am\b)/u.test(what));
}

/** As {@link isBeforeCapture}; a commit made since may hold a line that stood there before. */
export async function isLineBeforeCapture(
  op: Op,
  context: RepoContext,
  commit: CommitTimes,
  at: CommittedLine,
): Promise<boolean> {
  if (await isBeforeCapture(op, context, commit)) return true;
  const base = (await captureBegin(op, context))?.base ?? null;
  if (base === null) return false;
  const key = `since\0${base}\0${commit.sha}\0${at.path}`;
  const matchOf = await context.once(
    key,
    async () => {
      const there = await findInCommit(op, context, { sha: base, path: at.path }).catch(() => null);
      const here = await findInCommit(op, context, { sha: commit.sha, path: at.path });
      if (there === null || there.lines === null || here === null || here.lines === null)
        return null;
      const exact = matchOfHunks(diffLines(there.lines, here.lines), here.lines.length);
      return addNormalisedMatches(exact, there.lines, here.lines).matchOf;
    },
    "content",
  );
  return (matchOf?.[at.line] ?? -1) >= 0;
}

/** True if `sha` is `base` or one of its ancestors, however its dates stand. */
export async function isAncestor(
  op: Op,
  context: RepoContext,
  sha: string,
  base: string | null | undefined,
): Promise<boolean> {
  if (base === null || base === undefined) return false;
  if (sha === base) return true;
  const listed = await context.once(`ancestors\0${base}`, () => ancestorsOf(op, context, base));
  if (listed.has(sha)) return true;
  if (listed.size < listedAncestorsMax) return false;
  return context.once(`ancestor\0${sha}\0${base}`, async () => {
    const { exitCode } = await git(op, {
      ...placeOf(context.repository),
      args: ["merge-base", "--is-ancestor", sha, base],
      okExitCodes: [0, 1, 128],
    });
    return exitCode === 0;
  });
}

/** Empty for a commit that no longer exists. */
async function ancestorsOf(
  op: Op,
  context: RepoContext,
  base: string,
): Promise<ReadonlySet<string>> {
  const { exitCode, stdout } = await git(op, {
    ...placeOf(context.repository),
    args: ["rev-list", `--max-count=${listedAncestorsMax}`, "--end-of-options", base, "--"],
    okExitCodes: [0, 128],
  });
  if (exitCode !== 0) return new Set();
  return new Set(stdout.toString("latin1").split("\n").filter(Boolean));
}

/**
 * True if git's record of HEAD says that the commit was made here, after HEAD last stood on `base`,
 * or at any time where that is null.
 *
 * Rewritten, picked and fetched commits are not made here: their content is older than they are.
 */
export async function wasMadeSince(
  op: Op,
  context: RepoContext,
  sha: string,
  base: string | null,
): Promise<boolean> {
  for (const [to, what] of await movementsOf(op, context)) {
    if (to === base) return false;
    if (to === sha && madeHere.test(what)) return true;
  }
  return false;
}

type Movement = readonly [to: string, what: string];

/** Where HEAD was moved to and by what, newest first. */
async function movementsOf(op: Op, context: RepoContext): Promise<readonly Movement[]> {
  const head = await context.head.commit(op);
  return context.once(`movements\0${head}`, () => listMovements(op, context));
}

async function listMovements(op: Op, context: RepoContext): Promise<readonly Movement[]> {
  const { exitCode, stdout } = await git(op, {
    ...placeOf(context.repository),
    args: ["log", "--walk-reflogs", "--format=%H %gs", `--max-count=${movementsMax}`, "HEAD", "--"],
    okExitCodes: [0, 128],
  });
  if (exitCode !== 0) return [];
  const lines = stdout.toString("utf8").split("\n");
  return lines.map((line): Movement => {
    const space = line.indexOf(" ");
    return [line.slice(0, space), line.slice(space + 1)];
  });
}
