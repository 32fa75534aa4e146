import type { EditorEvent, EventRecord, SnapshotEvent } from "../model/events.ts";
import type { TraceId } from "../model/ids.ts";
import type { PatchRecord } from "../model/trail.ts";
import { type Attribution } from "./births.ts";
import { type Cause, causeOf, isNamedBy, type OwnedWindow, stepOwner } from "./cause.ts";
import { conflictLines } from "./conflict-lines.ts";
import type { GitDoing } from "./git-commands.ts";
import { newIndexOf, normalisedLine } from "./line-diff.ts";
import type { GitPart, LedgerChange, LedgerSide } from "./path-ledger.ts";
import { isGatedFormOf, withKeyedLines } from "./text-lines.ts";
import type { TimedWindow } from "./windows.ts";

/** What one session knows of its own doings, for telling whose a change is. */
export interface SessionEvidence {
  readonly trace: TraceId;
  /** Work tree that the session ran in, as it is called now. */
  readonly root: string;
  readonly windows: readonly TimedWindow[];
  readonly events: readonly EventRecord[];
}

/** One patch of the path that is asked about, its sides read. */
export interface PathPatch {
  readonly session: SessionEvidence;
  /** Sub-agent in whose file a transcript patch stands. */
  readonly agent: string | null;
  readonly patch: PatchRecord;
  readonly path: string;
  readonly from: string | null;
  readonly before: LedgerSide | null | undefined;
  readonly after: LedgerSide | null;
  /** What git had to do with it; for changes that snapshots saw. */
  readonly git?: GitPart;
}

/**
 * The changes of a path in order of time, each with its cause.
 *
 * An edit that snapshots observed is not taken from the transcript a second time, and a change that
 * two sessions' snapshots saw is taken from the closer look.
 */
export function changesOfPath(
  patches: readonly PathPatch[],
  sessions: readonly SessionEvidence[],
  hashOf: HashOfLine,
): readonly LedgerChange[] {
  const observed = patches.filter(({ patch }) => patch.evidence === "observed");
  const transcript = patches.filter(({ patch }) => patch.evidence === "transcript");
  const seen = observed
    .map((patch) => ({ patch, time: timeOf(patch) }))
    .filter((one, _, all) => !all.some((other) => isCloserLook(other, one)))
    .map(({ patch, time }): Ranked => {
      const change = observedChange(patch, time, { transcript, sessions, hashOf });
      return { change, lane: `${patch.session.trace} seen`, rank: time.to };
    });
  const told = transcript
    .filter((patch) => !isObserved(patch, observed))
    .map((patch): Ranked => {
      const lane = `${patch.session.trace} told ${patch.agent ?? ""}`;
      return { change: transcriptChange(patch), lane, rank: patch.patch.step ?? 0 };
    });
  return inOrder([...seen, ...told]);
}

interface TimedPatch {
  readonly patch: PathPatch;
  readonly time: Interval;
}

/** Event `seq`s and times of the two snapshots that a change lies between. */
interface Interval {
  readonly from: number;
  readonly to: number;
  readonly fromMs: number;
  readonly toMs: number;
}

function timeOf({ session, patch }: PathPatch): Interval {
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
  if ((other.patch.after?.key ?? null) !== (one.patch.after?.key ?? null)) return false;
  const overlap = other.time.fromMs <= one.time.toMs && one.time.fromMs <= other.time.toMs;
  if (!overlap) return false;
  const otherLength = other.time.toMs - other.time.fromMs;
  const length = one.time.toMs - one.time.fromMs;
  if (otherLength !== length) return otherLength < length;
  return other.patch.session.trace < one.patch.session.trace;
}

/** The keyed hash by which lines that gate 1 redacted are recognised. */
export type HashOfLine = (line: string) => string;

interface Context {
  readonly hashOf: HashOfLine;
  readonly transcript: readonly PathPatch[];
  readonly sessions: readonly SessionEvidence[];
}

