import { stat } from "node:fs/promises";
import { isErrno } from "../base/errors.ts";
import type { NativeFileRef } from "../harness/adapter.ts";
import { firstLines } from "./discover.ts";

/** What a session's first lines say before anything decodes them. */
export interface SessionPeek {
  /** Time of the first record that has one; the file's own time where none has. */
  readonly atMs: number;
  readonly cwd: string | null;
}

/** Looks at the beginning of the first of a session's files that can be read. */
export async function peekSession(
  files: readonly NativeFileRef[],
  nowMs: number,
): Promise<SessionPeek> {
  for (const { path } of files) {
    try {
      const text = (await firstLines(path)).join("\n");
      const time = /"timestamp"\s*:\s*"(\d{4}-\d\d-\d\dT[^"]{1,20})"/.exec(text)?.[1];
      const atMs = time === undefined ? Number.NaN : Date.parse(time);
      const cwd = /"cwd"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? null;
      const known = Number.isNaN(atMs) ? (await stat(path)).mtimeMs : atMs;
      return { atMs: known, cwd: cwd === null ? null : unescaped(cwd) };
    } catch (error) {
      if (!isErrno(error, "ENOENT", "EACCES", "EPERM", "EIO", "EISDIR", "ELOOP")) throw error;
    }
  }
  return { atMs: nowMs, cwd: null };
}

function unescaped(raw: string): string | null {
  try {
    return String(JSON.parse(`"${raw}"`));
  } catch {
    return null;
  }
}
