import { open, stat } from "node:fs/promises";
import { join } from "node:path";

import { isErrno } from "../base/errors.ts";
import { parsedOrUndefined, readLines } from "../base/jsonl.ts";
import { parseEventRecord } from "../bucket/codec/event-codec.ts";
import { parseTraceRecord } from "../bucket/codec/trace-codec.ts";
import { parsePatchRecord, parseWrittenRecord } from "../bucket/codec/trail-codec.ts";
import { unitFileNumbers } from "../bucket/read-unit.ts";
import { readSessionFile } from "../bucket/session-file.ts";
import {
  eventsFileName,
  liveTrailFileName,
  nativeFileNames,
  sessionFileName,
} from "../bucket/unit-paths.ts";
import type { UnitPlace } from "../bucket/units.ts";
import { TraceAssembly } from "../model/assemble.ts";
import type { EventRecord } from "../model/events.ts";
import { withStarters } from "../model/link-agents.ts";
import { type TraceId, traceIdOf } from "../model/ids.ts";
import type { SessionUnit } from "../model/session.ts";
import type { Trace, TraceFile, TraceRecord } from "../model/trace.ts";
import type { PatchRecord, WrittenRecord } from "../model/trail.ts";
import { gitDoingOf } from "../trail/git-commands.ts";
import { type CallStep, type TimedWindow, windowsOf } from "../trail/windows.ts";
import {
  type PatchEntry,
  seenEntry,
  toldEntry,
  type WrittenEntry,
  writtenEntry,
} from "./patch-entry.ts";
import { commandOf } from "./prompt-of-step.ts";

/** Who reads a trace fold: each has its own place in it. */
const traceKey = "trace|";
const callsKey = "calls|";

/** Version up to which each part was read. */
const unread = { trace: -1, calls: -1, events: -1, patches: -1 };

/** How far one growing file was read. */
interface Growth {
  offset: number;
  ino: number;
}

/**
 * One session of the bucket, read as it grows: each refresh takes in only what was appended.
 *
 * Whatever it gave out stays valid; arrays it answers are new ones after a change.
 */
export class UnitView {
  readonly place: UnitPlace;
  readonly trace: TraceId;
  /** When the joined trace was last asked for, by `performance.now()`. */
  lastTraceRead = 0;
  #session: SessionUnit | undefined;
  #stamp = "";
  #version = 0;
  #gateVersion = -1;
  #assemblies = new Map<number, TraceAssembly>();
  #calls = new Map<string, CallStep>();
  #callIds = new Map<string, string>();
  #copied = new Set<string>();
  #growth = new Map<string, Growth>();
  #events: EventRecord[] = [];
  #entries: PatchEntry[] = [];
  #written: WrittenEntry[] = [];
  #readAt = { ...unread };
  #reading: Promise<unknown> = Promise.resolve();
  #windows: { readonly version: number; readonly windows: readonly TimedWindow[] } | undefined;

  constructor(place: UnitPlace) {
    this.place = place;
    this.trace = traceIdOf(place.harness, place.nativeId);
  }

  /** Grows by one with every change that a refresh found. */
  get version(): number {
    return this.#version;
  }

  /** What `session.json` said at the last refresh; undefined while there is none. */
  get session(): SessionUnit | undefined {
    return this.#session;
  }

