import { OtError } from "./errors.ts";
import { type Logger, silentLogger } from "./log.ts";

/** What every engine call takes first: how it is cancelled, where it logs, whom it tells. */
export interface Op {
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** `total` is 0 while it is not known. */
  progress(done: number, total: number, what: string): void;
}

/** An operation that nobody cancels and nobody watches. */
export function quietOp(log: Logger = silentLogger): Op {
  return { signal: new AbortController().signal, log, progress: () => undefined };
}

/** Throws `cancelled` if the operation's signal has fired. */
export function throwIfCancelled(op: Op): void {
  if (op.signal.aborted) throw new OtError("cancelled", "The operation was cancelled.");
}
