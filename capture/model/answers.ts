import type { Issue } from "../base/errors.ts";
import type { Fidelity } from "./ctx.ts";
import type { StepNumber } from "./ids.ts";
import type { Step, Tokens } from "./trace.ts";
import type { AnchorClass, Ancestor, LineEvidence, OwnerKind, PatchState } from "./trail.ts";

// The answers of the engine, as `--json` prints them; the CLI adds schema and status.

export interface ImportedSession {
  readonly trace: string;
  readonly harness: string;
  readonly steps: number;
  readonly patches: number;
  readonly issues: number;
  readonly bytes: number;
  readonly isNew: boolean;
}

export interface ImportAnswer {
  readonly sessions: readonly ImportedSession[];
  readonly issues: readonly Issue[];
  readonly totals: {
    readonly sessions: number;
    readonly steps: number;
    readonly bytes: number;
    readonly durationMs: number;
  };
}

export interface CaptureAnswer extends ImportAnswer {
  readonly spool: {
    readonly events: number;
    /** Events that were put aside: what they are cannot be read, or taking them in failed. */
    readonly bad: number;
    /** Events that were thrown away because too many waited. */
    readonly dropped: number;
  };
}

export interface TraceSummary {
  readonly id: string;
  readonly harness: string;
  readonly title: string;
  readonly cwd: string | null;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  readonly models: readonly string[];
  readonly steps: number;
  readonly turns: number;
  readonly patches: number;
  readonly tokens: Tokens;
  readonly fidelity: { readonly worst: Fidelity } & Readonly<Record<Fidelity, number>>;
  readonly forkOf: string | null;
}

export interface TraceListAnswer {
  readonly traces: readonly TraceSummary[];
  readonly more: boolean;
}

export interface Outcome {
  readonly commits: readonly {
    readonly sha: string;
    readonly subject: string;
    readonly atMs: number;
  }[];
  readonly merged: boolean;
  readonly reverted: boolean;
  readonly tests: readonly {
    readonly step: StepNumber;
    readonly command: string;
    readonly passed: boolean;
  }[];
  readonly states: Readonly<Record<PatchState, number>>;
  readonly rating: "good" | "bad" | "none" | null;
}

export interface TraceShowAnswer {
  readonly trace: TraceSummary & {
    readonly outcome: Outcome | null;
    readonly agents: readonly string[];
  };
  readonly steps: readonly Step[];
  readonly issues: readonly Issue[];
}

/** `{kind, trace, step, candidates}` as CONTRACT's values define it. */
export interface OwnerAnswer {
  readonly kind: OwnerKind;
  readonly trace: string | null;
  readonly step: StepNumber | null;
  readonly candidates: readonly { readonly trace: string; readonly step: StepNumber }[];
}

export interface CommitRef {
  readonly sha: string;
  readonly subject: string;
  readonly atMs: number;
  readonly author?: string;
}

export interface WhyAnswer {
  readonly path: string;
  readonly line: number;
  readonly rev: string;
  readonly owner: OwnerAnswer;
  /** The substantive prompt; `approvedWith` where a later prompt only said "go ahead". */
  readonly prompt: {
    readonly step: StepNumber;
    readonly text: string;
    readonly approvedWith?: string;
  } | null;
  readonly request: { readonly step: StepNumber } | null;
  readonly commit: CommitRef | null;
  readonly evidence: LineEvidence;
  readonly lineage: readonly (Omit<Ancestor, "owner"> & { readonly owner: OwnerAnswer })[];
  readonly state: PatchState;
  /** What the step did to this file, and what came just before it; null for other owners. */
  readonly step: {
    readonly kind: string;
    readonly harness: string;
    readonly model: string | null;
    readonly atMs: number | null;
    readonly added: number;
    readonly deleted: number;
    /** The failing command before the step, in words: `npm test failed with 1 (step 12)`. */
    readonly after: string | null;
    readonly survivingLines: number;
    readonly addedLines: number;
    readonly redactions: number;
  } | null;
  /** One plain sentence for unknown lines: why there is no evidence. */
  readonly note: string | null;
}

export interface BlameLine {
  readonly line: number;
  readonly owner: OwnerKind;
  readonly trace: string | null;
  readonly step: StepNumber | null;
  readonly candidates: readonly { readonly trace: string; readonly step: StepNumber }[];
  readonly commit: string | null;
  readonly evidence: LineEvidence;
}

export interface BlameAnswer {
  readonly path: string;
  readonly rev: string;
  readonly lines: readonly BlameLine[];
}

export interface CommitBlameAnswer {
  readonly commits: readonly {
    readonly sha: string;
    readonly subject: string;
    readonly coverage: {
      readonly added: number;
      readonly byStep: number;
      readonly byHuman: number;
      readonly unknown: number;
    };
    readonly traces: readonly {
      readonly id: string;
      readonly steps: readonly StepNumber[];
      readonly prompts: readonly string[];
    }[];
  }[];
}

export interface TrackedPatch {
  readonly id: string;
  /** Null for a change that no step had a part in. */
  readonly trace: string | null;
  readonly step: StepNumber | null;
  readonly path: string;
  readonly added: number;
  readonly deleted: number;
  readonly state: PatchState;
  readonly retention: number;
  readonly flags: readonly string[];
  readonly anchors: readonly {
    readonly commit: string;
    readonly path: string;
    readonly start: number;
    readonly end: number;
    readonly evidence: LineEvidence;
    readonly class: AnchorClass;
  }[];
  readonly by: { readonly kind: "commit" | OwnerKind; readonly id: string | null } | null;
}

export interface TrackAnswer {
  readonly patches: readonly TrackedPatch[];
  readonly totals: Readonly<Record<PatchState, number>>;
}

export interface DiffAnswer {
  /** Unified diff, git style headers, gated. */
  readonly patch: string;
}

export interface SetupAnswer {
  readonly changes: readonly {
    readonly path: string;
    readonly action: "create" | "modify" | "remove" | "keep";
    readonly what: string;
  }[];
  readonly notes: readonly string[];
}

export interface StoreCounts {
  readonly sessions: number;
  readonly pins: number;
  readonly sizeBytes: number;
}

export interface CollectAnswer {
  /** Root of the work tree. */
  readonly root: string;
  readonly problems: readonly string[];
  /** Sessions whose snapshots went, or would go. */
  readonly expired: readonly string[];
  readonly counts: { readonly before: StoreCounts; readonly after: StoreCounts };
}

export interface Check {
  readonly id: string;
  readonly ok: boolean;
  readonly message: string;
  /** The command that mends it; null where nothing is wrong. */
  readonly fix: string | null;
}

export interface StatusAnswer {
  readonly checks: readonly Check[];
}
