import type { EditorEvent, EventRecord, SnapshotEvent } from "../model/events.ts";
import type { TraceId } from "../model/ids.ts";
import type { PatchRecord } from "../model/trail.ts";
import { type Attribution } from "./births.ts";
import { type Cause, causeOf, isNamedBy, type OwnedWindow, stepOwner } from "./cause.ts";
import { conflictLines } from "./conflict-lines.ts";
import type { GitDoing } from "./git-commands.ts";
import type { GitPart, LedgerChange, LedgerSide } from "./path-ledger.ts";
import { Circumstantial, type Interval } from "./circumstantial.ts";
import type { TimedWindow } from "./windows.ts";

/** What one session knows of its own doings, for telling whose a change is. */
export interface SessionEvidence {
  readonly trace: TraceId;
  /** Work tree that the session ran in, as it is called now. */
  readonly root: string;
  readonly windows: readonly TimedWindow[];
  readonly events: readonly EventRecord[];
}

/** One patch of the path that is asked about, without any text but what its step told. */
export interface PatchSketch {
  readonly session: SessionEvidence;
  /** Sub-agent in whose file a transcript patch stands. */
  readonly agent: string | null;
  readonly patch: PatchRecord;
  readonly path: string;
  readonly from: string | null;
  readonly afterKey: string | null;
  /** Lines that a transcript says it added; none for what snapshots saw. */
  readonly told: readonly string[];
}

/** What a patch is between. */
export interface PatchSides {
  readonly before: LedgerSide | null | undefined;
  readonly after: LedgerSide | null;
  /** What git had to do with it; for changes that snapshots saw. */
  readonly git?: GitPart;
}

/** A change in its place in time, to be made of its sides when its turn comes. */
export interface PlannedChange<P extends PatchSketch> {
  readonly patch: P;
  /** Equal for two plans in which it would become the same change, if its sides are the same. */
  readonly identity: string;
  make(sides: PatchSides): LedgerChange;
}

/**
 * The changes of a path in order of time, each with what its cause will be found by.
 *
 * An edit that snapshots observed is not taken from the transcript a second time, and a change that
 * two sessions' snapshots saw is taken from the closer look.
 */
export function planChanges<P extends PatchSketch>(
  patches: readonly P[],
  sessions: readonly SessionEvidence[],
  hashOf: (line: string) => string,
): readonly PlannedChange<P>[] {
  const observed = patches.filter(({ patch }) => patch.evidence === "observed");
  const transcript = patches.filter(({ patch }) => patch.evidence === "transcript");
  const context = new Circumstantial(sessions, transcript, hashOf);
  const seen = observed
    .map((patch) => ({ patch, time: timeOf(patch) }))
    .filter((one, _, all) => !all.some((other) => isCloserLook(other, one)))
    .map(({ patch, time }): Ranked<P> => {
      const change = plannedObserved(patch, time, context);
      return { change, atMs: time.toMs, lane: `${patch.session.trace} seen`, rank: time.to };
    });
  const told = transcript
    .filter((patch) => !isObserved(patch, observed))
    .map((patch): Ranked<P> => {
      const lane = `${patch.session.trace} told ${patch.agent ?? ""}`;
      const { step = 0, atMs } = patch.patch;
      return { change: plannedTold(patch), atMs: atMs ?? 0, lane, rank: step };
    });
  return inOrder([...seen, ...told]);
}

interface TimedPatch {
  readonly patch: PatchSketch;
  readonly time: Interval;
}

function timeOf({ session, patch }: PatchSketch): Interval {
  const [from, to] = patch.between ?? [-1, -1];
  const snapshotAt = (seq: number): SnapshotEvent | undefined => {
    const event = session.events[seq]?.seq === seq ? session.events[seq] : undefined;
    const found = event ?? session.events.find((other) => other.seq === seq);
    return found?.r === "snapshot" ? found : undefined;
  };
  const toMs = snapshotAt(to)?.atMs ?? patch.atMs ?? 0;
  return { from, to, fromMs: snapshotAt(from)?.atMs ?? toMs, toMs };
}

/** True if `other` saw the same change in another session's shorter stretch of time. */
function isCloserLook(other: TimedPatch, one: TimedPatch): boolean {
  if (other === one || other.patch.session.trace === one.patch.session.trace) return false;
  if (other.patch.session.root !== one.patch.session.root) return false;
  if (other.patch.path !== one.patch.path) return false;
  if (other.patch.afterKey !== one.patch.afterKey) return false;
  const overlap = other.time.fromMs <= one.time.toMs && one.time.fromMs <= other.time.toMs;
  if (!overlap) return false;
  const otherLength = other.time.toMs - other.time.fromMs;
  const length = one.time.toMs - one.time.fromMs;
  if (otherLength !== length) return otherLength < length;
  return other.patch.session.trace < one.patch.session.trace;
}

function plannedObserved<P extends PatchSketch>(
  patch: P,
  time: Interval,
  context: Circumstantial,
): PlannedChange<P> {
  const windows = context.windowsAt(patch, time);
  const editor = context
    .editorOf(patch)
    .filter(({ atMs }) => atMs >= time.fromMs && atMs <= time.toMs);
  const parts = windows.map(({ trace, window, tellers }) => {
    const told = tellers.map((teller) => `${teller.patch.id} ${teller.told.length}`);
    return [trace, window, told];
  });
  const identity = JSON.stringify([placeOf(patch), time, parts, editor]);
  const make = (sides: PatchSides): LedgerChange =>
    observedChange(patch, { time, sides, editor, windows: context.owned(windows, sides) });
  return { patch, identity, make };
}

