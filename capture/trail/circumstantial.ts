import type { EditorEvent } from "../model/events.ts";
import type { TraceId } from "../model/ids.ts";
import type { OwnedWindow } from "./cause.ts";
import { normalisedLine } from "./line-diff.ts";
import type { PatchSides, PatchSketch, SessionEvidence } from "./path-changes.ts";
import { isGatedFormOf, withKeyedLines } from "./text-lines.ts";
import { WindowTimes } from "./window-times.ts";
import type { TimedWindow } from "./windows.ts";

/** Event `seq`s and times of the two snapshots that a change lies between. */
export interface Interval {
  readonly from: number;
  readonly to: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** A window that a change may be of, and the patches of the path that its step recorded. */
export interface TellingWindow {
  readonly trace: TraceId;
  readonly window: TimedWindow;
  readonly tellers: readonly PatchSketch[];
}

/** What else happened beside the changes of a path, found by time. */
export class Circumstantial {
  readonly #sessions: readonly SessionEvidence[];
  readonly #hashOf: (line: string) => string;
  readonly #tellers = new Map<string, PatchSketch[]>();
  readonly #editor = new Map<string, readonly EditorEvent[]>();

  constructor(
    sessions: readonly SessionEvidence[],
    transcript: readonly PatchSketch[],
    hashOf: (line: string) => string,
  ) {
    this.#sessions = sessions;
    this.#hashOf = hashOf;
    for (const told of transcript) {
      const { session, agent, patch, path } = told;
      const name = stepName(session.trace, { agent, index: patch.step }, path);
      this.#tellers.set(name, [...(this.#tellers.get(name) ?? []), told]);
    }
  }

  /** Windows in whose time a change may lie: by order within its session, by time in others. */
  windowsAt({ session, path }: PatchSketch, time: Interval): readonly TellingWindow[] {
    const found: TellingWindow[] = [];
    for (const { trace, root, windows } of this.#sessions) {
      if (root !== session.root) continue;
      const times = WindowTimes.of(windows);
      const near = trace === session.trace ? times.bySeq(time) : times.byTime(time);
      for (const window of near) {
        const { step } = window;
        const name = step === null ? "" : stepName(trace, step, path);
        found.push({ trace, window, tellers: this.#tellers.get(name) ?? [] });
      }
    }
    return found;
  }

  /** What the editor of a work tree saw of a path. */
  editorOf({ session, path }: PatchSketch): readonly EditorEvent[] {
    const name = `${session.root}\0${path}`;
    const known = this.#editor.get(name);
    if (known !== undefined) return known;
    const events = this.#sessions
      .filter(({ root }) => root === session.root)
      .flatMap((other) => other.events)
      .filter((event): event is EditorEvent => event.r === "editor" && event.path === path);
    this.#editor.set(name, events);
    return events;
  }

  /** The windows with the lines that their steps say they added to what stands there now. */
  owned(windows: readonly TellingWindow[], sides: PatchSides): readonly OwnedWindow[] {
    return windows.map(({ trace, window, tellers }) => {
      const reported = tellers.length === 0 ? null : this.#reported(tellers, sides);
      return { trace, window, reported };
    });
  }

  #reported(tellers: readonly PatchSketch[], { after }: PatchSides): ReadonlySet<string> {
    const told = tellers.flatMap((teller) => teller.told);
    const seen = after?.lines ?? [];
    // What the gate redacted in the record is known by its hash: the raw line was reported too.
    const keyed = withKeyedLines(seen, told, this.#hashOf);
    const gated = told.filter((line) => line.includes("[[secret:"));
    if (keyed === seen && gated.length === 0) return new Set(told.map(normalisedLine));
    const raw = seen.filter(
      (line, index) => keyed[index] !== line || gated.some((form) => isGatedFormOf(form, line)),
    );
    return new Set([...told, ...raw].map(normalisedLine));
  }
}

function stepName(
  trace: TraceId,
  { agent, index }: { readonly agent: string | null; readonly index: number | undefined },
  path: string,
): string {
  return `${trace}\0${agent ?? "-"}\0${index ?? "-"}\0${path}`;
}
