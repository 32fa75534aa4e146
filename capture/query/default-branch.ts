import { join } from "node:path";

import type { Op } from "../base/op.ts";
import { placeOf } from "../git/repository.ts";
import { git } from "../git/run.ts";
import { fileStamp, textOf } from "./head-watch.ts";
import type { RepoContext } from "./repo-context.ts";

/** Branches that count as the default one, the likeliest first. */
const candidates = [
  "refs/remotes/origin/HEAD",
  "refs/remotes/origin/main",
  "refs/remotes/origin/master",
  "refs/heads/main",
  "refs/heads/master",
];

/**
 * The commits at which the default branch stands, there and here, the likeliest first; none where
 * no branch has such a name. Asked of git again only when one of the refs moved.
 */
function defaultTips(op: Op, context: RepoContext): Promise<readonly string[]> {
  return context.once(`default-tips\0${stampOfRefs(context)}`, async () => {
    const { stdout } = await git(op, {
      ...placeOf(context.repository),
      args: ["for-each-ref", "--format=%(refname) %(objectname)", ...candidates],
    });
    const found = new Map(
      stdout
        .toString("utf8")
        .split("\n")
        .filter(Boolean)
        .map((line): [string, string] => [
          line.slice(0, line.lastIndexOf(" ")),
          line.slice(line.lastIndexOf(" ") + 1),
        ]),
    );
    return [...new Set(candidates.flatMap((ref) => found.get(ref) ?? []))];
  });
}

/** The commit at which a branch of work left the default branch; null where it has none. */
export async function defaultBase(
  op: Op,
  context: RepoContext,
  to: string,
): Promise<string | null> {
  for (const tip of await defaultTips(op, context)) {
    const { exitCode, stdout } = await git(op, {
      ...placeOf(context.repository),
      args: ["merge-base", "--end-of-options", tip, to],
      okExitCodes: [0, 1, 128],
    });
    if (exitCode === 0) return stdout.toString("latin1").trim();
  }
  return null;
}

/** True if the default branch, there or here, holds one of the commits. One process for all. */
export async function isAnyMerged(
  op: Op,
  context: RepoContext,
  shas: readonly string[],
): Promise<boolean> {
  const tips = await defaultTips(op, context);
  if (tips.length === 0 || shas.length === 0) return false;
  return context.once(`merged\0${tips.join(" ")}\0${shas.join(" ")}`, async () => {
    const revs = [...shas, ...tips.map((tip) => `^${tip}`)];
    const { stdout } = await git(op, {
      ...placeOf(context.repository),
      args: ["rev-list", `--max-count=${unmergedMax}`, "--stdin"],
      stdin: `${revs.join("\n")}\n`,
    });
    const open = stdout.toString("latin1").split("\n").filter(Boolean);
    // A list that was cut says nothing of what is not on it.
    return open.length < unmergedMax && shas.some((sha) => !open.includes(sha));
  });
}

/** Commits that no default branch holds, as many as are listed. */
const unmergedMax = 20_000;

function stampOfRefs({ repository }: RepoContext): string {
  const { commonDir } = repository;
  const head = textOf(join(commonDir, "refs/remotes/origin/HEAD"));
  const target = /^ref: (?<name>.+)$/mu.exec(head)?.groups?.["name"] ?? "packed-refs";
  const files = [...candidates, target, "packed-refs", "reftable/tables.list"];
  return files.map((file) => fileStamp(join(commonDir, file))).join("\n");
}
