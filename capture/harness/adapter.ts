import type { Issue } from "../base/errors.ts";
import type { CtxRecord } from "../model/ctx.ts";
import type { HarnessId } from "../model/ids.ts";
import type { LineVerdict, SourceMapRecord } from "../model/session.ts";
import type { SessionFacts, TraceRecord } from "../model/trace.ts";
import type { WrittenRecord } from "../model/trail.ts";

/** One line of a native file. `line` is 1-based, `offset` in bytes; `text` has no newline. */
export interface RawLine {
  readonly line: number;
  readonly offset: number;
  readonly text: string;
  /** The JSON value of `text`, where whoever feeds the lines has parsed it already. */
  readonly value?: unknown;
}

/** Everything one line adds to the folds, and everything wrong with it. All may be non-empty. */
export interface Decoded {
  readonly trace: readonly TraceRecord[];
  readonly ctx: readonly CtxRecord[];
  /** What steps put into files whose whole content is not known. */
  readonly written: readonly WrittenRecord[];
  readonly issues: readonly Issue[];
}

/**
 * The left fold of one native file, fed with its *gated* lines in order.
 *
 * Pure and total: no file system, no clock, never throws. Long strings arrive as lifted markers and
 * are passed on untouched; whoever feeds the lines externalises them.
 */
export interface FileDecoder {
  /** `map` is the line's own map record: it carries the verdicts that were reached on raw bytes. */
  decode(line: RawLine, map: SourceMapRecord): Decoded;
}

/** Sees the *raw* lines before the gate and keeps nothing but verdicts. Total as well. */
export interface RawObserver {
  /** `value` is the JSON value of the line, where whoever feeds the lines has parsed it already. */
  observe(line: Buffer, value?: unknown): readonly LineVerdict[];
}

/** One native file as discovery finds it. */
export interface NativeFileRef {
  readonly harness: HarnessId;
  readonly nativeId: string;
  /** Sub-agent id; null for the main file. */
  readonly agent: string | null;
  readonly path: string;
}

export interface HarnessEnvironment {
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Knows one coding agent's files, and nothing else. */
export interface HarnessAdapter {
  readonly id: HarnessId;
  /** Folders below which this agent keeps its sessions, absolute. */
  roots(environment: HarnessEnvironment): readonly string[];
  /** What a path below a root is, by its name alone; null where it is none of ours. */
  classify(path: string): NativeFileRef | null;
  /** What a file says it is, by its first complete lines: for files outside the known folders. */
  recognise(path: string, firstLines: readonly string[]): NativeFileRef | null;
  /**
   * Small files beside a native file that say something of it, absolute; they need not exist.
   * Ingest takes them in as attachments of the session when they appear or change.
   */
  companions(file: NativeFileRef): readonly string[];
  /** What the (gated) text of a companion says of its native file. Total: empty if nothing. */
  companionFacts(text: string): SessionFacts;
  openDecoder(
    file: NativeFileRef & { readonly file: number; readonly root: string | null },
  ): FileDecoder;
  openObserver(): RawObserver;
}
