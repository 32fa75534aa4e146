import type { Environment } from "./environment.ts";
import type { HarnessId } from "./ids.ts";
import type { Fidelity } from "./ctx.ts";
import type { Tokens } from "./trace.ts";

/** One native file of the unit. */
export interface NativeFile {
  /** 0 is the main file: `source.jsonl`; others are `source.<n>.jsonl`. */
  readonly file: number;
  /** Absolute path it was read from. */
  readonly path: string;
  readonly agent: string | null;
  /** Counts replaced or truncated versions of the native file, from 0. */
  readonly generation: number;
  /** Bytes of the native file that are ingested, whole lines only. */
  readonly offset: number;
  /** Lines ingested, over all generations. */
  readonly lines: number;
}

/** Which repository a session worked in, without saying where on the web it is. */
export interface RepositoryIdentity {
  /** Root commits, sorted; several where histories were joined. */
  readonly rootCommits: readonly string[];
  /** Keyed hashes of the remotes' addresses. */
  readonly remotes: readonly string[];
  /** Absolute work tree root at capture time. */
  readonly root: string;
  readonly commonDir: string;
  readonly worktree: string;
}

export interface TestRun {
  readonly step: number | string;
  readonly command: string;
  readonly passed: boolean;
}

/** `session.json`: identity and derived counts; replaced atomically. */
export interface SessionUnit {
  readonly schema: "opentraces.session.v1";
  readonly harness: HarnessId;
  readonly nativeId: string;
  readonly forkOf: string | null;
  readonly title: string;
  readonly cwd: string | null;
  readonly branch: string | null;
  readonly clientVersion: string | null;
  readonly models: readonly string[];
  readonly repository: RepositoryIdentity | null;
  readonly environment: Environment | null;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  readonly fidelity: { readonly worst: Fidelity } & Readonly<Record<Fidelity, number>>;
  readonly counts: {
    readonly steps: number;
    readonly turns: number;
    readonly patches: number;
    readonly issues: number;
    readonly events: number;
    readonly redactions: number;
  };
  readonly tokens: Tokens;
  readonly tests: readonly TestRun[];
  readonly files: readonly NativeFile[];
  /** sha256 of each truth file at `bytes` length, by file name: what `ot bucket verify` checks. */
  readonly digests: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>;
  /** Length of each fold when this was written, by file name: what lies beyond was not finished. */
  readonly folds: Readonly<Record<string, number>>;
  readonly gateVersion: number;
}

/** One line of `source*.map`: where the source line of the same number came from. */
export interface SourceMapRecord {
  /** Byte offset of the raw line in its native file. */
  readonly o: number;
  /** Raw length in bytes, newline excluded. */
  readonly l: number;
  /** Generation of the native file. */
  readonly g: number;
  /** HMAC-SHA256 of the raw line under the bucket's key, hex. */
  readonly h: string;
  /** How the line stands in source: absent = verbatim, `gated`, or `wrapped` (undecodable). */
  readonly s?: "gated" | "wrapped";
  /** Redacted strings: JSON path, and keyed hashes of the raw text lines that changed. */
  readonly x?: readonly RedactedString[];
  /** Verdicts reached before the gate, e.g. journal digests. */
  readonly v?: readonly LineVerdict[];
}

export interface RedactedString {
  readonly path: readonly (string | number)[];
  readonly lines: readonly { readonly index: number; readonly hash: string }[];
}

export interface LineVerdict {
  /** What was checked, e.g. `request-digest`. */
  readonly check: string;
  /** Native id it is about. */
  readonly of: string;
  readonly ok: boolean;
}
