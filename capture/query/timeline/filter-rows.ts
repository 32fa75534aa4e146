import type { StepRow, TimelineFilter, TimelineRow, TurnRow } from "../../model/timeline.ts";

/** Keeps the rows that a filter and a query mean, and the cards above them. */
export function filterRows(
  rows: readonly TimelineRow[],
  filter: TimelineFilter,
  query: string,
): readonly TimelineRow[] {
  const needle = query.trim().toLowerCase();
  if (filter === "all" && needle === "") return rows;
  const kept: TimelineRow[] = [];
  let card: TurnRow | null = null;
  for (const row of rows) {
    if (row.type === "turn") {
      card = row;
      if (filter === "all" && hasText(row, needle)) {
        kept.push(row);
        card = null;
      }
      continue;
    }
    const left = keep(row, filter, needle);
    if (left === null) continue;
    if (card !== null) kept.push(card);
    card = null;
    kept.push(left);
  }
  return kept;
}

/** The row, or a group with only the children that match; null if nothing of it does. */
function keep(row: TimelineRow, filter: TimelineFilter, needle: string): TimelineRow | null {
  if (row.type === "fold" || row.type === "subagent") {
    const children = row.children.filter((child) => isWanted(child, filter, needle));
    const isWhole = filter === "all" && hasText(row, needle);
    if (isWhole) return row;
    return children.length === 0 ? null : { ...row, children };
  }
  if (row.type === "step") return isWanted(row, filter, needle) ? row : null;
  return filter === "all" && hasText(row, needle) ? row : null;
}

function isWanted(row: StepRow, filter: TimelineFilter, needle: string): boolean {
  return matchesFilter(row, filter) && hasText(row, needle);
}

export function matchesFilter(row: StepRow, filter: TimelineFilter): boolean {
  switch (filter) {
    case "all":
      return true;
    case "edits":
      return row.kind === "edit" || (row.added ?? 0) + (row.deleted ?? 0) > 0;
    case "commands":
      return row.kind === "command";
    case "failed":
      return row.failed;
  }
}

function hasText(row: TimelineRow, needle: string): boolean {
  return needle === "" || textOf(row).toLowerCase().includes(needle);
}

function textOf(row: TimelineRow): string {
  switch (row.type) {
    case "turn":
      return row.text;
    case "step":
      return `${row.label} ${row.path ?? ""}`;
    case "fold":
      return `${row.label} ${row.detail ?? ""}`;
    case "subagent":
      return row.label;
    case "commit":
      return `${row.sha} ${row.subject}`;
    case "change":
      return row.path;
    case "compaction":
      return "context compacted";
  }
}
