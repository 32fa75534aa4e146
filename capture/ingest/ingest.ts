import { type Clock, systemClock } from "../base/clock.ts";
import { type Issue, OtError } from "../base/errors.ts";
import type { Home } from "../base/home.ts";
import { listedIssuesMax } from "../base/limits.ts";
import { type Op, throwIfCancelled } from "../base/op.ts";
import { Catalog } from "../bucket/index/catalog.ts";
import { keepHeapSmall } from "../base/small-heap.ts";
import { openKey } from "../bucket/key.ts";
import type { UnitPlace } from "../bucket/units.ts";
import type { HarnessAdapter, HarnessEnvironment } from "../harness/adapter.ts";
import type { CaptureAnswer, ImportAnswer } from "../model/answers.ts";
import { CaptureThread, type SecondThread } from "./capture-thread.ts";
import {
  type Discovered,
  discoverKnown,
  discoverPaths,
  type FoundSession,
  sessionOf,
} from "./discover.ts";
import { EditorIntake, type EditorReport } from "./editor-intake.ts";
import { Gates } from "./gates.ts";
import { HookIntake, type TakenHook } from "./hook-intake.ts";
import { parseHookPayload } from "./hook-payload.ts";
import { type LiveChange, LiveCapture } from "./live.ts";
import { OpenUnits } from "./open-units.ts";
import { RepositoryIdentities } from "./repository-identities.ts";
import { isPassing } from "./passing-error.ts";
import {
  type ConsentOf,
  type PausesOf,
  SessionIntake,
  type SessionPass,
} from "./session-intake.ts";
import { SnapshotPool } from "./snapshot-pool.ts";
import { Spool } from "./spool.ts";
import { workTreeRootOf } from "./work-tree-root.ts";

export interface IngestOptions {
  readonly home: Home;
  readonly adapters: readonly HarnessAdapter[];
  readonly environment: HarnessEnvironment;
  /** What was answered for a folder; capture records nothing where it is not "on". */
  readonly consentOf: ConsentOf;
  /** When a folder was paused: what an agent wrote then stays out. Default: never. */
  readonly pausesOf?: PausesOf;
  /** Whether a work tree's own filters may be run for snapshots. Default: never. */
  readonly trusted?: (root: string) => boolean;
  readonly clock?: Clock;
  /** Default: one that all of the process share. */
  readonly thread?: SecondThread;
}

/** Sessions that one import works on at once. */
const sessionsAtOnce = 2;

/** An event that fails this often is put aside: the ones behind it are not to wait for it. */
const triesMax = 3;

/** The events of one drain of the spool. */
export interface Drained {
  readonly events: number;
  readonly bad: number;
  readonly dropped: number;
  readonly taken: readonly TakenHook[];
  readonly issues: readonly Issue[];
}

const notUnderstood = "The hook payload is not understood";

/** The only writer of the bucket: from the agents' own files and what their hooks drop. */
export class Ingest implements AsyncDisposable {
  readonly home: Home;
  readonly catalog: Catalog;
  readonly #options: IngestOptions;
  readonly #clock: Clock;
  readonly #units = new OpenUnits();
  readonly #pool: SnapshotPool;
  readonly #spool: Spool;
  readonly #gates: Gates;
  readonly #sessions: SessionIntake;
  readonly #hooks: HookIntake;
  readonly #editor: EditorIntake;
  #draining: Promise<unknown> = Promise.resolve();

