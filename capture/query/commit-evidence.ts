import type { Op } from "../base/op.ts";
import type { EditorEvent } from "../model/events.ts";
import type { Step } from "../model/trace.ts";
import type { Owner } from "../model/trail.ts";
import type { Attribution, Birth } from "../trail/births.ts";
import { formatterOwner, humanOwner, newestOfEach, unknownOwner } from "../trail/cause.ts";
import { type CommitTimes, type CommittedLine, isLineBeforeCapture } from "./commit-order.ts";
import { commandOf } from "./prompt-of-step.ts";
import type { RepoContext } from "./repo-context.ts";
import { repoPathOf, type RepoSession } from "./repo-sessions.ts";
import { isShallowEnd } from "./shallow-end.ts";

/**
 * Whose a committed line is that no window of any session covers.
 *
 * Older than every capture: unknown. Held by nothing but the user's own commit: the user's. Seen in
 * the work tree before it was committed, or while an agent's command ran unwatched: unknown.
 */
export async function judgeCommit(
  op: Op,
  context: RepoContext,
  { commit, birth, ...at }: CommittedLine & { readonly commit: CommitTimes; readonly birth: Birth },
): Promise<Attribution> {
  if (await isLineBeforeCapture(op, context, commit, at)) {
    return { owner: unknownOwner, evidence: "before-capture" };
  }
  if (isShallowEnd(context, commit.sha)) return { owner: unknownOwner, evidence: "none" };
  if (birth.seenAtMs !== null && commit.committedAtMs > birth.seenAtMs) {
    return { owner: unknownOwner, evidence: "none" };
  }
  if (await ranUnwatched(op, context, commit)) return { owner: unknownOwner, evidence: "none" };
  return { owner: humanOwner, evidence: "observed" };
}

/** True if a session without snapshots ran a command from which the commit's lines could come. */
async function ranUnwatched(op: Op, context: RepoContext, commit: CommitTimes): Promise<boolean> {
  const during = (await context.sessions(op)).filter((session) => ranAt(session, commit));
  const versions = during.map(({ view }) => `${view.trace}:${view.version}`);
  return context.once(`unwatched\0${commit.sha}\0${versions.join(" ")}`, async () => {
    for (const session of during) {
      if (await ranCommandBefore(session, commit.committedAtMs)) return true;
    }
    return false;
  });
}

function ranAt({ view, kin }: RepoSession, { committedAtMs }: CommitTimes): boolean {
  const { startedAtMs = null, endedAtMs = null } = view.session ?? {};
  if (kin === "guest" || startedAtMs === null || endedAtMs === null) return false;
  return committedAtMs + 999 >= startedAtMs && committedAtMs <= endedAtMs;
}

async function ranCommandBefore({ view }: RepoSession, committedAtMs: number): Promise<boolean> {
  const watched = new Set(
    (await view.readWindows()).filter((window) => window.isObserved).map(({ callId }) => callId),
  );
  const { main, agents } = await view.readTrace();
  return [main, ...agents].some(({ steps }) =>
    steps.some(
      (step) =>
        canChangeFiles(step) &&
        !watched.has(step.tool?.callId ?? "") &&
        (step.atMs ?? Infinity) <= committedAtMs + 999,
    ),
  );
}

/** Words with which a command line begins that leaves files as they are. */
const harmless =
  /^(?:ls|cat|head|tail|grep|rg|wc|pwd|echo|which|date|git (?:status|log|diff|show|branch|rev-parse|add|blame))\b/u;

function canChangeFiles(step: Step): boolean {
  if (step.kind !== "command") return step.kind === "tool" && step.tool !== null;
  const { input } = step.tool ?? { input: null };
  const command = commandOf(input);
  if (command === null || /[>`]|\$\(/u.test(command)) return true;
  return command.split(/&&|\|\||[;|\n]/u).some((part) => !harmless.test(part.trim()));
}

/**
 * The person or the formatter, where the editor saw them change this line after the last snapshot
 * of the path; null where it saw neither.
 */
export async function seenInEditor(
  op: Op,
  context: RepoContext,
  at: { readonly path: string; readonly line: number },
): Promise<Owner | null> {
  const ledger = await context.ledger(op, at.path);
  const since = ledger.latest(at.path, context.repository.workTree)?.atMs ?? 0;
  const about: EditorEvent[] = [];
  for (const session of await context.sessions(op)) {
    if (session.root !== context.repository.workTree) continue;
    for (const event of await session.view.readEvents()) {
      if (event.r !== "editor" || event.atMs < since) continue;
      if (repoPathOf(session, event.path) === at.path) about.push(event);
    }
  }
  const isSeen = ({ ranges }: EditorEvent): boolean =>
    ranges.some(([start, end]) => at.line >= start && at.line <= end);
  const seen = newestOfEach(about).filter(isSeen);
  if (seen.some(({ kind }) => kind === "typed")) return humanOwner;
  return seen.some(({ kind }) => kind === "formatted") ? formatterOwner : null;
}
