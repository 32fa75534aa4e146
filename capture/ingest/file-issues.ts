import { isErrno, type Issue } from "../base/errors.ts";

/** Why a native file cannot be opened; rethrows what is no fault of the file. */
export function openIssue(file: string, error: unknown): Issue {
  if (isErrno(error, "ENOENT", "ENOTDIR")) {
    const message = "The file is gone; what was read of it is kept.";
    return { file, line: 0, offset: 0, rule: "file-missing", message };
  }
  if (isErrno(error, "EACCES", "EPERM", "EISDIR", "EIO", "ELOOP")) {
    return {
      file,
      line: 0,
      offset: 0,
      rule: "file-unreadable",
      message: "The file cannot be read.",
    };
  }
  throw error;
}

/** Half a line stands at the end of the file, from `offset` on; it is line number `line`. */
export function tornIssue(
  file: string,
  { line, offset, size }: { line: number; offset: number; size: number },
): Issue {
  const message = `${size - offset} bytes after the last newline wait for the rest of their line.`;
  return { file, line, offset, rule: "line-torn", message };
}
