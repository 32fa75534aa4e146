import { join } from "node:path";

import type { Op } from "../base/op.ts";
import { placeOf } from "../git/repository.ts";
import { git } from "../git/run.ts";
import { type FileContent, findInCommit } from "./file-content.ts";
import { fileStamp } from "./head-watch.ts";
import type { RepoContext } from "./repo-context.ts";

/** Stashes that are looked at, the latest ones. */
const stashesMax = 50;

/** A file as it lies in a stash, and as it was in the commit that the stash was made on. */
export interface StashedFile {
  readonly content: FileContent | null;
  readonly base: FileContent | null;
}

/** What the stashes hold of a path, the latest first, where it differs from what was committed. */
export async function stashedFiles(
  op: Op,
  context: RepoContext,
  path: string,
): Promise<readonly StashedFile[]> {
  const found: StashedFile[] = [];
  for (const { sha, base, untracked } of await stashesOf(op, context)) {
    const there = await findInCommit(op, context, { sha, path });
    const isNew = there === null && untracked !== null;
    const content = isNew ? await findInCommit(op, context, { sha: untracked, path }) : there;
    const before = await findInCommit(op, context, { sha: base, path });
    if (content?.key !== before?.key) found.push({ content, base: before });
  }
  return found;
}

interface Stash {
  readonly sha: string;
  readonly base: string;
  /** The commit with the files that were untracked, if they were stashed too. */
  readonly untracked: string | null;
}

/** Listed again when one came or went. */
function stashesOf(op: Op, context: RepoContext): Promise<readonly Stash[]> {
  const { commonDir } = context.repository;
  const log = fileStamp(join(commonDir, "logs", "refs", "stash"));
  const tables = fileStamp(join(commonDir, "reftable", "tables.list"));
  if (log === "none" && tables === "none") return Promise.resolve([]);
  return context.once(`stashes\0${log}\0${tables}`, async () => {
    const { exitCode, stdout } = await git(op, {
      ...placeOf(context.repository),
      args: [
        "log",
        "--walk-reflogs",
        "--format=%H %P",
        `--max-count=${stashesMax}`,
        "refs/stash",
        "--",
      ],
      okExitCodes: [0, 128],
    });
    if (exitCode !== 0) return [];
    return stdout.toString("latin1").split("\n").flatMap(stashOf);
  });
}

function stashOf(line: string): Stash[] {
  const [sha = "", base, , untracked = null] = line.split(" ");
  return base === undefined ? [] : [{ sha, base, untracked }];
}
