import { OtError } from "../base/errors.ts";
import type { Op } from "../base/op.ts";
import { type ChangedCommit, parseChangedLog } from "./parse/changed-log.ts";
import { parseRawDiff, type TreeChange } from "./parse/diff.ts";
import { logFormat } from "./parse/log.ts";
import { nameOf } from "./paths.ts";
import { placeOf, type Repository } from "./repository.ts";
import { git } from "./run.ts";

/** Most that git may say of a history before it is given up. */
const outputBytesMax = 64 * 1024 * 1024;

export interface ChangedRange {
  /** Full ids of commits that exist. */
  readonly tips: readonly string[];
  /** Commits whose history is left out. */
  readonly without: readonly string[];
  readonly limit: number;
  /** Only commits that touched one of these; their parents are then the next such commits. */
  readonly paths?: readonly string[];
}

/**
 * The commits of a range with what each did to its paths, newest first, children before parents;
 * null where that is more than {@link outputBytesMax}. One process, however many commits.
 */
export async function listChangedCommits(
  op: Op,
  repository: Repository,
  { tips, without, limit, paths = [] }: ChangedRange,
): Promise<readonly ChangedCommit[] | null> {
  const revs = [...tips, ...without.map((sha) => `^${sha}`)];
  const simplified = paths.length === 0 ? [] : ["--parents"];
  const shape = ["-z", "--raw", "-r", "-c", "--no-renames", "--no-abbrev", "--topo-order"];
  try {
    const { stdout } = await git(op, {
      ...placeOf(repository),
      env: { GIT_LITERAL_PATHSPECS: "1" },
      args: [
        "log",
        ...shape,
        ...simplified,
        `--format=${logFormat}`,
        `--max-count=${limit}`,
        "--stdin",
        "--",
        ...paths.map(nameOf),
      ],
      stdin: `${revs.join("\n")}\n`,
      outputBytesMax,
    });
    return parseChangedLog(stdout);
  } catch (error) {
    if (error instanceof OtError && error.code === "limit-exceeded") return null;
    throw error;
  }
}

/**
 * What each commit changed against its first parent, renames found, by full id; of a root commit,
 * everything it holds, and of a merge nothing. One process for all of them.
 */
export async function changesOfCommits(
  op: Op,
  repository: Repository,
  shas: readonly string[],
): Promise<ReadonlyMap<string, readonly TreeChange[]>> {
  const found = new Map<string, readonly TreeChange[]>();
  if (shas.length === 0) return found;
  const { stdout } = await git(op, {
    ...placeOf(repository),
    args: ["diff-tree", "--stdin", "--always", "--root", "-r", "-z", "--find-renames"],
    stdin: `${shas.join("\n")}\n`,
    outputBytesMax,
  });
  for (const part of partsByCommit(stdout, new Set(shas))) found.set(part.sha, part.changes);
  return found;
}

/** Each commit's id stands before its own records. */
function partsByCommit(
  stdout: Buffer,
  shas: ReadonlySet<string>,
): { sha: string; changes: readonly TreeChange[] }[] {
  const starts: { sha: string; from: number; to: number }[] = [];
  let isPath = 0;
  for (let at = 0; at < stdout.length;) {
    const end = stdout.indexOf(0, at);
    const stop = end < 0 ? stdout.length : end;
    const token = stdout.toString("latin1", at, stop);
    if (isPath > 0) isPath -= 1;
    else if (token.startsWith(":")) isPath = /[RC]\d*$/u.test(token) ? 2 : 1;
    else if (shas.has(token)) starts.push({ sha: token, from: stop + 1, to: at });
    at = stop + 1;
  }
  return starts.map(({ sha, from }, index) => {
    const to = starts[index + 1]?.to ?? stdout.length;
    return { sha, changes: parseRawDiff(stdout.subarray(from, to)) };
  });
}
