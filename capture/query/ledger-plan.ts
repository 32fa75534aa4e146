import type { Op } from "../base/op.ts";
import type { SnapshotEvent } from "../model/events.ts";
import type { SessionEvidence } from "../trail/path-changes.ts";
import type { TimedWindow } from "../trail/windows.ts";
import { findOnDisk } from "./file-content.ts";
import type { RepoContext } from "./repo-context.ts";
import { entriesOfPath, repoPathOf, type RepoSession } from "./repo-sessions.ts";
import type { PatchEntry } from "./patch-entry.ts";

/** Paths that are looked at to follow one path's renames back. */
const namesMax = 40;

export interface LedgerPlan {
  /** Equal for two looks at the bucket that would give the same ledger. */
  readonly stamp: string;
  /** What each concerned session knows; sessions without patches that ran meanwhile included. */
  readonly evidence: ReadonlyMap<RepoSession, SessionEvidence>;
}

/** A stretch of time in which changes of the path were observed. */
interface Stretch {
  readonly root: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * What the ledger of a path would be made of, without reading a single patch: while a session goes
 * on elsewhere, nothing here changes and the ledger stands.
 */
export async function planLedger(
  op: Op,
  context: RepoContext,
  sessions: readonly RepoSession[],
  path: string,
): Promise<LedgerPlan> {
  const evidence = new Map<RepoSession, SessionEvidence>();
  const parts: string[] = [];
  const stretches: Stretch[] = [];
  const names = [path];
  for (let at = 0; at < names.length && at < namesMax; at += 1) {
    const name = names[at] ?? "";
    for (const session of sessions) {
      const entries = entriesOfPath(session, await context.entriesByPath(session), name);
      if (entries.length === 0) continue;
      if (session.kin === "guest") parts.push(await meetingPlace(op, context, name));
      const known = evidence.get(session) ?? (await evidenceOf(session));
      evidence.set(session, known);
      const stretch = stretchOf(known, entries);
      if (stretch !== null) stretches.push(stretch);
      parts.push(entriesPart(known, entries, name));
      for (const source of await sourcesOf(session, entries)) {
        if (!names.includes(source)) names.push(source);
      }
    }
  }
  await addOnlookers(sessions, evidence);
  for (const known of evidence.values()) parts.push(windowsPart(known, stretches));
  return { stamp: parts.join("\n"), evidence };
}

function entriesPart(
  { trace, root, events }: SessionEvidence,
  entries: readonly PatchEntry[],
  path: string,
): string {
  const places = entries.map(({ fileName, offset }) => `${fileName}:${offset}`);
  const edits = events.filter((event) => event.r === "editor" && event.path === path).length;
  return `${trace} ${root} ${path} ${edits} ${places.join(" ")}`;
}

/** The windows that could own a change in one of the stretches, as far as they are known now. */
function windowsPart(
  { trace, root, windows }: SessionEvidence,
  stretches: readonly Stretch[],
): string {
  const own = stretches.filter((stretch) => stretch.root === root);
  const near = windows.filter(
    (window) =>
      window.reach !== "none" &&
      own.some(({ fromMs, toMs }) => window.fromMs <= toMs && window.toMs >= fromMs),
  );
  return `${trace} ${near.map(windowPart).join(" ")}`;
}

function windowPart({ callId, from, to, reach, step, ...rest }: TimedWindow): string {
  const owner = step === null ? "?" : `${step.agent ?? ""}:${step.index}`;
  return [callId, from, to, reach, owner, rest.background, rest.isObserved].join(",");
}

function stretchOf(
  { root, events }: SessionEvidence,
  entries: readonly PatchEntry[],
): Stretch | null {
  const seqs = entries.flatMap(({ between }) => between ?? []);
  if (seqs.length === 0) return null;
  const snapshots = seqs.map((seq) => events[seq]).filter((event) => event?.r === "snapshot");
  const times = snapshots.map((event: SnapshotEvent) => event.atMs);
  return { root, fromMs: Math.min(...times), toMs: Math.max(...times) };
}

/** Earlier names: of a rename, and of files that went when one of the entries came. */
async function sourcesOf(
  session: RepoSession,
  entries: readonly PatchEntry[],
): Promise<readonly string[]> {
  const named = entries.map(({ from }) => from).filter((from) => from !== null);
  const created = entries.filter(({ isObserved, beforeOid }) => isObserved && beforeOid === null);
  const gone = created.length === 0 ? [] : await session.view.readEntries();
  const beside = gone.filter((other) => created.some((entry) => isDeletedBeside(other, entry)));
  const recorded = [...named, ...beside.map(({ path }) => path)];
  return recorded.map((path) => repoPathOf(session, path)).filter((path) => path !== null);
}

/** True if `other` is the deletion of a file between the same two snapshots. */
export function isDeletedBeside(other: PatchEntry, entry: PatchEntry): boolean {
  if (other.between === null || entry.between === null || other.afterOid !== null) return false;
  return other.between[0] === entry.between[0] && other.between[1] === entry.between[1];
}

/** What a guest's contents have to meet. */
async function meetingPlace(op: Op, context: RepoContext, path: string): Promise<string> {
  const onDisk = await findOnDisk(context, path);
  return `${await context.head.commit(op)} ${onDisk?.key}`;
}

async function evidenceOf(session: RepoSession): Promise<SessionEvidence> {
  const { view, root } = session;
  const windows = (await view.readWindows()).map((window) => ({
    ...window,
    paths: window.paths.flatMap((path) => repoPathOf(session, path) ?? []),
  }));
  return { trace: view.trace, root, windows, events: await view.readEvents() };
}

/** Sessions without patches of the path that ran at the same time: their windows count too. */
async function addOnlookers(
  sessions: readonly RepoSession[],
  evidence: Map<RepoSession, SessionEvidence>,
): Promise<void> {
  const concerned = [...evidence.keys()];
  const overlaps = (one: RepoSession): boolean =>
    concerned.some((other) => {
      const { startedAtMs: start = null, endedAtMs: end = null } = one.view.session ?? {};
      const { startedAtMs = null, endedAtMs = null } = other.view.session ?? {};
      if (start === null || end === null || startedAtMs === null || endedAtMs === null) return true;
      return one.root === other.root && start <= endedAtMs && startedAtMs <= end;
    });
  for (const session of sessions) {
    if (evidence.has(session) || session.kin === "guest" || !overlaps(session)) continue;
    const hasEvents = (session.view.session?.counts.events ?? 0) > 0;
    if (hasEvents) evidence.set(session, await evidenceOf(session));
  }
}
