import { isUtf8 } from "node:buffer";
import { canonicalJson } from "../base/canonical-json.ts";
import type { Op } from "../base/op.ts";
import { type BlobWriter, headOf, sha256Hex } from "../bucket/blobs.ts";
import type { ChangedPath } from "../git/tree-diff.ts";
import type { SnapshotEvent } from "../model/events.ts";
import type { TraceId } from "../model/ids.ts";
import { inlineTextBytesMax, type Text } from "../model/text.ts";
import type { PatchRecord, PatchSide } from "../model/trail.ts";
import type { Gate } from "../security/gate-line.ts";
import { diffLines, splitLines } from "../trail/line-diff.ts";

/** What is needed of the snapshot store to tell two snapshots apart. */
export interface SnapshotReader {
  diffSnapshots(op: Op, from: string | null, to: string | null): Promise<readonly ChangedPath[]>;
  /** Null where there is no such blob; throws `limit-exceeded` for one that is too large. */
  readBlob(op: Op, oid: string): Promise<Buffer | null>;
}

const submoduleMode = "160000";
/** Git looks for a NUL in this many bytes to call a file binary. */
const binaryProbeBytes = 8_000;
/** Content above this is told by its id alone. */
const contentBytesMax = 8 * 1024 * 1024;

interface Side {
  readonly side: PatchSide | null;
  /** Raw lines; null where the content is no text, or not known. */
  readonly lines: readonly string[] | null;
}

/** The patches between two successive snapshots of one work tree, in path order. */
export class ObservedPatches {
  readonly #trace: TraceId;
  readonly #gate: Gate;
  readonly #blobs: BlobWriter;
  readonly #ordinals = new Map<string, number>();

  constructor(trace: TraceId, gate: Gate, blobs: BlobWriter) {
    this.#trace = trace;
    this.#gate = gate;
    this.#blobs = blobs;
  }

  /** Counts a patch that was written before, so that the next equal one gets another id. */
  seen(patch: PatchRecord): void {
    this.#ordinal(
      patch.path,
      patch.from ?? null,
      patch.before?.oid ?? null,
      patch.after?.oid ?? null,
    );
  }

  async between(
    op: Op,
    reader: SnapshotReader,
    { from, to }: { from: SnapshotEvent; to: SnapshotEvent },
  ): Promise<PatchRecord[]> {
    if (from.tree === to.tree) return [];
    const changed = withRenames(await reader.diffSnapshots(op, from.id, to.id));
    const patches: PatchRecord[] = [];
    for (const change of changed) {
      patches.push(await this.#patch(op, reader, { change, from, to }));
    }
    return patches;
  }

  async #patch(
    op: Op,
    reader: SnapshotReader,
    { change, from, to }: { change: Change; from: SnapshotEvent; to: SnapshotEvent },
  ): Promise<PatchRecord> {
    const before = await this.#side(op, reader, {
      oid: change.beforeBlob,
      mode: change.beforeMode,
    });
    const after = await this.#side(op, reader, { oid: change.afterBlob, mode: change.mode });
    const isText = before.lines !== null && after.lines !== null;
    const hunks = isText ? diffLines(before.lines, after.lines) : [];
    return {
      r: "patch",
      id: this.#id(change),
      path: change.path,
      ...(change.from === undefined ? {} : { from: change.from }),
      op: opOf(change),
      binary: !isText,
      evidence: "observed",
      before: before.side,
      after: after.side,
      hunks,
      added: hunks.reduce((sum, hunk) => sum + hunk.newLines, 0),
      deleted: hunks.reduce((sum, hunk) => sum + hunk.oldLines, 0),
      atMs: to.atMs,
      between: [from.seq, to.seq],
    };
  }

  async #side(
    op: Op,
    reader: SnapshotReader,
    { oid, mode }: { oid: string | null; mode: string | null },
  ): Promise<Side> {
    if (oid === null) return { side: null, lines: [] };
    const unread = { side: { oid, text: null, mode }, lines: null };
    if (mode === submoduleMode) return unread;
    const raw = await reader.readBlob(op, oid).catch(() => null);
    if (raw === null || raw.length > contentBytesMax || isBinary(raw)) return unread;
    const lines = splitLines(raw.toString("utf8"));
    const gated = this.#gate.bytes(raw);
    const text = this.#text(gated.bytes);
    if (gated.redactions === 0) return { side: { oid, text, mode }, lines };
    const redactedLines = gated.lines.map(({ index, hash }): [number, string] => [index, hash]);
    return { side: { oid, text, mode, redactedLines }, lines };
  }

  #text(bytes: Buffer): Text {
    const text = bytes.toString("utf8");
    if (bytes.length <= inlineTextBytesMax) return text;
    const blob = this.#blobs.put(bytes, { durable: true });
    return { blob, bytes: bytes.length, head: headOf(text) };
  }

  #id(change: Change): string {
    const { path, from = null, beforeBlob, afterBlob } = change;
    const ordinal = this.#ordinal(path, from, beforeBlob, afterBlob);
    const key = [this.#trace, "observed", path, from, beforeBlob, afterBlob, ordinal];
    return sha256Hex(canonicalJson(key)).slice(0, 40);
  }

  #ordinal(...key: readonly (string | null)[]): number {
    const name = canonicalJson(key);
    const ordinal = this.#ordinals.get(name) ?? 0;
    this.#ordinals.set(name, ordinal + 1);
    return ordinal;
  }
}

type Change = ChangedPath & { readonly from?: string };

/** A path that went and one that came with the very same content are one rename. */
function withRenames(changes: readonly ChangedPath[]): Change[] {
  const gone = new Map<string, ChangedPath[]>();
  for (const change of changes) {
    if (change.op !== "delete" || change.beforeBlob === null) continue;
    gone.set(change.beforeBlob, [...(gone.get(change.beforeBlob) ?? []), change]);
  }
  const moved = new Set<ChangedPath>();
  const renamed = changes.map((change): Change => {
    const source = change.op === "create" ? gone.get(change.afterBlob ?? "")?.shift() : undefined;
    if (source === undefined) return change;
    moved.add(source);
    const { path: from, beforeBlob, beforeMode } = source;
    return { ...change, from, beforeBlob, beforeMode };
  });
  return renamed.filter((change) => !moved.has(change));
}

function opOf(change: Change): PatchRecord["op"] {
  if (change.from !== undefined) return "rename";
  return change.op === "modify" && change.beforeBlob === change.afterBlob ? "mode" : change.op;
}

function isBinary(raw: Buffer): boolean {
  return raw.subarray(0, binaryProbeBytes).includes(0) || !isUtf8(raw);
}
