import type { Op } from "../base/op.ts";
import { placeOf } from "../git/repository.ts";
import { git } from "../git/run.ts";
import type { Outcome, TrackAnswer, TrackedPatch } from "../model/answers.ts";
import type { TraceId } from "../model/ids.ts";
import type { RepoContext } from "./repo-context.ts";

/** Branches that count as the default one, the first that exists. */
const defaultBranches = ["refs/remotes/origin/HEAD", "refs/heads/main", "refs/heads/master"];

/** Commits that are asked about. */
const commitsMax = 50;

/** What came of a session: commits, merge, reverts, test runs, fates, rating. */
export async function outcomeOf(
  op: Op,
  context: RepoContext,
  trace: TraceId,
  found: {
    readonly patches: readonly TrackedPatch[];
    readonly totals: TrackAnswer["totals"];
    readonly commits: readonly {
      readonly sha: string;
      readonly subject: string;
      readonly atMs: number;
    }[];
  },
): Promise<Outcome> {
  const view = context.bucket.view(trace);
  const anchored = new Set(
    found.patches.flatMap(({ anchors }) => anchors.map(({ commit }) => commit)),
  );
  const commits = found.commits
    .filter(({ sha }) => anchored.has(sha))
    .map(({ sha, subject, atMs }) => ({ sha, subject, atMs }));
  const events = (await view?.readEvents()) ?? [];
  const rated = events.findLast((event) => event.r === "rating");
  return {
    commits,
    merged: await isAnyMerged(
      op,
      context,
      commits.map(({ sha }) => sha),
    ),
    reverted: found.totals.reverted > 0,
    tests: view?.session?.tests ?? [],
    states: found.totals,
    rating: rated?.rating ?? null,
  };
}

/** True if the default branch holds one of the commits. */
async function isAnyMerged(
  op: Op,
  context: RepoContext,
  shas: readonly string[],
): Promise<boolean> {
  const branch = await defaultBranch(op, context);
  if (branch === null) return false;
  for (const sha of shas.slice(0, commitsMax)) {
    const { exitCode } = await git(op, {
      ...placeOf(context.repository),
      args: ["merge-base", "--is-ancestor", sha, branch],
      okExitCodes: [0, 1, 128],
    });
    if (exitCode === 0) return true;
  }
  return false;
}

async function defaultBranch(op: Op, context: RepoContext): Promise<string | null> {
  for (const branch of defaultBranches) {
    const { exitCode } = await git(op, {
      ...placeOf(context.repository),
      args: ["rev-parse", "--quiet", "--verify", "--end-of-options", `${branch}^{commit}`],
      okExitCodes: [0, 1, 128],
    });
    if (exitCode === 0) return branch;
  }
  return null;
}
