import { canonicalJson } from "../base/canonical-json.ts";
import type { SkippedPath } from "../model/events.ts";
import { parseCommit } from "./objects.ts";

/** What a snapshot's commit says besides its tree. */
export interface SnapshotCommit {
  readonly tree: string;
  /** The snapshot before it in its session and work tree; a second one only where chains joined. */
  readonly parents: readonly string[];
  readonly atMs: number;
  readonly cause: string;
  /** HEAD's commit at that moment; null while unborn. */
  readonly base: string | null;
  readonly worktree: string;
  readonly skipped: readonly SkippedPath[];
}

const who = "opentraces <opentraces@localhost>";

/** The bytes of a snapshot's commit. Equal input gives equal bytes, whoever runs it. */
export function formatSnapshotCommit(snapshot: SnapshotCommit): Buffer {
  const seconds = Math.max(0, Math.floor(snapshot.atMs / 1000));
  const head = [
    `tree ${snapshot.tree}`,
    ...snapshot.parents.map((parent) => `parent ${parent}`),
    `author ${who} ${seconds} +0000`,
    `committer ${who} ${seconds} +0000`,
  ];
  const message = [
    "opentraces snapshot",
    "",
    `Cause: ${oneLine(snapshot.cause)}`,
    `At-Ms: ${snapshot.atMs}`,
    `Base: ${snapshot.base ?? "none"}`,
    `Worktree: ${oneLine(snapshot.worktree)}`,
    ...snapshot.skipped.map((skipped) => `Skipped: ${canonicalJson(skipped)}`),
  ];
  return Buffer.from(`${head.join("\n")}\n\n${message.join("\n")}\n`, "utf8");
}

/** Reads a snapshot's commit, also one that the shim wrote with plain git; null if it is none. */
export function parseSnapshotCommit(body: Buffer): SnapshotCommit | null {
  const commit = parseCommit(body);
  if (commit === null || !commit.message.startsWith("opentraces snapshot\n")) return null;
  const lines = commit.message.split("\n");
  const valuesOf = (name: string): string[] =>
    lines.filter((line) => line.startsWith(`${name}: `)).map((line) => line.slice(name.length + 2));
  const base = valuesOf("Base")[0] ?? "none";
  return {
    tree: commit.tree,
    parents: commit.parents,
    atMs: Number(valuesOf("At-Ms")[0] ?? 0) || 0,
    cause: valuesOf("Cause")[0] ?? "",
    base: /^[0-9a-f]{40,64}$/.test(base) ? base : null,
    worktree: valuesOf("Worktree")[0] ?? "main",
    skipped: valuesOf("Skipped").flatMap(skippedOf),
  };
}

function skippedOf(json: string): SkippedPath[] {
  try {
    // Safe: only our own writer and the shim write this line, and both from this very type.
    return [JSON.parse(json) as SkippedPath];
  } catch {
    return [];
  }
}

function oneLine(text: string): string {
  return text.replace(/[\r\n]+/g, " ");
}
