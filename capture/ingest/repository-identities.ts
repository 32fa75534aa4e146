import { realpathSync } from "node:fs";
import type { Op } from "../base/op.ts";
import { keyedHash } from "../bucket/key.ts";
import { remoteAddresses } from "../git/remotes.ts";
import { type Repository, rootCommits } from "../git/repository.ts";
import type { RepositoryIdentity } from "../model/session.ts";
import type { SnapshotPool } from "./snapshot-pool.ts";

const askAgainMs = 5_000;

/**
 * Which repository a folder belongs to, asked of git once a folder.
 *
 * That there is none, or that it has no commit yet, is asked again after a while: both may change.
 */
export class RepositoryIdentities {
  readonly #key: Buffer;
  readonly #pool: SnapshotPool;
  readonly #repositories = new Map<string, Repository>();
  readonly #identities = new Map<string, RepositoryIdentity>();
  /** When folders without a repository, and those without a commit, are asked again. */
  readonly #waiting = new Map<string, number>();

  constructor(key: Buffer, pool: SnapshotPool) {
    this.#key = key;
    this.#pool = pool;
  }

  /** The repository around `folder`; null where there is none, or the folder is gone. */
  async repositoryOf(op: Op, folder: string): Promise<Repository | null> {
    const known = this.#repositories.get(folder);
    if (known !== undefined) return known;
    if (this.#isWaiting(folder)) return null;
    const repository = await this.#pool.repositoryOf(op, folder);
    if (repository === null) this.#wait(folder);
    else this.#repositories.set(folder, repository);
    return repository;
  }

  /** The same as `session.json` holds it: without addresses. Walks the history once. */
  async identityOf(op: Op, folder: string): Promise<RepositoryIdentity | null> {
    const repository = await this.repositoryOf(op, folder);
    if (repository === null) return null;
    const known = this.#identities.get(repository.workTree);
    const isUnborn = known?.rootCommits.length === 0;
    if (known !== undefined && (!isUnborn || this.#isWaiting(repository.workTree))) return known;
    const identity = await this.#ask(op, repository);
    if (identity.rootCommits.length === 0) this.#wait(repository.workTree);
    this.#identities.set(repository.workTree, identity);
    return identity;
  }

  #isWaiting(folder: string): boolean {
    return (this.#waiting.get(folder) ?? 0) > performance.now();
  }

  #wait(folder: string): void {
    this.#waiting.set(folder, performance.now() + askAgainMs);
  }

  async #ask(op: Op, repository: Repository): Promise<RepositoryIdentity> {
    const { workTree, commonDir, worktree } = repository;
    const [commits, remotes] = await Promise.all([
      rootCommits(op, repository),
      remoteAddresses(op, repository),
    ]);
    const hashed = remotes.map((address) => keyedHash(this.#key, address)).toSorted();
    return { rootCommits: commits, remotes: hashed, root: workTree, commonDir, worktree };
  }
}

/** A folder as git spells it, links resolved; as it is where it does not exist. */
export function resolvedFolder(folder: string): string {
  try {
    return realpathSync.native(folder);
  } catch {
    return folder;
  }
}
