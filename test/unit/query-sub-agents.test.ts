import { expect, test } from "vitest";

import { stepsUnder } from "../../capture/query/sub-agents.ts";
import type { Step, Trace, TraceFile } from "../../capture/model/trace.ts";
import { foldLines } from "../support/claude-fold.ts";
import { session } from "../support/claude-lines.ts";

/** A file of which each of the steps says that it started the agent of that name. */
function file(agent: string | null, starts: readonly string[]): TraceFile {
  const lines = session();
  for (const [at, started] of starts.entries()) {
    lines.call(`${agent}-${at}`, "Agent", {}).result(`${agent}-${at}`, "", {
      toolUseResult: { agentId: started },
    });
  }
  const { trace } = foldLines(lines.lines, { ref: { agent } });
  return { ...trace, file: 0, agent };
}

const named = ({ tool }: Step) => tool?.callId;

test("a sub-agent that is said to start itself, or to be started twice, is shown once", () => {
  const main = file(null, ["a", "a"]);
  const agents = [file("a", ["b", "a", "b", "b"]), file("b", ["a", "b", "a"])];
  const trace: Trace = { harness: "claude-code", nativeId: "1", main, agents };

  expect(stepsUnder(trace, null).map(named)).toEqual([
    "null-0",
    "a-0",
    "b-0",
    "b-1",
    "b-2",
    "a-1",
    "a-2",
    "a-3",
    "null-1",
  ]);
});
