// Types only. What the timeline's webview asks its host, and what the host tells it unasked.
// Rows have the same shape as the engine's; the host passes them on.

export type Fate = "alive" | "transformed" | "reverted" | "lost" | "pending" | "unknown";
export type StepNumber = number | string;
export type TimelineFilter = "all" | "edits" | "commands" | "failed";

export interface StepRow {
  readonly type: "step";
  readonly id: string;
  readonly turn: number;
  readonly step: StepNumber;
  readonly kind: string;
  readonly label: string;
  readonly detail: string | null;
  readonly path: string | null;
  readonly atMs: number | null;
  readonly durationMs: number | null;
  readonly running: boolean;
  readonly failed: boolean;
  readonly exitCode: number | null;
  readonly added: number | null;
  readonly deleted: number | null;
  readonly fate: Fate | null;
  readonly redactions: number;
  readonly dimmed: boolean;
}

export type TimelineRow =
  | StepRow
  | {
      readonly type: "turn";
      readonly id: string;
      readonly turn: number;
      readonly step: StepNumber;
      readonly text: string;
      readonly atMs: number | null;
      readonly steps: number;
      readonly tokens: { readonly input: number; readonly output: number };
      readonly running: boolean;
      readonly copied: boolean;
      readonly abandoned: boolean;
      readonly approves: string | null;
      readonly redactions: number;
    }
  | {
      readonly type: "fold";
      readonly id: string;
      readonly turn: number;
      readonly kind: string;
      readonly label: string;
      readonly detail: string | null;
      readonly count: number;
      readonly added: number | null;
      readonly deleted: number | null;
      readonly fate: Fate | null;
      readonly failed: number;
      readonly redactions: number;
      readonly children: readonly StepRow[];
    }
  | {
      readonly type: "subagent";
      readonly id: string;
      readonly turn: number;
      readonly step: StepNumber;
      readonly agent: string;
      readonly label: string;
      readonly steps: number;
      readonly running: boolean;
      readonly failed: boolean;
      readonly children: readonly StepRow[];
    }
  | {
      readonly type: "commit";
      readonly id: string;
      readonly turn: number;
      readonly sha: string;
      readonly subject: string;
      readonly atMs: number;
      readonly lines: { readonly added: number; readonly byThisSession: number };
    }
  | {
      readonly type: "compaction";
      readonly id: string;
      readonly turn: number;
      readonly trigger: string;
      readonly tokensBefore: number | null;
      readonly tokensAfter: number | null;
    }
  | {
      readonly type: "change";
      readonly id: string;
      readonly turn: number;
      readonly by: "human" | "formatter" | "unknown";
      readonly path: string;
      readonly added: number;
      readonly deleted: number;
      readonly atMs: number | null;
    };

export interface StripPoint {
  readonly atMs: number;
  readonly tokens: number;
  /** Row of the request's first step. */
  readonly row: number;
}

export interface StripMark {
  readonly atMs: number;
  readonly kind: "edit" | "failure" | "compaction" | "commit";
  readonly row: number;
}

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
  /** One short line such as "2 commits · tests green · 27 of 28 lines alive", or null. */
  readonly outcome: string | null;
  readonly version: number;
  readonly rowCount: number;
  readonly stepCount: number;
  readonly turnRows: readonly number[];
}

/** Why there is nothing to show; each has one action. */
export type EmptyState =
  | "no-folder"
  | "no-repository"
  | "bare-repository"
  | "unasked"
  | "no-session"
  | "paused"
  | "excluded"
  | "engine-failed";

export type TimelineStart =
  | { readonly state: "empty"; readonly why: EmptyState; readonly message: string | null }
  | { readonly state: "ready"; readonly head: TimelineHead; readonly reveal: Reveal | null };

/** A step that a person asked to see elsewhere. It comes again until the page names `serial`. */
export interface Reveal {
  readonly serial: number;
  /** Null if the filter and the query leave it out. */
  readonly row: number | null;
  /** The child of a group at that row; -1 for the row itself. */
  readonly child: number;
}

export interface RowPage {
  readonly version: number;
  readonly from: number;
  readonly rows: readonly TimelineRow[];
}

/** Where a person was in one session. */
export interface Place {
  readonly trace: string;
  readonly topRow: number;
  /** At the end of a session that grows, and wants to stay there. */
  readonly follows: boolean;
  /** The row in focus; `child` is -1 for the row itself. */
  readonly cursor: { readonly row: number; readonly child: number };
  /** Ids of the rows that are open. */
  readonly open: readonly string[];
}

/** What outlives the hidden view and the window. */
export interface SavedState {
  readonly view: { readonly filter: TimelineFilter; readonly query: string };
  readonly place: Place | null;
  readonly savedAtMs: number;
}

/** What a person may do from the timeline; the host runs the command of that name. */
export type TimelineAction =
  | "pickSession"
  | "importSessions"
  | "setUpCapture"
  | "resumeCapture"
  | "openFolder"
  | "initRepository"
  | "showLog"
  | "retry";

export interface TimelineContract {
  readonly requests: {
    start(params: {
      readonly filter: TimelineFilter;
      readonly query: string;
      /** `serial` of the last step that was revealed; 0 if none was. */
      readonly revealed: number;
    }): TimelineStart;
    rows(params: {
      readonly trace: string;
      readonly filter: TimelineFilter;
      readonly query: string;
      readonly from: number;
      readonly count: number;
    }): RowPage;
    /** One step whole, as text for the expanded row. */
    stepText(params: { readonly trace: string; readonly step: StepNumber }): {
      readonly text: string;
      readonly output: string | null;
      readonly truncatedChars: number;
    };
    /** diff2html's HTML for an edit, made and sanitised by the host; empty if there is no patch. */
    stepDiff(params: { readonly trace: string; readonly step: StepNumber }): {
      readonly html: string;
      readonly files: number;
      readonly moreLines: number;
    };
    /** Keeps the page's state for the next window; VS Code itself may lose it on a reload. */
    save(params: { readonly state: SavedState }): null;
    // What follows tells its failures itself, as a notification, and never rejects for them.
    openDiff(params: {
      readonly trace: string;
      readonly step: StepNumber;
      readonly path: string | null;
    }): null;
    openFile(params: { readonly path: string; readonly line: number | null }): null;
    openCommit(params: { readonly sha: string }): null;
    run(params: { readonly action: TimelineAction }): null;
  };
  readonly events: {
    /** The session has grown, another one is shown now, or a step is to be revealed. */
    readonly changed: object;
  };
}