  private constructor(options: IngestOptions, key: Buffer, catalog: Catalog) {
    this.home = options.home;
    this.catalog = catalog;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#pool = new SnapshotPool(options.trusted);
    this.#spool = new Spool(options.home);
    this.#gates = new Gates(key, options.environment.env);
    const shared = {
      ...options,
      key,
      clock: this.#clock,
      units: this.#units,
      pool: this.#pool,
      gates: this.#gates,
      thread: options.thread ?? CaptureThread.shared,
      identities: new RepositoryIdentities(key, this.#pool),
    };
    this.#sessions = new SessionIntake(shared);
    const contextFor = this.#sessions.contextFor.bind(this.#sessions);
    this.#hooks = new HookIntake({ ...shared, contextFor });
    this.#editor = new EditorIntake({ ...shared, contextFor });
  }

  /** Throws `home-read-only` where nothing can be written. */
  static async open(options: IngestOptions): Promise<Ingest> {
    keepHeapSmall();
    const key = await openKey(options.home);
    return new Ingest(options, key, await Catalog.open(options.home));
  }

  /** Takes in the sessions that `paths` name, or every known one for no paths at all. */
  async importPaths(
    op: Op,
    request: { readonly paths: readonly string[]; readonly harness?: string },
  ): Promise<ImportAnswer> {
    const startMs = performance.now();
    const adapters = this.#adaptersFor(request.harness);
    const found =
      request.paths.length === 0
        ? await discoverKnown(op, adapters, this.#options.environment)
        : await discoverPaths(op, adapters, request.paths);
    return this.#ingestAll(op, found, { explicit: true, startMs });
  }

  /** Takes in what one native file has beyond what is known of it, as live capture does. */
  async catchUp(op: Op, path: string): Promise<boolean> {
    const ref = this.#options.adapters
      .map((adapter) => adapter.classify(path))
      .find((known) => known !== null);
    if (ref === undefined) return false;
    return (await this.#sessions.take(op, sessionOf([ref]), { explicit: false })).lines > 0;
  }

  /** Takes in what waits in the spool and what every transcript has that the bucket does not. */
  async captureOnce(op: Op): Promise<CaptureAnswer> {
    const startMs = performance.now();
    const { events, bad, dropped, issues } = await this.drainSpool(op);
    const found = await discoverKnown(op, this.#options.adapters, this.#options.environment);
    const answer = await this.#ingestAll(op, found, { explicit: false, startMs });
    return { ...answer, issues: [...issues, ...answer.issues], spool: { events, bad, dropped } };
  }

  /** Takes every event out of the spool, in the order in which they happened. */
  drainSpool(op: Op, onTaken: (taken: TakenHook) => void = () => undefined): Promise<Drained> {
    const drain = this.#draining.then(() => this.#drain(op, onTaken));
    this.#draining = drain.catch(() => undefined);
    return drain;
  }

  /** Goes on capturing until it is disposed; calls back after each change of a session. */
  startLive(
    op: Op,
    onChange: (change: LiveChange) => void,
    onDrained: (drained: Drained) => void = () => undefined,
  ): Promise<AsyncDisposable> {
    return LiveCapture.start(op, {
      ...this.#options,
      clock: this.#clock,
      ingest: this,
      sessions: this.#sessions,
      spool: this.#spool,
      pool: this.#pool,
      onChange,
      onDrained,
    });
  }

  /** Records what only the editor saw, with the sessions that are live in that work tree. */
  appendEditorEvent(op: Op, report: EditorReport): Promise<readonly UnitPlace[]> {
    return this.#editor.take(op, report);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#draining;
    await this.#units[Symbol.asyncDispose]();
    await this.#pool[Symbol.asyncDispose]();
    this.catalog[Symbol.dispose]();
  }

  async #drain(op: Op, onTaken: (taken: TakenHook) => void): Promise<Drained> {
    const taken: TakenHook[] = [];
    const issues: Issue[] = [];
    let bad = 0;
    let dropped = 0;
    for (
      let names = await this.#spool.names();
      names.length > 0;
      names = await this.#spool.names()
    ) {
      dropped += await this.#spool.dropOverflow(names);
      for (const name of names) {
        throwIfCancelled(op);
        const result = await this.#takeEvent(op, name);
        if (typeof result === "string") {
          bad += 1;
          issues.push(this.#badEvent(name, result));
        } else if (result !== null) {
          taken.push(result);
          onTaken(result);
        }
      }
    }
    if (bad + dropped > 0) op.log.log("warn", "spool.lost", { bad, dropped });
    if (dropped > 0) issues.push(this.#droppedEvents(dropped));
    return { events: taken.length, bad, dropped, taken, issues };
  }

  /** Answers the reason where the event was put aside. A full disk is no reason: it waits. */
  async #takeEvent(op: Op, name: string): Promise<TakenHook | string | null> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#tryEvent(op, name);
      } catch (error) {
        if (isPassing(error)) throw error;
        const code = error instanceof OtError ? error.code : "unexpected";
        op.log.log("error", "hook.failed", { code, tries });
        if (tries < triesMax) continue;
        await this.#setAside(name);
        return `Taking in the hook event failed (${code})`;
      }
    }
  }

  async #setAside(name: string): Promise<void> {
    await this.#spool.setAside(name, async (raw) => {
      const cwd = parseHookPayload(raw.toString("utf8"))?.cwd ?? null;
      const gate = await this.#gates.gateFor(cwd === null ? null : workTreeRootOf(cwd));
      return gate.line(raw).bytes;
    });
  }

  async #tryEvent(op: Op, name: string): Promise<TakenHook | string | null> {
    const event = await this.#spool.read(name);
    if (event === null) return null;
    const taken =
      event === "bad"
        ? null
        : await this.#hooks.take(op, event, () => this.#spool.answer(event.stem));
    if (event === "bad" || taken === null) {
      await this.#setAside(name);
      return notUnderstood;
    }
    this.#sessions.noteFolder({ ...event, nativeId: taken.place.nativeId }, taken.cwd);
    await this.#spool.remove(name);
    return taken;
  }

  #badEvent(name: string, why: string): Issue {
    const message = `${why}; it was put into spool/bad.`;
    const file = `${this.home.spoolBadDir}/${name}`;
    const rule = why === notUnderstood ? "hook-not-understood" : "hook-failed";
    return { file, line: 0, offset: 0, rule, message };
  }

  #droppedEvents(dropped: number): Issue {
    const message = `${dropped} hook events were thrown away: too many waited in the spool.`;
    return { file: this.home.spoolDir, line: 0, offset: 0, rule: "hooks-dropped", message };
  }

  async #ingestAll(
    op: Op,
    found: Discovered,
    { explicit, startMs }: { explicit: boolean; startMs: number },
  ): Promise<ImportAnswer> {
    const passes = await this.#takeAll(op, found.sessions, explicit);
    await this.catalog.refresh();
    const sessions = passes.flatMap(({ imported }) => imported ?? []);
    const issues = onePauseEach([found.issues, ...passes.map((pass) => pass.issues)].flat()).slice(
      0,
      listedIssuesMax,
    );
    return {
      sessions,
      issues,
      totals: {
        sessions: sessions.length,
        steps: sessions.reduce((sum, { steps }) => sum + steps, 0),
        bytes: sessions.reduce((sum, { bytes }) => sum + bytes, 0),
        durationMs: Math.round(performance.now() - startMs),
      },
    };
  }

  /** While one session waits for the disk, the next is worked on. Answers in the given order. */
  async #takeAll(
    op: Op,
    sessions: readonly FoundSession[],
    explicit: boolean,
  ): Promise<readonly SessionPass[]> {
    const passes: SessionPass[] = [];
    const queue = [...sessions.entries()].values();
    const work = async (): Promise<void> => {
      for (const [at, session] of queue) {
        throwIfCancelled(op);
        op.progress(at, sessions.length, session.nativeId);
        const pass = await this.#takeSession(op, session, explicit);
        if (pass.place !== null) await this.#units.release(pass.place);
        passes[at] = pass;
      }
    };
    // All have to be over before anything is thrown: a lock that is held would stay.
    const ends = await Promise.allSettled(Array.from({ length: sessionsAtOnce }, work));
    for (const end of ends) if (end.status === "rejected") throw end.reason;
    op.progress(sessions.length, sessions.length, "");
    return passes;
  }

  /** A session that cannot be taken in is told of, and the ones after it are not to wait for it. */
  async #takeSession(op: Op, session: FoundSession, explicit: boolean): Promise<SessionPass> {
    try {
      return await this.#sessions.take(op, session, { explicit });
    } catch (error) {
      if (isPassing(error)) throw error;
      const code = error instanceof OtError ? error.code : "unexpected";
      op.log.log("error", "session.failed", { code });
      const why = error instanceof OtError ? `: ${error.message}` : ".";
      const message = `The session could not be taken in (${code})${why}`;
      const file = session.files[0]?.path ?? session.nativeId;
      const issue: Issue = { file, line: 0, offset: 0, rule: "session-failed", message };
      return { place: null, imported: null, lines: 0, issues: [issue] };
    }
  }

  #adaptersFor(harness: string | undefined): readonly HarnessAdapter[] {
    if (harness === undefined) return this.#options.adapters;
    const named = this.#options.adapters.filter(({ id }) => id === harness);
    if (named.length > 0) return named;
    throw new OtError("usage", `"${harness}" is not an agent whose sessions can be read.`, {
      hint: `Known ones: ${this.#options.adapters.map(({ id }) => id).join(", ")}.`,
    });
  }
}

/** Of each folder that is paused it is said once. */
function onePauseEach(issues: readonly Issue[]): Issue[] {
  const told = new Set<string>();
  return issues.filter(({ rule, message }) => {
    if (rule !== "capture-paused") return true;
    const isFirst = !told.has(message);
    told.add(message);
    return isFirst;
  });
}
