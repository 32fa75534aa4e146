import { plural } from "../../../capture/base/words.ts";
import type { StepRow, TimelineRow } from "../../protocol/timeline.ts";
import { fates } from "./glyphs.ts";

const kindWords: ReadonlyMap<string, string> = new Map([
  ["thinking", "Thought"],
  ["message", "Message"],
  ["plan", "Plan"],
  ["read", "Read"],
  ["search", "Search"],
  ["edit", "Edit"],
  ["command", "Command"],
  ["web", "Web"],
  ["subagent", "Sub-agent"],
  ["skill", "Skill"],
  ["tool", "Tool"],
]);

/** What a screen reader says of a row: all that the eye takes from icon, colour and place. */
export function rowWords(row: TimelineRow): string {
  switch (row.type) {
    case "turn":
      return join([
        `Prompt ${row.turn + 1}: ${row.text.slice(0, 300)}`,
        row.running ? "running" : plural(row.steps, "step"),
        redactions(row.redactions),
      ]);
    case "step":
      return stepWords(row);
    case "fold":
      return join([
        `${row.label} ${row.detail ?? ""}`.trim(),
        row.failed > 0 ? `${row.failed} failed` : "",
        lines(row.added, row.deleted),
        row.fate === null ? "" : fates[row.fate].words,
        redactions(row.redactions),
      ]);
    case "subagent":
      return join([
        `Sub-agent: ${row.label}`,
        plural(row.steps, "step"),
        row.running ? "running" : "",
        row.failed ? "failed" : "",
      ]);
    case "commit":
      return `Commit ${row.subject}, ${ownLines(row.lines)}`;
    case "compaction":
      return "Context compacted";
    case "change":
      return join([changeWords(row.by, row.path), lines(row.added, row.deleted)]);
  }
}

function stepWords(row: StepRow): string {
  const outcome = row.exitCode === null ? (row.failed ? "failed" : "") : `exit ${row.exitCode}`;
  return join([
    `${kindWords.get(row.kind) ?? ""} ${row.label} ${row.detail ?? ""}`.trim(),
    row.running ? "running" : outcome,
    lines(row.added, row.deleted),
    row.fate === null ? "" : fates[row.fate].words,
    redactions(row.redactions),
  ]);
}

export function changeWords(by: "human" | "formatter" | "unknown", path: string): string {
  switch (by) {
    case "human":
      return `You edited ${path}`;
    case "formatter":
      return `Formatted ${path}`;
    case "unknown":
      return `${path} changed outside any step`;
  }
}

/** How much of a commit this session wrote. */
export function ownLines(lines: {
  readonly added: number;
  readonly byThisSession: number;
}): string {
  return `${lines.byThisSession} of ${lines.added} added lines from this session`;
}

/** The words beside a lock. */
export function replacedWords(count: number): string {
  const were = count === 1 ? "was" : "were";
  return `${plural(count, "secret")} ${were} replaced when this was recorded`;
}

function lines(added: number | null, deleted: number | null): string {
  if (added === null && deleted === null) return "";
  return `${added ?? 0} lines added, ${deleted ?? 0} removed`;
}

function redactions(count: number): string {
  return count === 0 ? "" : `${plural(count, "secret")} replaced`;
}

function join(parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join(", ");
}
