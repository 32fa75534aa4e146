/** A list stored as the first `keep` items of another one, and then `tail`. */
export interface DeltaList {
  readonly keep: number;
  readonly tail: readonly string[];
}

/** The whole list, through the lists it builds on. One without a base begins empty. */
export function wholeList<Delta extends DeltaList>(
  list: Delta,
  baseOf: (list: Delta) => Delta | undefined,
): readonly string[] {
  const parts: (readonly string[])[] = [];
  let end = Number.POSITIVE_INFINITY;
  for (let at: Delta | undefined = list; at !== undefined && end > 0; at = baseOf(at)) {
    if (end > at.keep) parts.push(at.tail.slice(0, end - at.keep));
    end = Math.min(end, at.keep);
  }
  return parts.toReversed().flat();
}