function placeOf({ session, agent, patch, path, from, afterKey }: PatchSketch): unknown {
  return [session.trace, session.root, agent, patch.id, path, from, patch.before?.oid, afterKey];
}

interface Observed {
  readonly time: Interval;
  readonly sides: PatchSides;
  readonly windows: readonly OwnedWindow[];
  readonly editor: readonly EditorEvent[];
}

function observedChange(patch: PatchSketch, observed: Observed): LedgerChange {
  const { time, sides, windows, editor } = observed;
  const drift = (sides.after?.lines?.length ?? 0) - (sides.before?.lines?.length ?? 0);
  const byWindows = causeOf({ path: patch.path, windows, editor, drift });
  // A tool that names the path writes it itself, even where that is what a commit holds.
  const isNamed = windows.some(({ window }) => isNamedBy(window, patch.path));
  const git = isNamed ? gitBeside(sides) : gitAlone(sides, windows);
  const cause = isNamed ? byWindows : withoutGit(git, byWindows);
  return changeOf(patch, sides, { cause, atMs: time.toMs, sinceMs: time.fromMs, git });
}

function gitBeside({ git }: PatchSides): GitPart | undefined {
  return git === undefined ? undefined : { ...git, isWhole: false, brought: new Set<number>() };
}

/** Adds what git writes for a conflict, and everything where the window ran nothing but git. */
function gitAlone(
  { git, before, after }: PatchSides,
  windows: readonly OwnedWindow[],
): GitPart | undefined {
  if (git === undefined) return undefined;
  const lines = after?.lines ?? [];
  const doing = gitDoingIn(windows);
  const hadConflict = conflictLines(before?.lines ?? []).size > 0;
  const more = hadConflict ? new Set<number>() : conflictLines(lines);
  const isBrought = (line: number): boolean => git.brought.has(line) || more.has(line);
  const isLine = (line: number): boolean => line >= 0 && line < lines.length;
  const brought = { has: doing === null ? isBrought : isLine };
  const isTakenBack = doing === "discards" && !git.hasMoved && (git.isHeads || after === null);
  return { ...git, brought, isWhole: git.isWhole || (doing !== null && !isTakenBack) };
}

function gitDoingIn(windows: readonly OwnedWindow[]): GitDoing | null {
  const [only] = windows;
  return windows.length === 1 ? (only?.window.step?.git ?? null) : null;
}

/** Nobody wrote what git brought: the commit that it came from tells more. */
function withoutGit(git: GitPart | undefined, cause: Cause): Cause {
  if (git === undefined) return cause;
  return (text, index) => (git.isWhole || git.brought.has(index) ? null : cause(text, index));
}

/** True if snapshots on both sides of the step saw what it did to this path. */
function isObserved(told: PatchSketch, observed: readonly PatchSketch[]): boolean {
  const window = told.session.windows.find(
    ({ step }) => step !== null && step.agent === told.agent && step.index === told.patch.step,
  );
  if (window === undefined || !window.isObserved) return false;
  return observed.some(({ session, patch, path }) => {
    if (session.trace !== told.session.trace || path !== told.path) return false;
    const [from, to] = patch.between ?? [0, 0];
    return window.from < to && window.to > from;
  });
}

function plannedTold<P extends PatchSketch>(patch: P): PlannedChange<P> {
  const { session, agent, patch: record } = patch;
  const step = { trace: session.trace, agent, index: record.step ?? 0 };
  const own: Attribution = { owner: stepOwner(step), evidence: "transcript" };
  const { atMs } = record;
  const identity = JSON.stringify([placeOf(patch), step, atMs, patch.told.length]);
  const rest = { cause: () => own, atMs: atMs ?? 0, sinceMs: null, git: undefined };
  return { patch, identity, make: (sides) => changeOf(patch, sides, rest) };
}

function changeOf(
  { session, patch, path, from }: PatchSketch,
  { before, after }: PatchSides,
  rest: Pick<LedgerChange, "cause" | "atMs" | "sinceMs" | "git">,
): LedgerChange {
  const { trace, root } = session;
  return { patch: patch.id, trace, path, from, before, after, root, ...rest };
}

interface Ranked<P extends PatchSketch> {
  readonly change: PlannedChange<P>;
  readonly atMs: number;
  /** Records of one file of one session, in whose own order `rank` counts. */
  readonly lane: string;
  readonly rank: number;
}

/** By time; within one session its own order holds, whatever its clock says. */
function inOrder<P extends PatchSketch>(
  changes: readonly Ranked<P>[],
): readonly PlannedChange<P>[] {
  const latest = new Map<string, number>();
  const timed = changes
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ change, atMs, lane }) => {
      const at = Math.max(atMs, latest.get(lane) ?? 0);
      latest.set(lane, at);
      return { change, at };
    });
  return timed.toSorted((a, b) => a.at - b.at).map(({ change }) => change);
}
