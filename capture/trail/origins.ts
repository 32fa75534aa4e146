import type { Op } from "../base/op.ts";
import { blameFile } from "../git/history.ts";
import type { BlameCommit } from "../git/parse/blame.ts";
import type { Repository } from "../git/repository.ts";

/** The commit that brought in one line of a committed file. */
export interface LineOrigin {
  readonly commit: BlameCommit;
  readonly path: string;
  /** 0-based, in that commit's version of the file. */
  readonly line: number;
}

/** Files whose origins are kept. */
const rememberedMax = 256;

/** Which commit each line of committed files came from, by `git blame`, asked once. */
export class Origins {
  readonly #repository: Repository;
  readonly #known = new Map<string, Promise<readonly LineOrigin[]>>();

  constructor(repository: Repository) {
    this.#repository = repository;
  }

  /** Origins of all lines of `path` in commit `sha`; none if it is not there. */
  of(op: Op, sha: string, path: string): Promise<readonly LineOrigin[]> {
    return remembered(this.#known, `${sha}\0${path}`, () => this.#blame(op, sha, path));
  }

  async #blame(op: Op, rev: string, path: string): Promise<readonly LineOrigin[]> {
    const blame = await blameFile(op, this.#repository, { rev, path });
    const origins: LineOrigin[] = [];
    for (const run of blame?.runs ?? []) {
      const commit = blame?.commits.get(run.commit);
      if (commit === undefined) continue;
      for (let step = 0; step < run.count; step += 1) {
        const line = run.originLine - 1 + step;
        origins[run.line - 1 + step] = { commit, path: run.originPath, line };
      }
    }
    return origins;
  }
}

/**
 * What a map holds under a key, made if it is not there; failures and the longest unused are
 * forgotten.
 */
export function remembered<V>(
  map: Map<string, Promise<V>>,
  key: string,
  make: () => Promise<V>,
  max = rememberedMax,
): Promise<V> {
  const known = map.get(key);
  if (known !== undefined) {
    map.delete(key);
    map.set(key, known);
    return known;
  }
  const made = make();
  map.set(key, made);
  made.catch(() => map.delete(key));
  for (const oldest of map.keys()) {
    if (map.size <= max) break;
    map.delete(oldest);
  }
  return made;
}
