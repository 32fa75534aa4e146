import { expect, test } from "vitest";
import type { Step, Trace, TraceFile } from "../../capture/model/trace.ts";
import { failureBefore, promptOfStep } from "../../capture/query/prompt-of-step.ts";

function step(index: number, kind: Step["kind"], more: Partial<Step> = {}): Step {
  return {
    key: String(index),
    index,
    agent: null,
    kind,
    actor: kind === "prompt" ? "user" : "agent",
    turn: 0,
    request: null,
    parent: null,
    atMs: index,
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
    ...more,
  };
}

function command(
  index: number,
  words: string,
  exitCode: number | null,
  more: Partial<Step> = {},
): Step {
  const tool = {
    name: "Bash",
    callId: `c${index}`,
    input: { command: words },
    output: "",
    error: false,
    exitCode,
    files: [],
  };
  return step(index, "command", { tool, ...more });
}

function file(steps: readonly Step[], more: Partial<TraceFile> = {}): TraceFile {
  return {
    file: 0,
    agent: null,
    facts: {},
    steps,
    edits: new Map(),
    startedAgents: new Map(),
    issues: [],
    ...more,
  };
}

function trace(main: TraceFile, agents: readonly TraceFile[] = []): Trace {
  return { harness: "claude-code", nativeId: "aaaaaaaa", main, agents };
}

function check(whole: Trace, agent: string | null, index: number, expected: unknown): void {
  const found = promptOfStep(whole, agent, index);
  expect(found && [found.step.index, found.text, found.approvedWith]).toEqual(expected);
}

test("the prompt of a step is the one whose turn it belongs to", () => {
  const whole = trace(
    file([
      step(0, "prompt", { text: "First." }),
      step(1, "edit"),
      step(2, "prompt", { text: "Second.", turn: 1 }),
      step(3, "edit", { turn: 1 }),
    ]),
  );
  check(whole, null, 1, [0, "First.", undefined]);
  check(whole, null, 3, [2, "Second.", undefined]);
  check(whole, null, 9, null);
});

test("a prompt that only approves points to what it approves, and both are told", () => {
  const whole = trace(
    file([
      step(0, "prompt", { text: "Build it." }),
      step(1, "plan", { text: "A plan." }),
      step(2, "prompt", { text: "go ahead", turn: 1, approves: 0 }),
      step(3, "edit", { turn: 1 }),
      step(4, "prompt", { text: "yes", turn: 2, approves: 1 }),
      step(5, "edit", { turn: 2 }),
    ]),
  );
  check(whole, null, 3, [0, "Build it.", "go ahead"]);
  check(whole, null, 5, [0, "Build it.", "yes"]);
});

test("a sub-agent's step goes back to the prompt of the step that started it", () => {
  const main = file([step(0, "prompt", { text: "Ask for help." }), step(1, "subagent")], {
    startedAgents: new Map([[1, "x"]]),
  });
  const whole = trace(main, [file([step(0, "edit", { agent: "x" })], { file: 1, agent: "x" })]);
  check(whole, "x", 0, [0, "Ask for help.", undefined]);
  check(whole, "unheard-of", 0, null);
});

test("what came before a step is the last command of its turn that failed", () => {
  const steps = [
    command(0, "npm run lint", 1),
    step(1, "prompt", { turn: 1 }),
    command(2, "npm test", 1, { turn: 1 }),
    command(3, "ls", 0, { turn: 1 }),
    step(4, "edit", { turn: 1 }),
    step(5, "edit", { turn: 2 }),
  ];
  const before = (index: number): string | null =>
    failureBefore(file(steps), steps[index] ?? step(9, "edit"));
  expect(before(4)).toBe("npm test failed with 1 (step 2)");
  expect(before(5)).toBeNull();
  expect(before(1)).toBeNull();
});
