import type { EditorEvent } from "../model/events.ts";
import type { TraceId } from "../model/ids.ts";
import type { LineEvidence, Owner, StepCandidate } from "../model/trail.ts";
import type { Attribution } from "./births.ts";
import { normalisedLine } from "./line-diff.ts";
import { similarity } from "./similarity.ts";
import type { TimedWindow } from "./windows.ts";

/** A window with the session it belongs to. */
export interface OwnedWindow {
  readonly trace: TraceId;
  readonly window: TimedWindow;
  /**
   * Lines that the step's own record says it added to the path, normalised; null if it has none.
   */
  readonly reported: ReadonlySet<string> | null;
}

/** Everything that could have made one change of one path. */
export interface Circumstances {
  readonly path: string;
  /** Windows of all sessions that overlap the time of the change. */
  readonly windows: readonly OwnedWindow[];
  /** What the editor saw of this path in that time. */
  readonly editor: readonly EditorEvent[];
  /** Lines by which the text grew or shrank: by so much, what the editor saw may have moved. */
  readonly drift: number;
}

/** Who wrote line `index` of a change; null where nothing but a later commit can tell. */
export type Cause = (text: string, index: number) => Attribution | null;

/** Likeness to a line that the step reported, at which a formatter in its window is believed. */
const reformattedSimilarityMin = 0.7;

/**
 * Decides whose a change is. A path that a tool names beats a shell's window; a lone shell window
 * takes the rest; where several could fit, none is credited and all are listed. A command in the
 * background is only ever a candidate.
 */
export function causeOf(circumstances: Circumstances): Cause {
  const { path, windows } = circumstances;
  const named = windows.filter(({ window }) => isNamedBy(window, path));
  const shells = windows.filter(({ window }) => window.reach === "any");
  const byHand = handOf(circumstances);
  const [only] = named;
  if (only !== undefined && named.length === 1) {
    const evidence = shells.length === 0 ? "observed" : "declared";
    return namedCause(only, evidence, byHand);
  }
  if (named.length > 1) return sharedCause(named, byHand);
  const [shell] = shells;
  if (shell !== undefined) {
    const isLone = shells.length === 1 && !shell.window.background;
    const whole = isLone ? credit(shell, "observed") : undecided(shells);
    return (text, index) => byHand(text, index) ?? whole;
  }
  const container = loneContainer(windows);
  if (container !== null) return () => credit(container, "observed");
  return byHand;
}

/** True if the window's tool writes the paths it names, and names this one. */
export function isNamedBy(window: TimedWindow, path: string): boolean {
  return window.reach === "named" && window.paths.includes(path);
}

/**
 * One tool named the path: what it reported is its own, and all of it where it reported nothing.
 */
function namedCause(only: OwnedWindow, evidence: LineEvidence, byHand: Cause): Cause {
  const own = credit(only, evidence);
  const { reported } = only;
  if (reported === null) return (text, index) => byHand(text, index) ?? own;
  return (text, index) => {
    if (isReported(reported, text)) return own;
    return byHand(text, index) ?? (isLikeReported(reported, text) ? own : undecided([only]));
  };
}

/** Several tools named the path at once: each line is the one's that alone reported it. */
function sharedCause(named: readonly OwnedWindow[], byHand: Cause): Cause {
  return (text, index) => {
    const reporters = named.filter(
      ({ reported }) => reported !== null && isReported(reported, text),
    );
    const [reporter] = reporters;
    if (reporter !== undefined && reporters.length === 1) return credit(reporter, "declared");
    return byHand(text, index) ?? undecided(named);
  };
}

function isReported(reported: ReadonlySet<string>, text: string): boolean {
  const line = normalisedLine(text);
  return line === "" || reported.has(line);
}

function isLikeReported(reported: ReadonlySet<string>, text: string): boolean {
  return [...reported].some((line) => similarity(line, text) >= reformattedSimilarityMin);
}

/** A step that starts others owns what changed in its time if none of theirs was ever seen. */
function loneContainer(windows: readonly OwnedWindow[]): OwnedWindow | null {
  const containers = windows.filter(({ window }) => window.reach === "container");
  const [only] = containers;
  if (only === undefined || containers.length > 1 || windows.length > 1) return null;
  return only.window.background ? null : only;
}

/**
 * Of each kind the newest: each says all that the editor knew of the path at that time, and where
 * it stood by then.
 */
export function newestOfEach(events: readonly EditorEvent[]): readonly EditorEvent[] {
  const newest = new Map<EditorEvent["kind"], EditorEvent>();
  for (const event of events) {
    const known = newest.get(event.kind);
    if (known === undefined || event.atMs >= known.atMs) newest.set(event.kind, event);
  }
  return [...newest.values()];
}

/** The user or a formatter, where the editor saw them at it. */
function handOf({ editor, drift, windows }: Circumstances): Cause {
  const newest = newestOfEach(editor);
  const typed = rangesOf(newest, "typed", "undone");
  const formatted = rangesOf(newest, "formatted");
  // Beside an agent's own lines the drift is not the user's.
  const slack = windows.length === 0 ? Math.abs(drift) : 0;
  return (_, index) => {
    if (covers(typed, index + 1, slack)) return { owner: humanOwner, evidence: "observed" };
    if (covers(formatted, index + 1, slack)) return { owner: formatterOwner, evidence: "observed" };
    return null;
  };
}

type Range = readonly [start: number, end: number];

function rangesOf(
  editor: readonly EditorEvent[],
  ...kinds: readonly EditorEvent["kind"][]
): Range[] {
  return editor.filter(({ kind }) => kinds.includes(kind)).flatMap(({ ranges }) => ranges);
}

function covers(ranges: readonly Range[], line: number, slack: number): boolean {
  return ranges.some(([start, end]) => line >= start - slack && line <= end + slack);
}

export const humanOwner: Owner = { kind: "human", step: null, candidates: [] };
export const formatterOwner: Owner = { kind: "formatter", step: null, candidates: [] };
export const unknownOwner: Owner = { kind: "unknown", step: null, candidates: [] };

export function stepOwner(step: StepCandidate): Owner {
  return { kind: "step", step, candidates: [] };
}

function credit(owned: OwnedWindow, evidence: LineEvidence): Attribution {
  const step = candidateOf(owned);
  if (step === null) return { owner: unknownOwner, evidence: "none" };
  return { owner: stepOwner(step), evidence };
}

function undecided(windows: readonly OwnedWindow[]): Attribution {
  const candidates = windows.flatMap((owned) => candidateOf(owned) ?? []);
  return { owner: { kind: "unknown", step: null, candidates }, evidence: "none" };
}

/** Null while the transcript has not told of the call yet. */
function candidateOf({ trace, window }: OwnedWindow): StepCandidate | null {
  if (window.step === null) return null;
  return { trace, agent: window.step.agent, index: window.step.index };
}
