import * as z from "zod";
import type { PatchRecord, WrittenRecord } from "../../model/trail.ts";
import { textSchema } from "./trace-codec.ts";

const sideSchema = z.looseObject({
  oid: z.string().nullable(),
  text: textSchema.nullable(),
  redactedLines: z.array(z.tuple([z.number(), z.string()])).optional(),
  mode: z.string().nullable(),
});

const writtenSchema = z.looseObject({
  r: z.literal("written"),
  path: z.string(),
  step: z.number(),
  atMs: z.number().nullable(),
  by: z.enum(["edit", "command"]),
  parts: z.array(
    z.looseObject({
      before: textSchema.nullable(),
      after: textSchema,
      how: z.enum(["once", "all", "pattern"]),
    }),
  ),
});

const patchSchema = z.looseObject({
  r: z.literal("patch"),
  id: z.string(),
  path: z.string(),
  from: z.string().optional(),
  op: z.enum(["create", "modify", "delete", "rename", "mode"]),
  binary: z.boolean(),
  evidence: z.enum(["observed", "transcript"]),
  before: sideSchema.nullable(),
  after: sideSchema.nullable(),
  hunks: z.array(
    z.looseObject({
      oldStart: z.number(),
      oldLines: z.number(),
      newStart: z.number(),
      newLines: z.number(),
    }),
  ),
  added: z.number(),
  deleted: z.number(),
  atMs: z.number().nullable(),
  step: z.number().optional(),
  between: z.tuple([z.number(), z.number()]).optional(),
});

/** Version 1 of the records of `trail*.jsonl`. */
export const trailRecordSchema = z.discriminatedUnion("r", [patchSchema, writtenSchema]);

/** One patch of a trail fold; undefined for what this version does not know or cannot read. */
export function parsePatchRecord(value: unknown): PatchRecord | undefined {
  const parsed = patchSchema.safeParse(value);
  // Safe: the schema describes the type; zod spells optional members with `undefined`.
  return parsed.success ? (value as PatchRecord) : undefined;
}

/** What a step put into a file; undefined as for {@link parsePatchRecord}. */
export function parseWrittenRecord(value: unknown): WrittenRecord | undefined {
  const parsed = writtenSchema.safeParse(value);
  // Safe: the schema describes the type.
  return parsed.success ? (value as WrittenRecord) : undefined;
}
