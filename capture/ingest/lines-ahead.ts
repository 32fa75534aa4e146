import type { FileLine, LineBatch } from "../base/jsonl-batches.ts";
import type { LookedLine } from "./capture-thread.ts";

/** Looks at lines on another thread; undefined where there is none for them. */
export type LookAhead = (
  lines: readonly FileLine[],
) => Promise<readonly LookedLine[] | undefined> | undefined;

export interface LookedBatch extends LineBatch {
  /** What another thread found of each line; undefined where none has looked. */
  readonly looked: readonly LookedLine[] | undefined;
}

/**
 * The batches in their order, each asked about before the one in front of it is given out.
 *
 * So two batches have to be valid at a time; a line that is a batch of its own is given out before
 * another is read, because two of them would be too much to hold.
 */
export async function* lookedAhead(
  batches: AsyncIterable<LineBatch>,
  look: LookAhead,
): AsyncGenerator<LookedBatch, void, void> {
  let next: { batch: LineBatch; found: ReturnType<LookAhead> } | undefined;
  for await (const batch of batches) {
    const found = look(batch.lines);
    if (next !== undefined) yield { ...next.batch, looked: await next.found };
    next = { batch, found };
    if (found !== undefined) continue;
    next = undefined;
    yield { ...batch, looked: undefined };
  }
  if (next !== undefined) yield { ...next.batch, looked: await next.found };
}
