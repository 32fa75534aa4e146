import type { Outcome } from "./answers.ts";
import type { StepNumber } from "./ids.ts";
import type { StepKind } from "./trace.ts";
import type { PatchState } from "./trail.ts";

export type TimelineFilter = "all" | "edits" | "commands" | "failed";

/** One row. `id` is stable while the session grows, `turn` groups it under a prompt. */
export type TimelineRow =
  | TurnRow
  | StepRow
  | FoldRow
  | SubagentRow
  | CommitRow
  | CompactionRow
  | ChangeRow;

interface Row {
  readonly id: string;
  readonly turn: number;
}

/** A card: the words a person wrote. */
export interface TurnRow extends Row {
  readonly type: "turn";
  readonly step: StepNumber;
  readonly text: string;
  readonly atMs: number | null;
  readonly steps: number;
  readonly tokens: { readonly input: number; readonly output: number };
  readonly running: boolean;
  readonly copied: boolean;
  readonly abandoned: boolean;
  /** The substantive prompt's text where this one only approves. */
  readonly approves: string | null;
  readonly redactions: number;
}

export interface StepRow extends Row {
  readonly type: "step";
  readonly step: StepNumber;
  readonly kind: StepKind;
  /** One line: a path, a command, the beginning of a text. Never an id. */
  readonly label: string;
  /** Dimmed detail after the label, e.g. `new`, a sub-agent's count. */
  readonly detail: string | null;
  readonly path: string | null;
  readonly atMs: number | null;
  readonly durationMs: number | null;
  readonly running: boolean;
  readonly failed: boolean;
  readonly exitCode: number | null;
  readonly added: number | null;
  readonly deleted: number | null;
  readonly fate: PatchState | null;
  readonly redactions: number;
  readonly dimmed: boolean;
}

/** A run of steps of one kind: "Read 6 files", "src/format.js × 7". Its rows come on request. */
export interface FoldRow extends Row {
  readonly type: "fold";
  readonly kind: StepKind;
  readonly label: string;
  readonly detail: string | null;
  readonly count: number;
  readonly added: number | null;
  readonly deleted: number | null;
  readonly fate: PatchState | null;
  readonly failed: number;
  readonly redactions: number;
  readonly children: readonly StepRow[];
}

export interface SubagentRow extends Row {
  readonly type: "subagent";
  readonly step: StepNumber;
  readonly agent: string;
  readonly label: string;
  readonly steps: number;
  readonly running: boolean;
  readonly failed: boolean;
  readonly children: readonly StepRow[];
}

export interface CommitRow extends Row {
  readonly type: "commit";
  readonly sha: string;
  readonly subject: string;
  readonly atMs: number;
  /** Of the lines this commit added, those that this session wrote. */
  readonly lines: { readonly added: number; readonly byThisSession: number };
}

export interface CompactionRow extends Row {
  readonly type: "compaction";
  readonly trigger: string;
  readonly tokensBefore: number | null;
  readonly tokensAfter: number | null;
}

/** What the user, a formatter or nobody known changed between the agent's windows. */
export interface ChangeRow extends Row {
  readonly type: "change";
  readonly by: "human" | "formatter" | "unknown";
  readonly path: string;
  readonly added: number;
  readonly deleted: number;
  readonly atMs: number | null;
}

export interface StripPoint {
  readonly atMs: number;
  /** Tokens in the context of one model request. */
  readonly tokens: number;
  /** Row of the request's first step. */
  readonly row: number;
}

export interface StripMark {
  readonly atMs: number;
  readonly kind: "edit" | "failure" | "compaction" | "commit";
  /** Row to show when it is clicked. */
  readonly row: number;
}

/** At most this many points and marks of each kind come back, evenly thinned. */
export const stripPointsMax = 600;

export interface TimelineHead {
  readonly trace: string;
  readonly title: string;
  readonly harness: string;
  readonly model: string | null;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  readonly live: boolean;
  readonly contextTokens: number | null;
  readonly counts: Readonly<Record<TimelineFilter, number>>;
  readonly points: readonly StripPoint[];
  readonly marks: readonly StripMark[];
  readonly outcome: Outcome | null;
  /** Grows by one with every change of this session: a page from another version is stale. */
  readonly version: number;
  readonly rowCount: number;
  readonly stepCount: number;
  /** Row number of each turn card, ascending: for jumps and sticky headers. */
  readonly turnRows: readonly number[];
}

export interface TimelinePage {
  readonly version: number;
  readonly from: number;
  readonly rows: readonly TimelineRow[];
}
