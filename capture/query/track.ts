import { OtError } from "../base/errors.ts";
import { type Op, throwIfCancelled } from "../base/op.ts";
import type { TrackAnswer, TrackedPatch } from "../model/answers.ts";
import { stepNumber, type TraceId } from "../model/ids.ts";
import type { PatchState, StepCandidate } from "../model/trail.ts";
import { isGenerated } from "../trail/generated.ts";
import type { Effect, LedgerChange } from "../trail/path-ledger.ts";
import type { Address } from "./address.ts";
import { requireCommit } from "./file-content.ts";
import { PathFates, type Tip } from "./patch-fate.ts";
import type { RepoContext } from "./repo-context.ts";
import { effectOfStep, stepsOfEffect } from "./step-effects.ts";

/** Paths that are asked about at once: most of the time goes into waiting for git. */
const pathsAtOnce = 4;

/**
 * What became of each patch of a session, or of the steps that an address selects, at HEAD or `at`.
 *
 * Patches stand in order of their steps. Throws `not-found` for a session of another repository.
 */
export async function track(
  op: Op,
  context: RepoContext,
  request: { readonly trace: TraceId; readonly selected: Address; readonly at?: string },
): Promise<TrackAnswer> {
  const { trace, selected } = request;
  const isAsked: IsAsked = (step) => step?.trace === trace && isSelected(selected, step);
  const paths = await pathsOfTrace(op, context, trace);
  const ordered = await trackPaths(op, context, { paths, isAsked, at: request.at });
  const last = ordered.at(-1)?.step;
  const isLast = selected.selection.kind === "last";
  const patches = isLast ? ordered.filter(({ step }) => step === last) : ordered;
  return { patches, totals: totalsOf(patches) };
}

/**
 * As {@link track}, of every step of the repository since a time, session after session.
 */
export async function trackSince(
  op: Op,
  context: RepoContext,
  { sinceMs, at }: { readonly sinceMs: number; readonly at?: string | undefined },
): Promise<TrackAnswer> {
  const paths = new Set<string>();
  for (const session of await context.sessions(op)) {
    if ((session.view.session?.endedAtMs ?? Infinity) < sinceMs) continue;
    for (const path of (await context.entriesByPath(session)).keys()) paths.add(path);
  }
  const isAsked: IsAsked = (step, change) => step !== null && change.atMs >= sinceMs;
  const patches = await trackPaths(op, context, { paths: [...paths].toSorted(), isAsked, at });
  return { patches, totals: totalsOf(patches) };
}

/** As {@link track}, of one patch by the first digits of its id, whoever made it. */
export async function trackPatch(
  op: Op,
  context: RepoContext,
  { patch, at }: { readonly patch: string; readonly at?: string | undefined },
): Promise<TrackAnswer> {
  const found = new Map<string, string>();
  for (const session of await context.sessions(op)) {
    for (const [path, entries] of await context.entriesByPath(session)) {
      for (const { id } of entries) if (id.startsWith(patch)) found.set(id, path);
    }
  }
  const [one, other] = found;
  if (one === undefined) {
    throw new OtError("not-found", `No patch that begins with ${patch} is known here.`, {
      hint: "`ot trail track <trace> --json` shows the ids of a session's patches.",
    });
  }
  if (other !== undefined) {
    throw new OtError("not-found", `${found.size} patches begin with ${patch}.`, {
      hint: "Give more digits of its id.",
    });
  }
  const [id, path] = one;
  const isAsked: IsAsked = (_, change) => change.patch === id;
  const patches = await trackPaths(op, context, { paths: [path], isAsked, at });
  return { patches, totals: totalsOf(patches) };
}

/** Whether a change is asked about, with a step that had a part in it; null where none had. */
type IsAsked = (step: StepCandidate | null, change: LedgerChange) => boolean;

interface Asked {
  readonly paths: readonly string[];
  readonly isAsked: IsAsked;
  readonly at: string | undefined;
}

