import { type ErrorCode, errorCodes, isErrno, OtError } from "../base/errors.ts";
import { oneLine } from "./render/escape.ts";
import { jsonLine } from "./render/json.ts";

/** Whatever was thrown, as one of the closed errors. */
export function otErrorOf(error: unknown): OtError {
  if (isOtError(error)) return error;
  if (isErrno(error, "ENOSPC")) {
    return new OtError("disk-full", "The disk is full.", {
      hint: "Nothing that was recorded is lost; make room and try again.",
      cause: error,
    });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new OtError("failed", asSentence(systemWords(message)), { cause: error });
}

/** The engine is a bundle of its own, with a class of its own: what an error is, its name says. */
export function isOtError(error: unknown): error is OtError {
  return error instanceof Error && error.name === "OtError" && "code" in error;
}

export function exitCodeOf({ code }: { readonly code: ErrorCode }): number {
  return errorCodes[code];
}

/** The error as `--json` prints it; `candidates` only where there are any. */
export function errorJson(error: OtError): string {
  const { code, message, candidates } = error;
  const hint = error.hint === undefined || error.hint === "" ? null : error.hint;
  return jsonLine({
    schema: "opentraces.error.v1",
    status: "error",
    error: { code, message, hint, ...(candidates.length === 0 ? {} : { candidates }) },
  });
}

/** One or two sentences for a person; candidates, one a line, behind them. */
export function errorLines(error: OtError): string[] {
  const { message, hint, candidates } = error;
  const parts = [message, hint ?? ""].map(oneLine).filter((part) => part !== "");
  return [`ot: ${parts.join(" ")}`, ...candidates.map((candidate) => `  ${oneLine(candidate)}`)];
}

/** `ENOTDIR: not a directory, mkdir '/x'` is `/x: not a directory` to a person. */
function systemWords(message: string): string {
  const [, reason, path] = /^E[A-Z]+: ([^,]+), \w+ '([^']+)'/u.exec(message) ?? [];
  return reason === undefined || path === undefined ? message : `${path}: ${reason}`;
}

function asSentence(message: string): string {
  const flat = oneLine(message);
  return /[.!?]$/u.test(flat) ? flat : `${flat}.`;
}
