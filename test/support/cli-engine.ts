import type { Engine, TraceShowAnswer, WhyAnswer } from "../../capture/api.ts";
import type { Step } from "../../capture/model/trace.ts";

const trace = "claude-code:3f2a9c1b-1111-4111-8111-000000000001";
const sha = "63563f29d05805ba69bf6b9e2e6f9edbdb774e77";
const atMs = Date.UTC(2026, 10, 24, 12, 0);

/** An engine whose every answer holds `text` wherever a session, a commit or a path could. */
export function engineThatSays(text: string): Engine {
  const engine: Partial<Engine> = {
    importSessions: async () => importAnswer(text),
    captureOnce: async () => ({ ...importAnswer(text), spool: { events: 2, bad: 1, dropped: 0 } }),
    listTraces: async () => ({ traces: [summary(text)], more: true }),
    showTrace: async () => showAnswer(text),
    why: async (_, { line }) => whyAnswer(text, line),
    blame: async () => blameAnswer(text),
    blameCommit: async () => ({
      commits: [
        {
          sha,
          subject: text,
          coverage: { added: 3, byStep: 1, byHuman: 1, unknown: 1 },
          traces: [{ id: trace, steps: [1, `${text}:2`], prompts: [text] }],
        },
      ],
    }),
    track: async () => trackAnswer(text),
    stepDiff: async () => ({
      patch: `diff --git a/${text} b/${text}\n@@ -1 +1 @@\n-${text}\n+${text}\n`,
    }),
    collect: async () => ({
      root: text,
      problems: [],
      expired: [text],
      counts: {
        before: { sessions: 2, pins: 2, sizeBytes: 4096 },
        after: { sessions: 1, pins: 1, sizeBytes: 2048 },
      },
    }),
    setup: async () => ({
      changes: [{ path: text, action: "modify", what: text }],
      notes: [text],
    }),
    setCapture: async () => undefined,
    captureState: async () => ({
      repository: "ok",
      root: text,
      consent: "unasked",
      hooksInstalled: false,
      liveTraces: [],
      lastStepAtMs: null,
      fault: null,
    }),
    status: async () => ({ checks: [{ id: "a", ok: false, message: text, fix: text }] }),
    close: async () => undefined,
  };
  // Safe: the verbs call no other methods; one that did would fail loudly.
  return engine as Engine;
}

function importAnswer(text: string) {
  const issue = { file: text, line: 3, offset: 9, rule: "line-not-json", message: text } as const;
  return {
    sessions: [
      { trace, harness: "claude-code", steps: 4, patches: 1, issues: 1, bytes: 10, isNew: true },
    ],
    issues: [issue],
    totals: { sessions: 1, steps: 4, bytes: 10, durationMs: 5 },
  };
}

function summary(text: string): TraceShowAnswer["trace"] {
  return {
    id: trace,
    harness: text,
    title: text,
    cwd: text,
    startedAtMs: atMs,
    endedAtMs: atMs + 1000,
    models: [text],
    steps: 4,
    turns: 1,
    patches: 1,
    tokens: { input: 10, output: 5, cacheRead: 0, cacheWrite: 0 },
    fidelity: { worst: "rebuilt", exact: 0, rebuilt: 1, unknown: 0 },
    forkOf: `claude-code:${text}`,
    outcome: {
      commits: [{ sha, subject: text, atMs }],
      merged: true,
      reverted: true,
      tests: [{ step: 1, command: text, passed: true }],
      states: { alive: 1, transformed: 0, reverted: 0, lost: 0, pending: 0, unknown: 0 },
      rating: null,
    },
    agents: [text],
  };
}

function showAnswer(text: string): TraceShowAnswer {
  const steps: readonly Step[] = [
    step(text, 0, { kind: "prompt", actor: "user", tool: null }),
    step(text, 1, { kind: "message", tool: null }),
    step(text, 2, { kind: "edit" }),
    step(text, 3, { kind: "command", text: { blob: "0".repeat(64), bytes: 99_999, head: text } }),
  ];
  return {
    trace: summary(text),
    steps,
    issues: [{ file: text, line: 1, offset: 0, rule: "line-torn", message: text }],
  };
}

function step(text: string, index: number, change: Partial<Step>): Step {
  return {
    key: `k${index}`,
    index,
    agent: null,
    kind: "tool",
    actor: "agent",
    turn: 0,
    request: null,
    parent: null,
    atMs,
    endedAtMs: atMs + 5,
    text,
    tool: {
      name: text,
      callId: "c",
      input: { [text]: text, list: [text] },
      output: { blob: "0".repeat(64), bytes: 99_999, head: text },
      error: true,
      exitCode: 1,
      files: [{ path: text, op: "rename", from: text }],
    },
    tokens: { input: 1, output: 1, cacheRead: 0, cacheWrite: 0 },
    model: text,
    branch: "live",
    copied: false,
    approves: null,
    flags: [text],
    redactions: 2,
    source: { file: 0, line: index + 1 },
    ...change,
  };
}

function whyAnswer(text: string, line: number): WhyAnswer {
  const owner = { kind: "step", trace, step: 2, candidates: [] } as const;
  return {
    path: text,
    line,
    rev: "worktree",
    owner,
    prompt: { step: 0, text, approvedWith: text },
    request: { step: 1 },
    commit: { sha, subject: text, atMs, author: text },
    evidence: "observed",
    lineage: [{ owner: { ...owner, step: `${text}:1` }, commit: sha, how: "replaced" }],
    state: "transformed",
    step: {
      kind: text,
      harness: text,
      model: text,
      atMs,
      added: 1,
      deleted: 1,
      after: text,
      survivingLines: 1,
      addedLines: 2,
      redactions: 1,
    },
    note: text,
  };
}

function blameAnswer(text: string) {
  const common = {
    trace: null,
    step: null,
    candidates: [],
    commit: sha,
    evidence: "none",
  } as const;
  return {
    path: text,
    rev: "worktree",
    lines: [
      { ...common, line: 1, owner: "step", trace, step: `${text}:2` },
      { ...common, line: 2, owner: "human" },
      { ...common, line: 3, owner: "unknown", commit: null },
    ] as const,
  };
}

function trackAnswer(text: string) {
  return {
    patches: [
      {
        id: "p",
        trace,
        step: 2,
        path: text,
        added: 2,
        deleted: 1,
        state: "transformed",
        retention: 0.5,
        flags: [text],
        anchors: [{ commit: sha, path: text, start: 1, end: 2, evidence: "observed", class: "E1" }],
        by: { kind: "human", id: text },
      },
    ] as const,
    totals: { alive: 0, transformed: 1, reverted: 0, lost: 0, pending: 0, unknown: 0 },
  };
}
