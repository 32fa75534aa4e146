import { type Stats, statSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import * as path from "node:path";

import type { Clock } from "../base/clock.ts";
import type { Home } from "../base/home.ts";
import { listUnits } from "../bucket/units.ts";
import { sessionFileName } from "../bucket/unit-paths.ts";
import { traceIdOf } from "../model/ids.ts";

export interface OutsideWatchOptions {
  readonly home: Home;
  readonly clock: Clock;
  readonly everyMs: number;
  /** Files beside the home on which the state of capture depends. */
  readonly files: readonly string[];
  /** What keeps capture from recording, as one word; null for nothing. */
  readonly fault: () => string | null;
  /** A session was changed by another process, or is no longer live. */
  readonly onChange: (trace: string, isNew: boolean) => void;
  readonly onState: () => void;
}

interface SeenUnit {
  readonly file: string;
  readonly stamp: string;
}

/**
 * Sees what other processes do to the bucket and to consent, and what changes by time alone.
 *
 * Whoever imports saves the catalog at its end: only then the units are looked at one by one.
 */
export class OutsideWatch implements Disposable {
  readonly #options: OutsideWatchOptions;
  readonly #timer: NodeJS.Timeout;
  /** By session, the stamp of its file when a change was told: all up to there is known. */
  readonly #told = new Map<string, string>();
  readonly #liveUntilMs = new Map<string, number>();
  #catalog = "";
  #units: ReadonlyMap<string, SeenUnit> | null = null;
  #state: string | null = null;
  #looking: Promise<void>;

  constructor(options: OutsideWatchOptions) {
    this.#options = options;
    this.#looking = this.#look();
    this.#timer = setInterval(() => {
      this.#looking = this.#looking.then(() => this.#look());
    }, options.everyMs);
    this.#timer.unref();
  }

  /** This process tells of a session's change now: whoever is told will see all that is there. */
  noteTold(trace: string): void {
    const file = this.#units?.get(trace)?.file;
    const found = file === undefined ? undefined : statSync(file, { throwIfNoEntry: false });
    if (found !== undefined) this.#told.set(trace, stampOf(found));
  }

  /** A session was said to be live; unless it goes on, that ends at this time. */
  noteLive(trace: string, untilMs: number): void {
    this.#liveUntilMs.set(trace, untilMs);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    await this.#lookAtUnits().catch(() => undefined);
    const state = await this.#readState().catch(() => this.#state);
    // Who asked before the first look may have been told of no fault.
    const isFirst = this.#state === null;
    const isOther = isFirst ? this.#options.fault() !== null : state !== this.#state;
    this.#state = state;
    const hasEnded = this.#endLive();
    if (isOther || hasEnded) this.#options.onState();
  }

  async #lookAtUnits(): Promise<void> {
    const { home, onChange, onState } = this.#options;
    const catalog = await stampAt(home.catalogFile);
    if (this.#units !== null && catalog === this.#catalog) return;
    const before = this.#units;
    const units = new Map<string, SeenUnit>();
    for (const unit of await listUnits(home)) {
      const file = path.join(unit.dir, sessionFileName);
      const stamp = await stampAt(file);
      if (stamp !== "") units.set(traceIdOf(unit.harness, unit.nativeId), { file, stamp });
    }
    this.#catalog = catalog;
    this.#units = units;
    if (before === null) return;
    for (const [trace, { stamp }] of units) {
      const known = before.get(trace);
      const isTold = known?.stamp === stamp || this.#told.get(trace) === stamp;
      if (!isTold) onChange(trace, known === undefined);
    }
    if ([...before.keys()].some((trace) => !units.has(trace))) onState();
  }

  async #readState(): Promise<string> {
    const { home, files, fault } = this.#options;
    const marks = await readdir(home.consentDir, { recursive: true }).catch(() => []);
    const stamps = await Promise.all([home.shimFile, ...files].map(stampAt));
    return JSON.stringify([marks.toSorted(), stamps, fault()]);
  }

  /** Tells of sessions that were live and are not any more; false if there are none. */
  #endLive(): boolean {
    const nowMs = this.#options.clock.nowMs();
    const ended = [...this.#liveUntilMs].filter(([, untilMs]) => untilMs <= nowMs);
    for (const [trace] of ended) {
      this.#liveUntilMs.delete(trace);
      this.#options.onChange(trace, false);
    }
    return ended.length > 0;
  }
}

/** Empty where there is no such file. */
async function stampAt(file: string): Promise<string> {
  const found = await stat(file).catch(() => null);
  return found === null ? "" : stampOf(found);
}

function stampOf({ mtimeMs, size, ino }: Stats): string {
  return `${mtimeMs}:${size}:${ino}`;
}
