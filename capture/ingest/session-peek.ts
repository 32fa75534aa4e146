import { stat } from "node:fs/promises";
import type { Issue } from "../base/errors.ts";
import type { NativeFileRef } from "../harness/adapter.ts";
import { firstLines } from "./discover.ts";
import { openIssue, tornIssue } from "./file-issues.ts";

/** What a session's first lines say before anything decodes them. */
export interface SessionPeek {
  /** Time of the first record that has one; the file's own time where none has. */
  readonly atMs: number;
  readonly cwd: string | null;
  /** No file has a whole line that can be read: there is nothing to make a unit of yet. */
  readonly isEmpty: boolean;
  /** Why, where it is empty. */
  readonly issues: readonly Issue[];
}

/** Looks at the beginning of the first of a session's files that has lines. */
export async function peekSession(
  files: readonly NativeFileRef[],
  nowMs: number,
): Promise<SessionPeek> {
  const issues: Issue[] = [];
  for (const { path } of files) {
    const found = await peekFile(path);
    if (Array.isArray(found)) issues.push(...found);
    else return { ...found, isEmpty: false, issues: [] };
  }
  return { atMs: nowMs, cwd: null, isEmpty: true, issues };
}

/** Issues where the file has no line, none if it is empty. */
async function peekFile(path: string): Promise<Pick<SessionPeek, "atMs" | "cwd"> | Issue[]> {
  try {
    const lines = await firstLines(path);
    const { size, mtimeMs } = await stat(path);
    if (lines.length === 0)
      return size === 0 ? [] : [tornIssue(path, { line: 1, offset: 0, size })];
    const text = lines.join("\n");
    const time = /"timestamp"\s*:\s*"(\d{4}-\d\d-\d\dT[^"]{1,20})"/.exec(text)?.[1];
    const atMs = time === undefined ? Number.NaN : Date.parse(time);
    const cwd = /"cwd"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? null;
    return { atMs: Number.isNaN(atMs) ? mtimeMs : atMs, cwd: cwd === null ? null : unescaped(cwd) };
  } catch (error) {
    return [openIssue(path, error)];
  }
}

function unescaped(raw: string): string | null {
  try {
    return String(JSON.parse(`"${raw}"`));
  } catch {
    return null;
  }
}
