import type { Environment } from "./environment.ts";
import type { SessionFacts } from "./trace.ts";

/** What only live capture knows; `events.jsonl`, one record a line. `seq` is dense from 0. */
export type EventRecord =
  | HookEvent
  | SnapshotEvent
  | EnvironmentEvent
  | EditorEvent
  | GapEvent
  | RatingEvent
  | AttachmentEvent;

interface Stamped {
  readonly seq: number;
  readonly atMs: number;
}

/** One hook call of the harness, after gate 1. */
export interface HookEvent extends Stamped {
  readonly r: "hook";
  /** The harness's own event name, e.g. `PreToolUse`. */
  readonly name: string;
  readonly callId: string | null;
  /** Sub-agent whose call it is. */
  readonly agent: string | null;
  readonly tool: string | null;
  /** Paths that the tool itself names, relative to the work tree where inside it. */
  readonly paths: readonly string[];
  readonly background: boolean;
  readonly cwd: string | null;
  /** Further fields worth keeping (prompt, reason, source, error, durationMs), gated. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Spool file name: tells a replay from a second event. */
  readonly spool: string;
}

export type SnapshotCause =
  | "pre"
  | "post"
  | "session-start"
  | "prompt"
  | "stop"
  | "editor"
  | "shim"
  | "idle";

export interface SnapshotEvent extends Stamped {
  readonly r: "snapshot";
  /** Commit in the private store. */
  readonly id: string;
  readonly tree: string;
  readonly parent: string | null;
  /** HEAD at that moment; null while unborn. */
  readonly base: string | null;
  /** Name of the linked work tree, `main` for the first. */
  readonly worktree: string;
  /** Absolute work tree root at the time. */
  readonly root: string;
  readonly cause: SnapshotCause;
  readonly callId: string | null;
  readonly skipped: readonly SkippedPath[];
}

export interface SkippedPath {
  readonly path: string;
  readonly why:
    | "over-limit"
    | "secret-name"
    | "unreadable"
    | "nested-repository"
    | "budget"
    | "special-file";
  readonly sizeBytes?: number;
  readonly hash?: string;
}

export interface EnvironmentEvent extends Stamped {
  readonly r: "environment";
  readonly environment: Environment;
  /** Absent where live capture looked by itself. */
  readonly from?: "transcript";
}

/** The user's own hand, as the editor saw it. */
export interface EditorEvent extends Stamped {
  readonly r: "editor";
  readonly kind: "typed" | "saved" | "formatted" | "undone";
  readonly path: string;
  /** 1-based line ranges touched, both ends included, in the text after the change. */
  readonly ranges: readonly (readonly [start: number, end: number])[];
}

/** Something that capture could not see, and why. */
export interface GapEvent extends Stamped {
  readonly r: "gap";
  readonly what: "snapshot" | "hook" | "transcript";
  readonly why: string;
  readonly callId: string | null;
}

export interface RatingEvent extends Stamped {
  readonly r: "rating";
  readonly rating: "good" | "bad" | "none";
}

/** A file of the harness beside the transcript that a record refers to, e.g. a long tool output. */
export interface AttachmentEvent extends Stamped {
  readonly r: "attachment";
  /** As the record names it in `attachments`. */
  readonly path: string;
  /** sha256 of its gated content, in `blobs/`. */
  readonly blob: string;
  readonly bytes: number;
  readonly redactions: number;
  /** What it says of a native file of the session, e.g. who started the sub-agent. */
  readonly about?: { readonly agent: string | null; readonly facts: SessionFacts };
}

/** The time of one tool call, joined from its hooks and its result. */
export interface Window {
  readonly callId: string;
  readonly agent: string | null;
  readonly tool: string;
  readonly paths: readonly string[];
  readonly background: boolean;
  readonly openSeq: number;
  /** Null while it is open. */
  readonly closeSeq: number | null;
}
