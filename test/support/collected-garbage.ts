import { quietOp } from "../../capture/base/op.ts";
import type { SessionKey } from "../../capture/git/session-ref.ts";
import type { SnapshotStore } from "../../capture/git/snapshot-store.ts";
import type { Repo } from "./repo.ts";

/** Rewrites all history of the user's and lets git throw away whatever it can. */
export function rewriteAndCollect(repo: Repo): void {
  repo.git("checkout", "--quiet", "--orphan", "fresh");
  repo.git("rm", "--quiet", "-r", "--force", ".");
  repo.commit("rewritten", { "only.txt": "only\n" });
  repo.git("branch", "--quiet", "-D", "main");
  repo.git("reflog", "expire", "--expire=now", "--all");
  repo.git("gc", "--quiet", "--prune=now");
}

/** Every file of every snapshot of a session; LOST where it cannot be read. */
export async function readWhole(store: SnapshotStore, session: SessionKey): Promise<string[]> {
  const op = quietOp();
  const read: string[] = [];
  for (const snapshot of await store.chain(op, session)) {
    for (const file of await store.diffSnapshots(op, null, snapshot.tree)) {
      const bytes = await store.readBlob(op, file.afterBlob ?? "");
      read.push(`${snapshot.commit.slice(0, 8)} ${file.path} ${bytes?.toString() ?? "LOST"}`);
    }
  }
  return read;
}
