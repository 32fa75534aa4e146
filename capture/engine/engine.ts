import type { Logger } from "../base/log.ts";
import type { Op } from "../base/op.ts";
import type {
  BlameAnswer,
  CaptureAnswer,
  CollectAnswer,
  CommitBlameAnswer,
  DiffAnswer,
  ImportAnswer,
  SetupAnswer,
  StatusAnswer,
  TraceListAnswer,
  TraceShowAnswer,
  TrackAnswer,
  WhyAnswer,
} from "../model/answers.ts";
import type { TimelineFilter, TimelineHead, TimelinePage } from "../model/timeline.ts";

/** How a door opens the engine; the extension relies on this shape. */
export interface OpenOptions {
  /** `shared`: connects to the machine user's engine process and starts it if none answers. */
  readonly mode: "in-process" | "shared";
  readonly log: Logger;
  /** Takes the place of `OPENTRACES_HOME` and its default. */
  readonly home?: string;
  /** Absolute path of the engine process's bundle; needed for `shared`. */
  readonly entry?: string;
  /** `shared`: the connection is gone for good; the next `openEngine` makes a new one. */
  readonly onLost?: () => void;
}

/** Text of an editor that is not saved yet. */
export interface Unsaved {
  readonly text: string;
}

export interface BucketChange {
  readonly trace: string;
  /** As in {@link TimelineHead}. */
  readonly version: number;
  readonly isNew: boolean;
}

/**
 * What is tracked: the steps of one address, one patch by the first digits of its id, or everything
 * since a time. `repo` is a folder of the repository, needed for all but an address.
 */
export type TrackRequest = {
  readonly at?: string | undefined;
  readonly repo?: string | undefined;
} & (
  | { readonly address: string }
  | { readonly patch: string; readonly repo: string }
  | { readonly sinceMs: number; readonly repo: string }
);

/** The one door to the engine; the same in process and over its socket. */
export interface Engine {
  importSessions(
    op: Op,
    request: { paths: readonly string[]; harness?: string },
  ): Promise<ImportAnswer>;
  /** Drains the spool and catches up with every transcript once. */
  captureOnce(op: Op): Promise<CaptureAnswer>;
  listTraces(
    op: Op,
    request: { repo?: string; sinceMs?: number; limit: number },
  ): Promise<TraceListAnswer>;
  /** `trace` is an address as people type it: id or prefix, with `:sel` and `/agent` if any. */
  showTrace(op: Op, request: { address: string; full?: boolean }): Promise<TraceShowAnswer>;
  timelineHead(
    op: Op,
    request: { trace: string; filter: TimelineFilter; query?: string },
  ): Promise<TimelineHead>;
  timelineRows(
    op: Op,
    request: { trace: string; filter: TimelineFilter; query?: string; from: number; count: number },
  ): Promise<TimelinePage>;
  why(
    op: Op,
    request: { file: string; line: number; rev?: string; unsaved?: Unsaved },
  ): Promise<WhyAnswer>;
  blame(
    op: Op,
    request: { file: string; rev?: string; lines?: readonly [number, number]; unsaved?: Unsaved },
  ): Promise<BlameAnswer>;
  blameCommit(op: Op, request: { repo: string; rev: string }): Promise<CommitBlameAnswer>;
  /** `repo`: a folder of the repository as it is called now; default: where the session ran. */
  track(op: Op, request: TrackRequest): Promise<TrackAnswer>;
  stepDiff(op: Op, request: { address: string }): Promise<DiffAnswer>;
  /** Gated content of one path beside a step; null where there was no file. */
  stepFile(
    op: Op,
    request: { address: string; path: string; side: "before" | "after" },
  ): Promise<{ readonly text: string | null }>;
  setup(
    op: Op,
    request: {
      target?: string;
      remove: boolean;
      dryRun: boolean;
      repo?: string;
      trusted?: boolean;
    },
  ): Promise<SetupAnswer>;
  /**
   * Consent, pause and exclusion of one repository; the shim obeys the file that this writes.
   * `trusted`, with "on": git's filters of the repository may run. Default: yes.
   */
  setCapture(
    op: Op,
    request: { repo: string; state: "on" | "paused" | "excluded"; trusted?: boolean },
  ): Promise<void>;
  captureState(op: Op, request: { repo: string }): Promise<CaptureState>;
  /** Lets go the snapshots of sessions whose newest one is before `beforeMs`; packs the rest. */
  collect(
    op: Op,
    request: { repo: string; beforeMs?: number; dryRun: boolean },
  ): Promise<CollectAnswer>;
  status(op: Op, request: { repo?: string; deep: boolean }): Promise<StatusAnswer>;
  /** What only the editor saw. */
  reportEditor(op: Op, request: EditorReport): Promise<void>;
  /** Calls back after each change; `Symbol.dispose` stops it. */
  onDidChange(listener: (change: BucketChange) => void): Disposable;
  /** Calls back when consent, hooks, {@link CaptureState.fault} or what is live have changed. */
  onDidChangeState(listener: () => void): Disposable;
  close(): Promise<void>;
}

export interface CaptureState {
  readonly repository: "none" | "bare" | "ok";
  readonly root: string | null;
  /** `unasked` until a person answered once for this repository. */
  readonly consent: "unasked" | "on" | "paused" | "excluded";
  readonly hooksInstalled: boolean;
  readonly liveTraces: readonly string[];
  readonly lastStepAtMs: number | null;
  /** Why nothing can be recorded at present, whatever was agreed; null where all is well. */
  readonly fault: CaptureFault | null;
}

export interface CaptureFault {
  readonly code: "disk-full" | "home-read-only" | "failed";
  readonly message: string;
  readonly hint: string;
}

export interface EditorReport {
  readonly root: string;
  readonly path: string;
  readonly kind: "typed" | "saved" | "formatted" | "undone";
  readonly ranges: readonly (readonly [start: number, end: number])[];
  readonly atMs: number;
}
