import type { StripMark } from "../../protocol/timeline.ts";

export interface PlacedMark {
  readonly x: number;
  readonly kind: StripMark["kind"];
}

/** How much happened in one stretch of the strip, as shares of the busiest stretch. */
export interface Density {
  readonly x: number;
  readonly width: number;
  readonly edits: number;
  readonly failures: number;
}

/** More marks than this run together at the narrowest side bar. */
const ticksMax = 60;
const stretches = 60;
/** Between two bars, as a share of a stretch: bars that touch would be one block. */
const gap = 0.25;
/** What happened once still shows beside what happened often. */
const shareMin = 0.15;

export function isDense(marks: readonly PlacedMark[]): boolean {
  return counted(marks).length > ticksMax;
}

/** Edits and failures by stretch of a strip that is `width` wide; empty stretches are left out. */
export function densities(marks: readonly PlacedMark[], width: number): Density[] {
  const wide = width / stretches;
  const edits = new Float64Array(stretches);
  const failures = new Float64Array(stretches);
  for (const { x, kind } of counted(marks)) {
    const counts = kind === "edit" ? edits : failures;
    const at = Math.min(stretches - 1, Math.max(0, Math.floor(x / wide)));
    counts[at] = (counts[at] ?? 0) + 1;
  }
  const most = Math.max(...edits, ...failures);
  const share = (count: number) => (count === 0 ? 0 : Math.max(shareMin, count / most));
  return Array.from({ length: stretches }, (_, i) => ({
    x: (i + gap / 2) * wide,
    width: wide * (1 - gap),
    edits: share(edits[i] ?? 0),
    failures: share(failures[i] ?? 0),
  })).filter((one) => one.edits > 0 || one.failures > 0);
}

function counted(marks: readonly PlacedMark[]): readonly PlacedMark[] {
  return marks.filter(({ kind }) => kind === "edit" || kind === "failure");
}
