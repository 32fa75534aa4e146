import { readFileSync } from "node:fs";
import { join } from "node:path";

import { isErrno } from "../base/errors.ts";
import { fileStamp } from "./head-watch.ts";
import type { RepoContext } from "./repo-context.ts";

const known = new WeakMap<RepoContext, { readonly stamp: string; readonly ends: Set<string> }>();

/**
 * True for a commit behind which a shallow clone has no history: what it holds may be older than
 * it, so that it tells of nothing who wrote it.
 */
export function isShallowEnd(context: RepoContext, sha: string): boolean {
  const file = join(context.repository.commonDir, "shallow");
  const stamp = fileStamp(file);
  if (stamp === "none") return false;
  let found = known.get(context);
  if (found?.stamp !== stamp) {
    found = { stamp, ends: readEnds(file) };
    known.set(context, found);
  }
  return found.ends.has(sha);
}

function readEnds(file: string): Set<string> {
  try {
    return new Set(readFileSync(file, "utf8").split("\n"));
  } catch (error) {
    if (isErrno(error, "ENOENT")) return new Set();
    throw error;
  }
}
