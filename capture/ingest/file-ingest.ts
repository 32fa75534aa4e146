import type { FileHandle } from "node:fs/promises";
import type { Issue, IssueRule } from "../base/errors.ts";
import { assert } from "../base/errors.ts";
import { type FileLine, lineBatches } from "../base/jsonl-batches.ts";
import { linesOf, parsedOrUndefined } from "../base/jsonl.ts";
import { lineBytesMax, listedIssuesMax, parsedLineBytesMax } from "../base/limits.ts";
import { type Op, throwIfCancelled } from "../base/op.ts";
import { parseSourceMapRecord } from "../bucket/codec/session-codec.ts";
import { KeyedHasher } from "../bucket/key.ts";
import type { NativeFileWriter, UnitWriter } from "../bucket/unit-writer.ts";
import type { HarnessAdapter, RawObserver } from "../harness/adapter.ts";
import type { LineVerdict, NativeFile, SourceMapRecord } from "../model/session.ts";
import type { GatedLine } from "../security/gate-line.ts";
import { type SecondThread, type LookedLine, threadBytesMin } from "./capture-thread.ts";
import {
  emptyFoldLines,
  FileFold,
  type FoldFile,
  type FoldLines,
  type PreparedLine,
  rootCheck,
} from "./file-fold.ts";
import { openIssue, tornIssue } from "./file-issues.ts";
import { coveredLines, damagedMap, firstPathIn, pathCheck } from "./fold-coverage.ts";
import { lookedAhead, type LookedBatch } from "./lines-ahead.ts";
import { commonPrefixBytes, holdsLine, type TailPosition } from "./tail-position.ts";
import { type SourceLine, sourcePieces } from "./source-line.ts";
import { cwdIn } from "./work-tree-root.ts";
import { overLimitLine, unwrapped, wrappedPieces } from "./wrapped-line.ts";
import { openNative } from "./open-native.ts";

/** Gate 1 as the pipeline uses it. */
export interface LineGate {
  /**
   * The line with placeholders in place of secrets; the very same buffer if it is clean. `known` is
   * what the same gate made of it on another thread.
   */
  line(raw: Buffer, known?: GatedLine): GatedLine;
}

export interface FileIngestContext {
  readonly key: Buffer;
  readonly gate: LineGate;
  readonly adapter: HarnessAdapter;
  /** Where there is much to take in, it looks at lines ahead and writes the blobs. */
  readonly thread?: SecondThread;
  /** What the thread makes the same gate of. */
  readonly knownSecrets?: readonly string[];
  /** The folder that paths are relative to, for a session that works in `cwd`. */
  rootOf(cwd: string): string;
}

/** What one pass over a native file added. */
export interface FilePass {
  readonly lines: number;
  readonly bytes: number;
  readonly issues: readonly Issue[];
}

/** Records that a replay holds before it writes them. */
const replayedRecordsMax = 2_000;

/** One native file on its way into its unit: from raw lines to source, map and folds. */
export class FileIngest {
  readonly fold: FileFold;
  readonly #context: FileIngestContext;
  readonly #file: FoldFile;
  #path: string;
  /** True while `path` is another one than what was read before came from. */
  #hasMoved = false;
  readonly #out: NativeFileWriter;
  readonly #unit: UnitWriter;
  readonly #hasher: KeyedHasher;
  #observer: RawObserver | undefined;
  #position: TailPosition = { generation: 0, offset: 0 };
  #last: SourceMapRecord | undefined;
  /** Files beside the transcript that the folds refer to, as they name them. */
  readonly attachments = new Set<string>();

  private constructor(
    context: FileIngestContext,
    unit: UnitWriter,
    { file, out, firstPath }: { file: FoldFile; out: NativeFileWriter; firstPath: string | null },
  ) {
    this.#context = context;
    this.#unit = unit;
    this.#hasher = new KeyedHasher(context.key);
    this.#file = file;
    this.#path = file.path;
    this.#out = out;
    // The folds name the file by where it was first read, wherever it is by now.
    this.fold = new FileFold(
      context.adapter,
      { ...file, path: firstPath ?? file.path },
      unit.blobs,
    );
  }

  /**
   * Opens native file `file` of a unit and brings its folds up to its source.
   *
   * `known` is what `session.json` says of it and `folds` the fold lengths that go with that; what
   * the folds hold beyond is unfinished work of a process that was killed, and is done again.
   */
  static async open(
    context: FileIngestContext,
    unit: UnitWriter,
    request: { file: FoldFile; known?: NativeFile | undefined; folds?: Record<string, number> },
  ): Promise<FileIngest> {
    const out = await unit.native(request.file.file);
    const self = new FileIngest(context, unit, {
      file: request.file,
      out,
      firstPath: await firstPathIn(out.map.path),
    });
    await self.#replay(await coveredLines(out, request), request.known);
    return self;
  }

