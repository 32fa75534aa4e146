import { open, stat } from "node:fs/promises";
import { join } from "node:path";

import { isErrno } from "../base/errors.ts";
import { parsedOrUndefined, readLines } from "../base/jsonl.ts";
import { parseEventRecord } from "../bucket/codec/event-codec.ts";
import { parseTraceRecord } from "../bucket/codec/trace-codec.ts";
import { parseTrailRecord } from "../bucket/codec/trail-codec.ts";
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
import type { PatchRecord } from "../model/trail.ts";
import { gitDoingOf } from "../trail/git-commands.ts";
import { type CallStep, type TimedWindow, windowsOf } from "../trail/windows.ts";
import { commandOf } from "./prompt-of-step.ts";

/** Where one patch stands in the unit, and what can be told of it without reading it. */
export interface PatchEntry {
  readonly id: string;
  readonly fileName: string;
  /** Sub-agent whose transcript recorded it; null for the main file and for observed ones. */
  readonly agent: string | null;
  readonly offset: number;
  readonly length: number;
  /** As recorded: below the session's root where it lies inside, absolute otherwise. */
  readonly path: string;
  readonly from: string | null;
  readonly isObserved: boolean;
  /** Of an observed one: the snapshots, and the blobs on both sides. */
  readonly between: readonly [number, number] | null;
  readonly beforeOid: string | null;
  readonly afterOid: string | null;
}

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

  /** One patch whole; undefined if it is not there any more. */
  async readPatch(entry: PatchEntry): Promise<PatchRecord | undefined> {
    try {
      await using handle = await open(join(this.place.dir, entry.fileName));
      const buffer = Buffer.allocUnsafe(entry.length);
      const { bytesRead } = await handle.read(buffer, 0, entry.length, entry.offset);
      return parseTrailRecord(parsedOrUndefined(buffer.toString("utf8", 0, bytesRead)));
    } catch (error) {
      if (isErrno(error, "ENOENT")) return undefined;
      throw error;
    }
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
    for (const file of await unitFileNumbers(this.place.dir)) {
      const fileName = nativeFileNames(file).trail;
      const agent = this.#session?.files.find((native) => native.file === file)?.agent ?? null;
      await this.#grow("", fileName, (line, offset) => {
        const entry = toldEntry(line, { fileName, agent, offset });
        if (entry !== undefined) found.push(entry);
      });
    }
    await this.#grow("", liveTrailFileName, (line, offset) => {
      const entry = seenEntry(line, offset);
      if (entry !== undefined) found.push(entry);
    });
    if (found.length > 0) this.#entries = [...this.#entries, ...found];
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
    this.#readAt = { ...unread };
    this.#windows = undefined;
  }
}

const beginning =
  /^\{"r":"patch","id":"([^"\\]*)","path":("(?:[^"\\]|\\.)*"),(?:"from":("(?:[^"\\]|\\.)*"),)?/u;

/** Bytes of a patch line in which its paths are looked for before all of it is parsed. */
const beginningBytes = 1024;

function toldEntry(
  line: Buffer,
  at: { fileName: string; agent: string | null; offset: number },
): PatchEntry | undefined {
  const paths = pathsOf(line);
  if (paths === undefined) return undefined;
  const rest = { isObserved: false, between: null, beforeOid: null, afterOid: null };
  return { ...at, ...rest, length: line.length, ...paths };
}

/**
 * The id, path and origin of a patch line: from its first bytes where they are as we write them.
 */
function pathsOf(line: Buffer): Pick<PatchEntry, "id" | "path" | "from"> | undefined {
  const found = beginning.exec(line.toString("utf8", 0, Math.min(line.length, beginningBytes)));
  const path = found === null ? undefined : parsedOrUndefined(found[2] ?? "");
  const from = found?.[3] === undefined ? null : parsedOrUndefined(found[3]);
  if (typeof path === "string" && (from === null || typeof from === "string")) {
    return { id: found?.[1] ?? "", path, from };
  }
  const record = parseTrailRecord(parsedOrUndefined(line.toString("utf8")));
  if (record === undefined) return undefined;
  return { id: record.id, path: record.path, from: record.from ?? null };
}

function seenEntry(line: Buffer, offset: number): PatchEntry | undefined {
  const record = parseTrailRecord(parsedOrUndefined(line.toString("utf8")));
  if (record === undefined) return undefined;
  return {
    id: record.id,
    fileName: liveTrailFileName,
    agent: null,
    offset,
    length: line.length,
    path: record.path,
    from: record.from ?? null,
    isObserved: true,
    between: record.between ?? null,
    beforeOid: record.before?.oid ?? null,
    afterOid: record.after?.oid ?? null,
  };
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
