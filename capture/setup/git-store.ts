import { OtError } from "../base/errors.ts";
import type { Op } from "../base/op.ts";
import { listPins } from "../git/pins.ts";
import { requireRepository } from "../git/repository.ts";
import { removeStore } from "../git/snapshot-store.ts";
import { ensureStore, storeDirOf, storeExists } from "../git/store-folder.ts";
import type { SetupAnswer } from "../model/answers.ts";
import type { Change } from "./change.ts";

export interface StoreRequest {
  /** Any folder of the repository. */
  readonly repo: string | null;
  readonly remove: boolean;
  readonly dryRun: boolean;
  /** Whether agents are recorded there: then the next hook would make a removed store again. */
  readonly isRecorded?: boolean;
}

/**
 * Makes or removes the private snapshot store of one repository; removal takes the pins along.
 *
 * Afterwards the repository is as if it had never been recorded. Throws `no-repository`,
 * `usage` while the repository is recorded, and `busy` while a snapshot is being taken.
 */
export async function setUpStore(op: Op, request: StoreRequest): Promise<SetupAnswer> {
  if (request.repo === null) {
    throw new OtError("no-repository", "No folder of a repository was given.", {
      hint: "Run `ot setup git` inside the repository.",
    });
  }
  const repository = await requireRepository(op, request.repo);
  const path = storeDirOf(repository);
  const isThere = storeExists(path);
  if (!request.remove) {
    if (isThere) return answer({ path, action: "keep", what: "the snapshot store is there" });
    if (!request.dryRun) await ensureStore(repository);
    return answer({ path, action: "create", what: "a private store for snapshots" });
  }
  if (request.isRecorded === true) {
    throw new OtError("usage", `${repository.workTree} is recorded: its store is in use.`, {
      hint: "First run `ot capture pause`, or `ot capture exclude` for good.",
    });
  }
  const pins = await listPins(op, repository);
  if (!isThere && pins.length === 0) {
    return answer({ path, action: "keep", what: "there is no snapshot store" });
  }
  if (!request.dryRun) await removeStore(op, repository);
  return answer({ path, action: "remove", what: `all snapshots, and ${pins.length} pins` });
}

function answer(change: Change): SetupAnswer {
  return { changes: [change], notes: [] };
}
