import type { Outcome } from "../../model/answers.ts";
import type { TraceId } from "../../model/ids.ts";
import type { Trace } from "../../model/trace.ts";
import type { PatchState } from "../../model/trail.ts";

/** What a step's patches say of it, summed. */
export interface StepChange {
  readonly added: number;
  readonly deleted: number;
  readonly fate: PatchState;
}

/** What changed between the agent's windows. */
export interface OutsideChange {
  readonly by: "human" | "formatter" | "unknown";
  readonly path: string;
  readonly added: number;
  readonly deleted: number;
  readonly atMs: number | null;
}

export interface TimelineCommit {
  readonly sha: string;
  readonly subject: string;
  readonly atMs: number;
  readonly lines: { readonly added: number; readonly byThisSession: number };
}

/** Everything the rows are made of. Pure: the same input gives the same rows. */
export interface TimelineInput {
  readonly trace: TraceId;
  readonly steps: Trace;
  readonly title: string;
  readonly isLive: boolean;
  /** What a step changed; null for steps without patches. */
  changeOf(agent: string | null, index: number): StepChange | null;
  readonly outside: readonly OutsideChange[];
  readonly commits: readonly TimelineCommit[];
  readonly outcome: Outcome | null;
}
