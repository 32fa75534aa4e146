import { plural } from "../../base/words.ts";
import { agentName } from "../../model/agent-name.ts";
import type { WhyAnswer } from "../../api.ts";
import type { OwnerAnswer } from "../../model/answers.ts";
import type { LineEvidence } from "../../model/trail.ts";
import { oneLine, visibleLine, visibleLines } from "./escape.ts";
import { columnsOf, indented, type Paper, style } from "./paper.ts";
import { localDay, localMinute } from "./times.ts";
import { fit } from "./width.ts";
import { changeWords, shortAddress, shortTrace, stateWords } from "./words.ts";

/** Why a line is there, in the order of the editor's hover. */
export function* whyLines(
  paper: Paper,
  answer: WhyAnswer,
  source: string | null,
): Generator<string> {
  const place = `${oneLine(answer.path)}:${answer.line}`;
  const rev = answer.rev === "worktree" ? "" : style.dim(` at ${answer.rev.slice(0, 8)}`);
  yield `${style.bold(place)}${rev}`;
  if (source !== null) yield `  ${visibleLine(source.trim())}`;
  yield "";
  yield* whoLines(paper, answer);
  yield* promptLines(paper, answer);
  yield* stepLines(answer);
  yield commitWords(answer);
  if (answer.owner.kind === "step") yield fateWords(answer);
  yield* lineageLines(answer);
  if (answer.owner.kind === "step") yield style.dim(evidenceWords[answer.evidence]);
  yield* linkLines(paper, answer);
}

const evidenceWords: Readonly<Record<LineEvidence, string>> = {
  observed: "Evidence: the work tree was seen right before and right after the step.",
  declared: "Evidence: the step's tool named this file, and the line is what it wrote.",
  transcript: "Evidence: the session's own record of the edit meets the line.",
  carried: "Evidence: the line was followed through a move, a rename or a change of blanks.",
  "before-capture": "Evidence: none; the line is older than the first recorded session.",
  none: "Evidence: none.",
};

function* whoLines(paper: Paper, answer: WhyAnswer): Generator<string> {
  const { owner, step, commit, note } = answer;
  switch (owner.kind) {
    case "step": {
      const agent = step === null ? "An agent" : agentName(step.harness);
      const { model = null, atMs = null } = step ?? {};
      const which = model === null ? "" : style.dim(` (${oneLine(model)})`);
      const when = atMs === null ? "" : ` on ${localMinute(atMs)}`;
      yield `${style.bold(oneLine(agent))}${which} wrote this line${when}.`;
      return;
    }
    case "human":
      yield commit === null ? "You wrote this line." : `${authorOf(answer)} wrote this line.`;
      return;
    case "formatter":
      yield "A formatter wrote this line.";
      return;
    case "unknown":
      yield "No evidence for this line.";
      if (note !== null) yield* indented(paper, oneLine(note), "");
      for (const { trace, step: number } of owner.candidates) {
        yield style.dim(`  It could be ot trace show ${shortAddress(trace, number)}`);
      }
  }
}

function authorOf({ commit }: WhyAnswer): string {
  return style.bold(oneLine(commit?.author ?? "Somebody"));
}

function* promptLines(paper: Paper, { prompt }: WhyAnswer): Generator<string> {
  if (prompt === null) return;
  yield "";
  for (const line of visibleLines(prompt.text)) yield* indented(paper, line, "  │ ");
  const { approvedWith } = prompt;
  if (approvedWith !== undefined) yield style.dim(`  approved with: ${fit(approvedWith, 200)}`);
  yield "";
}

function* stepLines({ owner, step, path }: WhyAnswer): Generator<string> {
  if (owner.kind !== "step" || step === null || owner.step === null) return;
  const change = changeWords(step);
  const after = step.after === null ? "" : `, after ${fit(step.after, 120)}`;
  const how = change === "" ? "" : ` (${change})`;
  yield `Step ${owner.step}, ${oneLine(step.kind)}, changed ${oneLine(path)}${how}${after}`;
  if (step.redactions > 0) {
    yield style.dim(`${plural(step.redactions, "secret")} replaced when this was recorded.`);
  }
}

function commitWords(answer: WhyAnswer): string {
  const { commit } = answer;
  if (commit === null) return "Not committed yet.";
  const author = commit.author === undefined ? "" : ` by ${oneLine(commit.author)}`;
  const day = localDay(commit.atMs);
  const sha = style.yellow(commit.sha.slice(0, 8));
  return `Commit ${sha} “${oneLine(commit.subject)}”${author}, ${day}`;
}

function fateWords({ state, step }: WhyAnswer): string {
  if (state === "pending" || step === null || step.addedLines === 0) return stateWords[state];
  const { survivingLines, addedLines } = step;
  const whole = addedLines === 1 ? "the one line" : `all ${addedLines} lines`;
  const kept = survivingLines === addedLines ? whole : `${survivingLines} of ${addedLines} lines`;
  return `${stateWords[state]}: ${kept} that the step added to this file`;
}

function* lineageLines({ lineage }: WhyAnswer): Generator<string> {
  for (const { owner, commit, how } of lineage) {
    const where = commit === null ? "" : ` in ${commit.slice(0, 8)}`;
    yield style.dim(`Before: ${ancestorWords(owner)}${where} (${how})`);
  }
}

function ancestorWords({ kind, trace, step }: OwnerAnswer): string {
  switch (kind) {
    case "step":
      return trace === null || step === null ? "a step" : `step ${shortAddress(trace, step)}`;
    case "human":
      return "a person";
    case "formatter":
      return "a formatter";
    case "unknown":
      return "unknown";
  }
}

function* linkLines(paper: Paper, { owner }: WhyAnswer): Generator<string> {
  if (owner.trace === null || owner.step === null) return;
  const address = shortAddress(owner.trace, owner.step);
  yield "";
  if (!paper.isTerminal) {
    yield `ot trace show ${address}`;
    return;
  }
  const links = columnsOf([
    [`ot trace show ${address}`, "the step"],
    [`ot trail diff ${address}`, "what it changed"],
    [`ot trace show ${shortTrace(owner.trace)}`, "the session"],
  ]);
  yield* links.map(style.dim);
}
