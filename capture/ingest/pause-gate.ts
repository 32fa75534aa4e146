import { parsedOrUndefined } from "../base/jsonl.ts";
import { parsedLineBytesMax } from "../base/limits.ts";
import type { Gate, GatedLine } from "../security/gate-line.ts";

/** A time in which recording was paused, in Unix milliseconds; `toMs` is null while it goes on. */
export interface PausedTime {
  readonly fromMs: number;
  readonly toMs: number | null;
}

export interface PauseGateOptions {
  readonly gate: Gate;
  /** When the session began: what was over before that does not concern it. */
  readonly startedAtMs: number;
  readonly pauses: () => readonly PausedTime[];
}

/** What stands in a source in place of a line that was written during a pause. */
const pausedLine = Buffer.from('{"type":"opentraces-paused"}');
/** When recording was paused is looked up again after this time. */
const lookMs = 100;

/**
 * Gate 1 of one session, which also keeps out what the agent wrote while recording was paused.
 *
 * The place of such a line stays, with its offset and keyed hash: so the tail goes on behind it,
 * whether anything ran during the pause or not. A line without a time goes with the one before it.
 */
export class PauseGate implements Gate {
  readonly #options: PauseGateOptions;
  #pauses: readonly PausedTime[] = [];
  #lookedMs = Number.NEGATIVE_INFINITY;
  #isPaused = false;
  #withheld = 0;

  constructor(options: PauseGateOptions) {
    this.#options = options;
  }

  /** `known`: what the gate within made of the line already. */
  line(line: Buffer, known?: GatedLine): GatedLine {
    this.#look();
    if (this.#pauses.length === 0) return known ?? this.#options.gate.line(line);
    const atMs = timeOf(line);
    if (atMs !== null) this.#isPaused = this.#pauses.some((pause) => holds(pause, atMs));
    if (!this.#isPaused) return known ?? this.#options.gate.line(line);
    this.#withheld += 1;
    return { bytes: pausedLine, redactions: 1, redacted: [] };
  }

  raw(bytes: Buffer): GatedLine {
    return this.#options.gate.raw(bytes);
  }

  bytes(bytes: Buffer): ReturnType<Gate["bytes"]> {
    return this.#options.gate.bytes(bytes);
  }

  text(text: string): ReturnType<Gate["text"]> {
    return this.#options.gate.text(text);
  }

  /** How many lines were kept out since this was last asked. */
  takeWithheld(): number {
    const withheld = this.#withheld;
    this.#withheld = 0;
    return withheld;
  }

  #look(): void {
    const nowMs = performance.now();
    if (nowMs - this.#lookedMs < lookMs) return;
    this.#lookedMs = nowMs;
    const { pauses, startedAtMs } = this.#options;
    const found = pauses().filter(({ toMs }) => toMs === null || toMs > startedAtMs);
    // Until a line says when it was written, what follows a pause may be of it.
    if (found.length > this.#pauses.length) this.#isPaused = true;
    this.#pauses = found;
  }
}

/** True if all of a time lies within one pause. */
export function isWithin(
  pauses: readonly PausedTime[],
  { fromMs, toMs }: { fromMs: number; toMs: number },
): boolean {
  return pauses.some((pause) => holds(pause, fromMs) && holds(pause, toMs));
}

function holds({ fromMs, toMs }: PausedTime, atMs: number): boolean {
  return atMs >= fromMs && (toMs === null || atMs < toMs);
}

function timeOf(line: Buffer): number | null {
  const value = line.length <= parsedLineBytesMax ? parsedOrUndefined(line.toString("utf8")) : null;
  const text =
    typeof value === "object" && value !== null && "timestamp" in value
      ? value.timestamp
      : value === null
        ? /"timestamp"\s*:\s*"(\d{4}-[^"]{1,25})"/.exec(line.toString("latin1"))?.[1]
        : null;
  const atMs = typeof text === "string" ? Date.parse(text) : Number.NaN;
  return Number.isNaN(atMs) ? null : atMs;
}
