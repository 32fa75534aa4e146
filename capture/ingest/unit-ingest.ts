import { join } from "node:path";
import type { Issue } from "../base/errors.ts";
import type { Op } from "../base/op.ts";
import { readEvents, readObservedPatches, unitFileNumbers } from "../bucket/read-unit.ts";
import { readSessionFile, writeSessionFile } from "../bucket/session-file.ts";
import { nativeFileNames } from "../bucket/unit-paths.ts";
import { UnitWriter } from "../bucket/unit-writer.ts";
import type { UnitPlace } from "../bucket/units.ts";
import type { NativeFileRef } from "../harness/adapter.ts";
import type { AttachmentEvent, EnvironmentEvent, EventRecord } from "../model/events.ts";
import type { NativeFile, RepositoryIdentity, SessionUnit } from "../model/session.ts";
import type { PatchRecord } from "../model/trail.ts";
import type { Gate } from "../security/gate-line.ts";
import { Attachments, attachmentSources } from "./attachments.ts";
import { FileIngest, type FileIngestContext } from "./file-ingest.ts";
import { firstPathIn } from "./fold-coverage.ts";
import { sessionUnitOf } from "./session-unit.ts";
import { titleFrom } from "./session-title.ts";

export interface UnitIngestContext extends FileIngestContext {
  readonly gate: Gate;
  readonly gateVersion: number;
}

/** An event before it has its place in the unit. */
export type EventDraft = EventRecord extends infer E
  ? E extends EventRecord
    ? Omit<E, "seq">
    : never
  : never;

/** What one pass over a session's files added. */
export interface UnitPass {
  readonly lines: number;
  readonly bytes: number;
  readonly issues: readonly Issue[];
}

/**
 * One session on its way into the bucket.
 *
 * Invariant: opened and used under the unit's lock. After anything thrown from here, it is closed
 * and opened anew: what is on disk is then the truth, and the unfinished part is cut back.
 */
export class UnitIngest implements AsyncDisposable {
  readonly place: UnitPlace;
  readonly unit: UnitWriter;
  readonly #context: UnitIngestContext;
  readonly #files = new Map<number, FileIngest>();
  #before: SessionUnit | undefined;
  /** What `session.json` says, on one line. */
  #written = "";
  #repository: RepositoryIdentity | null = null;
  #events: EventRecord[] = [];
  #observed: PatchRecord[] = [];
  #attachments: Attachments | undefined;
  readonly #attached = new Map<string, AttachmentEvent>();
  /** Events before this `seq` are folded into `trail.live.jsonl`. */
  observedUpTo = 0;

  private constructor(context: UnitIngestContext, place: UnitPlace, unit: UnitWriter) {
    this.#context = context;
    this.place = place;
    this.unit = unit;
  }

  /** Opens a unit, makes it if it is new, and mends what a killed writer left. */
  static async open(context: UnitIngestContext, place: UnitPlace): Promise<UnitIngest> {
    const unit = await UnitWriter.open(place.dir, context.thread);
    const self = new UnitIngest(context, place, unit);
    try {
      await self.#load();
    } catch (error) {
      await unit[Symbol.asyncDispose]();
      throw error;
    }
    return self;
  }

  /** Takes in what the native files have that the unit does not. */
  async catchUp(op: Op, refs: readonly NativeFileRef[]): Promise<UnitPass> {
    let lines = 0;
    let bytes = 0;
    const issues: Issue[] = [];
    const named = new Set<string>();
    for (const ref of refs) {
      const file = await this.#fileFor(ref);
      const pass = await file.ingest(op);
      lines += pass.lines;
      bytes += pass.bytes;
      issues.push(...pass.issues);
      for (const path of file.attachments) named.add(path);
    }
    await this.#attach(refs, named);
    await this.#noteEnvironment();
    return { lines, bytes, issues };
  }

  get events(): readonly EventRecord[] {
    return this.#events;
  }

  get observedPatches(): readonly PatchRecord[] {
    return this.#observed;
  }

