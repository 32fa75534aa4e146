import { type Op, throwIfCancelled } from "../base/op.ts";
import { listCommits } from "../git/history.ts";
import type { TreeChange } from "../git/parse/diff.ts";
import type { CommitInfo } from "../git/parse/log.ts";
import type { Outcome, TrackedPatch } from "../model/answers.ts";
import type { TraceId } from "../model/ids.ts";
import type { Effect, PathLedger } from "../trail/path-ledger.ts";
import { addedLines } from "./added-lines.ts";
import { changesOfAll } from "./commit-history.ts";
import { outcomeOf } from "./outcome.ts";
import type { RepoContext } from "./repo-context.ts";
import { stepsOfEffect } from "./step-effects.ts";
import type { OutsideChange, TimelineCommit } from "./timeline/input.ts";
import { pathsOfTrace, track } from "./track.ts";

/** Changes between windows, and commits, that are told of one session at most. */
const outsideMax = 500;
const commitsMax = 200;

/**
 * What is known of a session beyond its own records: its patches' fates and what lies around them.
 */
export interface SessionFacts {
  readonly patches: readonly TrackedPatch[];
  readonly outside: readonly OutsideChange[];
  readonly commits: readonly TimelineCommit[];
  readonly outcome: Outcome;
}

/**
 * Works out {@link SessionFacts} at HEAD. Throws `not-found` for a session of another repository.
 */
export async function sessionFacts(
  op: Op,
  context: RepoContext,
  trace: TraceId,
): Promise<SessionFacts> {
  const selected = { trace, agent: null, selection: { kind: "all" } } as const;
  const { patches, totals } = await track(op, context, { trace, selected });
  const commits = await commitsOf(op, context, trace, patches);
  const outcome = await outcomeOf(op, context, trace, { patches, totals, commits });
  return { patches, outside: await outsideOf(op, context, trace), commits, outcome };
}

/** The commits that took lines of the session, and those made while it ran, oldest first. */
async function commitsOf(
  op: Op,
  context: RepoContext,
  trace: TraceId,
  patches: readonly TrackedPatch[],
): Promise<readonly TimelineCommit[]> {
  const head = await context.head.commit(op);
  if (head === null) return [];
  const anchored = new Set(patches.flatMap(({ anchors }) => anchors.map(({ commit }) => commit)));
  const { startedAtMs = null, endedAtMs = null } = context.bucket.view(trace)?.session ?? {};
  const recent = await recentCommits(op, context, head);
  const isDuring = ({ committedAtMs }: CommitInfo): boolean =>
    startedAtMs !== null &&
    endedAtMs !== null &&
    committedAtMs + 999 >= startedAtMs &&
    committedAtMs <= endedAtMs;
  const ours = recent.filter((commit) => anchored.has(commit.sha) || isDuring(commit));
  const found: TimelineCommit[] = [];
  const told = ours.slice(0, commitsMax).toReversed();
  const changes = await changesOfAll(
    op,
    context,
    told.map(({ sha }) => sha),
  );
  for (const commit of told) {
    throwIfCancelled(op);
    const { sha, subject, committedAtMs } = commit;
    found.push({
      sha,
      subject,
      atMs: committedAtMs,
      lines: await linesOf(op, context, trace, { commit, changes: changes.get(sha) ?? [] }),
    });
  }
  return found;
}

/** The newest commits up to HEAD; asked of git once for each HEAD. */
function recentCommits(op: Op, context: RepoContext, head: string): Promise<readonly CommitInfo[]> {
  return context.once(
    `recent\0${head}`,
    () => listCommits(op, context.repository, { revs: [head], limit: commitsMax * 5 }),
    "content",
  );
}

/** Counted once for each state of the ledgers that the commit's paths have. */
async function linesOf(
  op: Op,
  context: RepoContext,
  trace: TraceId,
  { commit, changes }: { commit: CommitInfo; changes: readonly TreeChange[] },
): Promise<TimelineCommit["lines"]> {
  const serials: number[] = [];
  for (const { path } of changes) serials.push((await context.ledger(op, path)).serial);
  return context.once(`commit-lines\0${commit.sha}\0${trace}\0${serials.join(" ")}`, async () => {
    let added = 0;
    let byThisSession = 0;
    for (const change of changes) {
      for (const { owner } of await addedLines(op, context, commit, change)) {
        const { step } = owner;
        added += 1;
        if (step?.trace === trace) byThisSession += 1;
      }
    }
    return { added, byThisSession };
  });
}

/** What the session's snapshots saw change while none of its steps ran. */
async function outsideOf(
  op: Op,
  context: RepoContext,
  trace: TraceId,
): Promise<readonly OutsideChange[]> {
  const outside: OutsideChange[] = [];
  for (const path of await pathsOfTrace(op, context, trace)) {
    throwIfCancelled(op);
    const ledger = await context.ledger(op, path);
    for (const effect of ledger.effects) {
      const { change, added, removed } = effect;
      if (change.trace !== trace || change.path !== path || change.sinceMs === null) continue;
      if (added.length + removed.length === 0 || stepsOfEffect(ledger, effect).length > 0) continue;
      const counts = { added: added.length, deleted: removed.length };
      outside.push({ by: handOf(ledger, effect), path, ...counts, atMs: change.atMs });
    }
  }
  const ordered = outside.toSorted((a, b) => (a.atMs ?? 0) - (b.atMs ?? 0));
  return ordered.slice(0, outsideMax);
}

function handOf(ledger: PathLedger, { change, added }: Effect): OutsideChange["by"] {
  const kinds = new Set(added.map((id) => ledger.births.get(id).attribution?.owner.kind));
  if (kinds.has("human")) return "human";
  if (kinds.has("formatter")) return "formatter";
  const whole = change.cause("", -1)?.owner.kind;
  return whole === "human" || whole === "formatter" ? whole : "unknown";
}
