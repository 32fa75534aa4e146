/** A pause longer than this is drawn no wider than this, so that work fills the strip. */
const pauseMsMax = 5 * 60 * 1_000;

/** Maps times to 0..1, in order, with long pauses shortened. */
export interface Scale {
  at(atMs: number): number;
}

/** `times` in any order; a scale over fewer than two distinct times puts everything at 0. */
export function pauseShorteningScale(times: readonly number[]): Scale {
  const stops = [...new Set(times)].toSorted((a, b) => a - b);
  const widths: number[] = [0];
  for (let i = 1; i < stops.length; i++) {
    const gapMs = (stops[i] ?? 0) - (stops[i - 1] ?? 0);
    widths.push((widths[i - 1] ?? 0) + Math.min(gapMs, pauseMsMax));
  }
  const total = widths.at(-1) ?? 0;

  return {
    at: (atMs) => {
      if (total === 0) return 0;
      const i = lastAtOrBefore(stops, atMs);
      if (i < 0) return 0;
      const before = widths[i] ?? 0;
      const next = widths[i + 1];
      const from = stops[i] ?? atMs;
      const to = stops[i + 1];
      if (next === undefined || to === undefined) return 1;
      return (before + (next - before) * ((atMs - from) / (to - from))) / total;
    },
  };
}

function lastAtOrBefore(stops: readonly number[], atMs: number): number {
  let low = 0;
  let high = stops.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((stops[middle] ?? 0) <= atMs) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
