import * as os from "node:os";

import { OtError } from "../base/errors.ts";
import type { Op } from "../base/op.ts";
import { type Child, cleanEnv, run, type RunResult, startChild } from "../base/process.ts";

/** Where a git process works. `gitDir` is given wherever it is known: nothing is searched. */
export interface GitPlace {
  /** Folder the process runs in; also what relative paths mean. */
  readonly cwd?: string;
  readonly gitDir?: string;
  readonly workTree?: string;
  /** Further `GIT_*` variables, such as an object directory. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface GitRequest extends GitPlace {
  readonly args: readonly string[];
  readonly stdin?: Buffer | string;
  /** Exit codes that are answers. Default: 0 only. */
  readonly okExitCodes?: readonly number[];
  readonly timeoutMs?: number;
  readonly outputBytesMax?: number;
}

/**
 * What keeps the user's configuration, hooks and aliases from changing what git says or does.
 *
 * Plumbing ignores most of it anyway; these are the settings that it does not ignore, the ones
 * that start programs, and the ones that reach for the network.
 */
const settings: readonly string[] = [
  `core.hooksPath=${os.devNull}`,
  "core.fsmonitor=false",
  "core.untrackedCache=keep",
  "core.logAllRefUpdates=false",
  "core.quotePath=false",
  "core.fsync=all",
  "core.commitGraph=true",
  "gc.auto=0",
  "maintenance.auto=false",
  "protocol.allow=never",
  "submodule.recurse=false",
  "log.showSignature=false",
  "blame.ignoreRevsFile=",
  "color.ui=false",
  "diff.noprefix=false",
  "diff.mnemonicPrefix=false",
  "diff.renames=true",
  "diff.algorithm=default",
  "diff.interHunkContext=0",
  `diff.orderFile=${os.devNull}`,
  "diff.submodule=short",
  "status.showUntrackedFiles=all",
];

const flags: readonly string[] = [
  "--no-pager",
  "--no-optional-locks",
  "--no-replace-objects",
  ...settings.flatMap((setting) => ["-c", setting]),
];

const fixedEnv: Readonly<Record<string, string>> = {
  LC_ALL: "C",
  GIT_TERMINAL_PROMPT: "0",
  GIT_OPTIONAL_LOCKS: "0",
  GIT_NO_LAZY_FETCH: "1",
  GIT_NO_REPLACE_OBJECTS: "1",
  GIT_PAGER: "cat",
  // Tracing that the user's configuration asks for would be written as if it were the user's.
  GIT_TRACE2: "0",
  GIT_TRACE2_EVENT: "0",
  GIT_TRACE2_PERF: "0",
};

/**
 * Runs git once.
 *
 * Invariant: no `GIT_*` variable of this process reaches it, and it changes nothing of the user's
 * but what the arguments say. Throws `git-missing`, `git-failed` (an exit code that is no answer),
 * `no-repository`, and what {@link run} throws.
 */
export async function git(op: Op, request: GitRequest): Promise<RunResult> {
  const result = await startFailureAsGitMissing(() =>
    run(op, {
      ...spawnRequest(request, request.args),
      ...(request.stdin === undefined ? {} : { stdin: request.stdin }),
      ...(request.timeoutMs === undefined ? {} : { timeoutMs: request.timeoutMs }),
      ...(request.outputBytesMax === undefined ? {} : { outputBytesMax: request.outputBytesMax }),
    }),
  );
  if (!(request.okExitCodes ?? [0]).includes(result.exitCode)) {
    throw gitFault(request.args, result.exitCode, result.stderr);
  }
  return result;
}

/** As {@link git}, for a single line of text: stdout without its last newline. */
export async function gitLine(op: Op, request: GitRequest): Promise<string> {
  const { stdout } = await git(op, request);
  return stdout.toString("utf8").replace(/\n$/, "");
}

/** Starts a git process that is talked to for as long as it is needed. */
export function startGit(place: GitPlace, args: readonly string[]): Child {
  return startChild(spawnRequest(place, args));
}

function spawnRequest(place: GitPlace, args: readonly string[]) {
  const where = [
    ...(place.gitDir === undefined ? [] : [`--git-dir=${place.gitDir}`]),
    ...(place.workTree === undefined ? [] : [`--work-tree=${place.workTree}`]),
  ];
  const cwd = place.cwd ?? place.workTree ?? place.gitDir;
  return {
    command: "git",
    args: [...where, ...flags, ...args],
    env: cleanEnv({ ...fixedEnv, ...place.env }),
    ...(cwd === undefined ? {} : { cwd }),
  };
}

async function startFailureAsGitMissing<T>(start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    throw asGitMissing(error);
  }
}

/** A start that failed for want of the program means that git is missing. */
export function asGitMissing(error: unknown): unknown {
  if (!(error instanceof OtError) || error.code !== "not-found") return error;
  if (error.message.startsWith("The folder")) return error;
  return new OtError("git-missing", "git could not be started.", {
    hint: "Install git, or put it on PATH.",
    cause: error,
  });
}

/** What a failed git said, as an error. git has no codes for its reasons, only English. */
export function gitFault(args: readonly string[], exitCode: number, stderr: string): OtError {
  const said = stderr.trim().split("\n").at(-1) ?? "";
  if (/not a git repository/.test(stderr)) {
    return new OtError("no-repository", "This folder is not inside a git repository.");
  }
  if (/dubious ownership/.test(stderr)) {
    return new OtError("no-repository", "The repository belongs to another user; git refuses it.", {
      hint: "If you trust it: git config --global --add safe.directory <folder>.",
    });
  }
  if (/No space left on device/.test(stderr)) {
    return new OtError("disk-full", `No space is left for git ${args[0] ?? ""}.`, {
      hint: "Free some space; nothing recorded so far is lost.",
    });
  }
  return new OtError("git-failed", `git ${args[0] ?? ""} failed with ${exitCode}: ${said}`);
}
