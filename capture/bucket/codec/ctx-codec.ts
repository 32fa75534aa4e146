import * as z from "zod";
import type { CtxRecord } from "../../model/ctx.ts";
import { tokensSchema } from "./trace-codec.ts";

const blockKinds = [
  "system",
  "tools",
  "user",
  "assistant",
  "tool-call",
  "tool-result",
  "attachment",
  "reminder",
  "compaction",
] as const;
const missingParts = ["system", "tools", "compaction-prompt", "image", "unknown"] as const;

export const fidelitySchema = z.enum(["exact", "rebuilt", "unknown"]);

/** Version 1 of the records of `ctx*.jsonl`. */
export const ctxRecordSchema = z.discriminatedUnion("r", [
  z.looseObject({
    r: z.literal("block"),
    hash: z.string(),
    kind: z.enum(blockKinds),
    role: z.enum(["system", "user", "assistant"]),
    chars: z.number(),
    at: z
      .looseObject({
        file: z.number(),
        line: z.number(),
        path: z.array(z.union([z.string(), z.number()])),
      })
      .nullable(),
    step: z.number().nullable(),
  }),
  z.looseObject({
    r: z.literal("node"),
    request: z.string().nullable(),
    journal: z.string().nullable(),
    line: z.number(),
    model: z.string().nullable(),
    base: z.number().nullable(),
    keep: z.number(),
    tail: z.array(z.string()),
    missing: z.array(z.looseObject({ what: z.enum(missingParts), tokens: z.number().nullable() })),
  }),
  z.looseObject({
    r: z.literal("verdict"),
    of: z.number(),
    request: z.string().optional(),
    reported: tokensSchema.optional(),
    fidelity: fidelitySchema.optional(),
    verifiedBy: z.enum(["digest", "wire"]).nullable().optional(),
  }),
]);

/** One line of a ctx fold; undefined for what this version does not know or cannot read. */
export function parseCtxRecord(value: unknown): CtxRecord | undefined {
  const parsed = ctxRecordSchema.safeParse(value);
  // Safe: the schema describes the type; zod spells optional members with `undefined`.
  return parsed.success ? (value as CtxRecord) : undefined;
}
