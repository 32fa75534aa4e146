import type { StepRow, TimelineContract, TimelineRow } from "../../protocol/timeline.ts";
import { act } from "../../shared/act.ts";
import type { Host } from "../../shared/host.ts";

/** The row itself for child -1, else that child of a group. */
export function rowAt(
  row: TimelineRow | undefined,
  child: number,
): TimelineRow | StepRow | undefined {
  if (row === undefined || child < 0) return row;
  return "children" in row ? row.children[child] : undefined;
}

/**
 * Opens what a row is about in the editor: a diff, a file, a commit.
 *
 * False if there is nothing to open, so that the caller expands the row instead.
 */
export function openRow(
  host: Host<TimelineContract>,
  trace: string,
  row: TimelineRow,
  how: "open" | "diff",
): boolean {
  if (row.type === "commit") {
    act(host, "openCommit", { sha: row.sha });
    return true;
  }
  if (row.type === "change") {
    act(host, "openFile", { path: row.path, line: null });
    return true;
  }
  if (row.type !== "step") return false;
  if (row.kind === "edit" || (how === "diff" && row.added !== null)) {
    act(host, "openDiff", { trace, step: row.step, path: row.path });
    return true;
  }
  if (row.kind === "read" && row.path !== null && how === "open") {
    act(host, "openFile", { path: row.path, line: null });
    return true;
  }
  return false;
}
