/** Lines of all contents that are kept. */
const linesMax = 6_000_000;

/** What keeping one content costs beside its lines, in lines. */
const entryLines = 64;

/** The births that one content has. */
export interface BlobBirths {
  /** By 0-based line; -1 for a line that no version has. */
  readonly ids: Int32Array;
  /** Lines that stand there in other line breaks, and where they begin. */
  readonly reflowed: ReadonlyMap<number, number>;
}

/** The births of the lines of contents, kept within a budget: the longest unused go first. */
export class BlobIds {
  readonly #known = new Map<string, Promise<BlobBirths>>();
  readonly #sizes = new Map<string, number>();
  #lines = 0;

  once(key: string, make: () => Promise<BlobBirths>): Promise<BlobBirths> {
    const known = this.#known.get(key);
    if (known !== undefined) {
      this.#known.delete(key);
      this.#known.set(key, known);
      return known;
    }
    const made = make();
    this.#known.set(key, made);
    made.then(
      ({ ids }) => this.#count(key, ids.length),
      () => this.#known.delete(key),
    );
    return made;
  }

  #count(key: string, length: number): void {
    const lines = length + entryLines;
    this.#sizes.set(key, lines);
    this.#lines += lines;
    for (const oldest of this.#known.keys()) {
      if (this.#lines <= linesMax) break;
      const size = this.#sizes.get(oldest);
      if (size === undefined || oldest === key) continue;
      this.#known.delete(oldest);
      this.#sizes.delete(oldest);
      this.#lines -= size;
    }
  }
}
