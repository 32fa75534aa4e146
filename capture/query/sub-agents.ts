import type { Step, Trace, TraceFile } from "../model/trace.ts";

/** Sub-agents start sub-agents; a longer chain than this is damage, not work. */
const depthMax = 16;

/** Where a step stands within one trace. */
export interface StepPlace {
  readonly agent: string | null;
  readonly index: number;
}

/** The file of a trace that holds the steps of an agent; undefined where it is not there. */
export function fileOfAgent(trace: Trace, agent: string | null): TraceFile | undefined {
  return agent === null ? trace.main : trace.agents.find((file) => file.agent === agent);
}

/** The step that started a sub-agent, in the main file or in another sub-agent's. */
export function starterOf(trace: Trace, agent: string): StepPlace | undefined {
  for (const file of [trace.main, ...trace.agents]) {
    for (const [index, started] of file.startedAgents) {
      if (started === agent) return { agent: file.agent, index };
    }
  }
  return undefined;
}

/** The step of the main file under which a step took place: itself, or what started its agent. */
export function mainStepOf(trace: Trace, place: StepPlace): Step | undefined {
  let at: StepPlace | undefined = place;
  for (let depth = 0; at !== undefined && depth < depthMax; depth += 1) {
    if (at.agent === null) return trace.main.steps[at.index];
    at = starterOf(trace, at.agent);
  }
  return undefined;
}

/**
 * Steps of a sub-agent (null: of the main file) and of those that it started, each behind the step
 * that started it.
 */
export function stepsUnder(
  trace: Trace,
  agent: string | null,
  shown: Set<string | null> = new Set(),
): readonly Step[] {
  const file = fileOfAgent(trace, agent);
  // Damage may name an agent twice, or let one start itself: it is shown once.
  if (file === undefined || shown.has(agent)) return [];
  shown.add(agent);
  return file.steps.flatMap((step) => {
    const started = file.startedAgents.get(step.index);
    return started === undefined ? [step] : [step, ...stepsUnder(trace, started, shown)];
  });
}
