import { realpath } from "node:fs/promises";
import * as path from "node:path";

import { isErrno, OtError } from "../base/errors.ts";
import type { Op } from "../base/op.ts";
import type { ObjectFormat } from "./objects.ts";
import { git, gitLine, type GitPlace } from "./run.ts";

/** A repository with a work tree: the main one, a linked one, or a submodule's. */
export interface Repository {
  /** Absolute root of the work tree, as git prints it (links resolved). */
  readonly workTree: string;
  /** The work tree's own git folder: index and HEAD are there. */
  readonly gitDir: string;
  /** The folder that all work trees share: objects and refs are there. */
  readonly commonDir: string;
  /** `main`, or the name of the linked work tree. */
  readonly worktree: string;
  readonly objectFormat: ObjectFormat;
}

/** What a folder is to git, each answer with the words for it. */
export type Discovery =
  | { readonly kind: "ok"; readonly repository: Repository }
  | {
      readonly kind: "none" | "bare" | "foreign-owner" | "folder-missing";
      readonly message: string;
      readonly hint: string;
    };

/** Finds the innermost repository around `cwd`. Throws `git-missing` and `git-failed` only. */
export async function discover(op: Op, cwd: string): Promise<Discovery> {
  try {
    return await ask(op, await realpath(cwd));
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return refused("folder-missing", cwd);
    if (!(error instanceof OtError)) throw error;
    if (error.code === "not-found") return refused("folder-missing", cwd);
    if (error.code !== "no-repository") throw error;
    return refused(error.hint === undefined ? "none" : "foreign-owner", cwd);
  }
}

/** As {@link discover}, but anything else than a work tree throws `no-repository`. */
export async function requireRepository(op: Op, cwd: string): Promise<Repository> {
  const found = await discover(op, cwd);
  if (found.kind === "ok") return found.repository;
  throw new OtError("no-repository", found.message, { hint: found.hint });
}

async function ask(op: Op, cwd: string): Promise<Discovery> {
  const { stdout } = await git(op, {
    cwd,
    args: [
      "rev-parse",
      "--path-format=absolute",
      "--is-inside-work-tree",
      "--is-bare-repository",
      "--show-object-format",
      "--git-common-dir",
      "--absolute-git-dir",
    ],
  });
  const [inside, bare, format = "", commonDir = "", ...rest] = lines(stdout);
  const gitDir = rest.join("\n");
  if (bare === "true") return refused("bare", cwd);
  // Inside the git folder itself there is no work tree to speak of.
  if (inside !== "true") return refused("none", cwd);
  if (format !== "sha1" && format !== "sha256") {
    throw new OtError("git-failed", `The object format ${format} is not known.`);
  }
  const workTree = await gitLine(op, { cwd, args: ["rev-parse", "--show-toplevel"] });
  const linked = gitDir !== commonDir && path.dirname(gitDir) === path.join(commonDir, "worktrees");
  return {
    kind: "ok",
    repository: {
      workTree: path.normalize(workTree),
      gitDir: path.normalize(gitDir),
      commonDir: path.normalize(commonDir),
      worktree: linked ? path.basename(gitDir) : "main",
      objectFormat: format,
    },
  };
}

function lines(stdout: Buffer): string[] {
  return stdout.toString("utf8").replace(/\n$/, "").split("\n");
}

function refused(kind: Exclude<Discovery["kind"], "ok">, cwd: string): Discovery {
  switch (kind) {
    case "none":
      return {
        kind,
        message: `${cwd} is not inside a git work tree.`,
        hint: "Run `git init` there to have its changes traced.",
      };
    case "bare":
      return {
        kind,
        message: `${cwd} is a bare repository: it has no files to trace.`,
        hint: "Use a clone or a linked work tree of it.",
      };
    case "foreign-owner":
      return {
        kind,
        message: `${cwd} belongs to another user, so git refuses to read it.`,
        hint: "If you trust it: git config --global --add safe.directory <folder>.",
      };
    case "folder-missing":
      return {
        kind,
        message: `The folder ${cwd} does not exist any more.`,
        hint: "Its recorded sessions can still be read.",
      };
  }
}

/** Where git works on the user's own repository. */
export function placeOf(repository: Repository): GitPlace {
  return { cwd: repository.workTree, gitDir: repository.gitDir, workTree: repository.workTree };
}

export interface Head {
  /** Null while the branch has no commit. */
  readonly commit: string | null;
  /** Short name; null while HEAD is detached. */
  readonly branch: string | null;
}

/** Where HEAD is now. */
export async function readHead(op: Op, repository: Repository): Promise<Head> {
  const place = placeOf(repository);
  const [commit, branch] = await Promise.all([
    resolveCommit(op, repository, "HEAD"),
    git(op, {
      ...place,
      args: ["symbolic-ref", "--quiet", "--short", "HEAD"],
      okExitCodes: [0, 1],
    }),
  ]);
  return { commit, branch: branch.exitCode === 0 ? branch.stdout.toString("utf8").trim() : null };
}

/** The full id of the commit that `rev` names; null if it names none. */
export async function resolveCommit(
  op: Op,
  repository: Repository,
  rev: string,
): Promise<string | null> {
  const { exitCode, stdout } = await git(op, {
    ...placeOf(repository),
    args: ["rev-parse", "--quiet", "--verify", "--end-of-options", `${rev}^{commit}`],
    okExitCodes: [0, 1, 128],
  });
  return exitCode === 0 ? stdout.toString("latin1").trim() : null;
}

/** Root commits of HEAD's history, sorted; none while it is unborn. A shallow clone has its own. */
export async function rootCommits(op: Op, repository: Repository): Promise<readonly string[]> {
  if ((await resolveCommit(op, repository, "HEAD")) === null) return [];
  const { stdout } = await git(op, {
    ...placeOf(repository),
    args: ["rev-list", "--max-parents=0", "HEAD"],
  });
  return lines(stdout).toSorted();
}
