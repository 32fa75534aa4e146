import { basename } from "node:path";

import type { Op } from "../base/op.ts";
import { parseRawDiff } from "../git/parse/diff.ts";
import { placeOf } from "../git/repository.ts";
import { git } from "../git/run.ts";
import { type FileContent, findInCommit, findOnDisk } from "./file-content.ts";
import { sharedShare } from "./path-patches.ts";
import type { RepoContext } from "./repo-context.ts";

/** Files that went and are compared by content, those of the same name first. */
const comparedMax = 40;

/** Share of lines in common with a file that went, to be its continuation. */
const renameSimilarityMin = 0.5;

/** For so long what is gone from the work tree is not looked for again. */
const goneFreshMs = 1_000;

/** A file of HEAD that is no longer in the work tree. */
interface GoneFile {
  readonly path: string;
  readonly oid: string;
}

/** When it was last looked what is gone, by context: the work tree has no stamp for that. */
const lookedAt = new WeakMap<
  RepoContext,
  { readonly head: string; readonly atMs: number; readonly gone: Promise<readonly GoneFile[]> }
>();

/**
 * The file that goes on as one of the work tree which HEAD does not have: as HEAD has it, or, if it
 * never was committed, as a snapshot last saw it. The very same content first, else the most alike.
 */
export async function uncommittedSource(
  op: Op,
  context: RepoContext,
  content: FileContent,
): Promise<FileContent | null> {
  const { path, rev, lines } = content;
  if (rev !== "worktree" || lines === null || lines.length === 0) return null;
  const head = await context.head.commit(op);
  if (head !== null && (await findInCommit(op, context, { sha: head, path })) !== null) return null;
  const gone = head === null ? [] : await goneFiles(op, context, head);
  if (head !== null) {
    const same = byName(gone, path).find(({ oid }) => oid === content.key);
    if (same !== undefined) return findInCommit(op, context, { sha: head, path: same.path });
  }
  const seen = await lastSeenAs(op, context, content);
  if (seen !== null || head === null) return seen;
  return mostAlike(op, context, content, { head, gone: byName(gone, path) });
}

async function mostAlike(
  op: Op,
  context: RepoContext,
  { lines }: FileContent,
  { head, gone }: { head: string; gone: readonly GoneFile[] },
): Promise<FileContent | null> {
  let best: FileContent | null = null;
  let bestShare = renameSimilarityMin;
  for (const { path } of gone.slice(0, comparedMax)) {
    const there = await findInCommit(op, context, { sha: head, path });
    const share = sharedShare(there?.lines ?? [], lines ?? []);
    if (share < bestShare || (best !== null && share === bestShare)) continue;
    best = there;
    bestShare = share;
  }
  return best;
}

function byName(gone: readonly GoneFile[], path: string): readonly GoneFile[] {
  const name = basename(path);
  const isSame = (file: GoneFile): boolean => basename(file.path) === name;
  return [...gone.filter(isSame), ...gone.filter((file) => !isSame(file))];
}

function goneFiles(op: Op, context: RepoContext, head: string): Promise<readonly GoneFile[]> {
  const known = lookedAt.get(context);
  const atMs = performance.now();
  if (known?.head === head && atMs - known.atMs < goneFreshMs) return known.gone;
  const gone = lookForGone(op, context, head);
  lookedAt.set(context, { head, atMs, gone });
  gone.catch(() => lookedAt.delete(context));
  return gone;
}

async function lookForGone(
  op: Op,
  context: RepoContext,
  head: string,
): Promise<readonly GoneFile[]> {
  const { stdout } = await git(op, {
    ...placeOf(context.repository),
    args: ["diff-index", "-z", "--no-renames", "--diff-filter=D", head, "--"],
  });
  return parseRawDiff(stdout).map(({ path, oldOid }) => ({ path, oid: oldOid }));
}

/** A file that snapshots saw with this very content, and that is no longer there. */
async function lastSeenAs(
  op: Op,
  context: RepoContext,
  content: FileContent,
): Promise<FileContent | null> {
  for (const session of await context.sessions(op)) {
    if (session.kin !== "own" || session.root !== context.repository.workTree) continue;
    for (const [path, entries] of await context.entriesByPath(session)) {
      if (path === content.path || entries.at(-1)?.afterOid !== content.key) continue;
      if ((await findOnDisk(context, path)) === null) return { ...content, path };
    }
  }
  return null;
}
