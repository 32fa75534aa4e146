import { createHash } from "node:crypto";
import { closeSync, fdatasyncSync, openSync, readFileSync, writeSync } from "node:fs";
import * as path from "node:path";
import { deflateSync } from "node:zlib";

import { quietOp } from "../../capture/base/op.ts";
import { readStatus } from "../../capture/git/history.ts";
import { requireRepository } from "../../capture/git/repository.ts";
import { SnapshotStore } from "../../capture/git/snapshot-store.ts";
import { type Figure, median } from "../support/bench-figure.ts";
import { Repo } from "../support/repo.ts";

const op = quietOp();
const session = { harness: "claude-code", nativeId: "be0c4be0-c4" };
const rounds = 60;

interface Subject extends Disposable {
  readonly repo: Repo;
  readonly store: SnapshotStore;
  readonly files: readonly string[];
}

async function subject(count: number): Promise<Subject> {
  const repo = new Repo();
  const files = Array.from(
    { length: count },
    (_, i) => `d${i % 20}/s${Math.floor(i / 20) % 25}/f${i}.ts`,
  );
  for (const [i, file] of files.entries()) repo.write(file, `line ${i}\n`.repeat(40));
  repo.commit("start");
  const store = await SnapshotStore.open(op, await requireRepository(op, repo.dir));
  await store.take(op, { session, atMs: 1, cause: "session-start", paths: null });
  const dispose = (): void => {
    store[Symbol.dispose]();
    repo[Symbol.dispose]();
  };
  return { repo, store, files, [Symbol.dispose]: dispose };
}

/** One changed file: written, then the time of what `work` does with it. */
async function timed(
  { repo, files }: Subject,
  round: number,
  work: (file: string) => unknown,
): Promise<number> {
  const file = files[(round * 7919) % 40] ?? "";
  repo.write(file, `round ${round} ${performance.now()}\n`.repeat(40));
  const startMs = performance.now();
  await work(file);
  return performance.now() - startMs;
}

/** The least that keeping one changed file can cost: read, hash, compress, append, make durable. */
function floor(repo: Repo, log: number, file: string): void {
  const body = readFileSync(path.join(repo.dir, file));
  createHash("sha1").update(body).digest();
  writeSync(log, deflateSync(body, { level: 1 }));
  fdatasyncSync(log);
}

export async function figures(): Promise<readonly Figure[]> {
  using small = await subject(1_000);
  using large = await subject(10_000);
  const log = openSync(path.join(large.repo.dir, ".git", "floor"), "a");
  const times = {
    named: [] as number[],
    small: [] as number[],
    floor: [] as number[],
    status: [] as number[],
    add: [] as number[],
  };
  let atMs = 1;
  const take = (one: Subject) => (file: string) =>
    one.store.take(op, { session, atMs: ++atMs, cause: "post", paths: [file] });
  for (let round = 0; round < rounds; round++) {
    times.named.push(await timed(large, round, take(large)));
    times.small.push(await timed(small, round, take(small)));
    times.floor.push(await timed(large, round, (file) => floor(large.repo, log, file)));
    if (round % 6 > 0) continue;
    times.status.push(await timed(large, round, () => readStatus(op, large.store.repository)));
    times.add.push(await timed(large, round, () => large.repo.treeOfWorkTree()));
  }
  closeSync(log);
  const named = median(times.named);
  return [
    { name: "snapshot of a named path, 10,000 files", value: named, unit: "ms" },
    { name: "… over the durable floor", value: named / median(times.floor), unit: "" },
    {
      name: "… over `git status`",
      value: named / median(times.status),
      unit: "",
      limit: 0.15,
    },
    {
      name: "… over `git add -A` on a copied index",
      value: named / median(times.add),
      unit: "",
      limit: 0.1,
    },
    {
      name: "… over the same with 1,000 files",
      value: named / median(times.small),
      unit: "",
      limit: 2,
    },
  ];
}
