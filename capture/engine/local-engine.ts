import { type Clock, systemClock } from "../base/clock.ts";
import { homeAt, homeFrom } from "../base/home.ts";
import type { Logger } from "../base/log.ts";
import type { Op } from "../base/op.ts";
import type { UnitPlace } from "../bucket/units.ts";
import type { CaptureAnswer, ImportAnswer } from "../model/answers.ts";
import { pathInRepository } from "../query/file-content.ts";
import { claudeSettingsFile } from "../setup/claude-code.ts";
import { consentRoot, writeConsent } from "../setup/consent.ts";
import { setup } from "../setup/setup.ts";
import { outcomeOfSession } from "./session-outcome.ts";
import { captureState } from "./capture-state.ts";
import type { BucketChange, EditorReport, Engine, OpenOptions } from "./engine.ts";
import { LiveKeeper } from "./live-keeper.ts";
import { LocalContext } from "./local-context.ts";
import type { AnswerOf, RequestOf } from "./methods.ts";
import { OutsideWatch } from "./outside-watch.ts";
import { prepareRepository } from "./prepare-repository.ts";
import { statusOf } from "./status.ts";
import { Timelines } from "./timelines.ts";

export interface LocalEngineOptions extends Pick<OpenOptions, "log" | "home"> {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly clock?: Clock;
  /** How old an answer about the bucket may be; 0 looks at the disk each time. */
  readonly recheckMs?: number;
}

/**
 * The engine in this process: binds ingest, queries and setup to the {@link Engine} interface.
 *
 * Captures live only after {@link LocalEngine.startLive}. Each question loads its own module, so a
 * command that asks one thing starts fast.
 */
export class LocalEngine implements Engine {
  readonly #context: LocalContext;
  readonly #clock: Clock;
  readonly #timelines: Timelines;
  readonly #listeners = new Set<(change: BucketChange) => void>();
  readonly #stateListeners = new Set<() => void>();
  readonly #keeper: LiveKeeper;
  readonly #recheckMs: number;
  #spool = { events: 0, bad: 0, dropped: 0 };
  #watch: OutsideWatch | undefined;

