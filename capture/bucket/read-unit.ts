import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { isErrno } from "../base/errors.ts";
import { readJsonLines } from "../base/jsonl.ts";
import { TraceAssembly } from "../model/assemble.ts";
import type { EventRecord } from "../model/events.ts";
import { withStarters } from "../model/link-agents.ts";
import type { SessionUnit } from "../model/session.ts";
import type { SessionFacts, Trace, TraceFile, TraceRecord } from "../model/trace.ts";
import type { PatchRecord } from "../model/trail.ts";
import { parseEventRecord } from "./codec/event-codec.ts";
import { parseTraceRecord } from "./codec/trace-codec.ts";
import { parsePatchRecord } from "./codec/trail-codec.ts";
import { readSessionFile } from "./session-file.ts";
import {
  eventsFileName,
  liveTrailFileName,
  nativeFileNames,
  nativeFileNumber,
} from "./unit-paths.ts";
import type { UnitPlace } from "./units.ts";

/** Numbers of the native files of a unit, ascending. */
export async function unitFileNumbers(unitDir: string): Promise<number[]> {
  try {
    const names = await readdir(unitDir);
    const numbers = names.map(nativeFileNumber).filter((file) => file !== undefined);
    return numbers.toSorted((a, b) => a - b);
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return [];
    throw error;
  }
}

/** The events of a unit, by `seq`. */
export function readEvents(unitDir: string): Promise<EventRecord[]> {
  return readRecords(join(unitDir, eventsFileName), parseEventRecord);
}

/** The patches between the snapshots of `events.jsonl`. */
export function readObservedPatches(unitDir: string): Promise<PatchRecord[]> {
  return readRecords(join(unitDir, liveTrailFileName), parsePatchRecord);
}

/** Everything a session did, joined: the main file and the sub-agents. */
export async function readTrace(place: UnitPlace): Promise<Trace> {
  const session = await readSessionFile(place.dir);
  const events = await readEvents(place.dir);
  const files: TraceFile[] = [];
  for (const number of await unitFileNumbers(place.dir)) {
    const file = await readTraceFile(place.dir, number, session);
    files.push({ ...file, facts: { ...factsAbout(file.agent, events), ...file.facts } });
  }
  const main = files.find((file) => file.file === 0) ?? emptyFile(0, null);
  const { harness, nativeId } = place;
  const agents = files.filter((file) => file.file !== 0);
  return withStarters({ harness, nativeId, main, agents }, events);
}

async function readTraceFile(
  unitDir: string,
  file: number,
  session: SessionUnit | undefined,
): Promise<TraceFile> {
  const assembly = new TraceAssembly();
  let agent = agentOf(session, file);
  for (const record of await readTraceRecords(unitDir, file)) {
    if (record.r === "step") agent ??= record.step.agent;
    assembly.add(record);
  }
  const { facts, steps, edits, startedAgents, issues } = assembly.trace;
  return { file, agent, facts, steps, edits, startedAgents, issues };
}

/** What files beside the transcript say of one native file. */
function factsAbout(agent: string | null, events: readonly EventRecord[]): SessionFacts {
  let facts: SessionFacts = {};
  for (const event of events) {
    if (event.r !== "attachment" || event.about?.agent !== agent) continue;
    facts = { ...facts, ...event.about.facts };
  }
  return facts;
}

function agentOf(session: SessionUnit | undefined, file: number): string | null {
  return session?.files.find((native) => native.file === file)?.agent ?? null;
}

function emptyFile(file: number, agent: string | null): TraceFile {
  const none = { facts: {}, steps: [], edits: new Map(), startedAgents: new Map(), issues: [] };
  return { file, agent, ...none };
}

/** The records of one trace fold, in order; what this version does not know is left out. */
function readTraceRecords(unitDir: string, file: number): Promise<TraceRecord[]> {
  return readRecords(join(unitDir, nativeFileNames(file).trace), parseTraceRecord);
}

async function readRecords<R>(
  path: string,
  parse: (value: unknown) => R | undefined,
): Promise<R[]> {
  const records: R[] = [];
  await readJsonLines(path, (value) => {
    const record = parse(value);
    if (record !== undefined) records.push(record);
  });
  return records;
}