function observedChange(patch: PathPatch, time: Interval, context: Context): LedgerChange {
  const windows = overlapping(patch, time, context);
  const editor = context.sessions
    .filter(({ root }) => root === patch.session.root)
    .flatMap(({ events }) => events)
    .filter((event): event is EditorEvent => event.r === "editor" && event.path === patch.path)
    .filter(({ atMs }) => atMs >= time.fromMs && atMs <= time.toMs);
  const drift = (patch.after?.lines?.length ?? 0) - (patch.before?.lines?.length ?? 0);
  const byWindows = causeOf({ path: patch.path, windows, editor, drift });
  // A tool that names the path writes it itself, even where that is what a commit holds.
  const isNamed = windows.some(({ window }) => isNamedBy(window, patch.path));
  const git = isNamed ? gitBeside(patch) : gitAlone(patch, windows);
  const cause = isNamed ? byWindows : withoutGit(git, byWindows);
  return changeOf(patch, { cause, atMs: time.toMs, sinceMs: time.fromMs, git });
}

function gitBeside({ git }: PathPatch): GitPart | undefined {
  return git === undefined ? undefined : { ...git, isWhole: false, brought: new Set<number>() };
}

/** Adds what git writes for a conflict, and everything where the window ran nothing but git. */
function gitAlone(
  { git, before, after }: PathPatch,
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

/** Windows in whose time the change may lie: by order within its session, by time in others. */
function overlapping(patch: PathPatch, time: Interval, context: Context): readonly OwnedWindow[] {
  const found: OwnedWindow[] = [];
  for (const { trace, root, windows } of context.sessions) {
    if (root !== patch.session.root) continue;
    const isOwn = trace === patch.session.trace;
    for (const window of windows) {
      const overlaps = isOwn
        ? window.from < time.to && window.to > time.from
        : window.fromMs < time.toMs && window.toMs > time.fromMs;
      if (!overlaps || window.reach === "none") continue;
      found.push({ trace, window, reported: reportedLines(trace, window, { patch, context }) });
    }
  }
  return found;
}

/** Lines that the step's own record says it added here; null if it has no record of the path. */
function reportedLines(
  trace: TraceId,
  { step }: TimedWindow,
  { patch, context }: { patch: PathPatch; context: Context },
): ReadonlySet<string> | null {
  if (step === null) return null;
  const own = context.transcript.filter(
    (told) =>
      told.session.trace === trace &&
      told.agent === step.agent &&
      told.patch.step === step.index &&
      told.path === patch.path,
  );
  if (own.length === 0) return null;
  const told = own.flatMap(addedLines);
  const seen = patch.after?.lines ?? [];
  // What the gate redacted in the record is known by its hash: the raw line was reported too.
  const keyed = withKeyedLines(seen, told, context.hashOf);
  const gated = told.filter((line) => line.includes("[[secret:"));
  const raw = seen.filter(
    (line, index) => keyed[index] !== line || gated.some((form) => isGatedFormOf(form, line)),
  );
  return new Set([...told, ...raw].map(normalisedLine));
}

function addedLines({ patch, after }: PathPatch): readonly string[] {
  if (after === null || after.lines === null) return [];
  const { lines } = after;
  if (patch.hunks.length === 0) return lines;
  return patch.hunks.flatMap((hunk) =>
    lines.slice(newIndexOf(hunk), newIndexOf(hunk) + hunk.newLines),
  );
}

/** True if snapshots on both sides of the step saw what it did to this path. */
function isObserved(told: PathPatch, observed: readonly PathPatch[]): boolean {
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

function transcriptChange(told: PathPatch): LedgerChange {
  const { session, agent, patch } = told;
  const step = { trace: session.trace, agent, index: patch.step ?? 0 };
  const own: Attribution = { owner: stepOwner(step), evidence: "transcript" };
  return changeOf(told, { cause: () => own, atMs: patch.atMs ?? 0, sinceMs: null, git: undefined });
}

function changeOf(
  { session, patch, path, from, before, after }: PathPatch,
  rest: Pick<LedgerChange, "cause" | "atMs" | "sinceMs" | "git">,
): LedgerChange {
  const { trace, root } = session;
  return { patch: patch.id, trace, path, from, before, after, root, ...rest };
}

interface Ranked {
  readonly change: LedgerChange;
  /** Records of one file of one session, in whose own order `rank` counts. */
  readonly lane: string;
  readonly rank: number;
}

/** By time; within one session its own order holds, whatever its clock says. */
function inOrder(changes: readonly Ranked[]): readonly LedgerChange[] {
  const latest = new Map<string, number>();
  const timed = changes
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ change, lane }) => {
      const at = Math.max(change.atMs, latest.get(lane) ?? 0);
      latest.set(lane, at);
      return { change, at };
    });
  return timed.toSorted((a, b) => a.at - b.at).map(({ change }) => change);
}
