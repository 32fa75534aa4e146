import { existsSync, mkdirSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { systemFault } from "../base/atomic-write.ts";
import type { Clock } from "../base/clock.ts";
import { OtError } from "../base/errors.ts";
import type { Home } from "../base/home.ts";
import type { Op } from "../base/op.ts";
import type { UnitPlace } from "../bucket/units.ts";
import type { HarnessAdapter, HarnessEnvironment, NativeFileRef } from "../harness/adapter.ts";
import { type TraceId, traceIdOf } from "../model/ids.ts";
import { discoverKnown, type FoundSession, sessionOf } from "./discover.ts";
import { FolderWatch } from "./folder-watch.ts";
import type { TakenHook } from "./hook-intake.ts";
import type { Drained } from "./ingest.ts";
import type { SessionIntake } from "./session-intake.ts";
import type { SnapshotPool } from "./snapshot-pool.ts";
import type { Spool } from "./spool.ts";
import { WakeUp } from "./wake-up.ts";

/** One session of the bucket has more than before. */
export interface LiveChange {
  readonly trace: TraceId;
  readonly place: UnitPlace;
  readonly isNew: boolean;
}

export interface LiveOptions {
  readonly home: Home;
  readonly clock: Clock;
  readonly adapters: readonly HarnessAdapter[];
  readonly environment: HarnessEnvironment;
  readonly ingest: {
    drainSpool(op: Op, onTaken: (taken: TakenHook) => void): Promise<Drained>;
  };
  readonly sessions: SessionIntake;
  readonly spool: Spool;
  readonly pool: SnapshotPool;
  readonly onChange: (change: LiveChange) => void;
  /** Called after each look into the spool, also where nothing was in it. */
  readonly onDrained: (drained: Drained) => void;
}

/** The spool is looked at this often where no watch says that something is in it. */
const spoolPollMs = 250;
const heartbeatMs = 1_000;
/** Files that changed within this time are looked at with every poll. */
const hotMs = 10 * 60 * 1_000;
const hotPollMs = 2_000;
const rescanMs = 30_000;
const idleMs = 30_000;
/** After a failure, e.g. a full disk, this long nothing is tried. */
const retryMs = 1_000;

/**
 * Follows transcripts and spool until it is disposed.
 *
 * One loop does all the work, a session at a time, so that a burst of events costs memory for their
 * names only. Watches wake it; polling finds what they miss.
 */
export class LiveCapture implements AsyncDisposable {
  readonly #op: Op;
  readonly #options: LiveOptions;
  readonly #wake = new WakeUp();
  readonly #watch: FolderWatch;
  readonly #files = new Map<string, Map<string, NativeFileRef>>();
  /** Native files that have more, by session. */
  readonly #dirty = new Map<string, Set<string>>();
  /** Sessions that were found by a scan: looked at when nothing else is to be done. */
  readonly #backlog = new Set<string>();
  readonly #sizes = new Map<string, { readonly size: number; readonly mtimeMs: number }>();
  readonly #timers: NodeJS.Timeout[] = [];
  #isStopped = false;
  #needsScan = true;
  #running: Promise<void> = Promise.resolve();
  #lastWorkMs = 0;
  #isIdle = true;

  private constructor(op: Op, options: LiveOptions) {
    this.#op = op;
    this.#options = options;
    this.#watch = new FolderWatch((path) => this.#onFileEvent(path));
  }

  /** Resolves once hooks are answered; transcripts are caught up with in the background. */
  static async start(op: Op, options: LiveOptions): Promise<LiveCapture> {
    const self = new LiveCapture(op, options);
    await self.#start();
    return self;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    for (const timer of this.#timers) clearInterval(timer);
    this.#watch[Symbol.dispose]();
    this.#wake.ring();
    await this.#running;
    await this.#options.spool.stopBeating();
  }

  async #start(): Promise<void> {
    const { spool, home, clock } = this.#options;
    try {
      mkdirSync(home.spoolDir, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw systemFault(error, home.spoolDir);
    }
    await spool.beat(clock.nowMs());
    this.#watch.add(home.spoolDir);
    await this.#watchRoots();
    this.#every(heartbeatMs, () => this.#beat());
    this.#every(hotPollMs, () => this.#pollHot());
    this.#every(hotPollMs, () => this.#watchRoots());
    this.#every(rescanMs, () => Promise.resolve(this.#rescan()));
    this.#op.signal.addEventListener("abort", () => void this[Symbol.asyncDispose](), {
      once: true,
    });
    this.#running = this.#run();
  }

  #every(ms: number, work: () => Promise<void>): void {
    const timer = setInterval(() => {
      work().catch((error: unknown) => this.#failed(error, "live.timer"));
    }, ms);
    timer.unref();
    this.#timers.push(timer);
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      try {
        await this.#drain();
        if (await this.#work()) continue;
        await this.#rest();
      } catch (error) {
        this.#failed(error, "live.failed");
        await this.#wake.wait(retryMs);
        continue;
      }
      await this.#wake.wait(spoolPollMs);
    }
  }

  async #drain(): Promise<void> {
    const drained = await this.#options.ingest.drainSpool(this.#op, (taken) => {
      this.#changed(taken.place, taken.isNew);
      if (taken.transcriptPath !== null) this.#onFileEvent(taken.transcriptPath);
    });
    this.#options.onDrained(drained);
  }

  /** One piece of work; false if there is none. */
  async #work(): Promise<boolean> {
    if (this.#needsScan) {
      this.#needsScan = false;
      await this.#scan();
      return true;
    }
    const [dirty] = this.#dirty;
    const [waiting] = this.#backlog;
    const key = dirty?.[0] ?? waiting;
    if (key === undefined) return false;
    this.#dirty.delete(key);
    if (dirty === undefined) this.#backlog.delete(key);
    try {
      await this.#ingest(key, dirty?.[1] ?? null);
    } catch (error) {
      // It is tried again after the rest: what is on disk is whole, only this pass is lost.
      const isPassing = error instanceof OtError && ["disk-full", "busy"].includes(error.code);
      if (isPassing) this.#backlog.add(key);
      throw error;
    }
    return true;
  }

  /** `paths`: the files of the session that are known to have more; null for any of them. */
  async #ingest(key: string, paths: ReadonlySet<string> | null): Promise<void> {
    const refs = [...(this.#files.get(key)?.values() ?? [])]
      .filter(({ path }) => paths === null || paths.has(path))
      .toSorted((a, b) => (a.path < b.path ? -1 : 1));
    if (refs.length === 0) return;
    const found = sessionOf(refs);
    const pass = await this.#options.sessions.take(this.#op, found, { explicit: false });
    if (pass.place !== null && pass.lines > 0) {
      this.#changed(pass.place, pass.imported?.isNew ?? false);
    }
  }

  #changed(place: UnitPlace, isNew: boolean): void {
    this.#lastWorkMs = this.#options.clock.nowMs();
    this.#isIdle = false;
    this.#options.onChange({ trace: traceIdOf(place.harness, place.nativeId), place, isNew });
  }

  async #scan(): Promise<void> {
    const { adapters, environment } = this.#options;
    const { sessions } = await discoverKnown(this.#op, adapters, environment);
    for (const session of sessions) {
      const key = this.#note(session);
      this.#backlog.add(key);
    }
  }

  #note(session: FoundSession): string {
    const key = `${session.harness}:${session.nativeId}`;
    const refs = this.#files.get(key) ?? new Map<string, NativeFileRef>();
    this.#files.set(key, refs);
    for (const ref of session.files) {
      refs.set(ref.path, ref);
      const folder = dirname(ref.path);
      const own = join(folder, ref.nativeId);
      // What came before a watch did is found by one more scan.
      for (const watched of [folder, own, join(own, "subagents")]) {
        if (this.#watch.add(watched)) this.#needsScan = true;
      }
    }
    return key;
  }

  #onFileEvent(path: string): void {
    if (path.startsWith(this.#options.home.spoolDir)) {
      this.#wake.ring();
      return;
    }
    const ref = this.#options.adapters
      .map((adapter) => adapter.classify(path))
      .find((r) => r !== null);
    // A folder, or a file beside the transcripts: the next scan tells what is new.
    if (ref === undefined) this.#needsScan = true;
    else this.#markDirty(this.#note(sessionOf([ref])), ref.path);
    this.#wake.ring();
  }

  #markDirty(key: string, path: string): void {
    const paths = this.#dirty.get(key) ?? new Set();
    paths.add(path);
    this.#dirty.set(key, paths);
  }

  #rescan(): void {
    this.#needsScan = true;
    this.#wake.ring();
  }

  /**
   * Watches the agents' folders and those right below them, which an agent makes shortly before it
   * writes its first line there: a scan in between finds nothing to watch.
   */
  async #watchRoots(): Promise<void> {
    const { adapters, environment } = this.#options;
    for (const root of adapters.flatMap((adapter) => adapter.roots(environment))) {
      let isNew = this.#watch.add(root);
      const entries = await readdir(root, { withFileTypes: true }).catch(() => []);
      for (const entry of entries) {
        if (entry.isDirectory()) isNew = this.#watch.add(join(root, entry.name)) || isNew;
      }
      if (isNew) this.#rescan();
    }
  }

  /** What watches missed: on some file systems they tell nothing at all. */
  async #pollHot(): Promise<void> {
    const nowMs = this.#options.clock.nowMs();
    for (const [key, refs] of this.#files) {
      for (const path of refs.keys()) {
        const known = this.#sizes.get(path);
        if (known !== undefined && nowMs - known.mtimeMs > hotMs) continue;
        const found = await stat(path).catch(() => null);
        if (found === null) continue;
        this.#sizes.set(path, { size: found.size, mtimeMs: found.mtimeMs });
        if (known === undefined || known.size === found.size) continue;
        this.#markDirty(key, path);
        this.#wake.ring();
      }
    }
  }

  async #beat(): Promise<void> {
    const { spool, home, clock } = this.#options;
    if (this.#isStopped) return;
    if (!existsSync(home.root)) {
      // Whoever removed it wants it gone: a sign of life would bring it back.
      this.#op.log.log("warn", "live.home-gone");
      await this[Symbol.asyncDispose]();
      return;
    }
    await spool.beat(clock.nowMs());
    await spool.removeOldAnswers(clock.nowMs());
  }

  /** In quiet times the stores pack what waits and let their git processes go. */
  async #rest(): Promise<void> {
    if (this.#isIdle || this.#options.clock.nowMs() - this.#lastWorkMs < idleMs) return;
    this.#isIdle = true;
    await this.#options.pool.idle(this.#op);
  }

  #failed(error: unknown, event: string): void {
    const code = error instanceof OtError ? error.code : "unexpected";
    this.#op.log.log("error", event, { code });
  }
}
