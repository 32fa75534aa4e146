import { stat } from "node:fs/promises";
import type { Clock } from "../base/clock.ts";
import type { Home } from "../base/home.ts";
import { type Issue, OtError } from "../base/errors.ts";
import type { Op } from "../base/op.ts";
import { readSessionFile } from "../bucket/session-file.ts";
import { findUnit, newUnitPlace, type UnitPlace } from "../bucket/units.ts";
import type { HarnessAdapter } from "../harness/adapter.ts";
import type { ImportedSession } from "../model/answers.ts";
import { type TraceId, traceIdOf } from "../model/ids.ts";
import type { SessionUnit } from "../model/session.ts";
import type { SecondThread } from "./capture-thread.ts";
import type { FoundSession } from "./discover.ts";
import { type Gates, gateVersion } from "./gates.ts";
import type { OpenUnits } from "./open-units.ts";
import { isWithin, PauseGate, type PausedTime } from "./pause-gate.ts";
import type { RepositoryIdentities } from "./repository-identities.ts";
import { peekSession, type SessionPeek } from "./session-peek.ts";
import { isUnitCurrent } from "./unit-current.ts";
import type { UnitIngest, UnitIngestContext } from "./unit-ingest.ts";
import { workTreeRootOf } from "./work-tree-root.ts";

/** What a person said about recording in a folder; "unasked" until somebody did. */
export type ConsentOf = (folder: string) => "unasked" | "on" | "paused" | "excluded";

/** When a folder was paused; see `PauseGate`. */
export type PausesOf = (folder: string) => readonly PausedTime[];

/** A session that a unit is opened for. */
export interface ContextRequest {
  readonly harness: string;
  readonly nativeId: string;
  readonly cwd: string | null;
  /** Where it is known: what was over before that does not concern the session. */
  readonly startedAtMs?: number;
}

export interface SessionIntakeOptions {
  readonly home: Home;
  readonly clock: Clock;
  readonly key: Buffer;
  readonly gates: Gates;
  readonly thread: SecondThread;
  readonly units: OpenUnits;
  readonly identities: RepositoryIdentities;
  readonly adapters: readonly HarnessAdapter[];
  readonly consentOf: ConsentOf;
  readonly pausesOf?: PausesOf;
}

/** What one pass over one session came to; `imported` is null where consent forbids it. */
export interface SessionPass {
  readonly place: UnitPlace | null;
  readonly imported: ImportedSession | null;
  readonly lines: number;
  readonly issues: readonly Issue[];
}

/** Takes the native files of sessions into their units. */
export class SessionIntake {
  readonly #options: SessionIntakeOptions;
  /** Where sessions work, from hooks: a transcript may not say it yet. */
  readonly #folders = new Map<string, string | null>();
  readonly #peeks = new Map<string, SessionPeek>();
  readonly #places = new Map<string, UnitPlace>();
  readonly #pauseGates = new Map<TraceId, PauseGate>();

  constructor(options: SessionIntakeOptions) {
    this.#options = options;
  }

