import type { BlockRecord, CtxRecord, Fidelity, MissingPart, NodeRecord } from "../model/ctx.ts";
import { wholeList } from "../model/delta-list.ts";
import type { Tokens } from "../model/trace.ts";

/** One model request, with everything later records said of it. */
export interface CtxNode {
  /** Its number in the file, from 0 in file order. */
  readonly ordinal: number;
  readonly request: string | null;
  readonly journal: string | null;
  readonly line: number;
  readonly model: string | null;
  readonly fidelity: Fidelity;
  readonly verifiedBy: "digest" | "wire" | null;
  /** Usage as it was reported; null while no response came. */
  readonly reported: Tokens | null;
  readonly missing: readonly { readonly what: MissingPart; readonly tokens: number | null }[];
}

/** One `ctx*.jsonl`, joined. */
export interface CtxFile {
  readonly nodes: readonly CtxNode[];
  readonly blocks: ReadonlyMap<string, BlockRecord>;
  /** Hashes of a node's blocks, in the order in which the model saw them. */
  list(ordinal: number): readonly string[];
}

/** Joins the records of one file. Pure and total: a verdict about no node is passed over. */
export function assembleCtx(records: Iterable<CtxRecord>): CtxFile {
  const lists: NodeRecord[] = [];
  const nodes: CtxNode[] = [];
  const blocks = new Map<string, BlockRecord>();
  for (const record of records) {
    if (record.r === "block") blocks.set(record.hash, record);
    else if (record.r === "node") {
      nodes.push(newNode(record, nodes.length));
      lists.push(record);
    } else {
      const node = nodes[record.of];
      if (node !== undefined) nodes[record.of] = judged(node, record);
    }
  }
  const baseOf = ({ base }: NodeRecord) => (base === null ? undefined : lists[base]);
  return {
    nodes,
    blocks,
    list(ordinal) {
      const record = lists[ordinal];
      return record === undefined ? [] : wholeList(record, baseOf);
    },
  };
}

/** What the model saw when it gave this response; the better node where there are two. */
export function nodeOfRequest(file: CtxFile, request: string): CtxNode | undefined {
  const nodes = file.nodes.filter((node) => node.request === request);
  return nodes.find(({ fidelity }) => fidelity === "exact") ?? nodes.at(-1);
}

/** What a compaction, which has no response of its own, was made from; by its step's line. */
export function nodeOfCompaction(file: CtxFile, line: number): CtxNode | undefined {
  return file.nodes.findLast(
    (node) => node.line <= line && node.missing.some(({ what }) => what === "compaction-prompt"),
  );
}

function newNode(record: NodeRecord, ordinal: number): CtxNode {
  const { request, journal, line, model, missing } = record;
  const unjudged = { fidelity: "unknown", verifiedBy: null, reported: null } as const;
  return { ordinal, request, journal, line, model, ...unjudged, missing };
}

function judged(node: CtxNode, verdict: Extract<CtxRecord, { r: "verdict" }>): CtxNode {
  return {
    ...node,
    request: verdict.request ?? node.request,
    reported: verdict.reported ?? node.reported,
    fidelity: verdict.fidelity ?? node.fidelity,
    verifiedBy: verdict.verifiedBy ?? node.verifiedBy,
  };
}
