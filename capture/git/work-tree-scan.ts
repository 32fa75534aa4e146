import { readFile, realpath } from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";

import { isErrno, OtError } from "../base/errors.ts";
import type { Op } from "../base/op.ts";
import type { SkippedPath } from "../model/events.ts";
import { readStatus } from "./history.ts";
import { type FlaggedPaths, flaggedInIndex } from "./index-flags.ts";
import { type BytePath, foldersAbove, onDisk, toBytePath, toModelPath } from "./paths.ts";
import type { Status } from "./parse/status.ts";
import { signatureOf, statPlain } from "./plain-file.ts";
import { placeOf, type Repository } from "./repository.ts";
import { git } from "./run.ts";

/** A walk of the work tree that takes longer is given up for the declared paths. */
const walkMsMax = 15_000;
/** More changed paths than this are not captured in one snapshot. */
export const candidatesMax = 20_000;

/** Which paths of the work tree differ from HEAD, or may. */
export interface Scan {
  readonly head: string | null;
  readonly paths: readonly BytePath[];
  /** Those of `paths` that git does not track. */
  readonly untracked: ReadonlySet<BytePath>;
  /** Those of `paths` that the index has as submodules. */
  readonly submodules: ReadonlySet<BytePath>;
  /** Paths whose absence is no deletion: a sparse checkout left them out. */
  readonly mayBeAbsent: ReadonlySet<BytePath>;
  readonly skipped: readonly SkippedPath[];
}

/** Asks git what differs in a work tree, the paths it is told not to look at included. */
export class WorkTreeScan {
  readonly #repository: Repository;
  #indexSignature = "";
  #flagged: FlaggedPaths = { assumed: [], sparse: [] };

  constructor(repository: Repository) {
    this.#repository = repository;
  }

  /** Null if the walk took too long. Never touches the index, its times included. */
  async run(op: Op): Promise<Scan | null> {
    try {
      const flagged = await this.#flaggedPaths(op);
      const untracked = !holdsHome(this.#repository.workTree);
      const status = await readStatus(op, this.#repository, { untracked, timeoutMs: walkMsMax });
      return scanOf(status, flagged);
    } catch (error) {
      if (error instanceof OtError && error.code === "limit-exceeded") return null;
      throw error;
    }
  }

  /** Paths that `git status` passes over because the user's index says so, if they exist. */
  async #flaggedPaths(op: Op): Promise<FlaggedPaths> {
    const signature = this.indexSignature();
    if (signature !== this.#indexSignature) {
      this.#flagged = await listFlagged(op, this.#repository);
      this.#indexSignature = signature;
    }
    return this.#flagged;
  }

  indexSignature(): string {
    return signatureOf(path.join(this.#repository.gitDir, "index"));
  }
}

async function listFlagged(op: Op, repository: Repository): Promise<FlaggedPaths> {
  const read = flaggedInIndex(await readIndex(repository), repository.objectFormat);
  if (read !== null) return read;
  const { stdout } = await git(op, {
    ...placeOf(repository),
    args: ["ls-files", "-v", "-z"],
    timeoutMs: walkMsMax,
  });
  const assumed: BytePath[] = [];
  const sparse: BytePath[] = [];
  for (const record of stdout.toString("latin1").split("\0")) {
    const tag = record.charAt(0);
    if (tag.toUpperCase() === "S") sparse.push(record.slice(2));
    else if (tag !== "" && tag !== tag.toUpperCase()) assumed.push(record.slice(2));
  }
  return { assumed, sparse };
}

/** Empty while there is none, which git takes for an index without entries. */
async function readIndex(repository: Repository): Promise<Buffer> {
  try {
    return await readFile(path.join(repository.gitDir, "index"));
  } catch (error) {
    if (isErrno(error, "ENOENT")) return Buffer.alloc(0);
    throw error;
  }
}

function scanOf(status: Status, flagged: FlaggedPaths): Scan {
  const skipped: SkippedPath[] = status.nested.map((nested) => ({
    path: toModelPath(nested),
    why: "nested-repository",
  }));
  const all = [
    ...status.tracked.map((change) => change.path),
    ...flagged.assumed,
    ...status.untracked,
    ...flagged.sparse,
  ];
  const paths = [...new Set(all)];
  if (paths.length > candidatesMax) {
    skipped.push({ path: "", why: "budget" });
    paths.length = candidatesMax;
  }
  return {
    head: status.head,
    paths,
    untracked: new Set(status.untracked),
    submodules: new Set(status.tracked.filter((c) => c.submodule).map((c) => c.path)),
    mayBeAbsent: new Set(flagged.sparse),
    skipped,
  };
}

/** True for a work tree that is or holds a home folder: untracked files there are no one's work. */
export function holdsHome(workTree: string, home: string = os.homedir()): boolean {
  const relative = path.relative(workTree, home);
  const isOutside = relative === ".." || relative.startsWith(`..${path.sep}`);
  return !isOutside && !path.isAbsolute(relative);
}

/**
 * A path that a tool named, as bytes below the work tree; null for one outside it or in `.git`.
 *
 * Absolute or relative to the work tree. Links in the folders above are followed, as the tool's
 * own write followed them.
 */
export async function declaredPath(workTree: string, name: string): Promise<BytePath | null> {
  const absolute = path.resolve(workTree, name);
  const inside = below(workTree, absolute) ?? below(workTree, await realFolder(absolute));
  if (inside === null) return null;
  const bytes = toBytePath(inside);
  if (bytes.split("/").some((part) => part.toLowerCase() === ".git")) return null;
  if (!crossesLink(workTree, bytes)) return bytes;
  const real = below(workTree, await realFolder(absolute));
  return real === null ? null : toBytePath(real);
}

function below(workTree: string, absolute: string): string | null {
  const relative = path.relative(workTree, absolute);
  if (relative === "" || path.isAbsolute(relative)) return null;
  if (relative === ".." || relative.startsWith(`..${path.sep}`)) return null;
  return relative.split(path.sep).join("/");
}

async function realFolder(absolute: string): Promise<string> {
  const folder = await realpath(path.dirname(absolute)).catch(() => path.dirname(absolute));
  return path.join(folder, path.basename(absolute));
}

function crossesLink(workTree: string, file: BytePath): boolean {
  return foldersAbove(file).some(
    (folder) => statPlain(onDisk(workTree, folder))?.isSymbolicLink() === true,
  );
}

/** True if a folder between the root and `file` is a repository of its own. */
export function isInNestedRepository(workTree: string, file: BytePath): boolean {
  return foldersAbove(file).some(
    (folder) => statPlain(onDisk(workTree, `${folder}/.git`)) !== null,
  );
}

const secretNames = [/\.pem$/i, /^id_[a-z0-9_-]+(\.pub)?$/i, /^\.env/i];

/** True for names of files that hold secrets; untracked ones are kept as hash and size only. */
export function hasSecretName(file: BytePath): boolean {
  const name = file.slice(file.lastIndexOf("/") + 1);
  return secretNames.some((pattern) => pattern.test(name));
}
