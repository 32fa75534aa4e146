/**
 * One line of the table that `npm run bench` prints. A file `test/bench/<name>.bench.ts` exports
 * `figures(): Promise<readonly Figure[]>` and runs in a process of its own, with `gc` exposed.
 */
export interface Figure {
  readonly name: string;
  readonly value: number;
  /** "ms", "MiB", or empty for a ratio. */
  readonly unit: string;
  /** The most that is allowed, or with `atLeast` the least; `npm run bench` fails beyond it. */
  readonly limit?: number;
  readonly atLeast?: boolean;
}

/** The middle of the values, or the mean of the middle two. Throws on none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (upper === undefined || lower === undefined) throw new Error("There is no median of nothing.");
  return (lower + upper) / 2;
}

/** The value that a share of `fraction` (0 to 1) of the values does not exceed. */
export function percentile(values: readonly number[], fraction: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(sorted.length * fraction) - 1)];
  if (value === undefined) throw new Error("There is no percentile of nothing.");
  return value;
}
