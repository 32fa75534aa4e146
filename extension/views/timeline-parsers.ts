import * as z from "zod";

import type { TimelineContract } from "../../webview/protocol/timeline.ts";
import type { Parsers } from "./serve.ts";

const rowsMax = 500;
const openMax = 200;

const step = z.union([z.int().nonnegative(), z.string().max(200)]);
const filter = z.enum(["all", "edits", "commands", "failed"]);
const query = z.string().max(500);
const trace = z.string().max(400);
const path = z.string().max(4_096);

const savedState = z.object({
  view: z.object({ filter, query }),
  place: z
    .object({
      trace,
      topRow: z.int().nonnegative(),
      follows: z.boolean(),
      cursor: z.object({ row: z.int().nonnegative(), child: z.int().min(-1) }),
      open: z.array(z.string().max(400)).max(openMax),
    })
    .nullable(),
  savedAtMs: z.number(),
});

/** What the timeline's page may say; anything else is refused. */
export const timelineParsers: Parsers<TimelineContract> = {
  start: z.object({ filter, query, revealed: z.int().nonnegative() }),
  rows: z.object({
    trace,
    filter,
    query,
    from: z.int().nonnegative(),
    count: z.int().min(1).max(rowsMax),
  }),
  stepText: z.object({ trace, step }),
  stepDiff: z.object({ trace, step }),
  save: z.object({ state: savedState }),
  openDiff: z.object({ trace, step, path: path.nullable() }),
  openFile: z.object({ path, line: z.int().positive().nullable() }),
  openCommit: z.object({ sha: z.string().regex(/^[0-9a-f]{7,64}$/u) }),
  run: z.object({
    action: z.enum([
      "pickSession",
      "importSessions",
      "setUpCapture",
      "resumeCapture",
      "openFolder",
      "initRepository",
      "showLog",
      "retry",
    ]),
  }),
};
