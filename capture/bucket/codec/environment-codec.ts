import * as z from "zod";

const byName = z.record(z.string(), z.string());
const hashes = z.record(z.string(), z.string().nullable());

/** What a session started from, in events, facts and `session.json`. */
export const environmentSchema = z.looseObject({
  head: z.string().nullable(),
  headTree: z.string().nullable(),
  snapshot: z.string().nullable(),
  os: z.string().nullable(),
  arch: z.string().nullable(),
  runtimes: byName.nullable(),
  lockFiles: byName.nullable(),
  instructions: hashes.nullable(),
  skills: hashes.nullable(),
});
