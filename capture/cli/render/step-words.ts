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

function labelOf(step: Step): string {
  const text = textHead(step.text);
  const { tool } = step;
  if (tool === null) return text;
  const [file] = tool.files;
  switch (step.kind) {
    case "command":
      return `$ ${text}`;
    case "read":
    case "edit": {
      const more = tool.files.length > 1 ? ` and ${tool.files.length - 1} more` : "";
      return file === undefined ? text : `${file.path}${more}`;
    }
    case "tool":
    case "subagent":
    case "skill":
    case "web":
    case "search":
      return text === "" ? tool.name : `${tool.name}  ${text}`;
    case "prompt":
    case "thinking":
    case "message":
    case "plan":
    case "compaction":
    case "interruption":
    case "notice":
      return text === "" ? tool.name : text;
  }
}

function resultOf({ tool, endedAtMs, kind }: Step, isFailed: boolean): string {
  if (tool === null) return "";
  if (tool.exitCode !== null && tool.exitCode !== 0) return `exit ${tool.exitCode}`;
  if (isFailed) return "failed";
  if (tool.output === null && endedAtMs === null) return "no result";
  const op = kind === "edit" ? tool.files[0]?.op : undefined;
  return op === "create" ? "new" : op === "delete" ? "deleted" : op === "rename" ? "renamed" : "";
}
