import type { Clock } from "../base/clock.ts";
import { OtError } from "../base/errors.ts";
import { type Op, quietOp } from "../base/op.ts";
import type { Outcome, TrackedPatch } from "../model/answers.ts";
import { stepNumber } from "../model/ids.ts";
import type { PatchState } from "../model/trail.ts";
import type { OutsideChange, StepChange, TimelineCommit } from "../query/timeline/input.ts";
import type { UnitView } from "../query/unit-view.ts";
import type { LocalContext } from "./local-context.ts";

/** What a session's patches say of its steps, at one version of the session and one HEAD. */
export interface StepFacts {
  /** Differs from facts to facts. */
  readonly serial: number;
  changeOf(agent: string | null, index: number): StepChange | null;
  readonly outside: readonly OutsideChange[];
  readonly commits: readonly TimelineCommit[];
  readonly outcome: Outcome | null;
}

export const noFacts: StepFacts = {
  serial: 0,
  changeOf: () => null,
  outside: [],
  commits: [],
  outcome: null,
};

interface Source {
  known: StepFacts | null;
  /** What `known` was made of. */
  key: string;
  version: number;
  madeAtMs: number;
  coming: Promise<StepFacts> | null;
}

/** Sessions whose facts are kept; those of the longest unused go first. */
const sourcesMax = 16;
/** While HEAD and the patches are the same, a session that grows keeps its facts this long. */
const settledMs = 15_000;

export interface StepFactsOptions {
  readonly clock: Clock;
  readonly onFacts: (trace: string) => void;
}

/** Works out {@link StepFacts} aside, once for each state of session and repository. */
export class StepFactsSource {
  readonly #context: LocalContext;
  readonly #clock: Clock;
  readonly #onFacts: (trace: string) => void;
  readonly #sources = new Map<string, Source>();
  #serial = 0;

  constructor(context: LocalContext, { clock, onFacts }: StepFactsOptions) {
    this.#context = context;
    this.#clock = clock;
    this.#onFacts = onFacts;
  }

  /** What is known now; newer facts are on their way where something has changed since. */
  latest(op: Op, view: UnitView): { known: StepFacts | null; coming: Promise<StepFacts> } {
    const source = this.#sourceFor(view.trace);
    source.coming ??= this.#renew(op, view, source).finally(() => (source.coming = null));
    return { known: source.known, coming: source.coming };
  }

  #sourceFor(trace: string): Source {
    const fresh = { known: null, key: "", version: -1, madeAtMs: 0, coming: null };
    const source = this.#sources.get(trace) ?? fresh;
    this.#sources.delete(trace);
    this.#sources.set(trace, source);
    const [oldest] = this.#sources.keys();
    if (this.#sources.size > sourcesMax && oldest !== undefined) this.#sources.delete(oldest);
    return source;
  }

  async #renew(op: Op, view: UnitView, source: Source): Promise<StepFacts> {
    try {
      const root = view.session?.repository?.root ?? view.session?.cwd ?? null;
      const repo = root === null ? null : await this.#context.repo(op, root);
      const head = repo === null ? "" : await repo.head.commit(op);
      const key = `${view.session?.counts.patches}:${head}`;
      const { version } = view;
      const ageMs = this.#clock.nowMs() - source.madeAtMs;
      const isSettled = source.version === version || ageMs < settledMs;
      if (source.known !== null && source.key === key && isSettled) return source.known;
      const facts = await this.#make(view, root);
      const isFirst = source.known === null;
      source.known = facts;
      source.key = key;
      source.version = version;
      source.madeAtMs = this.#clock.nowMs();
      if (!isFirst || facts.serial > 0) this.#onFacts(view.trace);
      return facts;
    } catch (error) {
      // A repository that is gone, or busy: the rows stand without fates.
      if (!(error instanceof OtError))
        op.log.log("warn", "timeline.facts", { message: String(error) });
      return source.known ?? noFacts;
    }
  }

  async #make(view: UnitView, root: string | null): Promise<StepFacts> {
    // Whoever asked may have gone; the facts are for the next one as well.
    const op = quietOp();
    this.#serial += 1;
    if (root === null) return { ...noFacts, serial: this.#serial };
    const { sessionFacts } = await import("../query/session-facts.ts");
    const { patches, ...rest } = await sessionFacts(
      op,
      await this.#context.repo(op, root),
      view.trace,
    );
    const changes = changesByStep(patches);
    return {
      ...rest,
      serial: this.#serial,
      changeOf: (agent, index) => changes.get(String(stepNumber(agent, index))) ?? null,
    };
  }
}

/** From best to worst: a step is as alive as its worst patch. */
const fates: readonly PatchState[] = [
  "alive",
  "pending",
  "unknown",
  "transformed",
  "reverted",
  "lost",
];

function changesByStep(patches: readonly TrackedPatch[]): ReadonlyMap<string, StepChange> {
  const changes = new Map<string, StepChange>();
  for (const { step, added, deleted, state } of patches) {
    if (step === null) continue;
    const before = changes.get(String(step));
    changes.set(String(step), {
      added: (before?.added ?? 0) + added,
      deleted: (before?.deleted ?? 0) + deleted,
      fate:
        before === undefined || fates.indexOf(state) > fates.indexOf(before.fate)
          ? state
          : before.fate,
    });
  }
  return changes;
}
