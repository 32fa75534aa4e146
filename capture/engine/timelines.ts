import type { Clock } from "../base/clock.ts";
import { OtError } from "../base/errors.ts";
import type { Op } from "../base/op.ts";
import { parseTraceId, traceIdOf } from "../model/ids.ts";
import type { TimelineHead, TimelinePage, TimelineRow } from "../model/timeline.ts";
import { buildRows } from "../query/timeline/build-rows.ts";
import { filterRows } from "../query/timeline/filter-rows.ts";
import { timelineHead } from "../query/timeline/head.ts";
import type { TimelineInput } from "../query/timeline/input.ts";
import type { UnitView } from "../query/unit-view.ts";
import { liveMsMax } from "./capture-state.ts";
import type { LocalContext } from "./local-context.ts";
import type { RequestOf } from "./methods.ts";
import { noFacts, type StepFacts, StepFactsSource } from "./step-facts.ts";

/** Sessions whose rows are kept. */
const sessionsMax = 8;
/** Filtered lists that are kept for one version of a session. */
const listsMax = 6;
/** The first look at a session waits this long for what its patches became, and not longer. */
const firstFactsMs = 400;

interface Kept {
  /** What the rows were made of: the unit's own version and the facts'. */
  key: string;
  version: number;
  input: TimelineInput | null;
  rows: readonly TimelineRow[];
  readonly lists: Map<string, readonly TimelineRow[]>;
}

export interface TimelinesOptions {
  readonly clock: Clock;
  /** What became of a session's patches is known now, or is another. */
  readonly onFacts: (trace: string) => void;
  /** A session is shown as live, which ends at that time unless it goes on. */
  readonly onLive: (trace: string, untilMs: number) => void;
}

/**
 * The timelines that views look at: rows are built once a version and cut into pages.
 *
 * What became of a step's patches takes longer than its rows; it is worked out aside, and a new
 * version follows.
 */
export class Timelines {
  readonly #context: LocalContext;
  readonly #clock: Clock;
  readonly #facts: StepFactsSource;
  readonly #kept = new Map<string, Kept>();
  readonly #onLive: TimelinesOptions["onLive"];
  /** Of the time: the versions of a later engine are greater than those of an earlier one. */
  readonly #firstVersion: number;

  constructor(context: LocalContext, { clock, onFacts, onLive }: TimelinesOptions) {
    this.#context = context;
    this.#clock = clock;
    this.#facts = new StepFactsSource(context, { clock, onFacts });
    this.#onLive = onLive;
    this.#firstVersion = clock.nowMs();
  }

  /** A change of the session is known; answers its new version. */
  bump(trace: string): number {
    const kept = this.#keptFor(trace);
    kept.key = "";
    kept.version += 1;
    return kept.version;
  }

  async head(op: Op, request: RequestOf<"timelineHead">): Promise<TimelineHead> {
    const { kept, rows } = await this.#rows(op, request);
    if (kept.input === null) throw new OtError("not-found", `${request.trace} is gone.`);
    return timelineHead(kept.input, rows, kept.version);
  }

  async rows(op: Op, request: RequestOf<"timelineRows">): Promise<TimelinePage> {
    const { kept, rows } = await this.#rows(op, request);
    const { from, count } = request;
    return { version: kept.version, from, rows: rows.slice(from, from + count) };
  }

  async #rows(
    op: Op,
    request: RequestOf<"timelineHead">,
  ): Promise<{ kept: Kept; rows: readonly TimelineRow[] }> {
    const view = await this.#view(op, request.trace);
    const kept = this.#keptFor(view.trace);
    const facts = await this.#factsFor(op, view, kept);
    const isLive = this.#isLive(view);
    const key = `${view.version}:${facts.serial}:${isLive}`;
    if (kept.key !== key) await this.#build(view, kept, { facts, key, isLive });
    const name = `${request.filter}\0${request.query ?? ""}`;
    const known = kept.lists.get(name);
    if (known !== undefined) return { kept, rows: known };
    const rows = filterRows(kept.rows, request.filter, request.query ?? "");
    if (kept.lists.size >= listsMax) kept.lists.clear();
    kept.lists.set(name, rows);
    return { kept, rows };
  }

  async #build(
    view: UnitView,
    kept: Kept,
    { facts, key, isLive }: { facts: StepFacts; key: string; isLive: boolean },
  ): Promise<void> {
    const steps = await view.readTrace();
    const input: TimelineInput = {
      trace: view.trace,
      steps,
      title: view.session?.title ?? "",
      isLive,
      changeOf: (agent, index) => facts.changeOf(agent, index),
      outside: facts.outside,
      commits: facts.commits,
      outcome: facts.outcome,
    };
    // A bump has counted this change already; a change that another process made has no bump.
    if (kept.key !== "") kept.version += 1;
    kept.key = key;
    kept.input = input;
    kept.rows = buildRows(input);
    kept.lists.clear();
  }

  #isLive(view: UnitView): boolean {
    const untilMs = (view.session?.endedAtMs ?? Number.NEGATIVE_INFINITY) + liveMsMax;
    const isLive = this.#clock.nowMs() < untilMs;
    if (isLive) this.#onLive(view.trace, untilMs);
    return isLive;
  }

  async #factsFor(op: Op, view: UnitView, kept: Kept): Promise<StepFacts> {
    const facts = this.#facts.latest(op, view);
    if (kept.input !== null || facts.known !== null) return facts.known ?? noFacts;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<StepFacts>((resolve) => {
      timer = setTimeout(() => resolve(noFacts), firstFactsMs);
    });
    return Promise.race([facts.coming, late]).finally(() => clearTimeout(timer));
  }

  async #view(op: Op, trace: string): Promise<UnitView> {
    const { harness, nativeId } = parseTraceId(trace);
    const bucket = await this.#context.bucket();
    await bucket.refresh(op);
    const view = bucket.view(traceIdOf(harness, nativeId));
    if (view !== undefined) return view;
    throw new OtError("not-found", `No session is recorded under "${trace}".`, {
      hint: "`ot trace list` shows what is recorded.",
    });
  }

  #keptFor(trace: string): Kept {
    const known = this.#kept.get(trace);
    this.#kept.delete(trace);
    const version = this.#firstVersion;
    const kept = known ?? { key: "", version, input: null, rows: [], lists: new Map() };
    this.#kept.set(trace, kept);
    this.#forgetOldest();
    return kept;
  }

  /** The versions stay: they must never go back. */
  #forgetOldest(): void {
    const full = [...this.#kept.values()].filter(({ input }) => input !== null);
    for (const kept of full.slice(0, Math.max(0, full.length - sessionsMax))) {
      kept.key = "";
      kept.version += 1;
      kept.input = null;
      kept.rows = [];
      kept.lists.clear();
    }
  }
}
