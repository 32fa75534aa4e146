import * as z from "zod";
import type { EventRecord } from "../../model/events.ts";
import { environmentSchema } from "./environment-codec.ts";
import { factsSchema } from "./trace-codec.ts";

const stamped = { seq: z.number(), atMs: z.number() };

const causes = [
  "pre",
  "post",
  "session-start",
  "prompt",
  "stop",
  "editor",
  "shim",
  "idle",
] as const;
const skipReasons = [
  "over-limit",
  "secret-name",
  "unreadable",
  "nested-repository",
  "budget",
  "special-file",
] as const;

/** Version 1 of the records of `events.jsonl`. */
export const eventRecordSchema = z.discriminatedUnion("r", [
  z.looseObject({
    r: z.literal("hook"),
    ...stamped,
    name: z.string(),
    callId: z.string().nullable(),
    agent: z.string().nullable(),
    tool: z.string().nullable(),
    paths: z.array(z.string()),
    background: z.boolean(),
    cwd: z.string().nullable(),
    fields: z.record(z.string(), z.unknown()),
    spool: z.string(),
  }),
  z.looseObject({
    r: z.literal("snapshot"),
    ...stamped,
    id: z.string(),
    tree: z.string(),
    parent: z.string().nullable(),
    base: z.string().nullable(),
    worktree: z.string(),
    root: z.string(),
    cause: z.enum(causes),
    callId: z.string().nullable(),
    skipped: z.array(
      z.looseObject({
        path: z.string(),
        why: z.enum(skipReasons),
        sizeBytes: z.number().optional(),
        hash: z.string().optional(),
      }),
    ),
  }),
  z.looseObject({
    r: z.literal("environment"),
    ...stamped,
    environment: environmentSchema,
    from: z.literal("transcript").optional(),
  }),
  z.looseObject({
    r: z.literal("editor"),
    ...stamped,
    kind: z.enum(["typed", "saved", "formatted", "undone"]),
    path: z.string(),
    ranges: z.array(z.tuple([z.number(), z.number()])),
  }),
  z.looseObject({
    r: z.literal("gap"),
    ...stamped,
    what: z.enum(["snapshot", "hook", "transcript"]),
    why: z.string(),
    callId: z.string().nullable(),
  }),
  z.looseObject({ r: z.literal("rating"), ...stamped, rating: z.enum(["good", "bad", "none"]) }),
  z.looseObject({
    r: z.literal("attachment"),
    ...stamped,
    path: z.string(),
    blob: z.string(),
    bytes: z.number(),
    redactions: z.number(),
    about: z.looseObject({ agent: z.string().nullable(), facts: factsSchema }).optional(),
  }),
]);

/** One line of the events; undefined for what this version does not know or cannot read. */
export function parseEventRecord(value: unknown): EventRecord | undefined {
  const parsed = eventRecordSchema.safeParse(value);
  // Safe: the schema describes the type; zod spells optional members with `undefined`.
  return parsed.success ? (value as EventRecord) : undefined;
}
