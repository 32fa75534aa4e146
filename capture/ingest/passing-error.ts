import { isErrno, OtError } from "../base/errors.ts";

const passingCodes: readonly string[] = ["cancelled", "disk-full", "home-read-only", "busy"];

/** True for what has nothing to do with the input: the same may work later. */
export function isPassing(error: unknown): boolean {
  if (error instanceof OtError) return passingCodes.includes(error.code);
  return isErrno(error, "ENOSPC", "EDQUOT", "EROFS", "EMFILE", "ENFILE", "ENOMEM");
}
