import { type Reach, reachOfTool } from "../harness/tool-reach.ts";
import type { EventRecord, HookEvent, SnapshotEvent, Window } from "../model/events.ts";
import type { StepKind } from "../model/trace.ts";
import type { GitDoing } from "./git-commands.ts";

/** A step as the windows need it, found by its call id. */
export interface CallStep {
  readonly agent: string | null;
  readonly index: number;
  readonly kind: StepKind;
  readonly background: boolean;
  readonly endedAtMs: number | null;
  /** What its command has git do, where it runs nothing else that writes. */
  readonly git: GitDoing | null;
}

/** A window with the times between which a change can be its own. */
export interface TimedWindow extends Window {
  readonly reach: Reach;
  readonly step: CallStep | null;
  /** Event `seq`s and times; `to` is infinite while the window is open. */
  readonly from: number;
  readonly to: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** A snapshot stands at each end, so that nothing else needs to be believed. */
  readonly isObserved: boolean;
}

const opens: ReadonlySet<string> = new Set(["PreToolUse", "tool_call"]);
const closes: ReadonlySet<string> = new Set(["PostToolUse", "PostToolUseFailure", "tool_result"]);
const ends: ReadonlySet<string> = new Set([
  "Stop",
  "StopFailure",
  "UserPromptSubmit",
  "SessionEnd",
]);

/**
 * The windows of one session, in order of opening: from a call's Pre event to its Post event, else
 * to its result, else to the next prompt or stop.
 */
export function windowsOf(
  events: readonly EventRecord[],
  stepOf: (callId: string) => CallStep | null,
): readonly TimedWindow[] {
  const snapshots = callSnapshots(events);
  const drafts = new Map<string, HookEvent>();
  const windows: TimedWindow[] = [];
  const close = (pre: HookEvent, end: EventRecord | null): void => {
    drafts.delete(pre.callId ?? "");
    windows.push(timed(pre, { end, step: stepOf(pre.callId ?? ""), events, snapshots }));
  };
  for (const event of events) {
    if (event.r !== "hook") continue;
    if (opens.has(event.name) && event.callId !== null) drafts.set(event.callId, event);
    const opened = event.callId === null ? undefined : drafts.get(event.callId);
    if (closes.has(event.name) && opened !== undefined) close(opened, event);
    if (ends.has(event.name)) {
      for (const pre of drafts.values()) if (pre.agent === null) close(pre, event);
    }
    if (event.name === "SubagentStop") {
      for (const pre of drafts.values()) if (pre.agent === event.agent) close(pre, event);
    }
  }
  for (const pre of drafts.values()) close(pre, null);
  return windows.toSorted((a, b) => a.openSeq - b.openSeq);
}

interface CallSnapshots {
  readonly pre: ReadonlyMap<string, SnapshotEvent>;
  readonly post: ReadonlyMap<string, SnapshotEvent>;
  readonly all: readonly SnapshotEvent[];
}

function callSnapshots(events: readonly EventRecord[]): CallSnapshots {
  const pre = new Map<string, SnapshotEvent>();
  const post = new Map<string, SnapshotEvent>();
  const all = events.filter((event) => event.r === "snapshot");
  for (const snapshot of all) {
    if (snapshot.callId === null) continue;
    if (snapshot.cause === "pre") pre.set(snapshot.callId, snapshot);
    if (snapshot.cause === "post") post.set(snapshot.callId, snapshot);
  }
  return { pre, post, all };
}

interface Ending {
  readonly end: EventRecord | null;
  readonly step: CallStep | null;
  readonly events: readonly EventRecord[];
  readonly snapshots: CallSnapshots;
}

function timed(pre: HookEvent, { end, step, events, snapshots }: Ending): TimedWindow {
  const callId = pre.callId ?? "";
  const tool = pre.tool ?? "";
  const background = pre.background || (step?.background ?? false);
  const closing = background ? null : earlierOf(end, resultEvent(events, pre, step));
  const preShot = snapshots.pre.get(callId);
  const postShot = snapshots.post.get(callId);
  const isAfterOne = (snapshots.all[0]?.seq ?? Infinity) < pre.seq;
  return {
    callId,
    agent: pre.agent,
    tool,
    paths: pre.paths,
    background,
    openSeq: pre.seq,
    closeSeq: closing?.seq ?? null,
    reach: reachOf(tool, step?.kind ?? null, pre.paths),
    step,
    from: preShot?.seq ?? pre.seq,
    to: background ? Infinity : (postShot?.seq ?? closing?.seq ?? Infinity),
    fromMs: preShot?.atMs ?? pre.atMs,
    toMs: background ? Infinity : (postShot?.atMs ?? closing?.atMs ?? Infinity),
    isObserved: postShot !== undefined && (preShot !== undefined || isAfterOne),
  };
}

/** The first event after the call's result, where no hook told of its end. */
function resultEvent(
  events: readonly EventRecord[],
  pre: HookEvent,
  step: CallStep | null,
): EventRecord | null {
  const endedAtMs = step?.endedAtMs ?? null;
  if (endedAtMs === null || endedAtMs <= pre.atMs) return null;
  // `seq` is dense, so that the search can begin where the call did.
  const start = events[pre.seq]?.seq === pre.seq ? pre.seq + 1 : 0;
  for (let at = start; at < events.length; at += 1) {
    const event = events[at];
    if (event !== undefined && event.seq > pre.seq && event.atMs > endedAtMs) return event;
  }
  return null;
}

function earlierOf(left: EventRecord | null, right: EventRecord | null): EventRecord | null {
  if (left === null || right === null) return left ?? right;
  // A Post hook is the closest end there is; only a stop or prompt may come later than the result.
  if (left.r === "hook" && closes.has(left.name)) return left;
  return left.seq <= right.seq ? left : right;
}

/** What a call can touch: by the kind of its step, else by the tool's name. */
function reachOf(tool: string, kind: StepKind | null, paths: readonly string[]): Reach {
  const reach = reachOfTool(tool);
  if (reach === "container" || kind === "subagent" || kind === "skill") return "container";
  if (reach === "none") return "none";
  if (kind === "read" || kind === "search" || kind === "web" || kind === "plan") return "none";
  if (kind === "edit" || reach === "named") return paths.length === 0 ? "any" : "named";
  return "any";
}