async function trackPaths(
  op: Op,
  context: RepoContext,
  { paths, isAsked, at }: Asked,
): Promise<readonly TrackedPatch[]> {
  const head = await context.head.commit(op);
  const sha = at === undefined ? head : await requireCommit(op, context, at);
  const tip: Tip = { sha, isHead: sha === head };
  const patches: TrackedPatch[] = [];
  for (let from = 0; from < paths.length; from += pathsAtOnce) {
    throwIfCancelled(op);
    const some = paths.slice(from, from + pathsAtOnce);
    const found = await Promise.all(
      some.map((path) => patchesOfPath(op, context, { path, tip, isAsked })),
    );
    patches.push(...found.flat());
    op.progress(Math.min(from + pathsAtOnce, paths.length), paths.length, "files");
  }
  return patches.toSorted(byOrder);
}

function byOrder(a: TrackedPatch, b: TrackedPatch): number {
  if (a.trace !== b.trace) return (a.trace ?? "") < (b.trace ?? "") ? -1 : 1;
  return order(a) - order(b) || (a.path < b.path ? -1 : 1);
}

/** Counts of states, all of them named. */
function totalsOf(
  patches: readonly { readonly state: PatchState }[],
): Readonly<Record<PatchState, number>> {
  const totals = { alive: 0, transformed: 0, reverted: 0, lost: 0, pending: 0, unknown: 0 };
  for (const { state } of patches) totals[state] += 1;
  return totals;
}

/** The paths that a session's patches touch, as the repository calls them; throws `not-found`. */
export async function pathsOfTrace(
  op: Op,
  context: RepoContext,
  trace: TraceId,
): Promise<readonly string[]> {
  const session = (await context.sessions(op)).find(({ view }) => view.trace === trace);
  if (session === undefined) {
    throw new OtError("not-found", `${trace} did not work in ${context.repository.workTree}.`, {
      hint: "Run this inside the repository that the session worked in.",
    });
  }
  return [...(await context.entriesByPath(session)).keys()].toSorted();
}

async function patchesOfPath(
  op: Op,
  context: RepoContext,
  { path, tip, isAsked }: { path: string; tip: Tip; isAsked: IsAsked },
): Promise<TrackedPatch[]> {
  const ledger = await context.ledger(op, path);
  const patches: TrackedPatch[] = [];
  for (const effect of ledger.effects) {
    if (effect.change.path !== path) continue;
    const steps = stepsOfEffect(ledger, effect);
    const found = steps.filter((step) => isAsked(step, effect.change));
    const makers = found.length === 0 && isAsked(null, effect.change) ? [null] : found;
    for (const maker of makers) {
      const own = maker === null ? effect : effectOfStep(ledger, effect, maker);
      const fates = await PathFates.of(op, context, path, tip);
      const { state, retention, anchors, by, ...fate } = await fates.fateOf(op, own);
      const flags = isGenerated(path) ? [...fate.flags, "generated"].toSorted() : fate.flags;
      patches.push({
        id: effect.change.patch,
        trace: maker?.trace ?? null,
        step: maker === null ? null : stepNumber(maker.agent, maker.index),
        path,
        ...sizeOf(own),
        state,
        retention,
        flags,
        anchors,
        by,
      });
    }
  }
  return patches;
}

function sizeOf({ added, removed }: Effect): { added: number; deleted: number } {
  return { added: added.length, deleted: removed.length };
}

function isSelected(
  { agent, selection }: Address,
  step: { readonly agent: string | null; readonly index: number },
): boolean {
  if (selection.kind === "all") return agent === null || agent === step.agent;
  if (step.agent !== agent) return false;
  if (selection.kind === "step") return step.index === selection.index;
  if (selection.kind === "range") return step.index >= selection.from && step.index <= selection.to;
  return true;
}

function order({ step }: TrackedPatch): number {
  return typeof step === "number" ? step : Number.MAX_SAFE_INTEGER;
}
