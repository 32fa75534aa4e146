import type { FoldRow, StepRow, TimelineRow } from "../../model/timeline.ts";
import type { PatchState } from "../../model/trail.ts";
import { baseName } from "../../model/step-label.ts";

const namesMax = 8;

/** Joins runs: reads in a row, searches in a row, edits of one file in a row. Two make a run. */
export function foldRuns(rows: readonly TimelineRow[]): TimelineRow[] {
  const folded: TimelineRow[] = [];
  let run: StepRow[] = [];
  const close = () => {
    const [first] = run;
    if (first !== undefined) folded.push(run.length === 1 ? first : foldOf(first, run));
    run = [];
  };
  for (const row of rows) {
    const key = row.type === "step" ? runKey(row) : null;
    if (key === null || row.type !== "step") {
      close();
      folded.push(row);
      continue;
    }
    const [first] = run;
    if (first !== undefined && runKey(first) !== key) close();
    run.push(row);
  }
  close();
  return folded;
}

/** Rows with the same key next to each other fold; null never folds. */
function runKey(row: StepRow): string | null {
  const { kind, turn, dimmed, path } = row;
  if (kind === "read" || kind === "search") return `${turn} ${kind} ${dimmed}`;
  return kind === "edit" && path !== null ? `${turn} edit ${dimmed} ${path}` : null;
}

function foldOf(first: StepRow, run: readonly StepRow[]): FoldRow {
  return {
    type: "fold",
    id: `f${first.id}`,
    turn: first.turn,
    kind: first.kind,
    ...foldWords(first, run),
    count: run.length,
    added: sum(run.map(({ added }) => added)),
    deleted: sum(run.map(({ deleted }) => deleted)),
    fate: joinedFate(run.flatMap(({ fate }) => (fate === null ? [] : [fate]))),
    failed: run.filter(({ failed }) => failed).length,
    redactions: run.reduce((total, { redactions }) => total + redactions, 0),
    children: run,
  };
}

function foldWords(first: StepRow, run: readonly StepRow[]): Pick<FoldRow, "label" | "detail"> {
  if (first.kind === "edit") return { label: `${first.label} × ${run.length}`, detail: null };
  if (first.kind === "search") {
    return { label: `Searched ${run.length} times`, detail: joinNames(run.map(labelOf)) };
  }
  const names = [...new Set(run.map((row) => row.path ?? row.label))];
  if (names.length === 1) return { label: `${first.label} × ${run.length}`, detail: null };
  return { label: `Read ${names.length} files`, detail: joinNames(names.map(baseName)) };
}

function labelOf({ label }: StepRow): string {
  return label;
}

function joinNames(names: readonly string[]): string {
  const shown = names.slice(0, namesMax).join(", ");
  return names.length > namesMax ? `${shown}, …` : shown;
}

function sum(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
}

const fateOrder: readonly PatchState[] = [
  "unknown",
  "pending",
  "transformed",
  "alive",
  "reverted",
  "lost",
];

/** The fate that several share; a mixture of settled fates counts as partly changed. */
function joinedFate(fates: readonly PatchState[]): PatchState | null {
  const distinct = new Set(fates);
  if (distinct.size <= 1) return fates[0] ?? null;
  if (distinct.has("pending") || distinct.has("unknown")) {
    return fateOrder.find((fate) => distinct.has(fate)) ?? null;
  }
  return "transformed";
}
