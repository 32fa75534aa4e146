import type { Op } from "../base/op.ts";
import type { BlameCommit } from "../git/parse/blame.ts";
import { placeOf } from "../git/repository.ts";
import { git } from "../git/run.ts";
import { addNormalisedMatches, diffLines, matchOfHunks } from "../trail/line-diff.ts";
import { captureBegin, isLaterSecond } from "./capture-begin.ts";
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
  return since === undefined || !(await wasMadeSince(op, context, commit.sha, since));
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
  const head = await context.head.commit(op);
  const movements = await context.once(`movements\0${head}`, () => movementsOf(op, context));
  for (const [to, what] of movements) {
    if (to === base) return false;
    if (to === sha && madeHere.test(what)) return true;
  }
  return false;
}

type Movement = readonly [to: string, what: string];

/** Where HEAD was moved to and by what, newest first. */
async function movementsOf(op: Op, context: RepoContext): Promise<readonly Movement[]> {
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
