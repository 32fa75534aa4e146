import { OtError } from "../base/errors.ts";
import { type Op, throwIfCancelled } from "../base/op.ts";
import type { TrackAnswer, TrackedPatch } from "../model/answers.ts";
import { stepNumber, type TraceId } from "../model/ids.ts";
import type { PatchState } from "../model/trail.ts";
import type { Effect } from "../trail/path-ledger.ts";
import type { Address } from "./address.ts";
import { requireCommit } from "./file-content.ts";
import { PathFates, type Tip } from "./patch-fate.ts";
import type { RepoContext } from "./repo-context.ts";
import { stepsOfEffect } from "./step-effects.ts";

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
  const { trace, at } = request;
  const head = await context.head.commit(op);
  const sha = at === undefined ? head : await requireCommit(op, context, at);
  const tip: Tip = { sha, isHead: sha === head };
  const patches: TrackedPatch[] = [];
  const paths = await pathsOfTrace(op, context, trace);
  for (let at = 0; at < paths.length; at += pathsAtOnce) {
    throwIfCancelled(op);
    const some = paths.slice(at, at + pathsAtOnce);
    const found = await Promise.all(
      some.map((path) => patchesOfPath(op, context, { path, tip, ...request })),
    );
    patches.push(...found.flat());
  }
  const ordered = patches.toSorted((a, b) => order(a) - order(b) || (a.path < b.path ? -1 : 1));
  const { selection } = request.selected;
  const last = ordered.at(-1)?.step;
  const asked = selection.kind === "last" ? ordered.filter(({ step }) => step === last) : ordered;
  return { patches: asked, totals: totalsOf(asked) };
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
  asked: { path: string; tip: Tip; trace: TraceId; selected: Address },
): Promise<TrackedPatch[]> {
  const { path, tip, trace, selected } = asked;
  const ledger = await context.ledger(op, path);
  const fates = await PathFates.of(op, context, path, tip);
  const patches: TrackedPatch[] = [];
  for (const effect of ledger.effects) {
    if (effect.change.path !== path) continue;
    const step = stepsOfEffect(ledger, effect).find((other) => other.trace === trace);
    if (step === undefined || !isSelected(selected, step)) continue;
    const fate = await fates.fateOf(op, effect);
    const { state, retention, flags, anchors, by } = fate;
    patches.push({
      id: effect.change.patch,
      step: stepNumber(step.agent, step.index),
      path,
      ...sizeOf(effect),
      state,
      retention,
      flags,
      anchors,
      by,
    });
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
