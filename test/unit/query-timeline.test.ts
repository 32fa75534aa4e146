import { describe, expect, test } from "vitest";

import { type TraceId, traceIdOf } from "../../capture/model/ids.ts";
import type { Step, StepKind, ToolCall, TraceFile } from "../../capture/model/trace.ts";
import { promptOfStep } from "../../capture/query/prompt-of-step.ts";
import { buildRows } from "../../capture/query/timeline/build-rows.ts";
import { filterRows } from "../../capture/query/timeline/filter-rows.ts";
import { timelineHead } from "../../capture/query/timeline/head.ts";
import type { TimelineInput } from "../../capture/query/timeline/input.ts";

const trace: TraceId = traceIdOf("claude-code", "11111111");

/** Steps a second apart; `turn` counts the prompts. */
function steps(...given: readonly (Partial<Step> & { kind: StepKind })[]): Step[] {
  let turn = -1;
  return given.map((step, index) => {
    if (step.kind === "prompt") turn += 1;
    return {
      key: `k${index}`,
      index,
      agent: null,
      actor: "agent",
      turn,
      request: null,
      parent: null,
      atMs: 1_000 * index,
      endedAtMs: null,
      text: "",
      tool: null,
      tokens: null,
      model: null,
      branch: "live",
      copied: false,
      approves: null,
      flags: [],
      redactions: 0,
      source: { file: 0, line: index + 1 },
      ...step,
    };
  });
}

function tool(name: string, input: object, more: Partial<ToolCall> = {}): ToolCall {
  return {
    name,
    callId: name,
    input,
    output: "",
    error: false,
    exitCode: null,
    files: [],
    ...more,
  };
}

function read(path: string): { kind: StepKind; tool: ToolCall } {
  return { kind: "read", tool: tool("Read", {}, { files: [{ path, op: "read" }] }) };
}

function edit(path: string): { kind: StepKind; tool: ToolCall } {
  return { kind: "edit", tool: tool("Edit", {}, { files: [{ path, op: "modify" }] }) };
}

function file(main: readonly Step[], more: Partial<TraceFile> = {}): TraceFile {
  return {
    file: 0,
    agent: null,
    facts: {},
    steps: main,
    edits: new Map(),
    startedAgents: new Map(),
    issues: [],
    ...more,
  };
}

function input(main: TraceFile, more: Partial<TimelineInput> = {}): TimelineInput {
  return {
    trace,
    steps: { harness: "claude-code", nativeId: "11111111", main, agents: [] },
    title: "t",
    isLive: false,
    changeOf: () => null,
    outside: [],
    commits: [],
    outcome: null,
    ...more,
  };
}

/** One line a row: its type and what a person reads. */
function shown(given: TimelineInput): string[] {
  return buildRows(given).map((row) => {
    switch (row.type) {
      case "turn":
        return `turn: ${row.text} (${row.steps})`;
      case "commit":
        return `commit: ${row.subject}`;
      case "compaction":
        return `compaction ${row.tokensBefore} ${row.tokensAfter}`;
      case "change":
        return `change: ${row.by} ${row.path}`;
      case "step":
      case "fold":
      case "subagent":
        return `${row.type}: ${row.label}${row.type === "fold" ? ` [${row.detail ?? ""}]` : ""}`;
    }
  });
}

