import { toModelPath } from "../paths.ts";
import { type CommitInfo, parseLog } from "./log.ts";

/** What one commit did to one path; of a merge, only what none of its parents had. */
export interface PathChange {
  readonly path: string;
  /** Null where the path was not there, and for a merge, which has several sides before it. */
  readonly before: string | null;
  /** Null where the path is gone. */
  readonly after: string | null;
}

export interface ChangedCommit extends CommitInfo {
  readonly changes: readonly PathChange[];
}

/** Parses `git log -z --raw -r -c --no-renames --no-abbrev --format=<logFormat>`. */
export function parseChangedLog(stdout: Buffer): ChangedCommit[] {
  const commits: (CommitInfo & { changes: PathChange[] })[] = [];
  const tokens = stdout.toString("latin1").split("\0");
  for (let at = 0; at < tokens.length; at += 1) {
    const token = (tokens[at] ?? "").replace(/^\n/u, "");
    if (token.startsWith(":")) {
      const path = tokens[(at += 1)] ?? "";
      commits.at(-1)?.changes.push(changeOf(token, path));
    } else if (token.includes("\x1f")) {
      const [commit] = parseLog(Buffer.from(token, "latin1"));
      if (commit !== undefined) commits.push({ ...commit, changes: [] });
    }
  }
  return commits;
}

/** `:<modes> <ids> <status>`, with a colon, a mode and an id for each parent. */
function changeOf(record: string, path: string): PathChange {
  const fields = record.replace(/^:+/u, "").split(" ");
  const parents = (fields.length - 3) / 2;
  const oids = fields.slice(parents + 1, fields.length - 1).map(oidOrNull);
  const [before = null] = oids;
  const isMerge = parents > 1;
  return { path: toModelPath(path), before: isMerge ? null : before, after: oids.at(-1) ?? null };
}

function oidOrNull(oid: string): string | null {
  return /^0+$/u.test(oid) ? null : oid;
}
