import { createHash } from "node:crypto";
import { canonicalJson } from "../base/canonical-json.ts";
import { rememberedContentBytesMax } from "../base/limits.ts";
import { sha256Hex } from "../bucket/blobs.ts";
import type { TraceId } from "../model/ids.ts";
import type { SourceMapRecord } from "../model/session.ts";
import type { Text } from "../model/text.ts";
import type { RecordedEdit, TraceRecord } from "../model/trace.ts";
import type { PatchRecord, PatchSide } from "../model/trail.ts";
import { diffLines, splitLines } from "../trail/line-diff.ts";
import type { Externaliser } from "./externalise.ts";
import { redactedLinesIn } from "./redacted-lines.ts";

type Result = Extract<TraceRecord, { r: "result" }>;

const placeholderMark = "[[secret:";
const unknownSide: PatchSide = { oid: null, text: null, mode: null };

/** The left fold from a file's recorded edits to the patches of its `trail*.jsonl`. */
export class TranscriptPatches {
  readonly #trace: TraceId;
  readonly #externaliser: Externaliser;
  readonly #contents = new RememberedContents();
  readonly #ordinals = new Map<string, number>();

  constructor(trace: TraceId, externaliser: Externaliser) {
    this.#trace = trace;
    this.#externaliser = externaliser;
  }

  /** `line` is the parsed source line that the result came from, for the hashes of its `map`. */
  fold(result: Result, line: unknown, map: SourceMapRecord): PatchRecord[] {
    return (result.edits ?? []).map((edit) => this.#patch(edit, result, { line, map }));
  }

  #patch(
    edit: RecordedEdit,
    result: Result,
    from: { line: unknown; map: SourceMapRecord },
  ): PatchRecord {
    const beforePath = edit.from ?? edit.path;
    const before = edit.before === undefined ? this.#contents.get(beforePath) : edit.before;
    const after = edit.after === undefined && edit.op === "delete" ? null : edit.after;
    const lines = redactedLinesIn([before, after], from);
    const changed = changedLines(before, after);
    if (edit.from !== undefined) this.#contents.set(edit.from, null);
    this.#contents.set(edit.path, after);
    return {
      r: "patch",
      id: this.#id(edit, before, after),
      path: edit.path,
      ...(edit.from === undefined ? {} : { from: edit.from }),
      op: edit.op,
      binary: false,
      evidence: "transcript",
      before: this.#side(before, lines),
      after: this.#side(after, lines),
      ...changed,
      atMs: result.atMs,
      step: result.of,
    };
  }

  /** Equal changes of one path get different ids by their ordinal. */
  #id(edit: RecordedEdit, before: Text | null | undefined, after: Text | null | undefined): string {
    const sides = [edit.path, edit.from ?? null, nameOf(before), nameOf(after)];
    const key = canonicalJson(sides);
    const ordinal = this.#ordinals.get(key) ?? 0;
    this.#ordinals.set(key, ordinal + 1);
    return sha256Hex(canonicalJson([this.#trace, ...sides, ordinal])).slice(0, 40);
  }

  #side(text: Text | null | undefined, hashOfLine: ReadonlyMap<string, string>): PatchSide | null {
    if (text === null) return null;
    if (text === undefined) return unknownSide;
    if (typeof text !== "string") return { oid: null, text, mode: null };
    const stored = this.#externaliser.text(text);
    if (!text.includes(placeholderMark)) return { oid: gitBlobId(text), text: stored, mode: null };
    const redactedLines: [number, string][] = [];
    for (const [index, line] of splitLines(text).entries()) {
      const hash = line.includes(placeholderMark) ? hashOfLine.get(line.trimEnd()) : undefined;
      if (hash !== undefined) redactedLines.push([index, hash]);
    }
    return { oid: null, text: stored, mode: null, redactedLines };
  }
}

/** What the last edit left of each path, within a limit: the oldest are forgotten first. */
class RememberedContents {
  readonly #contents = new Map<string, string | null>();
  #bytes = 0;

  get(path: string): string | null | undefined {
    return this.#contents.get(path);
  }

  set(path: string, content: Text | null | undefined): void {
    this.#drop(path);
    if (content !== null && typeof content !== "string") return;
    this.#contents.set(path, content);
    this.#bytes += content?.length ?? 0;
    for (const oldest of this.#contents.keys()) {
      if (this.#bytes <= rememberedContentBytesMax) break;
      this.#drop(oldest);
    }
  }

  #drop(path: string): void {
    this.#bytes -= this.#contents.get(path)?.length ?? 0;
    this.#contents.delete(path);
  }
}

function changedLines(
  before: Text | null | undefined,
  after: Text | null | undefined,
): Pick<PatchRecord, "hunks" | "added" | "deleted"> {
  const isWhole = (side: Text | null | undefined): side is string | null =>
    side === null || typeof side === "string";
  if (!isWhole(before) || !isWhole(after)) return { hunks: [], added: 0, deleted: 0 };
  const hunks = diffLines(splitLines(before ?? ""), splitLines(after ?? ""));
  return {
    hunks,
    added: hunks.reduce((sum, hunk) => sum + hunk.newLines, 0),
    deleted: hunks.reduce((sum, hunk) => sum + hunk.oldLines, 0),
  };
}

function nameOf(text: Text | null | undefined): string | null {
  if (text === null || text === undefined) return text === null ? "none" : null;
  return typeof text === "string" ? sha256Hex(text) : text.blob;
}

function gitBlobId(text: string): string {
  const bytes = Buffer.from(text, "utf8");
  return createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}
