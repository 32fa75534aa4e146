import { stepSubject } from "../../model/step-label.ts";
import { textHead } from "../../model/text.ts";
import type { Step } from "../../model/trace.ts";

export interface StepWords {
  readonly kind: string;
  /** What it was about: a command, a path, the beginning of a text. Foreign text. */
  readonly label: string;
  /** How it ended, where that is worth a word. */
  readonly result: string;
  readonly isFailed: boolean;
}

/** One step in a line. */
export function stepWords(step: Step): StepWords {
  const { tool } = step;
  const isFailed = tool !== null && (tool.error || (tool.exitCode ?? 0) !== 0);
  return { kind: step.kind, label: labelOf(step), result: resultOf(step, isFailed), isFailed };
}

/** The timeline's words, but for a thought, which has no place of its own to be read here. */
function labelOf(step: Step): string {
  const said = textHead(step.text);
  if (step.kind === "thinking" && said !== "") return said;
  const subject = stepSubject(step);
  return step.kind === "command" && step.tool !== null ? `$ ${subject}` : subject;
}

function resultOf({ tool, endedAtMs, kind }: Step, isFailed: boolean): string {
  if (tool === null) return "";
  if (tool.exitCode !== null && tool.exitCode !== 0) return `exit ${tool.exitCode}`;
  if (isFailed) return "failed";
  if (tool.output === null && endedAtMs === null) return "no result";
  const op = kind === "edit" ? tool.files[0]?.op : undefined;
  return op === "create" ? "new" : op === "delete" ? "deleted" : op === "rename" ? "renamed" : "";
}