  private constructor(options: LocalEngineOptions) {
    const env = options.env ?? process.env;
    const home = options.home === undefined ? homeFrom(env) : homeAt(options.home);
    const { log, recheckMs = 0 } = options;
    this.#context = new LocalContext({ home, env, log, recheckMs });
    this.#clock = options.clock ?? systemClock;
    this.#recheckMs = recheckMs;
    this.#timelines = new Timelines(this.#context, {
      clock: this.#clock,
      onFacts: (trace) => this.#announce(trace, false),
      onLive: (trace, untilMs) => this.#watch?.noteLive(trace, untilMs),
    });
    this.#keeper = new LiveKeeper({ home, start: (op) => this.#startLive(op) });
  }

  static async open(options: LocalEngineOptions): Promise<LocalEngine> {
    return new LocalEngine(options);
  }

  /** Tails transcripts, drains the spool and takes snapshots until it is closed. */
  startLive(op: Op): Promise<void> {
    return this.#keeper.start(op);
  }

  /** As {@link LocalEngine.startLive}, tried until it succeeds; answers are given meanwhile. */
  keepLive(log: Logger): Promise<void> {
    return this.#keeper.keep(log);
  }

  /** What live capture has taken out of the spool so far. */
  get drained(): CaptureAnswer["spool"] {
    return { ...this.#spool };
  }

  async importSessions(op: Op, request: RequestOf<"importSessions">): Promise<ImportAnswer> {
    return this.#announced(await (await this.#context.ingest()).importPaths(op, request));
  }

  async captureOnce(op: Op): Promise<CaptureAnswer> {
    return this.#announced(await (await this.#context.ingest()).captureOnce(op));
  }

  listTraces(op: Op, request: RequestOf<"listTraces">) {
    return this.#context.listTraces(op, request);
  }

  async showTrace(op: Op, request: RequestOf<"showTrace">): Promise<AnswerOf<"showTrace">> {
    const catalog = await this.#context.catalog();
    const { showTrace } = await import("../query/trace-show.ts");
    const outcomeOf = (_: Op, place: UnitPlace) => outcomeOfSession(op, this.#context, place);
    return showTrace(op, { catalog, outcomeOf }, request);
  }

  timelineHead(op: Op, request: RequestOf<"timelineHead">) {
    return this.#timelines.head(op, request);
  }

  timelineRows(op: Op, request: RequestOf<"timelineRows">) {
    return this.#timelines.rows(op, request);
  }

  async why(op: Op, request: RequestOf<"why">): Promise<AnswerOf<"why">> {
    const { file, ...question } = request;
    const placed = await this.#context.placeFile(op, file);
    const { why } = await import("../query/why.ts");
    const path = pathInRepository(placed.context, placed.file);
    return why(op, placed.context, { ...question, path });
  }

  async blame(op: Op, request: RequestOf<"blame">): Promise<AnswerOf<"blame">> {
    const { file, ...question } = request;
    const placed = await this.#context.placeFile(op, file);
    const { blame } = await import("../query/blame.ts");
    const path = pathInRepository(placed.context, placed.file);
    return blame(op, placed.context, { ...question, path });
  }

  async blameCommit(op: Op, request: RequestOf<"blameCommit">): Promise<AnswerOf<"blameCommit">> {
    const context = await this.#context.repo(op, request.repo);
    const { blameCommit } = await import("../query/blame-commit.ts");
    return blameCommit(op, context, { rev: request.rev });
  }

  async track(op: Op, request: RequestOf<"track">): Promise<AnswerOf<"track">> {
    const { track, trackPatch, trackSince } = await import("../query/track.ts");
    const { at } = request;
    if ("address" in request) {
      const session = await this.#context.traced(request.address);
      const repo = await this.#context.repoOfSession(op, session, request.repo);
      const { place, selected } = session;
      return track(op, repo, { trace: place.trace, selected, ...(at === undefined ? {} : { at }) });
    }
    const repo = await this.#context.repo(op, request.repo);
    if ("patch" in request) return trackPatch(op, repo, { patch: request.patch, at });
    return trackSince(op, repo, { sinceMs: request.sinceMs, at });
  }

  async stepDiff(op: Op, request: RequestOf<"stepDiff">): Promise<AnswerOf<"stepDiff">> {
    const { stepDiff } = await import("../query/step-diff.ts");
    return stepDiff(op, await this.#context.traced(request.address));
  }

  async stepFile(op: Op, request: RequestOf<"stepFile">): Promise<AnswerOf<"stepFile">> {
    const { stepFile } = await import("../query/step-file.ts");
    const { path, side } = request;
    return stepFile(op, { ...(await this.#context.traced(request.address)), path, side });
  }

  async setup(op: Op, request: RequestOf<"setup">): Promise<AnswerOf<"setup">> {
    const { target = null, repo = null, remove, dryRun, trusted = true } = request;
    const answer = await setup(op, this.#context, { target, repo, remove, dryRun, trusted });
    if (repo !== null && !remove && !dryRun) await prepareRepository(op, repo);
    return answer;
  }

  async setCapture(op: Op, request: RequestOf<"setCapture">): Promise<void> {
    const { state, trusted = true } = request;
    const nowMs = this.#clock.nowMs();
    await writeConsent(this.#context.home, consentRoot(request.repo), state, { trusted, nowMs });
    if (request.state === "on") await prepareRepository(op, request.repo);
  }

  captureState(op: Op, request: RequestOf<"captureState">) {
    return captureState(op, this.#context, {
      ...request,
      nowMs: this.#clock.nowMs(),
      fault: this.#keeper.fault,
      onLive: (trace, untilMs) => this.#watch?.noteLive(trace, untilMs),
    });
  }

  async collect(op: Op, request: RequestOf<"collect">): Promise<AnswerOf<"collect">> {
    const { collectRepository } = await import("./collect.ts");
    return collectRepository(op, request);
  }

  status(op: Op, request: RequestOf<"status">) {
    return statusOf(op, this.#context, request);
  }

  async reportEditor(op: Op, report: EditorReport): Promise<void> {
    const places = await (await this.#context.ingest()).appendEditorEvent(op, report);
    if (places.length > 0) await this.#context.markStale();
  }

  onDidChange(listener: (change: BucketChange) => void): Disposable {
    this.#listeners.add(listener);
    this.#watchOutside();
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  onDidChangeState(listener: () => void): Disposable {
    this.#stateListeners.add(listener);
    this.#watchOutside();
    return { [Symbol.dispose]: () => void this.#stateListeners.delete(listener) };
  }

  async close(): Promise<void> {
    this.#listeners.clear();
    this.#stateListeners.clear();
    this.#watch?.[Symbol.dispose]();
    await this.#keeper[Symbol.asyncDispose]();
    await this.#context[Symbol.asyncDispose]();
  }

  async #announced<A extends ImportAnswer>(answer: A): Promise<A> {
    await this.#context.markStale();
    for (const { trace, isNew, bytes } of answer.sessions) {
      if (isNew || bytes > 0) this.#announce(trace, isNew);
    }
    return answer;
  }

  async #startLive(op: Op): Promise<AsyncDisposable> {
    const ingest = await this.#context.ingest();
    const onChange = ({ trace, isNew }: { trace: string; isNew: boolean }): void => {
      void this.#context.markStale();
      this.#announce(trace, isNew);
    };
    return ingest.startLive(op, onChange, ({ events, bad, dropped }) => {
      this.#spool.events += events;
      this.#spool.bad += bad;
      this.#spool.dropped += dropped;
    });
  }

  /** From the first listener on; a command that asks once has none. */
  #watchOutside(): void {
    if (this.#recheckMs === 0) return;
    this.#watch ??= new OutsideWatch({
      home: this.#context.home,
      clock: this.#clock,
      everyMs: this.#recheckMs,
      files: [claudeSettingsFile(this.#context.env)],
      fault: () => this.#keeper.fault?.code ?? null,
      onChange: (trace, isNew) => {
        void this.#context.markStale();
        this.#announce(trace, isNew);
      },
      onState: () => {
        for (const listener of this.#stateListeners) listener();
      },
    });
  }

  #announce(trace: string, isNew: boolean): void {
    this.#watch?.noteTold(trace);
    const version = this.#timelines.bump(trace);
    for (const listener of this.#listeners) listener({ trace, version, isNew });
  }
}