  /** Looks whether the session changed; costs one `stat` if it did not. */
  async refresh(): Promise<void> {
    const stamp = await stampOf(join(this.place.dir, sessionFileName));
    if (stamp === this.#stamp) return;
    const session = await readSessionFile(this.place.dir);
    if (stamp === this.#stamp) return;
    this.#stamp = stamp;
    this.#session = session;
    this.#version += 1;
    if (session !== undefined && session.gateVersion !== this.#gateVersion) {
      this.#gateVersion = session.gateVersion;
      this.#forget();
    }
  }

  /** True while the joined trace is kept in memory. */
  get holdsTrace(): boolean {
    return this.#assemblies.size > 0;
  }

  /** Lets the joined trace go; it is read again when it is asked for. */
  dropTrace(): void {
    this.#assemblies = new Map();
    for (const name of this.#growth.keys())
      if (name.startsWith(traceKey)) this.#growth.delete(name);
    this.#readAt.trace = -1;
  }

  /** Everything the session did, joined. */
  async readTrace(): Promise<Trace> {
    this.lastTraceRead = performance.now();
    await this.#once("trace", () => this.#growTrace());
    const files = [...this.#assemblies]
      .toSorted(([a], [b]) => a - b)
      .map(([file, assembly]) => this.#traceFile(file, assembly));
    const main = files.find(({ file }) => file === 0) ?? this.#traceFile(0, new TraceAssembly());
    const { harness, nativeId } = this.place;
    const agents = files.filter(({ file }) => file !== 0);
    return withStarters({ harness, nativeId, main, agents }, await this.readEvents());
  }

  /** The events of live capture, by `seq`. */
  async readEvents(): Promise<readonly EventRecord[]> {
    await this.#once("events", async () => {
      const events: EventRecord[] = [];
      await this.#grow("", eventsFileName, (line) => {
        const event = parseEventRecord(parsedOrUndefined(line.toString("utf8")));
        if (event !== undefined) events.push(event);
      });
      if (events.length > 0) this.#events = [...this.#events, ...events];
    });
    return this.#events;
  }

  /** All patches of the unit, by place. */
  async readEntries(): Promise<readonly PatchEntry[]> {
    await this.#once("patches", () => this.#growEntries());
    return this.#entries;
  }

  /** What steps put into files of which they recorded no whole content, by place. */
  async readWritten(): Promise<readonly WrittenEntry[]> {
    await this.readEntries();
    return this.#written;
  }

  /** One patch whole; undefined if it is not there any more. */
  async readPatch(entry: PatchEntry): Promise<PatchRecord | undefined> {
    return parsePatchRecord(await this.#valueAt(entry));
  }

  /** As {@link UnitView.readPatch}, for what a step put into a file. */
  async readWriting(entry: WrittenEntry): Promise<WrittenRecord | undefined> {
    return parseWrittenRecord(await this.#valueAt(entry));
  }

  /** True if a step that recorded a patch belongs to history which a fork copied. */
  async isCopied({ fileName, isObserved }: PatchEntry, step: number | undefined): Promise<boolean> {
    if (isObserved || step === undefined) return false;
    await this.#once("calls", () => this.#growCalls());
    return this.#copied.has(`${fileName}:${step}`);
  }

  /** The windows of the session's tool calls. */
  async readWindows(): Promise<readonly TimedWindow[]> {
    const version = this.#version;
    if (this.#windows?.version === version) return this.#windows.windows;
    const events = await this.readEvents();
    if (!events.some(({ r }) => r === "hook")) return [];
    await this.#once("calls", () => this.#growCalls());
    const windows = windowsOf(events, (callId) => this.#calls.get(callId) ?? null);
    this.#windows = { version, windows };
    return windows;
  }

  async #valueAt({ fileName, offset, length }: WrittenEntry): Promise<unknown> {
    try {
      await using handle = await open(join(this.place.dir, fileName));
      const buffer = Buffer.allocUnsafe(length);
      const { bytesRead } = await handle.read(buffer, 0, length, offset);
      return parsedOrUndefined(buffer.toString("utf8", 0, bytesRead));
    } catch (error) {
      if (isErrno(error, "ENOENT")) return undefined;
      throw error;
    }
  }

  #traceFile(file: number, assembly: TraceAssembly): TraceFile {
    const { facts, steps, edits, startedAgents, issues } = assembly.trace;
    const named = this.#session?.files.find((native) => native.file === file)?.agent;
    const agent = named ?? steps[0]?.agent ?? null;
    return { file, agent, facts, steps, edits, startedAgents, issues };
  }

  async #growTrace(): Promise<void> {
    for (const file of await unitFileNumbers(this.place.dir)) {
      const assembly = this.#assemblies.get(file) ?? new TraceAssembly();
      this.#assemblies.set(file, assembly);
      await this.#grow(traceKey, nativeFileNames(file).trace, (line) => {
        const record = parseTraceRecord(parsedOrUndefined(line.toString("utf8")));
        if (record !== undefined) assembly.add(record);
      });
    }
  }

