import { expect, test } from "vitest";

import type { EventRecord } from "../../capture/model/events.ts";
import { withStarters } from "../../capture/model/link-agents.ts";
import type { TraceFile } from "../../capture/model/trace.ts";
import { foldLines } from "../support/claude-fold.ts";
import { session } from "../support/claude-lines.ts";

function file(agent: string | null, callId: string): TraceFile {
  const { trace } = foldLines(session().call(callId, "Agent", {}).lines, { ref: { agent } });
  return { ...trace, file: agent === null ? 0 : 1, agent };
}

function about(agent: string, parentCallId: string): EventRecord {
  const path = `agent-${agent}.meta.json`;
  const told = { agent, facts: { parentCallId } };
  return { r: "attachment", seq: 0, atMs: 1, path, blob: "", bytes: 1, redactions: 0, about: told };
}

test("a sub-agent that another started is found by the call that its companion names", () => {
  const main = file(null, "t1");
  const trace = { harness: "claude-code", nativeId: "1", main, agents: [file("a", "t2")] } as const;
  const linked = withStarters(trace, [about("a", "t1"), about("b", "t2"), about("c", "t9")]);

  expect([...linked.main.startedAgents]).toEqual([[0, "a"]]);
  expect([...(linked.agents[0]?.startedAgents ?? [])]).toEqual([[0, "b"]]);
});

test("what a result names stands", () => {
  const main = { ...file(null, "t1"), startedAgents: new Map([[0, "x"]]) };
  const trace = { harness: "claude-code", nativeId: "1", main, agents: [] } as const;

  expect(withStarters(trace, [about("x", "t9"), about("y", "t1")])).toEqual(trace);
});
