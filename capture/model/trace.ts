import type { Issue } from "../base/errors.ts";
import type { Environment } from "./environment.ts";
import type { HarnessId } from "./ids.ts";
import type { Text } from "./text.ts";

export const stepKinds = [
  "prompt",
  "thinking",
  "message",
  "plan",
  "read",
  "search",
  "edit",
  "command",
  "web",
  "subagent",
  "skill",
  "tool",
  "compaction",
  "interruption",
  "notice",
] as const;
export type StepKind = (typeof stepKinds)[number];

export type Actor = "user" | "agent" | "harness";
export type Branch = "live" | "abandoned";
export type FileOp = "read" | "create" | "modify" | "delete" | "rename";

export interface StepFile {
  /** Relative to the work tree's root where it lies inside, `/`-separated; absolute otherwise. */
  readonly path: string;
  readonly op: FileOp;
  /** The earlier path of a rename. */
  readonly from?: string;
}

/** Counted once a model response, on its first step. */
export interface Tokens {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
}

export interface ToolCall {
  readonly name: string;
  readonly callId: string;
  /** The call's arguments as the model wrote them, after gate 1. */
  readonly input: unknown;
  /** Null until the result is known. */
  readonly output: Text | null;
  readonly error: boolean;
  readonly exitCode: number | null;
  readonly files: readonly StepFile[];
}

/** Where a step stands in its native file: the file's number in the unit, and the 1-based line. */
export interface StepSource {
  readonly file: number;
  readonly line: number;
}

/** One item of the action timeline, joined with everything later records said of it. */
export interface Step {
  /** Stable over re-ingest: native item id and block index. */
  readonly key: string;
  /** 0-based, dense within its native file. */
  readonly index: number;
  /** Sub-agent id, or null in the main file. */
  readonly agent: string | null;
  readonly kind: StepKind;
  readonly actor: Actor;
  /** Number of the prompt it answers, from 0; -1 before the first prompt. */
  readonly turn: number;
  /** Response id of the model call that produced it; null for prompts and notices. */
  readonly request: string | null;
  /** Address of the step that started the sub-agent (`<trace>:<n>`), or null. */
  readonly parent: string | null;
  readonly atMs: number | null;
  /** When the result came; null while it runs or where there is none. */
  readonly endedAtMs: number | null;
  readonly text: Text;
  readonly tool: ToolCall | null;
  readonly tokens: Tokens | null;
  readonly model: string | null;
  readonly branch: Branch;
  /** True for history that a fork copied: shown, never counted again. */
  readonly copied: boolean;
  /** For a prompt that only approves: index of the prompt or plan step it approves. */
  readonly approves: number | null;
  /** Native flags worth a mark, e.g. `background`, `interrupted`, `image`, `meta`. */
  readonly flags: readonly string[];
  /** Placeholders that gate 1 put into this step's texts. */
  readonly redactions: number;
  readonly source: StepSource;
}

/** The outcome of one edit as the transcript itself recorded it: a virtual snapshot of one file. */
export interface RecordedEdit {
  readonly path: string;
  readonly op: Exclude<FileOp, "read">;
  readonly from?: string;
  /** Whole content before; null where there was no file, undefined where it was not recorded. */
  readonly before?: Text | null;
  /** Whole content after; null where the file is gone, undefined where it was not recorded. */
  readonly after?: Text | null;
  /** The harness said that the user changed the proposal before it was applied. */
  readonly userModified?: boolean;
}

/** What `trace.jsonl` holds, one a line, in the order of the native file. */
export type TraceRecord =
  | { readonly r: "session"; readonly line: number; readonly facts: SessionFacts }
  | { readonly r: "step"; readonly step: Step }
  | {
      readonly r: "result";
      /** Index of the step it belongs to. */
      readonly of: number;
      readonly line: number;
      readonly atMs: number | null;
      readonly output: Text | null;
      readonly error: boolean;
      readonly exitCode: number | null;
      /** Replaces the step's files if given. */
      readonly files?: readonly StepFile[];
      readonly edits?: readonly RecordedEdit[];
      readonly flags?: readonly string[];
      readonly redactions?: number;
      /** Sub-agent that this call started. */
      readonly startedAgent?: string;
      /** Native files that hold more of this output, by absolute path at the time. */
      readonly attachments?: readonly string[];
    }
  /** Replaces what was known of the step's usage: a response's later blocks may know better. */
  | { readonly r: "usage"; readonly of: number; readonly tokens: Tokens }
  /** Both ends included, here and in `copied`. */
  | { readonly r: "branch"; readonly from: number; readonly to: number; readonly branch: Branch }
  /** These steps turned out to be history that a fork copied. */
  | { readonly r: "copied"; readonly from: number; readonly to: number }
  | { readonly r: "issue"; readonly issue: Issue };

/** What a native file says about its session; later facts add to and replace earlier ones. */
export interface SessionFacts {
  readonly cwd?: string;
  readonly gitBranch?: string;
  readonly clientVersion?: string;
  readonly entrypoint?: string;
  readonly models?: readonly string[];
  /** Native id of the session that this one copied its beginning from. */
  readonly forkOf?: string;
  /** A title that the harness or the user gave. */
  readonly title?: string;
  /** What the file itself tells of what the session started from. */
  readonly environment?: Environment;
  readonly agentType?: string;
  readonly agentDescription?: string;
  /** Tool call in the parent's file that started this sub-agent. */
  readonly parentCallId?: string;
}

/** One native file's fold, joined. */
export interface TraceFile {
  /** 0 is the main file. */
  readonly file: number;
  readonly agent: string | null;
  readonly facts: SessionFacts;
  readonly steps: readonly Step[];
  /** Recorded edits by step index. */
  readonly edits: ReadonlyMap<number, readonly RecordedEdit[]>;
  /** Sub-agent id by the index of the step that started it. */
  readonly startedAgents: ReadonlyMap<number, string>;
  readonly issues: readonly Issue[];
}

export interface Trace {
  readonly harness: HarnessId;
  readonly nativeId: string;
  readonly main: TraceFile;
  readonly agents: readonly TraceFile[];
}
