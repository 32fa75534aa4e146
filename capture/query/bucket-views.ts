import type { Home } from "../base/home.ts";
import type { Op } from "../base/op.ts";
import { listUnits } from "../bucket/units.ts";
import { type TraceId, traceIdOf } from "../model/ids.ts";
import { UnitView } from "./unit-view.ts";

/** Changes that other processes make are seen after this long at the latest. */
const recheckMs = 2_000;

/** Joined traces that stay in memory; the longest unused go first. */
const tracesMax = 12;

/** The sessions of the bucket as open views, brought up to date when asked. */
export class Bucket {
  readonly home: Home;
  /** Key of the keyed hashes. */
  readonly key: Buffer;
  readonly #views = new Map<TraceId, UnitView>();
  readonly #recheckMs: number;
  #checkedAtMs = Number.NEGATIVE_INFINITY;
  #isStale = false;
  #version = 0;
  #refreshing: Promise<number> | undefined;

  /** `recheckMs` 0 looks at the disk before every answer, as a command that runs once wants. */
  constructor(home: Home, key: Buffer, options: { readonly recheckMs?: number } = {}) {
    this.home = home;
    this.key = key;
    this.#recheckMs = options.recheckMs ?? recheckMs;
  }

  /** Makes the next question look at the disk: the ingest has written. */
  markStale(): void {
    this.#isStale = true;
  }

  /** Looks for changes if it is time to; answers a number that grows with each. */
  refresh(_op: Op): Promise<number> {
    const isFresh = performance.now() - this.#checkedAtMs < this.#recheckMs;
    if (!this.#isStale) {
      if (this.#refreshing !== undefined) return this.#refreshing;
      if (isFresh) return Promise.resolve(this.#version);
    }
    this.#isStale = false;
    // A look that is under way may have passed by what has been written since.
    const looked = this.#refreshing?.catch(() => undefined) ?? Promise.resolve();
    const next = looked.then(() => this.#look());
    this.#refreshing = next;
    void next
      .catch(() => this.markStale())
      .finally(() => {
        if (this.#refreshing === next) this.#refreshing = undefined;
      });
    return next;
  }

  /** All sessions as of the last refresh, by id. */
  views(): readonly UnitView[] {
    return [...this.#views.values()];
  }

  view(trace: TraceId): UnitView | undefined {
    return this.#views.get(trace);
  }

  async #look(): Promise<number> {
    this.#checkedAtMs = performance.now();
    const places = await listUnits(this.home);
    const here = new Set<TraceId>();
    let hasChanged = false;
    for (const place of places) {
      const trace = traceIdOf(place.harness, place.nativeId);
      here.add(trace);
      let view = this.#views.get(trace);
      if (view === undefined || view.place.dir !== place.dir) {
        view = new UnitView(place);
        this.#views.set(trace, view);
        hasChanged = true;
      }
      const before = view.version;
      await view.refresh();
      if (view.version !== before) hasChanged = true;
    }
    for (const trace of this.#views.keys()) {
      if (here.has(trace)) continue;
      this.#views.delete(trace);
      hasChanged = true;
    }
    if (hasChanged) this.#version += 1;
    this.#dropOldTraces();
    return this.#version;
  }

  #dropOldTraces(): void {
    const held = [...this.#views.values()].filter(({ holdsTrace }) => holdsTrace);
    const oldest = held.toSorted((a, b) => a.lastTraceRead - b.lastTraceRead);
    for (const view of oldest.slice(0, Math.max(0, oldest.length - tracesMax))) view.dropTrace();
  }
}
