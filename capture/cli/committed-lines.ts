import { existsSync } from "node:fs";
import path from "node:path";

import { OtError } from "../base/errors.ts";
import type { Op } from "../api.ts";
import { git } from "../git/run.ts";
import { linesOf } from "./work-file.ts";

/** The lines of a file as a commit has it; null where git cannot say. Throws `cancelled`. */
export async function committedLines(
  op: Op,
  file: string,
  at: { readonly rev: string; readonly path: string },
): Promise<readonly string[] | null> {
  try {
    const args = ["cat-file", "blob", `${at.rev}:${at.path}`];
    const { stdout } = await git(op, { args, cwd: nearestFolder(file) });
    return linesOf(stdout.toString("utf8"));
  } catch (error) {
    if (error instanceof OtError && error.code !== "cancelled") return null;
    throw error;
  }
}

/** The folder of a file, or where a commit's folder is gone, the nearest one that is there. */
function nearestFolder(file: string): string {
  let folder = path.dirname(file);
  while (!existsSync(folder) && path.dirname(folder) !== folder) folder = path.dirname(folder);
  return folder;
}
