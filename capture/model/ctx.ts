import type { StepSource, Tokens } from "./trace.ts";

export type BlockKind =
  | "system"
  | "tools"
  | "user"
  | "assistant"
  | "tool-call"
  | "tool-result"
  | "attachment"
  | "reminder"
  | "compaction";

export type Fidelity = "exact" | "rebuilt" | "unknown";
export type MissingPart = "system" | "tools" | "compaction-prompt" | "image" | "unknown";

/** What `ctx*.jsonl` holds: each block once, each model request as a delta of an earlier one. */
export type CtxRecord = BlockRecord | NodeRecord | VerdictRecord;

export interface BlockRecord {
  readonly r: "block";
  /** sha256 over the canonical JSON of the gated block, cache marks left out. */
  readonly hash: string;
  readonly kind: BlockKind;
  readonly role: "system" | "user" | "assistant";
  readonly chars: number;
  /** Where its content stands in the native file; null for a block from a dictionary. */
  readonly at: (StepSource & { readonly path: readonly (string | number)[] }) | null;
  /** Step that brought it in, by index in this file; null for what the harness added. */
  readonly step: number | null;
}

export interface NodeRecord {
  readonly r: "node";
  /** Response id (`msg_…`) that the steps of this request carry; null while none came back. */
  readonly request: string | null;
  /** Native id of the request record, where the harness keeps a journal. */
  readonly journal: string | null;
  readonly line: number;
  readonly model: string | null;
  /** Block list = the first `keep` of node number `base` + `tail`. `base` is the node's ordinal. */
  readonly base: number | null;
  readonly keep: number;
  readonly tail: readonly string[];
  readonly missing: readonly { readonly what: MissingPart; readonly tokens: number | null }[];
}

/** Later knowledge of a node: the usage that was reported, whether its digest verified. */
export interface VerdictRecord {
  readonly r: "verdict";
  /** Ordinal of the node. */
  readonly of: number;
  readonly request?: string;
  readonly reported?: Tokens;
  readonly fidelity?: Fidelity;
  readonly verifiedBy?: "digest" | "wire" | null;
}
