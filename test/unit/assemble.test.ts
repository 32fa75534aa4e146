import { expect, test } from "vitest";

import { assembleTrace } from "../../capture/model/assemble.ts";
import type { Step, TraceRecord } from "../../capture/model/trace.ts";

test("a result joins the step it names, in whatever order results come", () => {
  const { steps, edits, startedAgents, attachments } = assembleTrace([
    { r: "step", step: call(0, "first") },
    { r: "step", step: call(1, "second") },
    { ...result(1, "two"), flags: ["background"], startedAgent: "a1", attachments: ["/t/1.txt"] },
    { ...result(0, "one"), edits: [{ path: "a.ts", op: "create", before: null, after: "x" }] },
  ]);

  expect(steps.map((step) => step.tool?.output)).toEqual(["one", "two"]);
  expect(steps[1]?.flags).toEqual(["background"]);
  expect(edits.get(0)).toHaveLength(1);
  expect(startedAgents.get(1)).toBe("a1");
  expect(attachments.get(1)).toEqual(["/t/1.txt"]);
});

test("a second result without output keeps the first output and moves the end", () => {
  const late: TraceRecord = { ...result(0, null), atMs: 9, exitCode: 1, error: true };
  const { steps } = assembleTrace([{ r: "step", step: call(0, "c") }, result(0, "started"), late]);

  expect(steps[0]).toMatchObject({
    endedAtMs: 9,
    tool: { output: "started", exitCode: 1, error: true },
  });
});

test("usage replaces, branch and copied mark their ranges, facts add up", () => {
  const tokens = { input: 1, output: 2, cacheRead: 3, cacheWrite: 4 };
  const { steps, facts } = assembleTrace([
    { r: "session", line: 1, facts: { cwd: "/a", gitBranch: "main" } },
    ...[0, 1, 2].map((index): TraceRecord => ({ r: "step", step: call(index, `c${index}`) })),
    { r: "usage", of: 1, tokens },
    { r: "branch", from: 1, to: 2, branch: "abandoned" },
    { r: "copied", from: 0, to: 1 },
    { r: "session", line: 9, facts: { gitBranch: "topic" } },
  ]);

  expect(steps[1]?.tokens).toEqual(tokens);
  expect(steps.map((step) => step.branch)).toEqual(["live", "abandoned", "abandoned"]);
  expect(steps.map((step) => step.copied)).toEqual([true, true, false]);
  expect(facts).toEqual({ cwd: "/a", gitBranch: "topic" });
});

test("a record about a step that is not there changes nothing", () => {
  const { steps, edits } = assembleTrace([{ ...result(7, "lost"), edits: [] }]);

  expect(steps).toEqual([]);
  expect(edits.size).toBe(0);
});

function call(index: number, callId: string): Step {
  return {
    key: callId,
    index,
    agent: null,
    kind: "command",
    actor: "agent",
    turn: 0,
    request: "msg_1",
    parent: null,
    atMs: 1,
    endedAtMs: null,
    text: "",
    tool: {
      name: "Bash",
      callId,
      input: {},
      output: null,
      error: false,
      exitCode: null,
      files: [],
    },
    tokens: null,
    model: null,
    branch: "live",
    copied: false,
    approves: null,
    flags: [],
    redactions: 0,
    source: { file: 0, line: index + 1 },
  };
}

function result(of: number, output: string | null): Extract<TraceRecord, { r: "result" }> {
  return { r: "result", of, line: 5, atMs: 5, output, error: false, exitCode: null };
}
