import type { EventRecord } from "./events.ts";
import type { Trace, TraceFile } from "./trace.ts";

/**
 * Joins a sub-agent that no result names to the call that the file beside its transcript names: one
 * that was started by another sub-agent, or is not done yet.
 */
export function withStarters(trace: Trace, events: readonly EventRecord[]): Trace {
  const files = [trace.main, ...trace.agents];
  const named = new Set(files.flatMap(({ startedAgents }) => [...startedAgents.values()]));
  const lost = new Map<string, string>();
  for (const event of events) {
    if (event.r !== "attachment" || event.about === undefined) continue;
    const { agent, facts } = event.about;
    if (agent === null || facts.parentCallId === undefined || named.has(agent)) continue;
    lost.set(facts.parentCallId, agent);
  }
  if (lost.size === 0) return trace;
  const [main = trace.main, ...agents] = files.map((file) => withLost(file, lost));
  return { ...trace, main, agents };
}

function withLost(file: TraceFile, lost: ReadonlyMap<string, string>): TraceFile {
  const startedAgents = new Map(file.startedAgents);
  for (const { index, tool } of file.steps) {
    const agent = tool === null ? undefined : lost.get(tool.callId);
    if (agent !== undefined && !startedAgents.has(index)) startedAgents.set(index, agent);
  }
  return startedAgents.size === file.startedAgents.size ? file : { ...file, startedAgents };
}
