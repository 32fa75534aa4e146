import type { Op } from "../base/op.ts";
import type { LineOrigin } from "../trail/origins.ts";
import { unchangedSince } from "./commit-history.ts";
import type { RepoContext } from "./repo-context.ts";

/** What `git blame` tells of each line of a path in a commit; asked once while the path stays. */
export async function originsOf(
  op: Op,
  context: RepoContext,
  sha: string,
  path: string,
): Promise<readonly LineOrigin[]> {
  const since = await context.once(`since\0${sha}\0${path}`, () =>
    unchangedSince(op, context, sha, path),
  );
  return context.origins.of(op, since, path);
}
