import type { TraceSummary } from "../model/answers.ts";
import { traceIdOf } from "../model/ids.ts";
import type { SessionUnit } from "../model/session.ts";

/** One row of `trace list`: what a unit's `session.json` says, in the shape of the answers. */
export function traceSummaryOf(session: SessionUnit): TraceSummary {
  return {
    id: traceIdOf(session.harness, session.nativeId),
    harness: session.harness,
    title: session.title,
    cwd: session.cwd,
    startedAtMs: session.startedAtMs,
    endedAtMs: session.endedAtMs,
    models: session.models,
    steps: session.counts.steps,
    turns: session.counts.turns,
    patches: session.counts.patches,
    tokens: session.tokens,
    fidelity: session.fidelity,
    forkOf: session.forkOf,
  };
}
