import {
  type StripMark,
  type StripPoint,
  stripPointsMax,
  type TimelineFilter,
  type TimelineHead,
  type TimelineRow,
} from "../../model/timeline.ts";
import type { Step } from "../../model/trace.ts";
import { matchesFilter } from "./filter-rows.ts";
import type { TimelineInput } from "./input.ts";
import { contextOf, contextTokens } from "./request-tokens.ts";
import { isFailed, stepRow } from "./step-row.ts";

const filters: readonly TimelineFilter[] = ["all", "edits", "commands", "failed"];

/** What stands above the list, for the rows that a filter left. */
export function timelineHead(
  input: TimelineInput,
  rows: readonly TimelineRow[],
  version: number,
): TimelineHead {
  const { steps } = input.steps.main;
  const own = steps.filter(({ copied }) => !copied);
  const times = own.flatMap(({ atMs, endedAtMs }) => [atMs, endedAtMs]).filter((at) => at !== null);
  const lastRequest = steps.findLast(({ tokens }) => tokens !== null);
  return {
    trace: input.trace,
    title: input.title,
    harness: input.steps.harness,
    model: steps.findLast(({ model }) => model !== null)?.model ?? null,
    startedAtMs: least(times),
    endedAtMs: greatest(times),
    live: input.isLive,
    contextTokens: contextOf(lastRequest),
    counts: countsOf(input, steps),
    ...stripOf(input, rows),
    outcome: input.outcome,
    version,
    rowCount: rows.length,
    stepCount: steps.length,
    turnRows: rows.flatMap((row, i) => (row.type === "turn" ? [i] : [])),
  };
}

function countsOf(
  input: TimelineInput,
  steps: readonly Step[],
): Readonly<Record<TimelineFilter, number>> {
  const counts = { all: 0, edits: 0, commands: 0, failed: 0 };
  for (const step of steps) {
    if (step.kind === "prompt") continue;
    const row = stepRow(input, step);
    for (const filter of filters) if (matchesFilter(row, filter)) counts[filter] += 1;
  }
  return counts;
}

function stripOf(
  input: TimelineInput,
  rows: readonly TimelineRow[],
): { points: StripPoint[]; marks: StripMark[] } {
  const rowOf = rowsByStep(rows);
  const points: StripPoint[] = [];
  const marks: StripMark[] = [];
  for (const step of input.steps.main.steps) {
    const { atMs, tokens } = step;
    if (atMs === null || step.copied) continue;
    const row = rowOf.get(step.index) ?? 0;
    if (tokens !== null) points.push({ atMs, tokens: contextTokens(tokens), row });
    if (step.kind === "compaction") marks.push({ atMs, kind: "compaction", row });
    else if (isFailed(step)) marks.push({ atMs, kind: "failure", row });
    else if (step.kind === "edit") marks.push({ atMs, kind: "edit", row });
  }
  rows.forEach((row, i) => {
    if (row.type === "commit") marks.push({ atMs: row.atMs, kind: "commit", row: i });
  });
  return { points: thin(points), marks: thin(marks.toSorted((a, b) => a.atMs - b.atMs)) };
}

/** Row number by main-file step index; children count for their group. */
function rowsByStep(rows: readonly TimelineRow[]): Map<number, number> {
  const byStep = new Map<number, number>();
  rows.forEach((row, i) => {
    if (row.type === "compaction") byStep.set(Number(row.id.slice(1)), i);
    if ("step" in row && typeof row.step === "number") byStep.set(row.step, i);
    if (!("children" in row)) return;
    for (const child of row.children) {
      if (typeof child.step === "number") byStep.set(child.step, i);
    }
  });
  return byStep;
}

/** Every n-th, the first and the last included, so that at most {@link stripPointsMax} are left. */
function thin<T>(items: readonly T[]): T[] {
  if (items.length <= stripPointsMax) return [...items];
  const stride = (items.length - 1) / (stripPointsMax - 1);
  return Array.from({ length: stripPointsMax }, (_, i) => items[Math.round(i * stride)]).filter(
    (item) => item !== undefined,
  );
}

function least(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((a, b) => Math.min(a, b));
}

function greatest(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((a, b) => Math.max(a, b));
}
