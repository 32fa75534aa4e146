import { plural } from "../../base/words.ts";
import { agentName } from "../../model/agent-name.ts";
import type { BlameAnswer, WhyAnswer } from "../../api.ts";
import type { BlameLine } from "../../model/answers.ts";
import { oneLine, visibleLine } from "./escape.ts";
import { indented, type Paper, style } from "./paper.ts";
import { localDay } from "./times.ts";
import { cut, fit, padEnd, padStart } from "./width.ts";
import { shortAddress, stateWords } from "./words.ts";

/** Columns of the words beside the code: enough to know a prompt by. */
const wordsColumns = 34;
const narrowWordsColumns = 22;

interface Beside {
  /** The file's lines from 1; null where only history has it. */
  readonly source: readonly string[] | null;
  /** By {@link ownerKey}. */
  readonly words: ReadonlyMap<string, WhyAnswer>;
}

/** Names one owner of lines: the step, or the commit where no step is known. */
export function ownerKey({ owner, trace, step, commit, candidates }: BlameLine): string {
  if (trace !== null && step !== null) return `${trace} ${step}`;
  const steps = candidates.map((candidate) => `${candidate.trace} ${candidate.step}`);
  return [owner, commit ?? "", ...steps].join(" ");
}

/**
 * The file with who and why beside it, said once for neighbouring lines of one owner, and below it
 * each step with its prompt whole and its address.
 */
export function* blameLines(paper: Paper, answer: BlameAnswer, beside: Beside): Generator<string> {
  const { lines } = answer;
  const at = answer.rev === "worktree" ? "on disk" : `at ${answer.rev.slice(0, 8)}`;
  const byAgents = lines.filter(({ owner }) => owner === "step").length;
  const share = `${byAgents} of ${plural(lines.length, "line")} by agents`;
  yield `${style.bold(oneLine(answer.path))} ${style.dim(`${at} · ${share}`)}`;
  yield "";
  const columns = paper.columns < 100 ? narrowWordsColumns : wordsColumns;
  const width = String(lines.at(-1)?.line ?? 0).length;
  let previous = "";
  for (const line of lines) {
    const key = ownerKey(line);
    const words = key === previous ? "" : gutterWords(line, beside.words.get(key));
    previous = key;
    const sign = line.owner === "step" ? style.cyan("●") : " ";
    const gutter = padEnd(fit(words, columns), columns);
    const number = padStart(String(line.line), width);
    const who = line.owner === "step" ? gutter : style.dim(gutter);
    const start = `${sign} ${who} ${style.dim(`${number} │`)}`;
    const code = visibleLine(beside.source?.[line.line - 1] ?? "");
    const room = paper.columns - columns - width - 6;
    yield `${start} ${Number.isFinite(room) ? cut(code, Math.max(20, room)) : code}`.trimEnd();
  }
  yield* legend(paper, lines, beside.words);
}

function gutterWords(line: BlameLine, why: WhyAnswer | undefined): string {
  const day = dayOf(line, why);
  if (line.owner === "step") {
    const prompt = why?.prompt ?? null;
    if (prompt !== null) return `${day} ${prompt.text}`.trim();
    return line.trace === null || line.step === null
      ? "a step"
      : shortAddress(line.trace, line.step);
  }
  if (line.owner === "formatter") return `${day} a formatter`.trim();
  if (line.candidates.length > 0) return "one of several steps";
  const commit = why?.commit ?? null;
  if (commit === null) return line.owner === "human" ? "you, not committed" : "no evidence";
  return `${day} ${commit.author ?? ""} ${commit.subject}`;
}

function dayOf(line: BlameLine, why: WhyAnswer | undefined): string {
  const known = line.owner === "step" ? why?.step : why?.commit;
  const atMs = known?.atMs ?? null;
  return atMs === null ? "" : localDay(atMs).slice(2);
}

function* legend(
  paper: Paper,
  lines: readonly BlameLine[],
  words: Beside["words"],
): Generator<string> {
  const counts = new Map<string, { line: BlameLine; count: number }>();
  for (const line of lines) {
    if (line.trace === null || line.step === null) continue;
    const key = ownerKey(line);
    counts.set(key, { line, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  for (const [key, { line, count }] of counts) {
    if (line.trace === null || line.step === null) continue;
    const why = words.get(key);
    yield "";
    const address = shortAddress(line.trace, line.step);
    const harness = why?.step?.harness;
    const agent = harness === undefined ? "" : agentName(harness);
    const state = why === undefined ? "" : `  ${stateWords[why.state]}`;
    const about = `  ${oneLine(agent)}  ${plural(count, "line")}${state}`;
    yield `${style.cyan("●")} ${style.bold(address)}${style.dim(about)}`;
    const text = oneLine(why?.prompt?.text ?? "");
    if (text !== "") yield* indented(paper, text, "  ");
  }
}
