import * as z from "zod";
import type { TrailRecord } from "../../model/trail.ts";
import { textSchema } from "./trace-codec.ts";

const sideSchema = z.looseObject({
  oid: z.string().nullable(),
  text: textSchema.nullable(),
  redactedLines: z.array(z.tuple([z.number(), z.string()])).optional(),
  mode: z.string().nullable(),
});

/** Version 1 of the records of `trail*.jsonl`. */
export const trailRecordSchema = z.looseObject({
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

/** One line of a trail fold; undefined for what this version does not know or cannot read. */
export function parseTrailRecord(value: unknown): TrailRecord | undefined {
  const parsed = trailRecordSchema.safeParse(value);
  // Safe: the schema describes the type; zod spells optional members with `undefined`.
  return parsed.success ? (value as TrailRecord) : undefined;
}
