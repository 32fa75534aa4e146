import type { Figure } from "../support/bench-figure.ts";
import { type BlamedHistory, blamedHistory } from "../support/blamed-history.ts";

/** Hundreds of sessions without snapshots, of whose folders nothing is left, and the commits. */
export async function figures(): Promise<readonly Figure[]> {
  const some = await blamedHistory({ seed: 11, commits: 60 });
  const all = await blamedHistory({ seed: 12, commits: 220 });
  const mean = (of: (blamed: BlamedHistory) => number): number =>
    (of(some) * some.commits + of(all) * all.commits) / (some.commits + all.commits);
  const at = (name: string, value: number, limit: number): Figure => ({
    name,
    value,
    unit: "",
    limit,
    atLeast: true,
  });
  return [
    at(
      "commits whose session is found first",
      mean((one) => one.firstShare),
      0.9,
    ),
    at(
      "lines of sessions that are explained",
      mean((one) => one.explainedShare),
      0.92,
    ),
    {
      name: "credited lines that another wrote",
      value: mean((one) => one.wrongShare),
      unit: "",
      limit: 0.02,
    },
    { name: `one commit among ${all.sessions} sessions`, value: all.msPerCommit, unit: "ms" },
    {
      name: `of one commit among ${some.sessions}`,
      value: all.msPerCommit / some.msPerCommit,
      unit: "",
      limit: 3,
    },
  ];
}
