import type { BytePath } from "../paths.ts";

/** A path that the index knows and that differs between HEAD, index and work tree. */
export interface TrackedChange {
  readonly path: BytePath;
  /** The path is a submodule in HEAD, index or work tree. */
  readonly submodule: boolean;
  readonly conflicted: boolean;
}

export interface Status {
  /** HEAD's commit at that moment; null while unborn. */
  readonly head: string | null;
  readonly tracked: readonly TrackedChange[];
  /** Untracked files that are not ignored. */
  readonly untracked: readonly BytePath[];
  /** Untracked repositories below the root, without the final slash. */
  readonly nested: readonly BytePath[];
}

/** Fields before the path: ordinary, renamed and conflicted entries. */
const fieldsBefore = { "1": 8, "2": 9, u: 10 } as const;

/** Parses `git status --porcelain=v2 --branch -z`; records it does not know are passed over. */
export function parseStatus(stdout: Buffer): Status {
  const records = stdout.toString("latin1").split("\0");
  const tracked: TrackedChange[] = [];
  const untracked: BytePath[] = [];
  const nested: BytePath[] = [];
  let head: string | null = null;

  for (let at = 0; at < records.length; at++) {
    const record = records[at] ?? "";
    const kind = record.charAt(0);
    if (kind === "1" || kind === "2" || kind === "u") {
      tracked.push(trackedOf(record, kind));
      // A rename's origin is a record of its own, and a change in its own right.
      if (kind === "2") {
        at++;
        tracked.push({ path: records[at] ?? "", submodule: false, conflicted: false });
      }
    } else if (kind === "?") {
      const path = record.slice(2);
      if (path.endsWith("/")) nested.push(path.slice(0, -1));
      else untracked.push(path);
    } else if (record.startsWith("# branch.oid ")) {
      const oid = record.slice("# branch.oid ".length);
      head = oid.startsWith("(") ? null : oid;
    }
  }
  return { head, tracked, untracked, nested };
}

function trackedOf(record: string, kind: keyof typeof fieldsBefore): TrackedChange {
  let at = 0;
  for (let field = 0; field < fieldsBefore[kind]; field++) at = record.indexOf(" ", at) + 1;
  // "1 XY S..." : the third field starts at a fixed column.
  return {
    path: record.slice(at),
    submodule: record.charAt(5) === "S",
    conflicted: kind === "u",
  };
}
