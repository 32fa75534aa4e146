import { writeFileSync } from "node:fs";
import * as path from "node:path";

import { quietOp } from "../../capture/base/op.ts";
import { requireRepository } from "../../capture/git/repository.ts";
import { SnapshotStore } from "../../capture/git/snapshot-store.ts";

// Takes snapshots for ever and says each id once it is durable; a test kills it.
const [dir = "", round = "0", nativeId = "9c9c9c9c-gc"] = process.argv.slice(2);
const op = quietOp();
const store = await SnapshotStore.open(op, await requireRepository(op, dir), { trusted: true });
const session = { harness: "claude-code", nativeId };
const file = nativeId === "9c9c9c9c-gc" ? "a.txt" : `${nativeId}.txt`;
for (let i = 0; i < 10_000; i++) {
  writeFileSync(path.join(dir, file), `${round}.${i}\n`.repeat(100));
  const taken = await store.take(op, {
    session,
    atMs: Number(round) * 100_000 + i,
    cause: "post",
    paths: [file],
  });
  process.stdout.write(`${taken.commit}\n`);
}
