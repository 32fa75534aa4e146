import type { Op } from "../base/op.ts";
import { discover } from "../git/repository.ts";
import { ensureStore } from "../git/store-folder.ts";

/**
 * Makes the private snapshot store of a repository that a person agreed to record.
 *
 * With it there, hooks take snapshots also while no engine runs. No repository: nothing to do.
 */
export async function prepareRepository(op: Op, folder: string): Promise<void> {
  const found = await discover(op, folder);
  if (found.kind === "ok") await ensureStore(found.repository);
}
