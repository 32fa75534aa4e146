import { statSync } from "node:fs";
import * as path from "node:path";

import { OtError } from "../base/errors.ts";
import type { Op } from "../base/op.ts";
import { type Repository, requireRepository, rootCommits } from "../git/repository.ts";

/** Folders whose repository is remembered. */
const foldersMax = 2_000;

interface Known {
  readonly repository: Repository;
  /** Tells the `.git` that was found from another one in its place. */
  readonly mark: string;
}

/**
 * The repository around a folder, without asking git each time: two processes a hover are too many.
 *
 * What is remembered holds while the nearest `.git` upwards is the same one; a handful of `stat`
 * calls tell.
 */
export class RepositoryFinder {
  readonly #known = new Map<string, Known>();

  readonly #roots = new Map<string, Promise<readonly string[]>>();

  /** Null where there is no work tree around a folder. */
  async findOrNull(op: Op, folder: string): Promise<Repository | null> {
    try {
      return await this.find(op, folder);
    } catch (error) {
      if (error instanceof OtError && error.code === "no-repository") return null;
      throw error;
    }
  }

  /** The root commits of a repository; walked once, for that takes a second in a large one. */
  async rootCommits(op: Op, repository: Repository): Promise<readonly string[]> {
    const key = repository.commonDir;
    const known = this.#roots.get(key) ?? rootCommits(op, repository);
    this.#roots.set(key, known);
    try {
      const roots = await known;
      // One without a commit gets its first some time.
      if (roots.length === 0) this.#roots.delete(key);
      return roots;
    } catch (error) {
      this.#roots.delete(key);
      throw error;
    }
  }

  /** Throws `no-repository`, and what git throws. */
  async find(op: Op, folder: string): Promise<Repository> {
    const nearest = nearestMark(folder);
    const known = this.#known.get(folder);
    if (known !== undefined && nearest !== null && known.mark === nearest) return known.repository;
    const repository = await requireRepository(op, folder);
    if (this.#known.size >= foldersMax) this.#known.clear();
    if (nearest !== null) this.#known.set(folder, { repository, mark: nearest });
    return repository;
  }
}

function nearestMark(folder: string): string | null {
  for (let dir = folder; ; dir = path.dirname(dir)) {
    const found = statSync(path.join(dir, ".git"), { throwIfNoEntry: false });
    if (found !== undefined) return `${dir}\0${found.ino}\0${found.isFile() ? found.mtimeMs : ""}`;
    if (path.dirname(dir) === dir) return null;
  }
}
