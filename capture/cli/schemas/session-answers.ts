import * as z from "zod";
import { harnessIds } from "../../model/ids.ts";
import { stepKinds } from "../../model/trace.ts";
import { commit, count, issue, states, stepNumber, text, timeMs, tokens } from "./values.ts";

// What the verbs answer that bring sessions in or show them.

export const importAnswer = z.object({
  sessions: z.array(
    z.object({
      trace: z.string(),
      harness: z.enum(harnessIds),
      steps: count,
      patches: count,
      issues: count,
      bytes: count,
      isNew: z.boolean(),
    }),
  ),
  issues: z.array(issue),
  totals: z.object({ sessions: count, steps: count, bytes: count, durationMs: count }),
});

export const captureAnswer = importAnswer.extend({
  spool: z.object({ events: count, bad: count, dropped: count }),
});

export const captureStateAnswer = z.object({
  root: z.string(),
  state: z.enum(["unasked", "on", "paused", "excluded"]),
  hooksInstalled: z.boolean(),
});

const storeCounts = z.object({ sessions: count, pins: count, sizeBytes: count });

export const collectAnswer = z.object({
  root: z.string(),
  problems: z.array(z.string()),
  expired: z.array(z.string()),
  counts: z.object({ before: storeCounts, after: storeCounts }),
});

export const setupAnswer = z.object({
  changes: z.array(
    z.object({
      path: z.string(),
      action: z.enum(["create", "modify", "remove", "keep"]),
      what: z.string(),
    }),
  ),
  notes: z.array(z.string()),
});

const fidelity = z.enum(["exact", "rebuilt", "unknown"]);

const traceSummary = z.object({
  id: z.string(),
  harness: z.enum(harnessIds),
  title: z.string(),
  cwd: z.string().nullable(),
  startedAtMs: timeMs,
  endedAtMs: timeMs,
  models: z.array(z.string()),
  steps: count,
  turns: count,
  patches: count,
  tokens,
  fidelity: z.object({ worst: fidelity, exact: count, rebuilt: count, unknown: count }),
  forkOf: z.string().nullable(),
});

export const traceListAnswer = z.object({ traces: z.array(traceSummary), more: z.boolean() });

const tool = z.object({
  name: z.string(),
  callId: z.string(),
  input: z.unknown(),
  output: text.nullable(),
  error: z.boolean(),
  exitCode: z.number().int().nullable(),
  files: z.array(
    z.object({
      path: z.string(),
      op: z.enum(["read", "create", "modify", "delete", "rename"]),
      from: z.string().exactOptional(),
    }),
  ),
});

const step = z.object({
  key: z.string(),
  index: count,
  agent: z.string().nullable(),
  kind: z.enum(stepKinds),
  actor: z.enum(["user", "agent", "harness"]),
  turn: z.number().int(),
  request: z.string().nullable(),
  parent: z.string().nullable(),
  atMs: timeMs,
  endedAtMs: timeMs,
  text,
  tool: tool.nullable(),
  tokens: tokens.nullable(),
  model: z.string().nullable(),
  branch: z.enum(["live", "abandoned"]),
  copied: z.boolean(),
  approves: count.nullable(),
  flags: z.array(z.string()),
  redactions: count,
  source: z.object({ file: count, line: count }),
});

const outcome = z.object({
  commits: z.array(commit),
  merged: z.boolean(),
  reverted: z.boolean(),
  tests: z.array(z.object({ step: stepNumber, command: z.string(), passed: z.boolean() })),
  states,
  rating: z.enum(["good", "bad", "none"]).nullable(),
});

export const traceShowAnswer = z.object({
  trace: traceSummary.extend({ outcome: outcome.nullable(), agents: z.array(z.string()) }),
  steps: z.array(step),
  issues: z.array(issue),
});
