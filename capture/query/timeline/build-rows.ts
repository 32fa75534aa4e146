import { stepNumber } from "../../model/ids.ts";
import { type Text, textHead } from "../../model/text.ts";
import type {
  ChangeRow,
  CommitRow,
  CompactionRow,
  SubagentRow,
  TimelineRow,
  TurnRow,
} from "../../model/timeline.ts";
import type { Step } from "../../model/trace.ts";
import { stepsUnder } from "../sub-agents.ts";
import { foldRuns } from "./fold-rows.ts";
import type { OutsideChange, TimelineCommit, TimelineInput } from "./input.ts";
import { compactionTokens, flagValue } from "./request-tokens.ts";
import { stepLabel } from "../../model/step-label.ts";
import { isFailed, stepRow } from "./step-row.ts";

/** A commit's time has no milliseconds: it may be this much later than it says. */
const commitSlackMs = 999;

/** All rows of a session in order: cards, steps under them, separators in place, runs folded. */
export function buildRows(input: TimelineInput): TimelineRow[] {
  const placed = new Placement(input);
  const rows: TimelineRow[] = [];
  const turns = turnsOf(input.steps.main.steps);
  for (const step of input.steps.main.steps) {
    rows.push(...placed.before(step));
    rows.push(rowOf(input, step, turns));
    rows.push(...placed.after(step));
  }
  rows.push(...placed.rest());
  return foldRuns(rows);
}

function rowOf(
  input: TimelineInput,
  step: Step,
  turns: ReadonlyMap<number, readonly Step[]>,
): TimelineRow {
  if (step.kind === "prompt") return turnRow(input, step, turns.get(step.index) ?? []);
  if (step.kind === "compaction") return compactionRow(input, step);
  const agent = input.steps.main.startedAgents.get(step.index);
  if (step.kind === "subagent" && agent !== undefined) return subagentRow(input, step, agent);
  return stepRow(input, step);
}

/** Steps by the index of the prompt before them. */
function turnsOf(steps: readonly Step[]): Map<number, Step[]> {
  const turns = new Map<number, Step[]>();
  let current: Step[] = [];
  for (const step of steps) {
    if (step.kind === "prompt") {
      current = [];
      turns.set(step.index, current);
    } else {
      current.push(step);
    }
  }
  return turns;
}

function turnRow(input: TimelineInput, prompt: Step, steps: readonly Step[]): TurnRow {
  const { main } = input.steps;
  const approved = prompt.approves === null ? undefined : main.steps[prompt.approves];
  const isLast = main.steps.findLast(({ kind }) => kind === "prompt")?.index === prompt.index;
  return {
    type: "turn",
    id: `t${prompt.index}`,
    turn: prompt.turn,
    step: stepNumber(prompt.agent, prompt.index),
    text: whole(prompt.text),
    atMs: prompt.atMs,
    steps: steps.length,
    tokens: {
      input: total(steps, ({ tokens }) => (tokens?.input ?? 0) + (tokens?.cacheWrite ?? 0)),
      output: total(steps, ({ tokens }) => tokens?.output ?? 0),
    },
    running: input.isLive && isLast && !isTurnOver(steps),
    copied: prompt.copied,
    abandoned: prompt.branch === "abandoned",
    approves: approved === undefined ? null : stepLabel(approved),
    redactions: prompt.redactions,
  };
}

/** A turn is over once the agent has spoken last, or was stopped. */
function isTurnOver(steps: readonly Step[]): boolean {
  const last = steps.findLast(({ kind }) => kind !== "notice");
  return last !== undefined && (last.kind === "message" || last.kind === "interruption");
}

function whole(text: Text): string {
  return typeof text === "string" ? text : `${textHead(text)}…`;
}

function total(steps: readonly Step[], of: (step: Step) => number): number {
  return steps.reduce((sum, step) => sum + (step.copied ? 0 : of(step)), 0);
}

function compactionRow(input: TimelineInput, step: Step): CompactionRow {
  return {
    type: "compaction",
    id: `c${step.index}`,
    turn: step.turn,
    trigger: flagValue(step, "trigger") ?? "",
    ...compactionTokens(input.steps.main.steps, step),
  };
}

function subagentRow(input: TimelineInput, step: Step, agent: string): SubagentRow {
  const children = stepsUnder(input.steps, agent)
    .filter(({ kind }) => kind !== "prompt")
    .map((child) => ({ ...stepRow(input, child), turn: step.turn }));
  return {
    type: "subagent",
    id: `a${step.index}`,
    turn: step.turn,
    step: stepNumber(step.agent, step.index),
    agent,
    label: stepLabel(step),
    steps: children.length,
    running: children.some(({ running }) => running),
    failed: isFailed(step),
    children,
  };
}

/** Puts what happened between steps into its place by time, each thing once. */
class Placement {
  #commits: readonly TimelineCommit[];
  #changes: readonly OutsideChange[];
  #turn = -1;

  constructor(input: TimelineInput) {
    this.#commits = input.commits.toSorted((a, b) => a.atMs - b.atMs);
    this.#changes = input.outside.toSorted((a, b) => (a.atMs ?? 0) - (b.atMs ?? 0));
  }

  before(step: Step): TimelineRow[] {
    const { atMs } = step;
    const rows =
      atMs === null || step.copied
        ? []
        : [
            ...this.#takeChanges((change) => (change.atMs ?? Infinity) <= atMs),
            ...this.#takeCommits((commit) => commit.atMs + commitSlackMs < atMs),
          ];
    this.#turn = step.turn;
    return rows;
  }

  /** The commit that this very command made follows it at once. */
  after(step: Step): TimelineRow[] {
    const { atMs, endedAtMs } = step;
    if (step.kind !== "command" || atMs === null || endedAtMs === null) return [];
    if (!/\bgit\b/u.test(stepLabel(step))) return [];
    return this.#takeCommits(
      (commit) => commit.atMs + commitSlackMs >= atMs && commit.atMs <= endedAtMs,
    );
  }

  rest(): TimelineRow[] {
    return [...this.#takeChanges(() => true), ...this.#takeCommits(() => true)];
  }

  #takeCommits(isDue: (commit: TimelineCommit) => boolean): CommitRow[] {
    const due = this.#commits.filter(isDue);
    this.#commits = this.#commits.filter((commit) => !isDue(commit));
    return due.map((commit) => ({
      type: "commit",
      id: `g${commit.sha}`,
      turn: this.#turn,
      ...commit,
    }));
  }

  #takeChanges(isDue: (change: OutsideChange) => boolean): ChangeRow[] {
    const due = this.#changes.filter(isDue);
    this.#changes = this.#changes.filter((change) => !isDue(change));
    return due.map((change) => ({
      type: "change",
      id: `o${change.path}@${change.atMs ?? 0}`,
      turn: this.#turn,
      ...change,
    }));
  }
}
