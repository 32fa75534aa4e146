import type { Op } from "../base/op.ts";
import { parseCommit } from "../git/objects.ts";
import type { Attribution } from "../trail/births.ts";
import { diffLines } from "../trail/line-diff.ts";
import { changesOfAll } from "./commit-history.ts";
import type { CommitTimes } from "./commit-order.ts";
import { findInCommit } from "./file-content.ts";
import type { RepoContext } from "./repo-context.ts";
import { writtenOwners } from "./written-owners.ts";

const none: ReadonlyMap<number, Attribution> = new Map();

/** As {@link writtenOwners}, for every line that a commit added to a path. */
export async function writtenInCommit(
  op: Op,
  context: RepoContext,
  { commit, path }: { readonly commit: CommitTimes; readonly path: string },
): Promise<ReadonlyMap<number, Attribution>> {
  const key = `written\0${await context.version(op)}\0${commit.sha}\0${path}`;
  return context.once(key, () => findWritten(op, context, { commit, path }), "content");
}

async function findWritten(
  op: Op,
  context: RepoContext,
  { commit, path }: { readonly commit: CommitTimes; readonly path: string },
): Promise<ReadonlyMap<number, Attribution>> {
  const { sha } = commit;
  if ((await context.writings.find(op, context, path)).length === 0) return none;
  const content = await findInCommit(op, context, { sha, path });
  const object = await context.reader.read(op, sha).catch(() => null);
  const parents = object?.type === "commit" ? (parseCommit(object.body)?.parents ?? []) : null;
  // A merge takes each line from one of its parents.
  if (content === null || content.lines === null || parents === null || parents.length > 1) {
    return none;
  }
  const changes = (await changesOfAll(op, context, [sha])).get(sha) ?? [];
  const from = changes.find((change) => change.path === path)?.from ?? null;
  const [parent] = parents;
  const old =
    parent === undefined
      ? null
      : await findInCommit(op, context, { sha: parent, path: from ?? path });
  const before = old?.lines ?? [];
  const hunks = diffLines(before, content.lines);
  const isOpen = new Uint8Array(content.lines.length).fill(1);
  const change = { commit, path, from, before, after: content.lines, hunks, isOpen };
  return writtenOwners(op, context, change);
}
