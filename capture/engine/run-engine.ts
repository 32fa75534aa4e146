import type { Home } from "../base/home.ts";
import type { Logger } from "../base/log.ts";
import { LocalEngine } from "./local-engine.ts";
import { enginePlace } from "./place.ts";
import { EngineServer } from "./server.ts";

export interface RunOptions {
  readonly home: Home;
  readonly idleMs: number;
  readonly log: Logger;
  /** In place of the product's version. */
  readonly version?: string;
}

/** Changes that other processes make in the bucket are seen after this long at the latest. */
const recheckMs = 2_000;
/** A call that is under way may take this long to end after the engine has left its socket. */
const closeMsMax = 10_000;

/**
 * Is the engine of this machine user, until nobody needs it; does nothing if there is one already.
 *
 * Resolves when it has left. Throws what binding the socket throws.
 */
export async function runEngine(options: RunOptions): Promise<void> {
  const { home, log, idleMs, version } = options;
  const opened = LocalEngine.open({ home: home.root, log, recheckMs });
  const server = await EngineServer.listen({
    place: enginePlace(home),
    log,
    idleMs,
    engine: () => opened,
    ...(version === undefined ? {} : { version }),
  });
  if (server === null) return;
  log.log("info", "engine.started", { pid: process.pid, version });
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => server.leave(signal));
  }
  const engine = await opened;
  await engine.keepLive(log);
  await server.gone;
  const late = setTimeout(() => process.exit(0), closeMsMax);
  late.unref();
  await engine.close();
  clearTimeout(late);
}
