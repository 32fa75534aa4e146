import * as z from "zod";
import { harnessIds } from "../../model/ids.ts";
import { stepKinds, type TraceRecord } from "../../model/trace.ts";
import { environmentSchema } from "./environment-codec.ts";

/** Version 1 of the records of `trace*.jsonl`. Members that a reader does not know are kept. */
const blobTextSchema = z.looseObject({
  blob: z.string(),
  bytes: z.number(),
  head: z.string(),
});
export const textSchema = z.union([z.string(), blobTextSchema]);

export const tokensSchema = z.looseObject({
  input: z.number(),
  output: z.number(),
  cacheRead: z.number(),
  cacheWrite: z.number(),
});

const stepFileSchema = z.looseObject({
  path: z.string(),
  op: z.enum(["read", "create", "modify", "delete", "rename"]),
  from: z.string().optional(),
});

const toolCallSchema = z.looseObject({
  name: z.string(),
  callId: z.string(),
  input: z.unknown(),
  output: textSchema.nullable(),
  error: z.boolean(),
  exitCode: z.number().nullable(),
  files: z.array(stepFileSchema),
});

const stepSchema = z.looseObject({
  key: z.string(),
  index: z.number(),
  agent: z.string().nullable(),
  kind: z.enum(stepKinds),
  actor: z.enum(["user", "agent", "harness"]),
  turn: z.number(),
  request: z.string().nullable(),
  parent: z.string().nullable(),
  atMs: z.number().nullable(),
  endedAtMs: z.number().nullable(),
  text: textSchema,
  tool: toolCallSchema.nullable(),
  tokens: tokensSchema.nullable(),
  model: z.string().nullable(),
  branch: z.enum(["live", "abandoned"]),
  copied: z.boolean(),
  approves: z.number().nullable(),
  flags: z.array(z.string()),
  redactions: z.number(),
  source: z.looseObject({ file: z.number(), line: z.number() }),
});

const editSchema = z.looseObject({
  path: z.string(),
  op: z.enum(["create", "modify", "delete", "rename"]),
  from: z.string().optional(),
  before: textSchema.nullable().optional(),
  after: textSchema.nullable().optional(),
  userModified: z.boolean().optional(),
});

export const factsSchema = z.looseObject({
  cwd: z.string().optional(),
  gitBranch: z.string().optional(),
  clientVersion: z.string().optional(),
  entrypoint: z.string().optional(),
  models: z.array(z.string()).optional(),
  forkOf: z.string().optional(),
  title: z.string().optional(),
  environment: environmentSchema.optional(),
  agentType: z.string().optional(),
  agentDescription: z.string().optional(),
  parentCallId: z.string().optional(),
});

const issueSchema = z.looseObject({
  file: z.string(),
  line: z.number(),
  offset: z.number(),
  rule: z.string(),
  message: z.string(),
});

export const traceRecordSchema = z.discriminatedUnion("r", [
  z.looseObject({ r: z.literal("session"), line: z.number(), facts: factsSchema }),
  z.looseObject({ r: z.literal("step"), step: stepSchema }),
  z.looseObject({
    r: z.literal("result"),
    of: z.number(),
    line: z.number(),
    atMs: z.number().nullable(),
    output: textSchema.nullable(),
    error: z.boolean(),
    exitCode: z.number().nullable(),
    files: z.array(stepFileSchema).optional(),
    edits: z.array(editSchema).optional(),
    flags: z.array(z.string()).optional(),
    redactions: z.number().optional(),
    startedAgent: z.string().optional(),
    attachments: z.array(z.string()).optional(),
  }),
  z.looseObject({ r: z.literal("usage"), of: z.number(), tokens: tokensSchema }),
  z.looseObject({
    r: z.literal("branch"),
    from: z.number(),
    to: z.number(),
    branch: z.enum(["live", "abandoned"]),
  }),
  z.looseObject({ r: z.literal("copied"), from: z.number(), to: z.number() }),
  z.looseObject({ r: z.literal("issue"), issue: issueSchema }),
]);

export const harnessIdSchema = z.enum(harnessIds);

/** One line of a trace fold; undefined for what this version does not know or cannot read. */
export function parseTraceRecord(value: unknown): TraceRecord | undefined {
  const parsed = traceRecordSchema.safeParse(value);
  // Safe: the schema describes the type; zod spells optional members with `undefined`.
  return parsed.success ? (value as TraceRecord) : undefined;
}
