import { lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { isErrno } from "../base/errors.ts";
import type { Op } from "../base/op.ts";
import { type Repository, resolveCommit } from "../git/repository.ts";

/**
 * HEAD's commit, without a process while nothing moved: refs are replaced files, so that their
 * stamps tell.
 */
export class HeadWatch {
  readonly #repository: Repository;
  #stamp = "";
  #commit: string | null = null;

  constructor(repository: Repository) {
    this.#repository = repository;
  }

  /** Null while HEAD is unborn. */
  async commit(op: Op): Promise<string | null> {
    const stamp = this.#currentStamp();
    if (stamp === this.#stamp) return this.#commit;
    const commit = await resolveCommit(op, this.#repository, "HEAD");
    this.#stamp = stamp;
    this.#commit = commit;
    return commit;
  }

  #currentStamp(): string {
    const { gitDir, commonDir } = this.#repository;
    const head = textOf(join(gitDir, "HEAD"));
    const ref = /^ref: (?<name>.+)$/mu.exec(head)?.groups?.["name"];
    const paths = [
      ...(ref === undefined ? [] : [join(commonDir, ref)]),
      join(commonDir, "packed-refs"),
      join(gitDir, "logs", "HEAD"),
      join(commonDir, "reftable", "tables.list"),
    ];
    return [head, ...paths.map(fileStamp)].join("\n");
  }
}

/**
 * Changes whenever the file is written or replaced; `none` while there is none.
 *
 * Not asynchronous on purpose: a hover asks a dozen times, and each would wait for a free thread.
 */
export function fileStamp(path: string): string {
  try {
    const found = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    if (found === undefined) return "none";
    const { mtimeNs, ctimeNs, size, ino } = found;
    return `${mtimeNs}:${ctimeNs}:${size}:${ino}`;
  } catch (error) {
    if (isErrno(error, "ENOTDIR")) return "none";
    throw error;
  }
}

/** A ref's own text; empty where there is no such file. */
export function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isErrno(error, "ENOENT")) return "";
    throw error;
  }
}
