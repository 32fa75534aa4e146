import type { TraceShowAnswer } from "../../api.ts";
import type { Text } from "../../model/text.ts";
import type { Step } from "../../model/trace.ts";
import { oneLine, visibleLines } from "./escape.ts";
import { indented, type Paper, style } from "./paper.ts";
import { stepWords } from "./step-words.ts";
import { localMinute } from "./times.ts";
import { headLines, marksOf } from "./trace-show.ts";
import { durationWords, shortAddress, sizeWords, tokenWords } from "./words.ts";

/** Lines of an output that stand here without `--full`. */
const outputLinesMax = 60;

/** One step, all of it. */
export function* stepLines(
  paper: Paper,
  { trace, steps }: TraceShowAnswer,
  options: { readonly isFull: boolean },
): Generator<string> {
  yield* headLines(paper, trace);
  for (const step of steps) {
    yield "";
    yield* oneStep(paper, step, options);
    if (!paper.isTerminal) continue;
    const number = step.agent === null ? step.index : `${step.agent}:${step.index}`;
    if (step.kind !== "edit" && step.kind !== "command") continue;
    yield "";
    yield style.dim(`ot trail diff ${shortAddress(trace.id, number)} shows what it changed.`);
  }
}

function* oneStep(paper: Paper, step: Step, options: { isFull: boolean }): Generator<string> {
  const { kind, result, isFailed } = stepWords(step);
  const { tool } = step;
  const took =
    step.atMs === null || step.endedAtMs === null
      ? ""
      : `took ${durationWords(step.endedAtMs - step.atMs)}`;
  const facts = [
    step.atMs === null ? "" : localMinute(step.atMs),
    took,
    step.model ?? "",
    step.tokens === null ? "" : tokenWords(step.tokens),
    marksOf(step),
  ].filter((part) => part !== "");
  const name = tool === null ? kind : `${kind} (${oneLine(tool.name)})`;
  const end = result === "" ? "" : `  ${isFailed ? style.red(result) : style.dim(result)}`;
  yield `${style.bold(`Step ${step.index}`)}  ${name}${end}`;
  if (facts.length > 0) yield style.dim(oneLine(facts.join(" · ")));
  // A call's text is its label, which stands in the arguments too.
  if (tool === null || kind === "plan") {
    yield* textLines(paper, step.text, { ...options, isFull: true });
  }
  if (tool === null) return;
  yield* fileLines(step);
  yield* inputLines(paper, tool.input);
  if (tool.output === null) return;
  yield "";
  yield style.dim("Output");
  yield* textLines(paper, tool.output, options);
}

function* fileLines({ tool }: Step): Generator<string> {
  for (const { op, path, from } of tool?.files ?? []) {
    const earlier = from === undefined ? "" : ` (was ${oneLine(from)})`;
    yield `  ${op}  ${oneLine(path)}${earlier}`;
  }
}

/** The call's arguments: short ones on a line, long ones below their name. */
function* inputLines(paper: Paper, input: unknown): Generator<string> {
  if (typeof input !== "object" || input === null) return;
  const entries = Object.entries(input);
  if (entries.length === 0) return;
  yield "";
  yield style.dim("Input");
  for (const [name, value] of entries) {
    const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
    const lines = visibleLines(text ?? "");
    if (lines.length <= 1) {
      const [first = "", ...rest] = indented(paper, `${oneLine(name)}: ${lines[0] ?? ""}`, "  ");
      yield first;
      yield* rest;
      continue;
    }
    yield `  ${oneLine(name)}:`;
    for (const line of lines) yield `    ${line}`;
  }
}

function* textLines(paper: Paper, text: Text, { isFull }: { isFull: boolean }): Generator<string> {
  const lines = visibleLines(typeof text === "string" ? text : text.head);
  const shown = isFull ? lines : lines.slice(0, outputLinesMax);
  for (const line of shown) yield* indented(paper, line, "  ");
  const isCut = shown.length < lines.length;
  if (typeof text !== "string") {
    yield style.dim(`  … ${sizeWords(text.bytes)} in all; --full prints them.`);
  } else if (isCut) {
    yield style.dim(`  … ${lines.length - shown.length} more lines; --full prints them.`);
  }
}
