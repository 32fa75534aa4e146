import { isAscii, isUtf8 } from "node:buffer";
import type { Issue, IssueRule } from "../base/errors.ts";
import { parsedLineBytesMax } from "../base/limits.ts";
import type { BlobWriter } from "../bucket/blobs.ts";
import type { FileDecoder, HarnessAdapter, NativeFileRef } from "../harness/adapter.ts";
import { traceIdOf } from "../model/ids.ts";
import type { SourceMapRecord } from "../model/session.ts";
import type { TraceRecord } from "../model/trace.ts";
import type { WrittenPart, WrittenRecord } from "../model/trail.ts";
import { Externaliser } from "./externalise.ts";
import { liftLine } from "./lift.ts";
import {
  type LineObject,
  type LineProblem,
  objectOf,
  recoverBytes,
  recoverText,
} from "./recover-line.ts";
import { SummaryFold } from "./summary-fold.ts";
import { TranscriptPatches } from "./transcript-patches.ts";

/** A gated line, looked at once: what a decoder may be given of it, and what is wrong with it. */
export interface PreparedLine {
  readonly isObject: boolean;
  readonly objects: readonly LineObject[];
  readonly problems: readonly LineProblem[];
}

/** Lines of the folds that one source line, or several, added; each without its newline. */
export interface FoldLines {
  readonly trace: string[];
  readonly ctx: string[];
  readonly trail: string[];
  /** The issues among the trace's lines, as values. */
  readonly issues: Issue[];
  /** Files beside the transcript that results refer to. */
  readonly attachments: string[];
}

export function emptyFoldLines(): FoldLines {
  return { trace: [], ctx: [], trail: [], issues: [], attachments: [] };
}

export interface FoldFile extends NativeFileRef {
  readonly file: number;
}

/** Verdict by which a map line tells from which folder on the paths of the folds are relative. */
export const rootCheck = "root";

/** Lines before the first that names a folder; with more than these, paths stay absolute. */
const rootlessLinesMax = 1_000;

/**
 * The left fold of one native file into trace, ctx and trail.
 *
 * It sees gated lines and their map records, and nothing else: folding the source of a unit again
 * gives the same bytes, whether in one go or in parts.
 */
export class FileFold {
  readonly summary: SummaryFold;
  readonly #adapter: HarnessAdapter;
  readonly #file: FoldFile;
  readonly #blobs: BlobWriter;
  readonly #externaliser: Externaliser;
  readonly #patches: TranscriptPatches;
  #decoder: FileDecoder;
  #hasRoot = false;
  #early: { readonly text: string; readonly line: number; readonly map: SourceMapRecord }[] = [];
  #generation = 0;
  #line = 0;

  constructor(adapter: HarnessAdapter, file: FoldFile, blobs: BlobWriter) {
    this.#adapter = adapter;
    this.#file = file;
    this.#blobs = blobs;
    this.summary = new SummaryFold(file.agent);
    this.#externaliser = new Externaliser(blobs);
    this.#patches = new TranscriptPatches(
      traceIdOf(file.harness, file.nativeId),
      this.#externaliser,
    );
    this.#decoder = adapter.openDecoder({ ...file, root: null });
  }

  /** Lines folded so far. */
  get lines(): number {
    return this.#line;
  }

  /** True once the folder of the session is known, or will not be asked for any more. */
  get hasRoot(): boolean {
    return this.#hasRoot;
  }

  /** Looks at a line; a long one is lifted into blobs first, which takes more than one turn. */
  prepare(gated: Buffer): PreparedLine | Promise<PreparedLine> {
    const isPlain = isAscii(gated);
    if (!isPlain && !isUtf8(gated)) return { isObject: false, ...recoverBytes(gated) };
    if (gated.length <= parsedLineBytesMax) {
      // The same text, made three times as fast where every byte is a letter.
      return preparedText(gated.toString(isPlain ? "latin1" : "utf8"));
    }
    return liftLine(gated, this.#blobs).then(({ text, lifted }) => {
      this.#externaliser.addLifted(lifted);
      return preparedText(text);
    });
  }

  /** Folds the next line. `prepared` is null for one that was over the limit and not kept. */
  fold(prepared: PreparedLine | null, map: SourceMapRecord, out: FoldLines): void {
    this.#line += 1;
    if (map.g !== this.#generation) this.#newGeneration(map, out);
    this.#findRoot(map);
    if (prepared === null) {
      this.#issue("line-over-limit", `The line has ${map.l} bytes, too many to keep.`, map, out);
      return;
    }
    for (const { rule, message } of prepared.problems) this.#issue(rule, message, map, out);
    for (const object of prepared.objects) this.#decode(object, map, out);
  }

  #decode({ text, value }: LineObject, map: SourceMapRecord, out: FoldLines): void {
    if (!this.#hasRoot) this.#remember(text, map);
    const decoded = this.#decoder.decode({ line: this.#line, offset: map.o, text, value }, map);
    for (const record of decoded.trace) {
      this.#write(record, out);
      if (record.r !== "result" || record.edits === undefined) continue;
      for (const patch of this.#patches.fold(record, value, map)) {
        this.summary.patches += 1;
        out.trail.push(JSON.stringify(patch));
      }
    }
    for (const record of decoded.written) {
      const parts = record.parts.map((part) => this.#part(part));
      out.trail.push(JSON.stringify({ ...record, parts } satisfies WrittenRecord));
    }
    for (const record of decoded.ctx) {
      this.summary.ctx(record);
      out.ctx.push(JSON.stringify(record));
    }
    for (const issue of decoded.issues) this.#write({ r: "issue", issue }, out);
  }

  #part({ before, after, how }: WrittenPart): WrittenPart {
    const externaliser = this.#externaliser;
    const old = before === null ? null : externaliser.text(before);
    return { before: old, after: externaliser.text(after), how };
  }

  #write(record: TraceRecord, out: FoldLines): void {
    this.summary.trace(record);
    if (record.r === "issue") out.issues.push(record.issue);
    if (record.r === "result") out.attachments.push(...(record.attachments ?? []));
    out.trace.push(JSON.stringify(this.#externaliser.record(record)));
  }

  #issue(rule: IssueRule, message: string, map: SourceMapRecord, out: FoldLines): void {
    const issue: Issue = { file: this.#file.path, line: this.#line, offset: map.o, rule, message };
    this.#write({ r: "issue", issue }, out);
  }

  #newGeneration(map: SourceMapRecord, out: FoldLines): void {
    this.#generation = map.g;
    const message = "The file was replaced or cut; what it held before is kept.";
    this.#issue("file-replaced", message, map, out);
  }

  /** The decoder needs the root from its first line on: it is opened again and caught up. */
  #findRoot(map: SourceMapRecord): void {
    const root = map.v?.find((verdict) => verdict.check === rootCheck)?.of;
    if (root === undefined || this.#hasRoot) return;
    this.#hasRoot = true;
    this.#decoder = this.#adapter.openDecoder({ ...this.#file, root });
    for (const { text, line, map: at } of this.#early) {
      this.#decoder.decode({ line, offset: at.o, text }, at);
    }
    this.#early = [];
  }

  #remember(text: string, map: SourceMapRecord): void {
    this.#early.push({ text, line: this.#line, map });
    if (this.#early.length < rootlessLinesMax) return;
    this.#hasRoot = true;
    this.#early = [];
  }
}

function preparedText(text: string): PreparedLine {
  const object = objectOf(text);
  if (object !== undefined) return { isObject: true, objects: [object], problems: [] };
  return { isObject: false, ...recoverText(text) };
}
