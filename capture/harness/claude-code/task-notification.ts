import type { StepFold } from "./step-fold.ts";

const callId = /<tool-use-id>([^<]+)<\/tool-use-id>/;
const status = /<status>([^<]+)<\/status>/;
const exitCode = /exit code (\d{1,10})/;

/** A background call ended: its step learns when, and how. Any other notice says nothing here. */
export function foldTaskNotification(text: string, steps: StepFold): void {
  if (!text.trimStart().startsWith("<task-notification>")) return;
  const call = callId.exec(text)?.[1]?.trim();
  if (call === undefined) return;
  const outcome = status.exec(text)?.[1]?.trim() ?? "";
  const code = exitCode.exec(text)?.[1];
  steps.addResult(call, {
    output: null,
    error: outcome === "failed" || outcome === "killed",
    exitCode: code === undefined ? null : Number(code),
    flags: [`task:${outcome === "" ? "ended" : outcome}`],
  });
}
