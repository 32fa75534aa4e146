import { grouped } from "../../base/words.ts";
import { agentName } from "../../model/agent-name.ts";
import type { TraceListAnswer } from "../../api.ts";
import type { TraceSummary } from "../../model/answers.ts";
import { columnsOf, type Paper, style } from "./paper.ts";
import { localMinute } from "./times.ts";
import { fit, widthOf } from "./width.ts";
import { shortTrace } from "./words.ts";

const nameColumnsMax = 16;
const narrowColumns = 100;

/** A table of sessions: what was asked stands last and takes what room there is. */
export function* traceListLines(
  paper: Paper,
  { traces, more }: TraceListAnswer,
  { isOneRepository }: { readonly isOneRepository: boolean },
): Generator<string> {
  if (traces.length === 0) {
    yield "No session is recorded yet that fits. ot import takes in what your agents did so far.";
    return;
  }
  const names = uniqueNames(traces);
  const columns = columnsFor(paper, traces, { isOneRepository });
  const rows = traces.map((trace, at) => [
    names[at] ?? "",
    ...columns.map((column) => column.cellOf(trace)),
  ]);
  const head = ["SESSION", ...columns.map(({ name }) => name)];
  const right = columns.flatMap(({ isCount }, at) => (isCount ? [at + 1] : []));
  const [top = "", ...table] = columnsOf([head, ...rows], { right });
  yield style.dim(`${top}  ASKED`);
  for (const [at, trace] of traces.entries()) {
    const row = table[at] ?? "";
    const room = Math.max(20, paper.columns - widthOf(row) - 2);
    yield `${row}  ${fit(titleOf(trace), room)}`;
  }
  if (more) yield style.dim(`There are more; --limit ${traces.length * 2} shows twice as many.`);
  else if (paper.isTerminal)
    yield style.dim(`ot trace show ${names[0] ?? ""} shows the first one.`);
}

interface Column {
  readonly name: string;
  readonly isCount: boolean;
  cellOf(trace: TraceSummary): string;
}

/** What tells sessions apart; a narrow terminal keeps its room for what was asked. */
function columnsFor(
  paper: Paper,
  traces: readonly TraceSummary[],
  { isOneRepository }: { readonly isOneRepository: boolean },
): Column[] {
  const isNarrow = paper.columns < narrowColumns;
  const hasAgents = new Set(traces.map(({ harness }) => harness)).size > 1;
  const started = (atMs: number): string => localMinute(atMs).slice(isNarrow ? 2 : 0);
  const text = (name: string, cellOf: Column["cellOf"]) => ({ name, isCount: false, cellOf });
  const count = (name: string, countOf: (trace: TraceSummary) => number) => ({
    name,
    isCount: true,
    cellOf: (trace: TraceSummary) => grouped(countOf(trace)),
  });
  const agent = text("AGENT", ({ harness }) => fit(agentName(harness), nameColumnsMax));
  const folder = text("FOLDER", ({ cwd }) => fit(folderName(cwd), nameColumnsMax));
  return [
    text("STARTED", ({ startedAtMs }) => (startedAtMs === null ? "" : started(startedAtMs))),
    ...(hasAgents ? [agent] : []),
    ...(isOneRepository || (isNarrow && hasAgents) ? [] : [folder]),
    ...(isNarrow ? [] : [count("TURNS", ({ turns }) => turns)]),
    count("STEPS", ({ steps }) => steps),
    ...(isNarrow ? [] : [count("EDITS", ({ patches }) => patches)]),
  ];
}

function titleOf({ title, forkOf }: TraceSummary): string {
  const fork = forkOf === null ? "" : ` (fork of ${shortTrace(forkOf)})`;
  return `${title === "" ? "(nothing was asked)" : title}${fork}`;
}

function folderName(cwd: string | null): string {
  if (cwd === null) return "";
  return cwd.split(/[/\\]/u).findLast((part) => part !== "") ?? cwd;
}

/** The first letters of each native id, more of them where two begin alike. */
function uniqueNames(traces: readonly TraceSummary[]): string[] {
  const natives = traces.map(({ id }) => id.slice(id.indexOf(":") + 1));
  return natives.map((native) => {
    let { length } = shortTrace(native);
    while (
      length < native.length &&
      natives.some((other) => other !== native && other.startsWith(native.slice(0, length)))
    ) {
      length += 4;
    }
    return native.slice(0, length).replace(/-$/u, "");
  });
}
