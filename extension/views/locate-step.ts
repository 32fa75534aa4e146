import type { Engine, Op, TimelineFilter, TimelineHead, TimelineRow } from "../../capture/api.ts";

type StepNumber = number | string;

export interface RowPlace {
  readonly row: number;
  /** The child of a group at that row; -1 for the row itself. */
  readonly child: number;
}

interface View {
  readonly trace: string;
  readonly filter: TimelineFilter;
  readonly query: string;
}

const pageRows = 500;

/**
 * The row that shows a step, or null if the filter leaves it out.
 *
 * Rows of the main file are in the order of their steps, so turns narrow it down to a page or two;
 * a step of a sub-agent is looked for in all rows.
 */
export async function locateStep(
  op: Op,
  engine: Engine,
  { head, ...view }: View & { readonly head: TimelineHead },
  step: StepNumber,
): Promise<RowPlace | null> {
  const from = typeof step === "number" ? await turnBefore(op, engine, { head, ...view }, step) : 0;
  return (
    (await scan(op, engine, view, { from, to: head.rowCount, step })) ??
    (from === 0 ? null : await scan(op, engine, view, { from: 0, to: from, step }))
  );
}

/** Row of the last turn whose prompt is not after `step`, found by halving; 0 if there is none. */
async function turnBefore(
  op: Op,
  engine: Engine,
  { head, trace, filter, query }: View & { readonly head: TimelineHead },
  step: number,
): Promise<number> {
  let low = 0;
  let high = head.turnRows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const from = head.turnRows[middle] ?? 0;
    const page = await engine.timelineRows(op, { trace, filter, query, from, count: 1 });
    const row = page.rows[0];
    if (row?.type !== "turn" || typeof row.step !== "number") return 0;
    if (row.step <= step) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? 0 : (head.turnRows[low - 1] ?? 0);
}

async function scan(
  op: Op,
  engine: Engine,
  view: View,
  { from, to, step }: { readonly from: number; readonly to: number; readonly step: StepNumber },
): Promise<RowPlace | null> {
  for (let start = from; start < to; start += pageRows) {
    const count = Math.min(pageRows, to - start);
    const { rows } = await engine.timelineRows(op, { ...view, from: start, count });
    for (const [i, row] of rows.entries()) {
      const child = childOf(row, step);
      if (child !== null) return { row: start + i, child };
    }
    if (rows.length === 0) return null;
  }
  return null;
}

/** -1 if the row itself is the step, the child's position if that is, else null. */
function childOf(row: TimelineRow, step: StepNumber): number | null {
  if ("step" in row && row.step === step) return -1;
  if (!("children" in row)) return null;
  const child = row.children.findIndex((one) => one.step === step);
  return child < 0 ? null : child;
}
