import type { TimedWindow } from "./windows.ts";

interface Stretch {
  readonly window: TimedWindow;
  /** Position among the windows as they were given. */
  readonly at: number;
  readonly start: number;
  readonly end: number;
  /** The latest end of this one and of all that start before it. */
  readonly latestEnd: number;
}

const made = new WeakMap<readonly TimedWindow[], WindowTimes>();

/** The windows of a session that may write, found by when they were open. */
export class WindowTimes {
  readonly #bySeq: readonly Stretch[];
  readonly #byTime: readonly Stretch[];

  private constructor(windows: readonly TimedWindow[]) {
    this.#bySeq = stretchesOf(windows, ({ from, to }) => [from, to]);
    this.#byTime = stretchesOf(windows, ({ fromMs, toMs }) => [fromMs, toMs]);
  }

  /** The same for the same array, which never changes. */
  static of(windows: readonly TimedWindow[]): WindowTimes {
    const known = made.get(windows) ?? new WindowTimes(windows);
    made.set(windows, known);
    return known;
  }

  /** Windows that were open between two events of their session, in their order. */
  bySeq({ from, to }: { readonly from: number; readonly to: number }): readonly TimedWindow[] {
    return openBetween(this.#bySeq, from, to);
  }

  /** Windows that were open between two times, in their order. */
  byTime(time: { readonly fromMs: number; readonly toMs: number }): readonly TimedWindow[] {
    return openBetween(this.#byTime, time.fromMs, time.toMs);
  }
}

function stretchesOf(
  windows: readonly TimedWindow[],
  rangeOf: (window: TimedWindow) => readonly [start: number, end: number],
): readonly Stretch[] {
  const stretches = windows.flatMap((window, at) => {
    if (window.reach === "none") return [];
    const [start, end] = rangeOf(window);
    return [{ window, at, start, end }];
  });
  let latestEnd = Number.NEGATIVE_INFINITY;
  return stretches
    .toSorted((a, b) => a.start - b.start)
    .map((stretch) => {
      latestEnd = Math.max(latestEnd, stretch.end);
      return { ...stretch, latestEnd };
    });
}

function openBetween(
  stretches: readonly Stretch[],
  start: number,
  end: number,
): readonly TimedWindow[] {
  let low = 0;
  let high = stretches.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((stretches[middle]?.start ?? end) < end) low = middle + 1;
    else high = middle;
  }
  const found: Stretch[] = [];
  for (let at = low - 1; at >= 0; at -= 1) {
    const stretch = stretches[at];
    if (stretch === undefined || stretch.latestEnd <= start) break;
    if (stretch.end > start) found.push(stretch);
  }
  return found.toSorted((a, b) => a.at - b.at).map(({ window }) => window);
}
