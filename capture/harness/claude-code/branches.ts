/** How many records, of the latest, a rewind can go back to. */
const rememberedRecordsMax = 100_000;

/**
 * Finds the steps that a rewind left behind.
 *
 * The parent chain is good for nothing else: parallel calls hang side by side, a late API error
 * moves the whole tail to the start, a compaction cuts the chain, and logical parents may point to
 * nothing. So only what a person did is asked for its parent, only the parent's place in the file
 * counts, and only what begins with an earlier prompt can have been left behind.
 */
export class BranchFold {
  /** Steps there were once the record was folded, by its uuid. */
  readonly #stepsAfter = new Map<string, number>();
  /** What each of these records is, in a few characters. */
  readonly #marks = new Map<string, string>();
  /** Prompts and compactions by step, ascending. */
  readonly #turns: number[] = [];
  /** Records that a compaction kept: they are parents of what comes after it. */
  #preserved: ReadonlySet<string> = new Set();

  /**
   * The mark of the record of this name that was folded before. A session may be written into its
   * file twice; but two records may also bear one name.
   */
  markOf(uuid: string): string | undefined {
    return this.#marks.get(uuid);
  }

  folded(uuid: string, mark: string, steps: number): void {
    this.#stepsAfter.set(uuid, steps);
    this.#marks.set(uuid, mark);
    if (this.#stepsAfter.size <= rememberedRecordsMax) return;
    const [oldest] = this.#stepsAfter.keys();
    if (oldest === undefined) return;
    this.#stepsAfter.delete(oldest);
    this.#marks.delete(oldest);
  }

  addTurn(step: number): void {
    this.#turns.push(step);
  }

  compacted(preserved: readonly string[]): void {
    this.#preserved = new Set(preserved);
  }

  /** First step that a record with this parent leaves behind; undefined if it leaves none. */
  abandonedFrom(parent: string | null | undefined): number | undefined {
    if (parent === null || parent === undefined || this.#preserved.has(parent)) return undefined;
    const stepsAfter = this.#stepsAfter.get(parent);
    if (stepsAfter === undefined) return undefined;
    const later = this.#turns.findLastIndex((step) => step < stepsAfter) + 1;
    return this.#turns[later];
  }
}
