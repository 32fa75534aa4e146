import type { Home } from "../base/home.ts";
import { homeAt, homeFrom } from "../base/home.ts";
import { type Op, quietOp } from "../base/op.ts";
import { readSessionFile } from "../bucket/session-file.ts";
import { findUnit } from "../bucket/units.ts";
import type { CaptureAnswer, ImportedSession } from "../model/answers.ts";
import { parseTraceId } from "../model/ids.ts";
import { joinEngine } from "./client.ts";
import type { Engine } from "./engine.ts";
import { LocalEngine } from "./local-engine.ts";
import { enginePlace } from "./place.ts";
import { EngineServer } from "./server.ts";

export interface LiveCaptureRequest {
  readonly home?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Called once hooks and windows find it alive. */
  onLive(): void;
}

/** Changes that other processes make in the bucket are seen after this long at the latest. */
const recheckMs = 2_000;

/**
 * Captures live until `op` is cancelled: as the engine of this machine user, in this process.
 *
 * If another process is the engine already, it stays connected to that one, and takes its place
 * when it goes. Resolves after the socket is let go, with what was taken in meanwhile: `bytes` are
 * not counted, and the spool only where this process emptied it. Throws `home-read-only`.
 */
export async function runLiveCapture(op: Op, request: LiveCaptureRequest): Promise<CaptureAnswer> {
  const home = request.home === undefined ? homeFrom(request.env) : homeAt(request.home);
  const aborted = whenAborted(op.signal);
  const taken = new Taken(home);
  let isTold = false;
  const tellLive = (): void => {
    if (!isTold) request.onLive();
    isTold = true;
  };
  while (!op.signal.aborted) {
    const turn = { ...request, home, aborted, taken, onLive: tellLive };
    const ended = await serve(op, turn);
    if (!ended) await follow(turn);
  }
  return taken.answer();
}

interface Turn extends Omit<LiveCaptureRequest, "home"> {
  readonly home: Home;
  readonly aborted: Promise<void>;
  readonly taken: Taken;
}

/** Is the engine until it is cancelled or a newer one comes; false if there is one already. */
async function serve(op: Op, turn: Turn): Promise<boolean> {
  const { home, env, aborted } = turn;
  const opened = LocalEngine.open({ home: home.root, env, log: op.log, recheckMs });
  const place = enginePlace(home);
  const server = await EngineServer.listen({
    place,
    log: op.log,
    idleMs: null,
    engine: () => opened,
  });
  if (server === null) return false;
  const engine = await opened;
  try {
    using following = turn.taken.follow(engine);
    void following;
    // Not by the caller's signal: `close` ends it, and waits until it has ended.
    await engine.startLive(quietOp(op.log));
    turn.onLive();
    await Promise.race([aborted, server.gone]);
  } finally {
    server.leave("capture ended");
    await engine.close();
    turn.taken.addSpool(engine.drained);
  }
  return true;
}

/** Watches the engine of another process until that goes or this is cancelled. */
async function follow(turn: Turn): Promise<void> {
  const { home, aborted } = turn;
  let lose = (): void => undefined;
  const lost = new Promise<void>((resolve) => (lose = resolve));
  const engine = await joinEngine(home, () => lose());
  if (engine === null) return;
  using following = turn.taken.follow(engine);
  void following;
  turn.onLive();
  await Promise.race([aborted, lost]);
  await engine.close();
}

/** What was taken in since capture began, over all the engines that did it. */
class Taken {
  readonly #home: Home;
  readonly #startMs = performance.now();
  readonly #changed = new Map<string, boolean>();
  #spool = { events: 0, bad: 0, dropped: 0 };

  constructor(home: Home) {
    this.#home = home;
  }

  follow(engine: Engine): Disposable {
    return engine.onDidChange(({ trace, isNew }) => {
      this.#changed.set(trace, isNew || this.#changed.get(trace) === true);
    });
  }

  addSpool({ events, bad, dropped }: CaptureAnswer["spool"]): void {
    this.#spool.events += events;
    this.#spool.bad += bad;
    this.#spool.dropped += dropped;
  }

  async answer(): Promise<CaptureAnswer> {
    const changed = [...this.#changed].toSorted(([a], [b]) => (a < b ? -1 : 1));
    const found = await Promise.all(changed.map((change) => sessionOf(this.#home, change)));
    const sessions = found.filter((session) => session !== null);
    const steps = sessions.reduce((sum, session) => sum + session.steps, 0);
    const durationMs = Math.round(performance.now() - this.#startMs);
    const totals = { sessions: sessions.length, steps, bytes: 0, durationMs };
    return { sessions, issues: [], totals, spool: { ...this.#spool } };
  }
}

async function sessionOf(
  home: Home,
  [trace, isNew]: readonly [string, boolean],
): Promise<ImportedSession | null> {
  const { harness, nativeId } = parseTraceId(trace);
  const place = await findUnit(home, harness, nativeId);
  const session = place === undefined ? undefined : await readSessionFile(place.dir);
  if (session === undefined) return null;
  const { steps, patches, issues } = session.counts;
  return { trace, harness, steps, patches, issues, bytes: 0, isNew };
}

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