describe("rows of the timeline", () => {
  test("runs of reads and of edits of one file fold, other steps stand alone", () => {
    const main = file(
      steps(
        { kind: "prompt", text: "fix it" },
        read("src/a.js"),
        read("src/b.js"),
        read("src/a.js"),
        { kind: "command", tool: tool("Bash", { command: "npm test\n# twice" }) },
        edit("src/a.js"),
        edit("src/a.js"),
        edit("src/b.js"),
      ),
    );
    expect(shown(input(main))).toEqual([
      "turn: fix it (7)",
      "fold: Read 2 files [a.js, b.js]",
      "step: npm test",
      "fold: src/a.js × 2 []",
      "step: src/b.js",
    ]);
  });

  test("runs do not fold across prompts", () => {
    const main = file(
      steps({ kind: "prompt", text: "1" }, read("a"), { kind: "prompt", text: "2" }, read("b")),
    );
    expect(shown(input(main))).toEqual(["turn: 1 (1)", "step: a", "turn: 2 (1)", "step: b"]);
  });

  test("a commit follows the command that made it, though its time lacks milliseconds", () => {
    const commit = {
      sha: "c1",
      subject: "Fix",
      atMs: 1_000,
      lines: { added: 1, byThisSession: 1 },
    };
    const main = file(
      steps(
        { kind: "prompt", text: "go" },
        {
          kind: "command",
          atMs: 1_400,
          endedAtMs: 1_450,
          tool: tool("Bash", { command: "git commit -m x" }),
        },
        { kind: "message", atMs: 1_500, text: "done" },
      ),
    );
    expect(shown(input(main, { commits: [commit] }))).toEqual([
      "turn: go (2)",
      "step: git commit -m x",
      "commit: Fix",
      "step: done",
    ]);
  });

  test("what a person changed stands between the steps it happened between", () => {
    const outside = [{ by: "human" as const, path: "a", added: 1, deleted: 0, atMs: 1_500 }];
    const main = file(steps({ kind: "prompt", text: "go" }, edit("a"), edit("b")));
    expect(shown(input(main, { outside }))).toEqual([
      "turn: go (2)",
      "step: a",
      "change: human a",
      "step: b",
    ]);
  });

  test("a compaction tells the context before and after it", () => {
    const tokens = { input: 8, output: 1, cacheRead: 160, cacheWrite: 0 };
    const main = file(
      steps(
        { kind: "message", text: "x", tokens },
        { kind: "compaction", text: "summary" },
        { kind: "message", text: "y", tokens: { ...tokens, cacheRead: 4 } },
      ),
    );
    expect(shown(input(main))).toEqual(["step: x", "compaction 168 12", "step: y"]);
  });

  test("a sub-agent is one row with its steps inside", () => {
    const main = file(
      steps(
        { kind: "prompt", text: "go" },
        { kind: "subagent", tool: tool("Agent", { description: "check the docs" }) },
      ),
      { startedAgents: new Map([[1, "a0"]]) },
    );
    const agent = file(
      steps({ kind: "prompt", text: "sub" }, { ...read("docs/a.md"), agent: "a0" }),
      {
        file: 1,
        agent: "a0",
      },
    );
    const given = input(main);
    const [, row] = buildRows({ ...given, steps: { ...given.steps, agents: [agent] } });
    expect(row).toMatchObject({
      type: "subagent",
      label: "check the docs",
      steps: 1,
      children: [{ step: "a0:1" }],
    });
  });

  test("what a sub-agent's own sub-agent did stands inside, and answers the same prompt", () => {
    const main = file(
      steps(
        { kind: "prompt", text: "go" },
        { kind: "subagent", tool: tool("Agent", { description: "outer" }) },
      ),
      { startedAgents: new Map([[1, "a0"]]) },
    );
    const outer = file(
      steps({ kind: "subagent", agent: "a0", tool: tool("Agent", { description: "inner" }) }),
      { file: 1, agent: "a0", startedAgents: new Map([[0, "b0"]]) },
    );
    const inner = file(steps({ ...edit("deep.js"), agent: "b0" }), { file: 2, agent: "b0" });
    const given = input(main);
    const whole = { ...given.steps, agents: [outer, inner] };
    const [, row] = buildRows({ ...given, steps: whole });
    expect(row).toMatchObject({ steps: 2, children: [{ step: "a0:0" }, { step: "b0:0" }] });
    expect(promptOfStep(whole, "b0", 0)?.text).toBe("go");
  });

  test("a filter keeps what it names and the cards above, and counts stay of the whole", () => {
    const main = file(
      steps(
        { kind: "prompt", text: "one" },
        read("a"),
        { kind: "prompt", text: "two" },
        {
          kind: "command",
          tool: tool("Bash", { command: "npm test" }, { exitCode: 1, error: true }),
        },
      ),
    );
    const given = input(main);
    const rows = filterRows(buildRows(given), "failed", "");
    expect(rows.map(({ type }) => type)).toEqual(["turn", "step"]);
    expect(timelineHead(given, rows, 3)).toMatchObject({
      version: 3,
      rowCount: 2,
      turnRows: [0],
      counts: { all: 2, edits: 0, commands: 1, failed: 1 },
    });
  });

  test("a query finds prompts, paths and commands", () => {
    const main = file(
      steps({ kind: "prompt", text: "Fix the Cart" }, read("src/cart.js"), read("b")),
    );
    const rows = buildRows(input(main));
    expect(filterRows(rows, "all", "cart").map(({ type }) => type)).toEqual(["turn", "fold"]);
    expect(filterRows(rows, "all", "nowhere")).toEqual([]);
  });

  test("the strip and the rows of 100,000 steps cost no more a step than those of 10,000", () => {
    const msOf = (count: number): number => {
      const many = Array.from({ length: count }, (_, i) =>
        i % 50 === 0 ? { kind: "prompt" as const, text: `p${i}` } : edit(`src/${i % 7}.js`),
      );
      const given = input(file(steps(...many)));
      const startedMs = performance.now();
      const head = timelineHead(given, buildRows(given), 1);
      expect(head.marks.length).toBeLessThanOrEqual(600);
      expect(head.turnRows.length).toBe(count / 50);
      return performance.now() - startedMs;
    };
    msOf(10_000);
    const small = Math.min(msOf(10_000), msOf(10_000), msOf(10_000));
    expect(msOf(100_000) / small).toBeLessThan(40);
  });
});
