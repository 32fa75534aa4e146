import { OtError } from "../base/errors.ts";
import type { Op } from "../base/op.ts";
import { discover } from "../git/repository.ts";
import type { Repository } from "../git/repository.ts";
import { SnapshotStore } from "../git/snapshot-store.ts";

/** Stores that stay open at once: each has git processes of its own. */
const storesMax = 8;

/** The snapshot stores of the work trees that sessions run in, opened when they are needed. */
export class SnapshotPool implements AsyncDisposable {
  readonly #trusted: (root: string) => boolean;
  readonly #stores = new Map<string, Promise<SnapshotStore>>();
  /** Whether the filters of a work tree run in its open store. */
  readonly #runsFilters = new Map<string, boolean>();

  /** `trusted`: whether a work tree's own filters may be run. */
  constructor(trusted: (root: string) => boolean = () => false) {
    this.#trusted = trusted;
  }

  /** The repository around a folder; null where there is none to trace. */
  async repositoryOf(op: Op, folder: string): Promise<Repository | null> {
    try {
      const found = await discover(op, folder);
      return found.kind === "ok" ? found.repository : null;
    } catch (error) {
      if (error instanceof OtError && error.code !== "cancelled") return null;
      throw error;
    }
  }

  /** The store of one work tree, which is made if there is none. */
  async store(op: Op, repository: Repository): Promise<SnapshotStore> {
    const key = repository.workTree;
    const trusted = this.#trusted(key);
    let known = this.#stores.get(key);
    this.#stores.delete(key);
    if (known !== undefined && this.#runsFilters.get(key) !== trusted) {
      await (await known).close();
      known = undefined;
    }
    this.#runsFilters.set(key, trusted);
    const store = known ?? SnapshotStore.open(op, repository, { trusted });
    this.#stores.set(key, store);
    store.catch(() => this.#stores.delete(key));
    for (const [oldest, open] of this.#stores) {
      if (this.#stores.size <= storesMax) break;
      this.#stores.delete(oldest);
      await (await open).close();
    }
    return store;
  }

  /** For quiet times: packs what waits and ends the git processes. */
  async idle(op: Op): Promise<void> {
    for (const store of this.#stores.values()) await (await store).idle(op);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const stores = [...this.#stores.values()];
    this.#stores.clear();
    for (const store of stores) await (await store).close();
  }
}
