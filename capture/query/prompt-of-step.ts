import { stepNumber } from "../model/ids.ts";
import type { Step, Trace, TraceFile } from "../model/trace.ts";
import { type Text, textHead } from "../model/text.ts";
import { mainStepOf } from "./sub-agents.ts";

/** Words of a command that are quoted. */
const quotedCharsMax = 200;

export interface PromptOfStep {
  readonly step: Step;
  readonly text: Text;
  readonly approvedWith?: string;
}

/**
 * The words that led to a step: the substantive prompt, with the one that merely approved it
 * beside. A sub-agent's step goes back to the prompt that its parent answered.
 */
export function promptOfStep(
  trace: Trace,
  agent: string | null,
  index: number,
): PromptOfStep | null {
  const main = trace.main.steps;
  const step = mainStepOf(trace, { agent, index });
  if (step === undefined) return null;
  const prompt = main.findLast(
    (other) => other.kind === "prompt" && other.index <= step.index && other.turn === step.turn,
  );
  if (prompt === undefined) return null;
  const approved = prompt.approves === null ? undefined : main[prompt.approves];
  if (approved === undefined) return { step: prompt, text: prompt.text };
  const substantive = approved.kind === "prompt" ? approved : promptBefore(main, approved);
  if (substantive === undefined) return { step: prompt, text: prompt.text };
  return { step: substantive, text: substantive.text, approvedWith: textHead(prompt.text) };
}

/** A plan that was approved answers a prompt: that is what the person wanted. */
function promptBefore(steps: readonly Step[], step: Step): Step | undefined {
  return steps.findLast((other) => other.kind === "prompt" && other.index < step.index);
}

/** The last command of the same turn that failed before a step, in words; null if none did. */
export function failureBefore(file: TraceFile, step: Step): string | null {
  const failed = file.steps
    .slice(0, step.index)
    .findLast(
      (other) =>
        other.turn === step.turn &&
        other.kind === "command" &&
        other.tool !== null &&
        (other.tool.error || (other.tool.exitCode ?? 0) !== 0),
    );
  if (failed === undefined || failed.tool === null) return null;
  const command = shortened(commandOf(failed.tool.input) ?? failed.tool.name);
  const { exitCode } = failed.tool;
  const number = stepNumber(failed.agent, failed.index);
  const ending = exitCode === null || exitCode === 0 ? "failed" : `failed with ${exitCode}`;
  return `${command} ${ending} (step ${number})`;
}

function shortened(text: string): string {
  const line = text.split("\n")[0] ?? "";
  return line.length <= quotedCharsMax ? line : `${line.slice(0, quotedCharsMax)}…`;
}

/** The command line of a tool call, wherever its harness puts it; null if it has none. */
export function commandOf(input: unknown): string | null {
  if (typeof input !== "object" || input === null) return null;
  const command = "command" in input ? input.command : "cmd" in input ? input.cmd : null;
  if (typeof command === "string") return command;
  return Array.isArray(command) ? command.join(" ") : null;
}
