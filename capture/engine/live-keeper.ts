import type { Home } from "../base/home.ts";
import type { Logger } from "../base/log.ts";
import { type Op, quietOp } from "../base/op.ts";
import { faultOf, homeFault } from "./capture-fault.ts";
import type { CaptureFault } from "./engine.ts";

/** Between two attempts to start; doubled from the first to the last. */
const retryMsMin = 500;
const retryMsMax = 30_000;
/** Capture that failed this long ago, and not since, goes on: it tries again every second. */
const passedMs = 5_000;

export interface LiveKeeperOptions {
  readonly home: Home;
  start(op: Op): Promise<AsyncDisposable>;
}

/** Live capture of one engine: starts it, again if need be, and knows what is wrong with it. */
export class LiveKeeper implements AsyncDisposable {
  readonly #options: LiveKeeperOptions;
  #live: AsyncDisposable | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #starting: Promise<void> = Promise.resolve();
  #startFault: CaptureFault | null = null;
  #last: { readonly code: unknown; readonly atMs: number } | null = null;
  #isClosed = false;

  constructor(options: LiveKeeperOptions) {
    this.#options = options;
  }

  /** Starts once. Throws what keeps capture from starting. */
  async start(op: Op): Promise<void> {
    const live = await this.#options.start({ ...op, log: this.#listening(op.log) });
    this.#startFault = null;
    // Closed while it was starting.
    if (this.#isClosed) await live[Symbol.asyncDispose]();
    else this.#live = live;
  }

  /** Starts until that succeeds; resolves after the first attempt and never throws. */
  keep(log: Logger): Promise<void> {
    this.#starting = this.#attempt(log, retryMsMin);
    return this.#starting;
  }

  /** What keeps capture from recording, as of now. */
  get fault(): CaptureFault | null {
    if (this.#startFault !== null) return this.#startFault;
    const last = this.#last;
    const isOver = last === null || performance.now() - last.atMs > passedMs;
    if (last === null || isOver) return homeFault(this.#options.home);
    return homeFault(this.#options.home) ?? this.#told(last.code);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#starting;
    await this.#live?.[Symbol.asyncDispose]();
    this.#live = undefined;
  }

  async #attempt(log: Logger, retryMs: number): Promise<void> {
    if (this.#isClosed) return;
    try {
      await this.start(quietOp(log));
    } catch (error) {
      this.#startFault = faultOf(error);
      log.log("error", "engine.not-capturing", { message: String(error) });
      this.#timer = setTimeout(() => {
        this.#starting = this.#attempt(log, Math.min(retryMs * 2, retryMsMax));
      }, retryMs);
      this.#timer.unref();
    }
  }

  /** Live capture tells its failures to the log alone, and tries again. */
  #listening(log: Logger): Logger {
    return {
      log: (level, event, fields) => {
        const isFault = level === "error" && event.startsWith("live.");
        if (isFault) this.#last = { code: fields?.["code"], atMs: performance.now() };
        log.log(level, event, fields);
      },
    };
  }

  /** Of a fault that lies deeper than the home's own folder. */
  #told(code: unknown): CaptureFault | null {
    const { root } = this.#options.home;
    if (code === "disk-full") {
      const hint = "Free some space; nothing recorded so far is lost.";
      return { code, message: `No space is left below ${root}.`, hint };
    }
    if (code === "home-read-only") {
      const hint = "Check the permissions of what lies in it.";
      return { code, message: `Something below ${root} cannot be written.`, hint };
    }
    return null;
  }
}
