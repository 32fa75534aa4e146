/** Every way in which an operation can fail, with the CLI's exit code. Closed and pinned. */
export const errorCodes = {
  failed: 1,
  cancelled: 1,
  usage: 2,
  "not-ready": 3,
  "setup-missing": 3,
  "gate-blocked": 3,
  "consent-missing": 3,
  "no-repository": 3,
  "home-read-only": 3,
  "not-found": 4,
  "ambiguous-trace": 4,
  "data-damaged": 5,
  busy: 6,
  "disk-full": 1,
  "limit-exceeded": 1,
  "git-failed": 1,
  "git-missing": 3,
  "engine-unreachable": 1,
  "version-mismatch": 1,
  "needs-person": 10,
} as const;

export type ErrorCode = keyof typeof errorCodes;

/** A failed operation: what failed, the value and the limit, and what to do about it. */
export class OtError extends Error {
  override readonly name = "OtError";
  readonly code: ErrorCode;
  /** One sentence that says what to do, if there is something to do. */
  readonly hint: string | undefined;
  /** Full ids that an ambiguous address may mean; empty otherwise. */
  readonly candidates: readonly string[];

  constructor(
    code: ErrorCode,
    message: string,
    options: { hint?: string; cause?: unknown; candidates?: readonly string[] } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.candidates = options.candidates ?? [];
  }
}

/** Something wrong with one place of an input. A value, never thrown. */
export interface Issue {
  readonly file: string;
  /** 1-based; 0 where the whole file is meant. */
  readonly line: number;
  /** Bytes from the start of the file. */
  readonly offset: number;
  readonly rule: IssueRule;
  readonly message: string;
}

export type IssueRule =
  | "line-not-json"
  | "line-not-understood"
  | "line-type-unknown"
  | "line-has-nul"
  | "line-glued"
  | "line-not-utf8"
  | "line-over-limit"
  | "line-torn"
  | "file-unreadable"
  | "file-replaced"
  | "file-missing"
  | "tool-result-without-call"
  | "block-type-unknown"
  | "hook-not-understood"
  | "hook-failed"
  | "hooks-dropped"
  | "session-failed"
  | "capture-paused";

/** Throws if an assumption of ours is broken: a bug here, never bad input. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`Broken assumption: ${message}`);
}

/** True for a failed system call with one of these `code`s, such as `ENOENT`. */
export function isErrno(error: unknown, ...codes: readonly string[]): boolean {
  if (!(error instanceof Error) || !("code" in error)) return false;
  return codes.includes(String(error.code));
}
