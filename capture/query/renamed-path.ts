import type { Op } from "../base/op.ts";
import { changesOf, commitsTouching } from "./commit-history.ts";
import type { RepoContext } from "./repo-context.ts";

/** Renames in a row that are followed. */
const renamesMax = 20;

/** What a path is called in a commit: its own name, or the one that commits renamed it to. */
export function nameAt(
  op: Op,
  context: RepoContext,
  { sha, path }: { readonly sha: string; readonly path: string },
): Promise<string> {
  return context.once(`name\0${sha}\0${path}`, async () => {
    let name = path;
    for (let step = 0; step < renamesMax; step += 1) {
      if ((await context.reader.readTreePath(op, sha, name)) !== null) return name;
      const next = await renamedTo(op, context, { sha, path: name });
      if (next === null) return path;
      name = next;
    }
    return path;
  });
}

/** The name that the last commit which touched a path gave to it; null if it just deleted it. */
async function renamedTo(
  op: Op,
  context: RepoContext,
  { sha, path }: { sha: string; path: string },
): Promise<string | null> {
  const [last] = await commitsTouching(op, context, sha, [path]);
  if (last === undefined) return null;
  const changes = await changesOf(op, context, last.sha);
  return changes.find(({ from, status }) => from === path && status === "R")?.path ?? null;
}
