import * as z from "zod";

import { OtError } from "../base/errors.ts";
import type { EngineMethod, RequestOf } from "./methods.ts";

const text = z.string();
const count = z.number().nonnegative();
const filter = z.enum(["all", "edits", "commands", "failed"]);
const unsaved = z.optional(z.object({ text }));
const pair = z.readonly(z.tuple([z.number(), z.number()]));
const timeline = { trace: text, filter, query: z.optional(text) };

/** What each call takes; members that are not known are dropped. */
const schemas = {
  importSessions: z.object({ paths: z.array(text), harness: z.optional(text) }),
  captureOnce: z.any(),
  listTraces: z.object({ repo: z.optional(text), sinceMs: z.optional(z.number()), limit: count }),
  showTrace: z.object({ address: text, full: z.optional(z.boolean()) }),
  timelineHead: z.object(timeline),
  timelineRows: z.object({ ...timeline, from: count, count }),
  why: z.object({ file: text, line: z.number(), rev: z.optional(text), unsaved }),
  blame: z.object({ file: text, rev: z.optional(text), lines: z.optional(pair), unsaved }),
  blameCommit: z.object({ repo: text, rev: text }),
  track: z.union([
    z.object({ address: text, at: z.optional(text), repo: z.optional(text) }),
    z.object({ patch: text, at: z.optional(text), repo: text }),
    z.object({ sinceMs: z.number(), at: z.optional(text), repo: text }),
  ]),
  stepDiff: z.object({ address: text }),
  stepFile: z.object({ address: text, path: text, side: z.enum(["before", "after"]) }),
  setup: z.object({
    target: z.optional(text),
    remove: z.boolean(),
    dryRun: z.boolean(),
    repo: z.optional(text),
  }),
  setCapture: z.object({ repo: text, state: z.enum(["on", "paused", "excluded"]) }),
  captureState: z.object({ repo: text }),
  collect: z.object({ repo: text, beforeMs: z.optional(z.number()), dryRun: z.boolean() }),
  status: z.object({ repo: z.optional(text), deep: z.boolean() }),
  reportEditor: z.object({
    root: text,
    path: text,
    kind: z.enum(["typed", "saved", "formatted", "undone"]),
    ranges: z.array(pair),
    atMs: z.number(),
  }),
} satisfies Record<EngineMethod, z.ZodType>;

/** A request that came over the socket, checked. Throws `usage`, with what is wrong as the hint. */
export function parseRequest<M extends EngineMethod>(method: M, request: unknown): RequestOf<M> {
  const schema: z.ZodType = schemas[method];
  const parsed = schema.safeParse(request);
  // Safe: the schema under the method's name is of its request.
  if (parsed.success) return parsed.data as RequestOf<M>;
  const [issue] = parsed.error.issues;
  const at = issue?.path.join(".") ?? "";
  throw new OtError("usage", `The request of "${method}" is not understood.`, {
    hint: `${at === "" ? "It" : `"${at}"`} is wrong: ${issue?.message ?? "unknown"}.`,
  });
}
