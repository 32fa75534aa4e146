import { describe, expect, test } from "vitest";

import { quietOp } from "../../capture/base/op.ts";
import { requireRepository } from "../../capture/git/repository.ts";
import { SnapshotStore } from "../../capture/git/snapshot-store.ts";
import { fingerprint, Repo } from "../support/repo.ts";
import { changesOf } from "../support/snapshots.ts";

const op = quietOp();
const session = { harness: "claude-code", nativeId: "11111111-2222-3333-4444-555555555555" };
let clock = Date.parse("2026-02-01T00:00:00Z");

function at(cause: string, paths: readonly string[] | null = null) {
  clock += 1000;
  return { session, atMs: clock, cause, paths };
}

async function openStore(repo: Repo): Promise<SnapshotStore> {
  return SnapshotStore.open(op, await requireRepository(op, repo.dir), { trusted: true });
}

describe("taking snapshots", () => {
  test("the first holds the work tree as it is, changes and new files included", async () => {
    using repo = new Repo();
    repo.commit("start", { "a.txt": "one\n", "lib/b.txt": "two\n", "lib/c.txt": "three\n" });
    repo.write("a.txt", "one changed\n");
    repo.write("new/deep/file.txt", "new\n");
    repo.remove("lib/c.txt");
    const before = fingerprint(repo);
    using store = await openStore(repo);

    const first = await store.take(op, at("session-start"));

    expect(fingerprint(repo)).toBe(before);
    expect(first.tree).toBe(repo.treeOfWorkTree());
    expect(first).toMatchObject({
      parent: null,
      base: repo.git("rev-parse", "HEAD"),
      isNew: true,
      skipped: [],
    });
  });

  test("a later one applies the named paths, and gives what changed", async () => {
    using repo = new Repo();
    repo.commit("start", { "a.txt": "one\n", "lib/b.txt": "two\n" });
    using store = await openStore(repo);
    const first = await store.take(op, at("session-start"));
    repo.write("lib/b.txt", "two\nmore\n");
    const second = await store.take(op, at("post", ["lib/b.txt"]));
    repo.remove("lib/b.txt");
    repo.write("lib/n.txt", "n");
    const third = await store.take(op, at("post", [repo.path("lib/n.txt"), "lib/b.txt"]));

    expect(third.tree).toBe(repo.treeOfWorkTree());
    expect(second.parent).toBe(first.commit);
    expect((await changesOf(store, third)).map(({ path, op: what }) => `${what} ${path}`)).toEqual([
      "delete lib/b.txt",
      "create lib/n.txt",
    ]);
    const [change] = await changesOf(store, second);
    expect((await store.readBlob(op, change?.afterBlob ?? ""))?.toString()).toBe("two\nmore\n");
    expect((await store.readBlob(op, change?.beforeBlob ?? ""))?.toString()).toBe("two\n");
    expect((await store.chain(op, session)).map((one) => one.commit)).toEqual([
      first.commit,
      second.commit,
      third.commit,
    ]);
  });

  test("with nothing between, the snapshot before is given again", async () => {
    using repo = new Repo();
    repo.commit("start", { "a.txt": "one\n" });
    using store = await openStore(repo);
    const first = await store.take(op, at("session-start"));
    const again = await store.take(op, at("pre"));
    expect(again).toMatchObject({ commit: first.commit, isNew: false });
  });

  test("after 30 snapshots, 25 are packed, all are readable, also by another reader", async () => {
    using repo = new Repo();
    repo.commit("start", { "a.txt": "0\n" });
    using store = await openStore(repo);
    const ids: string[] = [];
    for (let i = 0; i < 30; i++) {
      repo.write("a.txt", `${i + 1}\n`);
      ids.push((await store.take(op, at("post", ["a.txt"]))).commit);
    }
    expect(store.reader.wal.snapshots).toBe(5);
    using other = await openStore(repo);
    expect((await other.chain(op, session)).map((one) => one.commit)).toEqual(ids);
    await store.idle(op);
    expect(store.reader.wal.snapshots).toBe(0);
    expect((await other.chain(op, session)).map((one) => one.commit)).toEqual(ids);
    expect(repo.git("fsck", "--strict")).toBe("");
    expect(repo.git("--git-dir=.git/opentraces", "fsck", "--strict", "--no-dangling")).toBe("");
  });
});
