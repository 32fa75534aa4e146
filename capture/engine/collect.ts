import type { Op } from "../base/op.ts";
import { requireRepository } from "../git/repository.ts";
import { SnapshotStore } from "../git/snapshot-store.ts";
import { storeDirOf, storeExists } from "../git/store-folder.ts";
import type { CollectAnswer } from "../model/answers.ts";

const nothing = { sessions: 0, pins: 0, sizeBytes: 0 };

/**
 * Lets the snapshots of old sessions go in one repository, and packs the rest.
 *
 * Throws `no-repository`, and `busy` while another process keeps the store.
 */
export async function collectRepository(
  op: Op,
  request: { readonly repo: string; readonly beforeMs?: number; readonly dryRun: boolean },
): Promise<CollectAnswer> {
  const repository = await requireRepository(op, request.repo);
  const root = repository.workTree;
  if (!storeExists(storeDirOf(repository))) {
    return { root, problems: [], expired: [], counts: { before: nothing, after: nothing } };
  }
  const store = await SnapshotStore.open(op, repository);
  try {
    const { expired, before, after } = await store.collect(op, {
      expireBeforeMs: request.beforeMs ?? null,
      dryRun: request.dryRun,
    });
    return { root, problems: [], expired, counts: { before, after } };
  } finally {
    await store.close();
  }
}
