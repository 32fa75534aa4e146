import * as z from "zod";
import type { SessionUnit, SourceMapRecord } from "../../model/session.ts";
import { fidelitySchema } from "./ctx-codec.ts";
import { environmentSchema } from "./environment-codec.ts";
import { harnessIdSchema, tokensSchema } from "./trace-codec.ts";

const repositorySchema = z.looseObject({
  rootCommits: z.array(z.string()),
  remotes: z.array(z.string()),
  root: z.string(),
  commonDir: z.string(),
  worktree: z.string(),
});

const nativeFileSchema = z.looseObject({
  file: z.number(),
  path: z.string(),
  agent: z.string().nullable(),
  generation: z.number(),
  offset: z.number(),
  lines: z.number(),
});

/** Version 1 of `session.json`. */
export const sessionUnitSchema = z.looseObject({
  schema: z.literal("opentraces.session.v1"),
  harness: harnessIdSchema,
  nativeId: z.string(),
  forkOf: z.string().nullable(),
  title: z.string(),
  cwd: z.string().nullable(),
  branch: z.string().nullable(),
  clientVersion: z.string().nullable(),
  models: z.array(z.string()),
  repository: repositorySchema.nullable(),
  environment: environmentSchema.nullable(),
  startedAtMs: z.number().nullable(),
  endedAtMs: z.number().nullable(),
  fidelity: z.looseObject({
    worst: fidelitySchema,
    exact: z.number(),
    rebuilt: z.number(),
    unknown: z.number(),
  }),
  counts: z.looseObject({
    steps: z.number(),
    turns: z.number(),
    patches: z.number(),
    issues: z.number(),
    events: z.number(),
    redactions: z.number(),
  }),
  tokens: tokensSchema,
  tests: z.array(
    z.looseObject({
      step: z.union([z.number(), z.string()]),
      command: z.string(),
      passed: z.boolean(),
    }),
  ),
  files: z.array(nativeFileSchema),
  digests: z.record(z.string(), z.looseObject({ bytes: z.number(), sha256: z.string() })),
  folds: z.record(z.string(), z.number()),
  gateVersion: z.number(),
});

/** Version 1 of a record of `source*.map`. */
export const sourceMapRecordSchema = z.looseObject({
  o: z.number(),
  l: z.number(),
  g: z.number(),
  h: z.string(),
  s: z.enum(["gated", "wrapped"]).optional(),
  x: z
    .array(
      z.looseObject({
        path: z.array(z.union([z.string(), z.number()])),
        lines: z.array(z.looseObject({ index: z.number(), hash: z.string() })),
      }),
    )
    .optional(),
  v: z.array(z.looseObject({ check: z.string(), of: z.string(), ok: z.boolean() })).optional(),
});

/** What `session.json` says; undefined where it is damaged or of another version. */
export function parseSessionUnit(value: unknown): SessionUnit | undefined {
  const parsed = sessionUnitSchema.safeParse(value);
  // Safe: the schema describes the type; zod spells optional members with `undefined`.
  return parsed.success ? (value as SessionUnit) : undefined;
}

/** One line of a source map; undefined where it is damaged. */
export function parseSourceMapRecord(value: unknown): SourceMapRecord | undefined {
  const parsed = sourceMapRecordSchema.safeParse(value);
  // Safe: the schema describes the type; zod spells optional members with `undefined`.
  return parsed.success ? (value as SourceMapRecord) : undefined;
}