  /** Takes from the trace what the windows need, and keeps nothing else of it. */
  async #growCalls(): Promise<void> {
    for (const file of await unitFileNumbers(this.place.dir)) {
      await this.#grow(callsKey, nativeFileNames(file).trace, (line) => {
        const record = parseTraceRecord(parsedOrUndefined(line.toString("utf8")));
        if (record?.r === "step" && record.step.tool !== null) {
          const { agent, index, kind, flags, endedAtMs, tool } = record.step;
          const background = flags.includes("background");
          const command = kind === "command" ? commandOf(tool.input) : null;
          const git = command === null ? null : gitDoingOf(command);
          this.#calls.set(tool.callId, { agent, index, kind, background, endedAtMs, git });
          this.#callIds.set(`${file}:${index}`, tool.callId);
        }
        if (record?.r === "result") this.#endCall(`${file}:${record.of}`, record);
        if (record !== undefined) this.#noteCopied(nativeFileNames(file).trail, record);
      });
    }
  }

  #noteCopied(fileName: string, record: TraceRecord): void {
    if (record.r === "step" && record.step.copied)
      this.#copied.add(`${fileName}:${record.step.index}`);
    if (record.r !== "copied") return;
    for (let index = record.from; index <= record.to; index += 1) {
      this.#copied.add(`${fileName}:${index}`);
    }
  }

  #endCall(step: string, { atMs, flags = [] }: Extract<TraceRecord, { r: "result" }>): void {
    const callId = this.#callIds.get(step) ?? "";
    const call = this.#calls.get(callId);
    if (call === undefined) return;
    const background = call.background || flags.includes("background");
    this.#calls.set(callId, { ...call, endedAtMs: atMs, background });
  }

  async #growEntries(): Promise<void> {
    const found: PatchEntry[] = [];
    const written: WrittenEntry[] = [];
    for (const file of await unitFileNumbers(this.place.dir)) {
      const fileName = nativeFileNames(file).trail;
      const agent = this.#session?.files.find((native) => native.file === file)?.agent ?? null;
      await this.#grow("", fileName, (line, offset) => {
        const at = { fileName, agent, offset };
        const said = writtenEntry(line, at);
        if (said !== undefined) written.push(said);
        const entry = said === undefined ? toldEntry(line, at) : undefined;
        if (entry !== undefined) found.push(entry);
      });
    }
    await this.#grow("", liveTrailFileName, (line, offset) => {
      const entry = seenEntry(line, offset);
      if (entry !== undefined) found.push(entry);
    });
    if (found.length > 0) this.#entries = [...this.#entries, ...found];
    if (written.length > 0) this.#written = [...this.#written, ...written];
  }

  /** Calls back with the lines that were appended to a file since the last time for this reader. */
  async #grow(
    reader: string,
    fileName: string,
    onLine: (line: Buffer, offset: number) => void,
  ): Promise<void> {
    const path = join(this.place.dir, fileName);
    const key = reader + fileName;
    let growth = this.#growth.get(key);
    const found = await statOrUndefined(path);
    if (found === undefined) return;
    growth ??= { offset: 0, ino: found.ino };
    growth.offset = await readLines(path, onLine, growth.offset);
    this.#growth.set(key, growth);
  }

  /** Runs one reading after the other, and each only if there is something new. */
  #once(part: keyof typeof unread, read: () => Promise<void>): Promise<void> {
    const reading = this.#reading.then(async () => {
      if (this.#readAt[part] === this.#version) return;
      const version = this.#version;
      if (await this.#wasReplaced()) this.#forget();
      await read();
      this.#readAt[part] = version;
    });
    this.#reading = reading.catch(() => undefined);
    return reading;
  }

  /** True if a file that was read is another one now, or shorter. */
  async #wasReplaced(): Promise<boolean> {
    for (const [key, { offset, ino }] of this.#growth) {
      const fileName = key.slice(key.indexOf("|") + 1);
      const found = await statOrUndefined(join(this.place.dir, fileName));
      if (found === undefined || found.size < offset || found.ino !== ino) return true;
    }
    return false;
  }

  #forget(): void {
    this.#assemblies = new Map();
    this.#calls = new Map();
    this.#callIds = new Map();
    this.#copied = new Set();
    this.#growth = new Map();
    this.#events = [];
    this.#entries = [];
    this.#written = [];
    this.#readAt = { ...unread };
    this.#windows = undefined;
  }
}

async function stampOf(path: string): Promise<string> {
  const found = await statOrUndefined(path);
  return found === undefined ? "none" : `${found.mtimeMs}:${found.size}:${found.ino}`;
}

async function statOrUndefined(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
}
