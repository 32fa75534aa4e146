import type { SkippedPath } from "../model/events.ts";
import type { SessionKey } from "./session-ref.ts";

export interface SnapshotRequest {
  readonly session: SessionKey;
  /** Unix milliseconds; becomes the commit's time. */
  readonly atMs: number;
  /** One of `SnapshotCause`. */
  readonly cause: string;
  /**
   * Every path that may have changed since the session's last snapshot, absolute or relative to
   * the work tree; null if that is not known, and git is asked.
   */
  readonly paths: readonly string[] | null;
}

export interface Snapshot {
  /** Commit in the private store. */
  readonly commit: string;
  readonly tree: string;
  /** The session's snapshot before this one in this work tree. */
  readonly parent: string | null;
  /** HEAD's commit at that moment; null while unborn. */
  readonly base: string | null;
  /** False if nothing had changed: then this is the snapshot before. */
  readonly isNew: boolean;
  /** What this look at the work tree left out. An empty path means the walk itself was cut. */
  readonly skipped: readonly SkippedPath[];
}
