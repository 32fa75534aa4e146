import { plural } from "../../base/words.ts";
import { agentName } from "../../model/agent-name.ts";
import type { TraceShowAnswer } from "../../api.ts";
import type { Outcome } from "../../model/answers.ts";
import { stepNumber } from "../../model/ids.ts";
import { textHead } from "../../model/text.ts";
import type { Step } from "../../model/trace.ts";
import { oneLine, visibleLines } from "./escape.ts";
import { indented, type Paper, shownPath, style } from "./paper.ts";
import { stepWords } from "./step-words.ts";
import type { TimelineNotes } from "./timeline-notes.ts";
import { localMinute, localSpan } from "./times.ts";
import { fit, padStart, widthOf } from "./width.ts";
import { shortAddress, shortTrace, tokenWords } from "./words.ts";

/** Lines of a prompt that stand in a timeline; the rest is in the step itself. */
const promptLinesMax = 12;
const labelColumnsMin = 20;
/** Where nothing else ends a line: what follows is in the step itself. */
const labelColumnsMax = 240;
const kindColumns = 12;
const shownAgentsMax = 8;

export interface TimelineOptions {
  readonly isFull: boolean;
  readonly notes: TimelineNotes;
}

/** A session as indented text: prompts as headlines, one line a step below them. */
export function* timelineLines(
  paper: Paper,
  { trace, steps, issues }: TraceShowAnswer,
  options: TimelineOptions,
): Generator<string> {
  yield* headLines(paper, trace);
  const width = Math.max(3, String(steps.at(-1)?.index ?? 0).length);
  const { changes, commits } = options.notes;
  yield* commitLines(commits.get(-1) ?? [], width);
  for (const step of steps) {
    if (step.agent !== null) {
      yield stepLine(paper, step, { width, change: "" });
      continue;
    }
    if (step.kind === "prompt") yield* promptLines(paper, step, { width, ...options });
    else yield stepLine(paper, step, { width, change: changes.get(step.index) ?? "" });
    yield* commitLines(commits.get(step.index) ?? [], width);
  }
  yield* footLines(paper, { trace, steps, issues });
}

export function* headLines(paper: Paper, trace: TraceShowAnswer["trace"]): Generator<string> {
  const { startedAtMs, endedAtMs, cwd, models } = trace;
  yield style.bold(oneLine(trace.title === "" ? trace.id : trace.title));
  const facts = [
    [agentName(trace.harness), models.length === 0 ? "" : `(${models.join(", ")})`]
      .join(" ")
      .trim(),
    startedAtMs === null ? "" : localSpan(startedAtMs, endedAtMs),
    cwd === null ? "" : shownPath(paper, cwd),
  ];
  yield style.dim(joined(facts));
  const counts = [
    plural(trace.turns, "prompt"),
    plural(trace.steps, "step"),
    plural(trace.patches, "edit"),
    tokenWords(trace.tokens),
    trace.forkOf === null ? "" : `fork of ${shortTrace(trace.forkOf)}`,
  ];
  yield style.dim(joined(counts));
  if (trace.outcome !== null) yield* outcomeLine(trace.outcome);
}

function* outcomeLine({ commits, merged, reverted, tests, states }: Outcome): Generator<string> {
  const total = Object.values(states).reduce((sum, count) => sum + count, 0);
  const last = tests.at(-1);
  const line = joined([
    commits.length > 0 ? plural(commits.length, "commit") : "",
    merged ? "merged" : "",
    reverted ? "reverted" : "",
    last === undefined ? "" : last.passed ? "tests green" : "tests red",
    total > 0 ? `${states.alive} of ${plural(total, "change")} alive` : "",
  ]);
  if (line !== "") yield line;
}

function joined(parts: readonly string[]): string {
  return oneLine(parts.filter((part) => part !== "").join(" · "));
}