  /** True while it is not known which repository this is, or its history had not begun. */
  get needsRepository(): boolean {
    return (this.#repository?.rootCommits.length ?? 0) === 0;
  }

  /** What was known stands where nothing is found any more. */
  noteRepository(repository: RepositoryIdentity | null): void {
    this.#repository = repository ?? this.#repository;
  }

  /** Appends events, numbered on; durable when it resolves. */
  async addEvents(drafts: readonly EventDraft[]): Promise<EventRecord[]> {
    if (drafts.length === 0) return [];
    const first = this.#events.length;
    const records = drafts.map((draft, at): EventRecord => ({ ...draft, seq: first + at }));
    const file = await this.unit.events();
    await file.append([jsonLines(records)], records.length);
    await file.sync();
    this.#events.push(...records);
    this.#noteAttached(records);
    return records;
  }

  /** Appends patches that snapshots showed. */
  async addObservedPatches(patches: readonly PatchRecord[]): Promise<void> {
    if (patches.length === 0) return;
    await this.unit.blobs.flush();
    await (await this.unit.liveTrail()).append([jsonLines(patches)], patches.length);
    this.#observed.push(...patches);
  }

  /** What `session.json` is to say now. */
  session(): SessionUnit {
    const files = [...this.#files.values()];
    return sessionUnitOf({
      place: this.place,
      unit: this.unit,
      files: files.map((file) => ({ native: file.state(), summary: file.fold.summary })),
      repository: this.#repository,
      environment: this.#environment()?.environment ?? this.#before?.environment ?? null,
      events: this.#events,
      observedPatches: this.#observed.length,
      prompt: this.#promptOfHooks(),
      cwd: this.#events.find((event) => event.r === "hook")?.cwd ?? null,
      gateVersion: this.#context.gateVersion,
    });
  }

  /** Writes `session.json`: from here on, the folds count as finished up to here. */
  async checkpoint(): Promise<SessionUnit> {
    await this.unit.blobs.flush();
    const session = this.session();
    const written = JSON.stringify(session);
    // Readers take a new file for a change.
    if (written !== this.#written) await writeSessionFile(this.place.dir, session);
    this.#written = written;
    return session;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.unit[Symbol.asyncDispose]();
  }

  async #load(): Promise<void> {
    this.#before = await readSessionFile(this.place.dir);
    this.#written = this.#before === undefined ? "" : JSON.stringify(this.#before);
    this.#repository = this.#before?.repository ?? null;
    this.#events = await readEvents(this.place.dir);
    this.#noteAttached(this.#events);
    const live = await this.unit.liveTrail();
    await live.cutTo(this.#before?.folds["trail.live.jsonl"] ?? live.bytes);
    this.#observed = await readObservedPatches(this.place.dir);
    this.observedUpTo =
      this.#before?.counts.events ?? (this.#observed.at(-1)?.between?.[1] ?? -1) + 1;
    await this.unit.events();
    for (const file of await unitFileNumbers(this.place.dir)) {
      const known = this.#before?.files.find((native) => native.file === file);
      const ref = known === undefined ? await this.#refOf(file) : this.#refFrom(known);
      await this.#openFile(ref, file, known);
    }
  }

  async #attach(refs: readonly NativeFileRef[], named: ReadonlySet<string>): Promise<void> {
    const { gate, adapter } = this.#context;
    this.#attachments ??= new Attachments(gate, this.unit.blobs, adapter);
    const drafts: EventDraft[] = [];
    for (const source of attachmentSources(refs, named, adapter)) {
      const draft = await this.#attachments.take(source, this.#attached.get(source.name));
      if (draft !== null) drafts.push(draft);
    }
    await this.unit.blobs.flush();
    await this.addEvents(drafts);
  }

  /** What the transcript tells stands in for what live capture would have seen. */
  async #noteEnvironment(): Promise<void> {
    const summary = this.#files.get(0)?.fold.summary;
    const told = summary?.facts.environment;
    if (summary === undefined || told === undefined) return;
    const known = this.#environment();
    if (known?.from === undefined && known !== undefined) return;
    if (JSON.stringify(known?.environment) === JSON.stringify(told)) return;
    const atMs = summary.startedAtMs ?? 0;
    await this.addEvents([{ r: "environment", atMs, environment: told, from: "transcript" }]);
  }

  /** What live capture saw itself, else the latest that the transcript told. */
  #environment(): EnvironmentEvent | undefined {
    const told = this.#events.filter((event) => event.r === "environment");
    return told.findLast(({ from }) => from === undefined) ?? told.at(-1);
  }

  #noteAttached(events: readonly EventRecord[]): void {
    for (const event of events) if (event.r === "attachment") this.#attached.set(event.path, event);
  }

  async #fileFor(ref: NativeFileRef): Promise<FileIngest> {
    for (const [file, open] of this.#files) {
      const state = open.state();
      if (state.agent !== ref.agent) continue;
      if (state.path !== ref.path) open.moveTo(ref.path);
      return this.#files.get(file) ?? open;
    }
    const file = ref.agent === null ? 0 : Math.max(0, ...this.#files.keys()) + 1;
    return this.#openFile(ref, file, undefined);
  }

  async #openFile(
    ref: NativeFileRef,
    file: number,
    known: NativeFile | undefined,
  ): Promise<FileIngest> {
    const folds = this.#before?.folds ?? {};
    const opened = await FileIngest.open(this.#context, this.unit, {
      file: { ...ref, file },
      known,
      folds: { ...folds },
    });
    this.#files.set(file, opened);
    return opened;
  }

  #refFrom(known: NativeFile): NativeFileRef {
    const { harness, nativeId } = this.place;
    return { harness, nativeId, agent: known.agent, path: known.path };
  }

  /** Without a `session.json`, the map of a file says where it came from, and so whose it is. */
  async #refOf(file: number): Promise<NativeFileRef> {
    const { harness, nativeId, dir } = this.place;
    const names = nativeFileNames(file);
    const path = (await firstPathIn(join(dir, names.map))) ?? join(dir, names.source);
    const agent = this.#context.adapter.classify(path)?.agent ?? `file-${file}`;
    return { harness, nativeId, agent: file === 0 ? null : agent, path };
  }

  #promptOfHooks(): string {
    for (const event of this.#events) {
      if (event.r !== "hook") continue;
      const prompt = event.fields["prompt"];
      if (typeof prompt === "string" && prompt.trim() !== "") return titleFrom(prompt);
    }
    return "";
  }
}

function jsonLines(records: readonly unknown[]): Buffer {
  return Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(""));
}