  /** The same native file is read from another path from now on, e.g. from a copy. */
  moveTo(path: string): void {
    this.#path = path;
    this.#hasMoved = true;
  }

  state(): NativeFile {
    return {
      file: this.#file.file,
      path: this.#path,
      agent: this.#file.agent,
      ...this.#position,
      lines: this.#out.source.lines,
    };
  }

  /** Takes in what the native file has beyond its position. Bad input comes back as issues. */
  async ingest(op: Op): Promise<FilePass> {
    let handle;
    try {
      handle = await openNative(this.#path);
    } catch (error) {
      return { lines: 0, bytes: 0, issues: [openIssue(this.#path, error)] };
    }
    try {
      const issues = await this.#findPosition(handle);
      const before = this.#position;
      const linesBefore = this.#out.source.lines;
      const found = await this.#catchUp(op, handle);
      // The first line of a new generation says the same in the fold.
      if (found.some(({ rule }) => rule === "file-replaced")) issues.length = 0;
      issues.push(...found);
      const { size } = await handle.stat();
      const { offset } = this.#position;
      const line = this.#out.source.lines + 1;
      if (size > offset) issues.push(tornIssue(this.#path, { line, offset, size }));
      const bytes = this.#position.offset - before.offset;
      return { lines: this.#out.source.lines - linesBefore, bytes, issues };
    } finally {
      await handle.close();
    }
  }

  async #catchUp(op: Op, handle: FileHandle): Promise<Issue[]> {
    const issues: Issue[] = [];
    for await (const { lines, endOffset, looked } of await this.#batches(handle)) {
      throwIfCancelled(op);
      if (this.#observer === undefined) await this.#observePrefix(handle);
      const found = await this.#append(lines, looked);
      issues.push(...found.slice(0, listedIssuesMax - issues.length));
      this.#position = { ...this.#position, offset: endOffset };
    }
    // Nothing is acknowledged before this, and the folds beyond it are cut at the next open.
    await Promise.all([this.#out.source.sync(), this.#out.map.sync()]);
    return issues;
  }

  /** What is new, in batches; of a lot of it, one batch is looked at while another is folded. */
  async #batches(handle: FileHandle): Promise<AsyncIterable<LookedBatch>> {
    const { thread, key, knownSecrets = [] } = this.#context;
    const { offset } = this.#position;
    const isMuch = (await handle.stat()).size - offset >= threadBytesMin;
    if (isMuch) thread?.start();
    const isAhead = isMuch && thread !== undefined;
    const batches = lineBatches(handle, offset, { lineBytesMax, isAhead });
    return lookedAhead(batches, (lines) =>
      isAhead ? thread.look(lines, { key, knownSecrets }) : undefined,
    );
  }

  async #append(
    lines: readonly FileLine[],
    looked: readonly LookedLine[] | undefined,
  ): Promise<readonly Issue[]> {
    const source: SourceLine[] = [];
    const maps: string[] = [];
    const folds = emptyFoldLines();
    for (const [at, line] of lines.entries()) {
      const taken = this.#take({ line, known: looked?.[at] }, maps, folds);
      source.push(taken instanceof Promise ? await taken : taken);
      if (this.#unit.blobs.isFull) await this.#unit.blobs.flush();
    }
    await this.#out.source.append(sourcePieces(source), lines.length);
    await this.#out.map.append([linesBuffer(maps)], lines.length);
    await this.#writeFolds(folds);
    for (const path of folds.attachments) this.attachments.add(path);
    return folds.issues;
  }

  /** One line through observer, hash, gate and fold; a long one takes more than one turn. */
  #take(
    { line, known }: { line: FileLine; known: LookedLine | undefined },
    maps: string[],
    folds: FoldLines,
  ): SourceLine | Promise<SourceLine> {
    const where = { o: line.offset, l: line.length, g: this.#position.generation };
    if (line.bytes === null) {
      this.#put(null, { ...where, h: "", s: "wrapped" }, { maps, folds });
      return { pieces: () => [overLimitLine(line.length)] };
    }
    const raw = line.bytes;
    const h = known?.h ?? this.#hasher.hash(raw);
    const gated = this.#context.gate.line(raw, known?.gated);
    const looked = this.fold.prepare(gated.bytes);
    const put = (prepared: PreparedLine): SourceLine => {
      // Verdicts are reached on the raw line; where the gate changed nothing, it is parsed already.
      const isClean = gated.bytes === raw && raw.length <= parsedLineBytesMax && prepared.isObject;
      const verdicts = this.#verdicts(raw, isClean ? prepared.objects[0]?.value : undefined);
      const record: SourceMapRecord = {
        ...where,
        h,
        ...(prepared.isObject ? (gated.redactions > 0 ? { s: "gated" } : {}) : { s: "wrapped" }),
        ...(gated.redacted.length > 0 ? { x: gated.redacted } : {}),
        ...(verdicts.length > 0 ? { v: verdicts } : {}),
      };
      this.#put(prepared, record, { maps, folds });
      if (!prepared.isObject) return { pieces: () => wrappedPieces(gated.bytes) };
      return gated.bytes === raw ? { verbatim: raw } : { pieces: () => [gated.bytes] };
    };
    return looked instanceof Promise ? looked.then(put) : put(looked);
  }

  #put(
    prepared: PreparedLine | null,
    record: SourceMapRecord,
    { maps, folds }: { maps: string[]; folds: FoldLines },
  ): void {
    maps.push(JSON.stringify(record));
    this.#last = record;
    this.fold.fold(prepared, record, folds);
  }

  #verdicts(raw: Buffer, value: unknown): readonly LineVerdict[] {
    assert(this.#observer !== undefined, "the observer has seen what comes before");
    const verdicts = [...this.#observer.observe(raw, value)];
    if (this.fold.lines === 0) verdicts.push({ check: pathCheck, of: this.#path, ok: true });
    const cwd = this.fold.hasRoot ? undefined : cwdIn(raw);
    if (cwd !== undefined)
      verdicts.push({ check: rootCheck, of: this.#context.rootOf(cwd), ok: true });
    return verdicts;
  }

  async #writeFolds(folds: FoldLines): Promise<void> {
    for (const name of ["trace", "ctx", "trail"] as const) {
      const lines = folds[name];
      if (lines.length > 0) await this.#out[name].append([linesBuffer(lines)], lines.length);
    }
  }

  /** Folds the source again; what lies beyond `covered` lines is appended to the folds. */
  async #replay(covered: number, known: NativeFile | undefined): Promise<void> {
    const { source, map } = this.#out;
    const maps = linesOf(map.path);
    const folds = emptyFoldLines();
    try {
      for await (const bytes of linesOf(source.path)) {
        const next = await maps.next();
        const text = next.done === true ? "" : next.value.toString("utf8");
        const record = parseSourceMapRecord(parsedOrUndefined(text));
        if (record === undefined) throw damagedMap(map.path, this.fold.lines + 1);
        const gated = record.s === "wrapped" ? unwrapped(bytes) : bytes;
        const prepared = gated === null ? null : await this.fold.prepare(gated);
        this.fold.fold(prepared, record, folds);
        this.#last = record;
        for (const path of folds.attachments) this.attachments.add(path);
        if (this.fold.lines > covered && folds.trace.length < replayedRecordsMax) continue;
        await this.#unit.blobs.flush();
        if (this.fold.lines > covered) await this.#writeFolds(folds);
        for (const lines of Object.values(folds)) lines.length = 0;
      }
    } finally {
      await maps.return();
    }
    await this.#unit.blobs.flush();
    await this.#writeFolds(folds);
    const last = this.#last;
    if (last !== undefined) this.#position = { generation: last.g, offset: last.o + last.l + 1 };
    if (known !== undefined && known.lines === source.lines) {
      this.#position = { generation: known.generation, offset: known.offset };
    }
  }

  /** Checks that the file is the one that was read; a replaced or cut one starts a generation. */
  async #findPosition(handle: FileHandle): Promise<Issue[]> {
    const { generation, offset } = this.#position;
    if (offset === 0 && this.#last === undefined) return [];
    if (await this.#isWhereItWas(handle)) return [];
    const common = await commonPrefixBytes(handle, this.#out.map.path, this.#context.key);
    if (common === offset) return [];
    // An older copy of the file, from elsewhere, says nothing that is not known.
    if (this.#hasMoved && common < offset && (await handle.stat()).size === common) return [];
    this.#position = { generation: generation + 1, offset: common };
    this.#observer = undefined;
    const message = "The file was replaced or cut; what it held before is kept.";
    return [this.#issue("file-replaced", message, common)];
  }

  async #isWhereItWas(handle: FileHandle): Promise<boolean> {
    const last = this.#last;
    if (last === undefined || last.g !== this.#position.generation) return false;
    if (last.o + last.l + 1 !== this.#position.offset) return false;
    return holdsLine(handle, last, this.#context.key);
  }

  /** Verdicts rest on raw bytes that the bucket does not hold: they are read again. */
  async #observePrefix(handle: FileHandle): Promise<void> {
    this.#observer = this.#context.adapter.openObserver();
    if (this.#position.offset === 0) return;
    for await (const { lines, endOffset } of lineBatches(handle, 0, { lineBytesMax })) {
      for (const { bytes, offset } of lines) {
        if (offset >= this.#position.offset) return;
        if (bytes !== null) this.#observer.observe(bytes);
      }
      if (endOffset >= this.#position.offset) return;
    }
  }

  #issue(rule: IssueRule, message: string, offset: number): Issue {
    return { file: this.#path, line: 0, offset, rule, message };
  }
}

function linesBuffer(lines: readonly string[]): Buffer {
  return Buffer.from(`${lines.join("\n")}\n`);
}