function* promptLines(
  paper: Paper,
  step: Step,
  { width, isFull }: { readonly width: number; readonly isFull: boolean },
): Generator<string> {
  yield "";
  const time = step.atMs === null ? "" : localMinute(step.atMs);
  const marks = marksOf(step);
  yield style.dim(
    [padStart(String(step.index), width), "prompt", time, marks].filter((part) => part).join("  "),
  );
  const lines = visibleLines(textHead(step.text));
  const shown = isFull ? lines : lines.slice(0, promptLinesMax);
  for (const line of shown) {
    for (const piece of indented(paper, line, "▌ ")) yield style.bold(piece);
  }
  const isLong = typeof step.text !== "string" || shown.length < lines.length;
  if (isLong) yield style.dim("▌ …");
}

function* commitLines(commits: Outcome["commits"], width: number): Generator<string> {
  for (const { sha, subject } of commits) {
    const start = `${" ".repeat(width)}  ${style.dim("commit".padEnd(kindColumns))} `;
    yield `${start}${style.yellow(sha.slice(0, 8))} ${oneLine(subject)}`;
  }
}

function stepLine(
  paper: Paper,
  step: Step,
  { width, change }: { readonly width: number; readonly change: string },
): string {
  // A sub-agent's steps count by themselves and stand inside the one that started it.
  const nesting = step.agent === null ? "" : "  ";
  const number = `${nesting}${padStart(String(step.index), width)}`;
  const { kind, label, result, isFailed } = stepWords(step);
  const marks = [result, change, marksOf(step)].filter((part) => part !== "").join(", ");
  const start = `${number}  ${kind.padEnd(kindColumns)} `;
  // What it was keeps some room, and leaves the rest to how it ended.
  const kept = fit(label, labelColumnsMin);
  const tail = marks === "" ? "" : `  ${fit(marks, roomIn(paper, [start, kept, "  "]))}`;
  const room = Math.max(labelColumnsMin, roomIn(paper, [start, tail]));
  const shown = fit(label, Math.min(room, labelColumnsMax));
  const paint = step.branch === "abandoned" || step.copied ? style.dim : (text: string) => text;
  return `${style.dim(start)}${paint(shown)}${isFailed ? style.red(tail) : style.dim(tail)}`;
}

function roomIn(paper: Paper, taken: readonly string[]): number {
  return paper.columns - taken.reduce((sum, part) => sum + widthOf(part), 0);
}

/** What is special about a step, in words. */
export function marksOf(step: Step): string {
  const parts = [
    step.branch === "abandoned" ? "rewound" : "",
    step.copied ? "copied by a fork" : "",
    step.approves === null ? "" : `approves step ${step.approves}`,
    step.flags.includes("background") ? "in the background" : "",
    step.redactions > 0 ? `${plural(step.redactions, "secret")} replaced` : "",
  ];
  return parts.filter((part) => part !== "").join(", ");
}

function* footLines(paper: Paper, answer: TraceShowAnswer): Generator<string> {
  const { trace, steps, issues } = answer;
  const id = shortTrace(trace.id);
  if (steps.length === 0) yield style.dim("No step is recorded.");
  if (issues.length > 0) {
    yield "";
    yield style.dim(
      `${plural(issues.length, "place")} in its files could not be read as expected: see --json.`,
    );
  }
  const ofSubagent = steps[0]?.agent ?? null;
  const agents = ofSubagent === null ? trace.agents : [];
  if (agents.length > 0) yield "";
  for (const agent of agents.slice(0, shownAgentsMax)) {
    yield style.dim(`sub-agent: ot trace show ${id}/${agent}`);
  }
  if (agents.length > shownAgentsMax) {
    yield style.dim(
      `and ${plural(agents.length - shownAgentsMax, "more", "more")}; --json lists them`,
    );
  }
  if (!paper.isTerminal || steps.length === 0) return;
  yield "";
  const example = steps.find(({ kind }) => kind === "edit") ?? steps[0];
  const address = shortAddress(trace.id, stepNumber(ofSubagent, example?.index ?? 0));
  yield style.dim(`ot trace show ${address} shows one step whole.`);
}
