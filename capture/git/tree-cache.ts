import type { TreeEntries } from "./objects.ts";

/** Entries that the cache holds at most, over all trees; about 20 MB. */
const entriesMax = 200_000;

/** Parsed trees by id, the longest unused dropped first. Ids are content, so nothing goes stale. */
export class TreeCache {
  readonly #trees = new Map<string, TreeEntries>();
  #entries = 0;

  get(oid: string): TreeEntries | undefined {
    const found = this.#trees.get(oid);
    if (found === undefined) return undefined;
    this.#trees.delete(oid);
    this.#trees.set(oid, found);
    return found;
  }

  set(oid: string, entries: TreeEntries): void {
    if (this.#trees.has(oid)) return;
    this.#trees.set(oid, entries);
    this.#entries += entries.size + 1;
    for (const [oldest, dropped] of this.#trees) {
      if (this.#entries <= entriesMax || oldest === oid) break;
      this.#trees.delete(oldest);
      this.#entries -= dropped.size + 1;
    }
  }
}
