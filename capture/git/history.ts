import * as os from "node:os";

import { OtError } from "../base/errors.ts";
import type { Op } from "../base/op.ts";
import type { RunResult } from "../base/process.ts";
import type { Hunk } from "../model/trail.ts";
import { type Blame, parseBlame } from "./parse/blame.ts";
import { parseHunks } from "./parse/diff.ts";
import { type CommitInfo, logFormat, parseLog } from "./parse/log.ts";
import { parseStatus, type Status } from "./parse/status.ts";
import { placeOf, type Repository, resolveCommit } from "./repository.ts";
import { git, type GitPlace } from "./run.ts";
import { storeDirOf, storeExists, storePlace } from "./store-folder.ts";
import { nameOf } from "./paths.ts";

/** Most commits that one question about history lists. */
const commitsMax = 10_000;

/**
 * `git blame` of `path` at `rev`, whole or for an inclusive range of 1-based lines.
 *
 * Null if there is no such file in `rev`. Renames are followed; text conversion is off.
 */
export async function blameFile(
  op: Op,
  repository: Repository,
  file: { rev: string; path: string; lines?: readonly [number, number] },
): Promise<Blame | null> {
  const range = file.lines === undefined ? [] : ["-L", `${file.lines[0]},${file.lines[1]}`];
  const ask = (place: GitPlace, rev: string): Promise<RunResult> =>
    git(op, {
      ...place,
      args: [
        "blame",
        "--porcelain",
        "--no-textconv",
        ...range,
        ...revisions([rev]),
        "--",
        nameOf(file.path),
      ],
      okExitCodes: [0, 128],
    });
  let result = await ask(placeOf(repository), file.rev);
  if (result.stderr.includes("could not open object name list")) {
    // The user's blame.ignoreRevsFile names no file; git then refuses, whatever it is told.
    const sha = await resolveCommit(op, repository, file.rev);
    result = await ask(await placeWithoutSettings(repository), sha ?? file.rev);
  }
  if (result.exitCode === 0) return parseBlame(result.stdout);
  if (/no such path|no such ref|bad revision|has only \d+ lines?/.test(result.stderr)) return null;
  throw new OtError("git-failed", `git blame failed: ${result.stderr.trim()}`);
}

/** The same objects without the repository's configuration, or at least without the user's own. */
async function placeWithoutSettings(repository: Repository): Promise<GitPlace> {
  const storeDir = storeDirOf(repository);
  if (storeExists(storeDir)) return storePlace(storeDir);
  return {
    ...placeOf(repository),
    env: { GIT_CONFIG_GLOBAL: os.devNull, GIT_CONFIG_NOSYSTEM: "1" },
  };
}

/** Commits of a range such as `main..topic` or of one revision, newest first, at most `limit`. */
export async function listCommits(
  op: Op,
  repository: Repository,
  range: { revs: readonly string[]; paths?: readonly string[]; limit?: number },
): Promise<readonly CommitInfo[]> {
  const limit = Math.min(range.limit ?? commitsMax, commitsMax);
  const { stdout } = await git(op, {
    ...placeOf(repository),
    // A path is a name here, never a pattern.
    env: { GIT_LITERAL_PATHSPECS: "1" },
    args: [
      "log",
      "-z",
      `--format=${logFormat}`,
      `--max-count=${limit}`,
      "--topo-order",
      ...revisions(range.revs),
      "--",
      ...(range.paths ?? []).map(nameOf),
    ],
  });
  return parseLog(stdout);
}

/** One commit; null if `rev` names none. */
export async function readCommit(
  op: Op,
  repository: Repository,
  rev: string,
): Promise<CommitInfo | null> {
  const { exitCode, stdout } = await git(op, {
    ...placeOf(repository),
    args: ["log", "-z", `--format=${logFormat}`, "--max-count=1", ...revisions([rev]), "--"],
    okExitCodes: [0, 128],
  });
  return exitCode === 0 ? (parseLog(stdout)[0] ?? null) : null;
}

/** Hunks between two blobs as git's own diff sees them, without context lines. */
export async function diffBlobs(
  op: Op,
  repository: Repository,
  [before, after]: readonly [string, string],
): Promise<readonly Hunk[]> {
  if (before === after) return [];
  const { stdout } = await git(op, {
    ...placeOf(repository),
    args: ["diff", "--no-ext-diff", "--no-textconv", "--no-color", "-U0", "--text", before, after],
    okExitCodes: [0, 1],
  });
  return parseHunks(stdout);
}

export interface StatusOptions {
  /** Whether files that git does not track are looked for. Default true. */
  readonly untracked?: boolean;
  readonly timeoutMs?: number;
}

/** What differs from HEAD in index and work tree. Touches nothing, the index's times included. */
export async function readStatus(
  op: Op,
  repository: Repository,
  options: StatusOptions = {},
): Promise<Status> {
  const untracked = (options.untracked ?? true) ? "all" : "no";
  const { stdout } = await git(op, {
    ...placeOf(repository),
    args: [
      "status",
      "--porcelain=v2",
      "--branch",
      "--no-ahead-behind",
      "-z",
      "--no-renames",
      `--untracked-files=${untracked}`,
      "--ignore-submodules=dirty",
    ],
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
  });
  return parseStatus(stdout);
}

/** Revisions as arguments: one that looks like an option is refused rather than obeyed. */
function revisions(revs: readonly string[]): readonly string[] {
  for (const rev of revs) {
    if (rev.startsWith("-") || rev === "") throw new OtError("usage", `"${rev}" is no revision.`);
  }
  return revs;
}