  /**
   * Brings the unit of a session up to its native files.
   *
   * `explicit`: a person asked for this very import, so that only an exclusion or a pause forbids
   * it; otherwise the folder must be one that capture is on for.
   */
  async take(
    op: Op,
    found: FoundSession,
    { explicit }: { explicit: boolean },
  ): Promise<SessionPass> {
    const { home, key, units, identities } = this.#options;
    const peek = await this.#peek(found);
    const folder = peek.cwd ?? this.#knownFolder(found);
    if (!this.#isAllowed(folder, explicit)) return forbidden(found, this.#isPaused(folder));
    const id = traceIdOf(found.harness, found.nativeId);
    const known = this.#places.get(id) ?? (await findUnit(home, found.harness, found.nativeId));
    if (known === undefined && (await this.#isAllPaused(found, { ...peek, folder })))
      return forbidden(found, null);
    // Of nothing no unit is made; what cannot be read yet is taken in once it can be.
    if (known === undefined && peek.isEmpty) return nothingFrom(peek.issues);
    const place = known ?? newUnitPlace(home, { ...found, atMs: peek.atMs });
    this.#places.set(id, place);
    const isSettled = known !== undefined && !units.isOpen(place);
    const before = isSettled ? await readSessionFile(place.dir) : undefined;
    const isNew = before === undefined && known === undefined;
    if (
      before !== undefined &&
      (await isUnitCurrent(place.dir, before, { refs: found.files, key }))
    ) {
      const imported = importedSession(before, { bytes: 0, isNew: false });
      return { place, imported, lines: 0, issues: [] };
    }
    const context = (): Promise<UnitIngestContext> =>
      this.contextFor({ ...found, cwd: folder, startedAtMs: peek.atMs });
    return units.use(op, { place, context }, async (unit) => {
      const pass = await unit.catchUp(op, found.files);
      await this.#notePaused(unit, id);
      if (unit.needsRepository && peek.cwd !== null) {
        unit.noteRepository(await identities.identityOf(op, peek.cwd));
      }
      const session = await unit.checkpoint();
      const imported = importedSession(session, { bytes: pass.bytes, isNew });
      return { place, imported, lines: pass.lines, issues: pass.issues };
    });
  }

  async contextFor(request: ContextRequest): Promise<UnitIngestContext> {
    const { harness, cwd } = request;
    const { key, gates, thread, adapters, pausesOf } = this.#options;
    const adapter = adapters.find(({ id }) => id === harness);
    if (adapter === undefined) throw new OtError("usage", `No adapter reads ${harness} sessions.`);
    const ofFolder = await gates.gateFor(cwd === null ? null : workTreeRootOf(cwd));
    const gate = new PauseGate({
      gate: ofFolder,
      startedAtMs: request.startedAtMs ?? 0,
      pauses: () => (cwd === null ? [] : (pausesOf?.(cwd) ?? [])),
    });
    this.#pauseGates.set(traceIdOf(adapter.id, request.nativeId), gate);
    const { knownSecrets } = ofFolder;
    return { key, gate, knownSecrets, thread, adapter, gateVersion, rootOf: workTreeRootOf };
  }

  /** Remembers where a session works, for one whose transcript does not say it yet. */
  noteFolder(found: { harness: string; nativeId: string }, cwd: string | null): void {
    this.#folders.set(`${found.harness}:${found.nativeId}`, cwd);
  }

  #knownFolder(found: FoundSession): string | null {
    return this.#folders.get(`${found.harness}:${found.nativeId}`) ?? null;
  }

  async #peek(found: FoundSession): Promise<SessionPeek> {
    const id = traceIdOf(found.harness, found.nativeId);
    const known = this.#peeks.get(id);
    if (known !== undefined) return known;
    const peek = await peekSession(found.files, this.#options.clock.nowMs());
    if (peek.cwd !== null) this.#peeks.set(id, peek);
    return peek;
  }

  #isAllowed(cwd: string | null, explicit: boolean): boolean {
    const consent = cwd === null ? "unasked" : this.#options.consentOf(cwd);
    return explicit ? consent !== "excluded" && consent !== "paused" : consent === "on";
  }

  #isPaused(folder: string | null): string | null {
    return folder !== null && this.#options.consentOf(folder) === "paused" ? folder : null;
  }

  /** True for a session of which there is nothing to keep. */
  async #isAllPaused(
    { files }: FoundSession,
    { atMs, folder }: { atMs: number; folder: string | null },
  ): Promise<boolean> {
    const pauses = folder === null ? [] : (this.#options.pausesOf?.(folder) ?? []);
    if (!isWithin(pauses, { fromMs: atMs, toMs: atMs })) return false;
    const times = await Promise.all(files.map(({ path }) => stat(path).catch(() => null)));
    const toMs = Math.max(atMs, ...times.map((found) => Math.floor(found?.mtimeMs ?? 0)));
    return isWithin(pauses, { fromMs: atMs, toMs });
  }

  /** Says in the unit that lines were kept out. */
  async #notePaused(unit: UnitIngest, id: TraceId): Promise<void> {
    if ((this.#pauseGates.get(id)?.takeWithheld() ?? 0) === 0) return;
    const atMs = this.#options.clock.nowMs();
    await unit.addEvents([{ r: "gap", atMs, what: "transcript", why: "paused", callId: null }]);
  }
}

/** `paused`: the folder to tell of, where it is a pause that forbids it. */
function forbidden(found: FoundSession, paused: string | null): SessionPass {
  const message = `Capture is paused in ${paused}: nothing of it is taken in (ot capture resume).`;
  const file = found.files[0]?.path ?? "";
  const issue: Issue = { file, line: 0, offset: 0, rule: "capture-paused", message };
  return nothingFrom(paused === null ? [] : [issue]);
}

function nothingFrom(issues: readonly Issue[]): SessionPass {
  return { place: null, imported: null, lines: 0, issues };
}

function importedSession(
  session: SessionUnit,
  { bytes, isNew }: { bytes: number; isNew: boolean },
): ImportedSession {
  return {
    trace: traceIdOf(session.harness, session.nativeId),
    harness: session.harness,
    steps: session.counts.steps,
    patches: session.counts.patches,
    issues: session.counts.issues,
    bytes,
    isNew,
  };
}
