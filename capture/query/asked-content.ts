import { OtError } from "../base/errors.ts";
import type { Op } from "../base/op.ts";
import {
  contentOfUnsaved,
  type FileContent,
  findInCommit,
  findOnDisk,
  readOnDisk,
  requireCommit,
  type Unsaved,
} from "./file-content.ts";
import type { RepoContext } from "./repo-context.ts";

/** Which content of which file a question is about. */
export interface FileQuestion {
  /** Below the work tree's root, `/`-separated; see `pathInRepository`. */
  readonly path: string;
  /** A revision; the work tree where there is none. */
  readonly rev?: string;
  /** Takes the place of the work tree's file. */
  readonly unsaved?: Unsaved;
}

/**
 * Reads the content that is asked about. Throws `not-found`, and `usage` for unsaved text of a
 * commit.
 */
export async function askedContent(
  op: Op,
  context: RepoContext,
  { path, rev, unsaved }: FileQuestion,
): Promise<FileContent> {
  if (rev === undefined || rev === "worktree") {
    if (unsaved === undefined) return readOnDisk(context, path);
    // What is saved is known first: the text that is not differs little from it.
    await findOnDisk(context, path);
    return contentOfUnsaved(context, path, unsaved);
  }
  if (unsaved !== undefined) throw new OtError("usage", "A commit has no unsaved text.");
  const sha = await requireCommit(op, context, rev);
  const content = await findInCommit(op, context, { sha, path });
  if (content !== null) return content;
  throw new OtError("not-found", `There is no file ${path} in ${rev}.`);
}
