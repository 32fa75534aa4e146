import { stepNumber } from "../../model/ids.ts";
import type { StepRow } from "../../model/timeline.ts";
import type { Step } from "../../model/trace.ts";
import type { TimelineInput } from "./input.ts";
import { mainPath, stepDetail, stepLabel } from "../../model/step-label.ts";

/** One step as a row of its own. */
export function stepRow(input: TimelineInput, step: Step): StepRow {
  const change = input.changeOf(step.agent, step.index);
  const { tool } = step;
  const isOver = tool === null || tool.output !== null || step.endedAtMs !== null;
  return {
    type: "step",
    id: `s${step.agent ?? ""}:${step.index}`,
    turn: step.turn,
    step: stepNumber(step.agent, step.index),
    kind: step.kind,
    label: stepLabel(step),
    detail: stepDetail(step),
    path: tool === null ? null : (mainPath(tool) ?? null),
    atMs: step.atMs,
    durationMs:
      step.atMs === null || step.endedAtMs === null
        ? null
        : Math.max(0, step.endedAtMs - step.atMs),
    running: input.isLive && !isOver,
    failed: isFailed(step),
    exitCode: tool?.exitCode ?? null,
    added: change?.added ?? null,
    deleted: change?.deleted ?? null,
    fate: change?.fate ?? null,
    redactions: step.redactions,
    dimmed: step.branch === "abandoned" || step.copied || quietKinds.has(step.kind),
  };
}

const quietKinds: ReadonlySet<string> = new Set(["thinking", "notice"]);

export function isFailed({ tool }: Step): boolean {
  return tool !== null && (tool.error || (tool.exitCode !== null && tool.exitCode !== 0));
}
