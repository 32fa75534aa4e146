import type { Hunk } from "../../model/trail.ts";
import { type BytePath, toModelPath } from "../paths.ts";

export interface TreeChange {
  /** A added, D deleted, M modified, T type changed, R renamed, C copied. */
  readonly status: string;
  readonly path: string;
  /** Source of a rename or copy. */
  readonly from: string | null;
  readonly oldMode: string;
  readonly newMode: string;
  readonly oldOid: string;
  readonly newOid: string;
}

/** Parses `git diff-tree -r -z` (raw format, with or without renames). */
export function parseRawDiff(stdout: Buffer): TreeChange[] {
  const records = stdout.toString("latin1").split("\0");
  const changes: TreeChange[] = [];
  for (let at = 0; at < records.length; at++) {
    const record = records[at] ?? "";
    // A commit id line precedes the entries when a single commit is asked for.
    if (!record.startsWith(":")) continue;
    const [oldMode = "", newMode = "", oldOid = "", newOid = "", status = ""] = record
      .slice(1)
      .split(" ");
    const first = pathOf(records[++at]);
    const renamed = status.startsWith("R") || status.startsWith("C");
    changes.push({
      status: status.charAt(0),
      path: renamed ? pathOf(records[++at]) : first,
      from: renamed ? first : null,
      oldMode,
      newMode,
      oldOid,
      newOid,
    });
  }
  return changes;
}

function pathOf(record: BytePath | undefined): string {
  return toModelPath(record ?? "");
}

const hunkHeader = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;

/** Hunks of one file's `diff -U0`. Lines of content are skipped by count, whatever they hold. */
export function parseHunks(patch: Buffer): Hunk[] {
  const hunks: Hunk[] = [];
  const text = patch.toString("latin1");
  let at = 0;
  while (at < text.length) {
    const header = hunkHeader.exec(text.slice(at, at + 120));
    at = afterLine(text, at);
    if (header === null) continue;
    const hunk = {
      oldStart: Number(header[1]),
      oldLines: Number(header[2] ?? 1),
      newStart: Number(header[3]),
      newLines: Number(header[4] ?? 1),
    };
    hunks.push(hunk);
    for (let line = hunk.oldLines + hunk.newLines; line > 0 && at < text.length; line--) {
      if (text.startsWith("\\", at)) at = afterLine(text, at);
      at = afterLine(text, at);
    }
  }
  return hunks;
}

function afterLine(text: string, at: number): number {
  const newline = text.indexOf("\n", at);
  return newline < 0 ? text.length : newline + 1;
}
