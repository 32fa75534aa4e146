import { textOf } from "./blocks.ts";
import { type Folds, placeOf } from "./folds.ts";
import { isRecord } from "./is-record.ts";
import { silentAttachments } from "./known-names.ts";
import type { AttachmentLine } from "./lines.ts";
import { textField } from "./loose-fields.ts";
import { foldTaskNotification } from "./task-notification.ts";

/** Folds an `attachment` record: what the client added to the context, and what was queued. */
export function foldAttachment(line: AttachmentLine, folds: Folds): void {
  const { steps, ctx } = folds;
  const { attachment } = line;
  if (attachment.type === "queued_command") foldQueued(line, folds);
  else if (attachment.type === "hook_blocking_error") {
    const { blockingError: error } = attachment;
    const said = isRecord(error) ? textField(error["blockingError"]) : textField(error);
    const text = said ?? JSON.stringify(error ?? "");
    steps.add({ kind: "notice", actor: "harness", text, flags: ["hook"] });
  } else if (attachment.type === "hook_stopped_continuation") {
    const text = attachment.message ?? "A hook stopped the turn.";
    steps.add({ kind: "notice", actor: "harness", text, flags: ["hook"] });
  } else if (attachment.type === "max_turns_reached") {
    steps.add({ kind: "notice", actor: "harness", text: "The limit of turns is reached." });
  } else if (!silentAttachments.has(attachment.type)) {
    steps.issue("line-type-unknown", `Attachments of type "${attachment.type}" are not known.`);
  }
  // A sub-agent works where its session does.
  if (folds.file.agent === null) {
    const { isGated } = steps.context;
    folds.environment.attachment(attachment, { ...placeOf(folds), isGated });
  }
  if (attachment.type === "prompt_snapshot") {
    ctx.snapshot(attachment.systemPrompt, attachment.tools);
  }
  ctx.rendered(line.rendered ?? [], line.renderedRole === "system" ? "system" : "user");
}

/** Typed while the agent worked, or put into the queue by the client itself. */
function foldQueued({ attachment }: AttachmentLine, folds: Folds): void {
  const { steps, prompts, branches } = folds;
  const text = textOf(attachment.prompt);
  const mode = attachment.commandMode ?? "prompt";
  if (mode === "prompt" && !text.trimStart().startsWith("<task-notification>")) {
    branches.addTurn(prompts.add({ text, flags: ["queued"], byAgent: folds.file.agent !== null }));
    return;
  }
  foldTaskNotification(text, steps);
  const flag = mode === "prompt" ? "task-notification" : mode;
  steps.add({ kind: "notice", actor: "harness", text, flags: [flag] });
}
