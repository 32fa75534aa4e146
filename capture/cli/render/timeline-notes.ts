import type { TrackAnswer } from "../../api.ts";
import type { Outcome } from "../../model/answers.ts";
import { textHead } from "../../model/text.ts";
import type { Step } from "../../model/trace.ts";
import type { PatchState } from "../../model/trail.ts";
import { changeWords, stateWords } from "./words.ts";

/** What became of a session, beside its steps. */
export interface TimelineNotes {
  /** `+1 −2 ● alive`, by step index. */
  readonly changes: ReadonlyMap<number, string>;
  /** Commits by the step that they follow; -1 before the first. */
  readonly commits: ReadonlyMap<number, Outcome["commits"]>;
}

/** A commit's time has no milliseconds: it may be this much later than it says. */
const commitSlackMs = 999;

export function timelineNotes(
  steps: readonly Step[],
  { patches }: Pick<TrackAnswer, "patches">,
  outcome: Outcome | null,
): TimelineNotes {
  const ownPatches = patches.filter(({ step }) => typeof step === "number");
  const byStep = grouped(ownPatches, ({ step }) => Number(step));
  const changes = new Map([...byStep].map(([step, of]) => [step, changeNote(of)]));
  const commits = grouped(outcome?.commits ?? [], ({ atMs }) => stepBefore(steps, atMs));
  return { changes, commits };
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => number): Map<number, T[]> {
  const groups = new Map<number, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return groups;
}

function changeNote(patches: TrackAnswer["patches"]): string {
  const added = patches.reduce((sum, patch) => sum + patch.added, 0);
  const deleted = patches.reduce((sum, patch) => sum + patch.deleted, 0);
  const states: readonly PatchState[] = [...new Set(patches.map(({ state }) => state))];
  const fate = states.length === 1 ? stateWords[states[0] ?? "unknown"] : "several fates";
  return [changeWords({ added, deleted }), fate].filter((part) => part !== "").join(" ");
}

/** The command that made the commit, else the last step before it. */
function stepBefore(steps: readonly Step[], atMs: number): number {
  const latestMs = atMs + commitSlackMs;
  const maker = steps.find(
    (step) =>
      step.kind === "command" &&
      /\bgit\b/u.test(textHead(step.text)) &&
      (step.atMs ?? Infinity) <= latestMs &&
      (step.endedAtMs ?? -Infinity) >= atMs,
  );
  const last = steps.findLast((step) => step.atMs !== null && step.atMs <= latestMs);
  return (maker ?? last)?.index ?? -1;
}
