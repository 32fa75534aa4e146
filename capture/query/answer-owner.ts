import type { CommitRef, OwnerAnswer, WhyAnswer } from "../model/answers.ts";
import { stepNumber } from "../model/ids.ts";
import type { LineOwner, Owner } from "../model/trail.ts";

/** An owner in the shape of the answers. */
export function ownerAnswer({ kind, step, candidates }: Owner): OwnerAnswer {
  return {
    kind,
    trace: step?.trace ?? null,
    step: step === null ? null : stepNumber(step.agent, step.index),
    candidates: candidates.map(({ trace, agent, index }) => ({
      trace,
      step: stepNumber(agent, index),
    })),
  };
}

export function lineageAnswer(lineage: LineOwner["lineage"]): WhyAnswer["lineage"] {
  return lineage.map(({ owner, commit, how }) => ({ owner: ownerAnswer(owner), commit, how }));
}

export function commitRef(
  commit: { sha: string; subject: string; authoredAtMs: number; author: string } | null,
): CommitRef | null {
  if (commit === null) return null;
  const { sha, subject, authoredAtMs, author } = commit;
  return { sha, subject, atMs: authoredAtMs, author };
}
