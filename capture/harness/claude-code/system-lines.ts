import type { Folds } from "./folds.ts";
import { skippedSubtypes } from "./known-names.ts";
import type { SystemLine } from "./lines.ts";
import { typedCommand, untagged } from "./prompts.ts";

/** Subtypes of `system` lines whose words are a notice. */
const noticedSubtypes: ReadonlySet<string> = new Set([
  "agents_killed",
  "informational",
  "instruction_size_warning",
  "local_command",
  "model_consent_fallback",
  "model_fallback",
  "model_refusal_fallback",
  "model_refusal_no_fallback",
  "permission_retry",
  "session_writes_lost",
  "warning",
]);

/** Folds a `system` record: what the client says of itself. */
export function foldSystem(line: SystemLine, folds: Folds): void {
  const { steps, compactions, branches, ctx } = folds;
  const subtype = line.subtype ?? "";
  if (subtype === "compact_boundary") {
    compactions.boundary(line);
    branches.compacted(line.compactMetadata?.preservedMessages?.uuids ?? []);
    ctx.compacted();
  } else if (subtype === "microcompact_boundary") {
    const text = line.content ?? "";
    steps.add({ kind: "compaction", actor: "harness", text, flags: ["trigger:micro"] });
  } else if (subtype === "api_error") {
    const text = line.error?.formatted ?? line.error?.message ?? "The API answered with an error.";
    const retry = line.retryAttempt === undefined ? [] : [`retry:${line.retryAttempt}`];
    steps.add({ kind: "notice", actor: "harness", text, flags: ["api-error", ...retry] });
  } else if (line.preventedContinuation === true) {
    const text = line.stopReason ?? "";
    steps.add({ kind: "notice", actor: "harness", text, flags: ["hook"] });
  } else if (!skippedSubtypes.has(subtype)) {
    foldOther(line, subtype, folds);
  }
}

function foldOther({ content }: SystemLine, subtype: string, { steps }: Folds): void {
  if (!noticedSubtypes.has(subtype)) {
    steps.issue("line-type-unknown", `System lines of subtype "${subtype}" are not known.`);
  }
  if (content === undefined || content === "") return;
  const text = typedCommand(content)?.typed ?? untagged(content);
  const flags = subtype === "local_command" ? ["command"] : [];
  steps.add({ kind: "notice", actor: "harness", text, flags });
}
