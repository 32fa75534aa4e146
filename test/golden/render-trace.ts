import { countFidelity } from "../../capture/ctx/fidelity.ts";
import { assembleCtx } from "../../capture/ctx/nodes.ts";
import { type Text, textHead } from "../../capture/model/text.ts";
import type { RecordedEdit, Step } from "../../capture/model/trace.ts";
import type { FoldedFile } from "../support/claude-fold.ts";

const headChars = 60;

/** A folded file in a form that a person can read and compare: a line a step, then the rest. */
export function renderTrace({ trace, ctx, issues, verdicts }: FoldedFile): string {
  const { nodes } = assembleCtx(ctx);
  const { environment, ...facts } = trace.facts;
  const lines = [
    `facts ${JSON.stringify(facts)}`,
    ...(environment === undefined ? [] : [`environment ${JSON.stringify(environment)}`]),
    ...trace.steps.flatMap((step) => [
      renderStep(step),
      ...(trace.edits.get(step.index) ?? []).map(renderEdit),
      ...[trace.startedAgents.get(step.index)].flatMap((id) => (id ? [`      starts ${id}`] : [])),
      ...(trace.attachments.get(step.index) ?? []).map((path) => `      more in ${path}`),
    ]),
    ...nodes.map((node) => {
      const missing = node.missing.map(({ what }) => what).join(",");
      return `node L${node.line} ${node.request ?? "-"} ${node.fidelity} missing=${missing}`;
    }),
    `fidelity ${JSON.stringify(countFidelity(nodes))}`,
    `digests ${JSON.stringify(countDigests(verdicts))}`,
    ...issues.map(
      ({ line, offset, rule, message }) => `issue ${line}@${offset} ${rule}: ${message}`,
    ),
  ];
  return `${lines.join("\n")}\n`;
}

function renderStep(step: Step): string {
  const { tool, tokens } = step;
  const parts = [
    `${step.index}`.padStart(4),
    `L${step.source.line} turn ${step.turn} ${step.actor} ${step.kind}`,
    step.request ?? "",
    tool === null ? "" : renderTool(tool),
    head(step.text),
    step.flags.length === 0 ? "" : `{${step.flags.join(" ")}}`,
    tokens === null ? "" : `in ${tokens.input} out ${tokens.output} cached ${tokens.cacheRead}`,
    step.copied ? "copied" : "",
    step.branch === "live" ? "" : step.branch,
    step.approves === null ? "" : `approves ${step.approves}`,
  ];
  return parts.filter((part) => part !== "").join(" | ");
}

function renderTool({ name, callId, output, error, exitCode, files }: NonNullable<Step["tool"]>) {
  const outcome = [error ? "failed" : "", exitCode === null ? "" : `exit ${exitCode}`];
  const said = output === null ? "no result" : `${textChars(output)} chars`;
  const touched = files.map(({ op, path }) => `${op} ${path}`);
  return [name, callId, ...outcome, said, ...touched].filter((part) => part !== "").join(", ");
}

function renderEdit({ op, path, before, after }: RecordedEdit): string {
  return `      ${op} ${path}: ${side(before)} -> ${side(after)}`;
}

function side(content: Text | null | undefined): string {
  if (content === null) return "nothing";
  return content === undefined ? "unknown" : `${textChars(content)} chars`;
}

function textChars(text: Text): number {
  return typeof text === "string" ? text.length : text.bytes;
}

function head(text: Text): string {
  const words = textHead(text).slice(0, headChars);
  return words === "" ? "" : JSON.stringify(words);
}

function countDigests(verdicts: FoldedFile["verdicts"]): { ok: number; wrong: number } {
  const digests = verdicts.filter(({ check }) => check === "request-digest");
  const ok = digests.filter((verdict) => verdict.ok).length;
  return { ok, wrong: digests.length - ok };
}
