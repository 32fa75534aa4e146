import { chmodSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import * as path from "node:path";
import { describe, expect, test } from "vitest";

import { quietOp } from "../../capture/base/op.ts";
import { requireRepository } from "../../capture/git/repository.ts";
import { SnapshotStore } from "../../capture/git/snapshot-store.ts";
import { StoreReader } from "../../capture/git/store-reader.ts";
import { candidatesMax, declaredPath, holdsHome } from "../../capture/git/work-tree-scan.ts";
import { Repo } from "../support/repo.ts";
import { changesOf } from "../support/snapshots.ts";

const op = quietOp();
const session = { harness: "claude-code", nativeId: "11317751-11" };
let atMs = Date.parse("2026-02-01T00:00:00Z");

async function openStore(repo: Repo): Promise<SnapshotStore> {
  return SnapshotStore.open(op, await requireRepository(op, repo.dir), { trusted: true });
}

function take(store: SnapshotStore, paths: readonly string[] | null = null) {
  atMs += 1000;
  return store.take(op, { session, atMs, cause: "post", paths });
}

describe("packs", () => {
  test("over twenty become one, while a reader with open helpers goes on reading", async () => {
    using repo = new Repo();
    repo.commit("start", { "a.txt": "a\n", "lib/b.txt": "b\n" });
    using store = await openStore(repo);
    using reader = new StoreReader(await requireRepository(op, repo.dir));
    const packs = () =>
      readdirSync(repo.path(".git/opentraces/objects/pack")).filter((name) =>
        name.endsWith(".pack"),
      ).length;
    const blobs: string[] = [];
    for (let i = 0; i < 22; i++) {
      repo.write("lib/b.txt", `b ${i}\n`.repeat(50));
      const [change] = await changesOf(store, await take(store, ["lib/b.txt"]));
      blobs.push(change?.afterBlob ?? "");
      await store.flush(op);
      await reader.chain(op, session);
    }
    expect(packs()).toBe(22);
    await store.idle(op);
    expect(packs()).toBe(1);
    // The first snapshot has nothing before it to differ from.
    for (const [i, blob] of blobs.entries()) {
      if (i === 0) continue;
      expect((await reader.readBlob(op, blob))?.toString()).toBe(`b ${i}\n`.repeat(50));
    }
    expect(await reader.chain(op, session)).toHaveLength(22);
    expect(repo.git("--git-dir=.git/opentraces", "fsck", "--strict", "--no-dangling")).toBe("");
    expect(repo.git("count-objects", "-v")).toContain("packs: 0");
  });
});

describe("what cannot be written", () => {
  test("a store that takes no bytes fails the snapshot, loses nothing, then goes on", async () => {
    using repo = new Repo();
    repo.commit("start", { "a.txt": "a\n" });
    using store = await openStore(repo);
    const first = await take(store);
    const wal = repo.path(".git/opentraces/wal");
    const bytes = readFileSync(wal);
    repo.write("a.txt", "b\n");
    {
      using _full = fullDisk();
      await expect(take(store, ["a.txt"])).rejects.toMatchObject({ code: "disk-full" });
    }
    expect(readFileSync(wal).equals(bytes)).toBe(true);
    expect((await store.chain(op, session)).map((one) => one.commit)).toEqual([first.commit]);
    const second = await take(store, ["a.txt"]);
    const changes = await changesOf(store, second);
    expect(changes).toMatchObject([{ path: "a.txt", op: "modify" }]);
    expect((await store.readBlob(op, changes[0]?.afterBlob ?? ""))?.toString()).toBe("b\n");
  });

  test("a git folder that cannot be written is said to be read-only", async () => {
    using repo = new Repo();
    repo.commit("start", { "a.txt": "a\n" });
    // Root may write anywhere; a file in the folder's place stops everyone.
    writeFileSync(repo.path(".git/opentraces"), "in the way");
    await expect(openStore(repo)).rejects.toThrow();
    expect(readdirSync(repo.path(".git")).filter((name) => name.startsWith("opentraces."))).toEqual(
      [],
    );
    if (process.getuid?.() === 0) return;
    repo.remove(".git/opentraces");
    chmodSync(repo.path(".git"), 0o555);
    await expect(openStore(repo)).rejects.toMatchObject({ code: "home-read-only" });
    chmodSync(repo.path(".git"), 0o755);
  });
});

describe("bounds of the walk", () => {
  test("more new files than the limit are cut, and the cut is recorded", async () => {
    using repo = new Repo();
    repo.commit("start", { "a.txt": "a\n" });
    for (let i = 0; i <= candidatesMax; i++) repo.write(`many/${i % 100}/${i}`, "");
    repo.write("a.txt", "a2\n");
    using store = await openStore(repo);
    const snapshot = await take(store);
    expect(snapshot.skipped).toEqual([{ path: "", why: "budget" }]);
    // What git tracks comes first.
    expect((await store.readTreePath(op, snapshot.tree, "a.txt"))?.oid).toBe(
      repo.git("hash-object", "a.txt"),
    );
  }, 60_000);

  test("a work tree that is or holds the home folder is not searched for new files", async () => {
    expect(holdsHome("/home/me", "/home/me")).toBe(true);
    expect(holdsHome("/", "/home/me")).toBe(true);
    expect(holdsHome("/home/me/project", "/home/me")).toBe(false);
    expect(holdsHome("/home/m", "/home/me")).toBe(false);
    using repo = new Repo();
    repo.commit("dotfiles", { ".profile": "a\n" });
    repo.write("Documents/private.txt", "private\n");
    repo.write(".profile", "b\n");
    const home = process.env["HOME"];
    process.env["HOME"] = repo.dir;
    try {
      using store = await openStore(repo);
      const snapshot = await take(store);
      const changed = await store.diffSnapshots(
        op,
        repo.git("rev-parse", "HEAD^{tree}"),
        snapshot.tree,
      );
      expect(changed.map((change) => change.path)).toEqual([".profile"]);
    } finally {
      process.env["HOME"] = home;
    }
  });

  test.each([
    ["a.txt", "a.txt"],
    ["./d/../a.txt", "a.txt"],
    ["../outside.txt", null],
    ["/etc/passwd", null],
    [".git/config", null],
    ["d/.GIT/config", null],
    ["..odd/name", "..odd/name"],
    [".", null],
  ])("the declared path %s is %s", async (name, expected) => {
    using repo = new Repo();
    expect(await declaredPath(repo.dir, name)).toBe(expected);
    if (expected !== null)
      expect(await declaredPath(repo.dir, path.join(repo.dir, name))).toBe(expected);
  });
});

/** Makes every synchronous write fail as on a full disk, until disposed of. */
function fullDisk(): Disposable {
  const { writeSync } = fs;
  fs.writeSync = () => {
    throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
  };
  syncBuiltinESMExports();
  return {
    [Symbol.dispose]: () => {
      fs.writeSync = writeSync;
      syncBuiltinESMExports();
    },
  };
}
