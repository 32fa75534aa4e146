import * as z from "zod";

// Values that several answers share, as the contract defines them.

export const count = z.number().int().nonnegative();
export const timeMs = z.number().nullable();
const address = z.object({ trace: z.string(), step: z.union([z.number(), z.string()]) });
/** The number in the main file, `"<agent>:<n>"` in a sub-agent's. */
export const stepNumber = address.shape.step;
export const candidates = z.array(address);

export const ownerKind = z.enum(["step", "human", "formatter", "unknown"]);
export const evidence = z.enum([
  "observed",
  "declared",
  "transcript",
  "carried",
  "before-capture",
  "none",
]);
export const state = z.enum(["alive", "transformed", "reverted", "lost", "pending", "unknown"]);
export const states = z.object({
  alive: count,
  transformed: count,
  reverted: count,
  lost: count,
  pending: count,
  unknown: count,
});

export const owner = z.object({
  kind: ownerKind,
  trace: z.string().nullable(),
  step: stepNumber.nullable(),
  candidates,
});

export const tokens = z.object({
  input: count,
  output: count,
  cacheRead: count,
  cacheWrite: count,
});

export const commit = z.object({
  sha: z.string(),
  subject: z.string(),
  atMs: z.number(),
  author: z.string().exactOptional(),
});

/** A place in a native file that was not as expected. */
export const issue = z.object({
  file: z.string(),
  line: count,
  offset: count,
  rule: z.string(),
  message: z.string(),
});

/** A text, or the beginning of one that is longer than 16 KiB, with the blob that holds it. */
export const text = z.union([
  z.string(),
  z.object({ blob: z.string(), bytes: count, head: z.string() }),
]);
