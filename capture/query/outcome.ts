import type { Op } from "../base/op.ts";
import type { Outcome, TrackAnswer, TrackedPatch } from "../model/answers.ts";
import type { TraceId } from "../model/ids.ts";
import { isAnyMerged } from "./default-branch.ts";
import type { RepoContext } from "./repo-context.ts";

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
      commits.slice(0, commitsMax).map(({ sha }) => sha),
    ),
    reverted: found.totals.reverted > 0,
    tests: view?.session?.tests ?? [],
    states: found.totals,
    rating: rated?.rating ?? null,
  };
}
