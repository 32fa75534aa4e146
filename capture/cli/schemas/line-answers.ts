import * as z from "zod";
import {
  candidates,
  commit,
  count,
  evidence,
  owner,
  ownerKind,
  state,
  states,
  stepNumber,
  timeMs,
} from "./values.ts";

// What the verbs answer that say where lines came from and what became of them.

const lineage = z.array(
  z.object({
    owner,
    commit: z.string().nullable(),
    how: z.enum(["replaced", "moved", "copied", "derived"]),
  }),
);

export const whyAnswer = z.object({
  path: z.string(),
  line: count,
  rev: z.string(),
  owner,
  prompt: z
    .object({ step: stepNumber, text: z.string(), approvedWith: z.string().exactOptional() })
    .nullable(),
  request: z.object({ step: stepNumber }).nullable(),
  commit: commit.nullable(),
  evidence,
  lineage,
  state,
  step: z
    .object({
      kind: z.string(),
      harness: z.string(),
      model: z.string().nullable(),
      atMs: timeMs,
      added: count,
      deleted: count,
      after: z.string().nullable(),
      survivingLines: count,
      addedLines: count,
      redactions: count,
    })
    .nullable(),
  note: z.string().nullable(),
});

export const blameAnswer = z.object({
  path: z.string(),
  rev: z.string(),
  lines: z.array(
    z.object({
      line: count,
      owner: ownerKind,
      trace: z.string().nullable(),
      step: stepNumber.nullable(),
      candidates,
      commit: z.string().nullable(),
      evidence,
    }),
  ),
});

export const commitBlameAnswer = z.object({
  commits: z.array(
    z.object({
      sha: z.string(),
      subject: z.string(),
      coverage: z.object({ added: count, byStep: count, byHuman: count, unknown: count }),
      traces: z.array(
        z.object({ id: z.string(), steps: z.array(stepNumber), prompts: z.array(z.string()) }),
      ),
    }),
  ),
});

export const trackAnswer = z.object({
  patches: z.array(
    z.object({
      id: z.string(),
      trace: z.string().nullable(),
      step: stepNumber.nullable(),
      path: z.string(),
      added: count,
      deleted: count,
      state,
      retention: z.number().min(0).max(1),
      flags: z.array(z.string()),
      anchors: z.array(
        z.object({
          commit: z.string(),
          path: z.string(),
          start: count,
          end: count,
          evidence,
          class: z.enum(["E1", "E2", "E3", "E4", "E5"]),
        }),
      ),
      by: z
        .object({
          kind: z.enum(["commit", "step", "human", "formatter", "unknown"]),
          id: z.string().nullable(),
        })
        .nullable(),
    }),
  ),
  totals: states,
});

export const diffAnswer = z.object({ patch: z.string() });
