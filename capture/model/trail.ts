import type { TraceId } from "./ids.ts";
import type { Text } from "./text.ts";

/** One change region without context. Starts are 1-based; 0 with length 0 as in `diff -U0`. */
export interface Hunk {
  readonly oldStart: number;
  readonly oldLines: number;
  readonly newStart: number;
  readonly newLines: number;
}

/** One side of a patch: the file's content there. */
export interface PatchSide {
  /** Git's id of the raw bytes, in the repository's object format; null where it is not known. */
  readonly oid: string | null;
  /** Gated content, whole; null for binary, over-limit or unrecorded content. */
  readonly text: Text | null;
  /** Keyed hashes of raw lines that gate 1 changed, by 0-based line. */
  readonly redactedLines?: readonly (readonly [line: number, hash: string])[];
  /** Octal file mode as git writes it, e.g. `100644`. */
  readonly mode: string | null;
}

export type PatchOp = "create" | "modify" | "delete" | "rename" | "mode";
export type PatchEvidence = "observed" | "transcript";

/** What `trail*.jsonl` holds: one path's change, between two snapshots or by a recorded edit. */
export interface PatchRecord {
  readonly r: "patch";
  /** Stable over re-ingest and machines: a hash over trace, path, sides and ordinal. */
  readonly id: string;
  readonly path: string;
  readonly from?: string;
  readonly op: PatchOp;
  readonly binary: boolean;
  readonly evidence: PatchEvidence;
  /** Null where the file did not exist. */
  readonly before: PatchSide | null;
  /** Null where the file is gone. */
  readonly after: PatchSide | null;
  readonly hunks: readonly Hunk[];
  readonly added: number;
  readonly deleted: number;
  readonly atMs: number | null;
  /** `transcript`: the step itself, by index in the native file that this fold belongs to. */
  readonly step?: number;
  /** `observed`: the two snapshots (event `seq`s) whose difference this is. */
  readonly between?: readonly [fromSeq: number, toSeq: number];
}

/** A text that a step put into a file. */
export interface WrittenPart {
  /** What it stands in place of: empty where it was added, null where that is not known. */
  readonly before: Text | null;
  readonly after: Text;
  /**
   * `once`: at one place. `all`: at each. `pattern`: `before` is a regular expression with its
   * flags as `/expression/flags`, and `after` what it is replaced by, as JavaScript writes both.
   */
  readonly how: "once" | "all" | "pattern";
}

/**
 * What a step put into a file of which it recorded no whole content, by its own words. No patch:
 * where it came to stand, only the file can tell.
 */
export interface WrittenRecord {
  readonly r: "written";
  readonly path: string;
  /** The step, by index in the native file that this fold belongs to. */
  readonly step: number;
  readonly atMs: number | null;
  /** `command`: the words of a shell command, which may have written them or not. */
  readonly by: "edit" | "command";
  readonly parts: readonly WrittenPart[];
}

export type OwnerKind = "step" | "human" | "formatter" | "unknown";
export type LineEvidence =
  | "observed"
  | "declared"
  | "transcript"
  | "carried"
  | "before-capture"
  | "none";

export interface StepCandidate {
  readonly trace: TraceId;
  readonly agent: string | null;
  readonly index: number;
}

/** Who wrote a line. `step` is set for kind `step` only; `candidates` where several could fit. */
export interface Owner {
  readonly kind: OwnerKind;
  readonly step: StepCandidate | null;
  readonly candidates: readonly StepCandidate[];
}

export interface LineOwner {
  readonly owner: Owner;
  readonly evidence: LineEvidence;
  /** Earlier owners, newest first. */
  readonly lineage: readonly Ancestor[];
  readonly flags: readonly LineFlag[];
}

export type LineFlag = "moved" | "reformatted" | "contended";

export interface Ancestor {
  readonly owner: Owner;
  /** Full commit id, where one is known. */
  readonly commit: string | null;
  readonly how: "replaced" | "moved" | "copied" | "derived";
}

export type PatchState = "alive" | "transformed" | "reverted" | "lost" | "pending" | "unknown";
export type AnchorClass = "E1" | "E2" | "E3" | "E4" | "E5";
