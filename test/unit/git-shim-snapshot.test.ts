import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";

import { quietOp } from "../../capture/base/op.ts";
import { requireRepository } from "../../capture/git/repository.ts";
import { shimSnapshotScript } from "../../capture/git/shim-snapshot.ts";
import { SnapshotStore } from "../../capture/git/snapshot-store.ts";
import { fingerprint, Repo } from "../support/repo.ts";

const op = quietOp();
const session = { harness: "claude-code", nativeId: "5e55-10" };

/** Runs the script as the hook does: with whatever environment the agent has. */
function shimSnapshot(
  repo: Repo,
  env: Readonly<Record<string, string>> = {},
  cwd = repo.dir,
): string {
  const call = `id=$(ot_snapshot claude-code 5e55-10 1770000000123)\nprintf %s "$id"`;
  const script = `${shimSnapshotScript}\n${call}`;
  return execFileSync("sh", ["-c", script], {
    cwd,
    encoding: "utf8",
    env: { PATH: process.env["PATH"], HOME: repo.home, ...env },
  });
}

async function openStore(repo: Repo): Promise<SnapshotStore> {
  return SnapshotStore.open(op, await requireRepository(op, repo.dir), { trusted: true });
}

describe("the shim's snapshot", () => {
  test("continues the engine's chain, and the engine continues its own", async () => {
    using repo = new Repo();
    repo.commit("start", { "a.txt": "a\n", "d/b.txt": "b\n", "gone.txt": "g\n" });
    using store = await openStore(repo);
    const first = await store.take(op, { session, atMs: 1, cause: "session-start", paths: null });
    await store.flush(op);
    repo.write("d/b.txt", "b2\n");
    repo.write("new file.txt", "n\n");
    repo.write('odd"\n.txt', "odd\n");
    repo.write(".env", "SECRET=1\n");
    repo.write("caf\u00e9/id_rsa", "SECRET\n");
    repo.write("big.bin", Buffer.alloc(9 * 1024 * 1024));
    repo.remove("gone.txt");
    repo.git("init", "--quiet", "nested");
    repo.write("nested/x", "x\n");
    const before = fingerprint(repo);

    const id = shimSnapshot(
      repo,
      { GIT_DIR: "/nowhere", GIT_INDEX_FILE: "/nowhere/index" },
      repo.path("d"),
    );

    expect(fingerprint(repo)).toBe(before);
    const tip = await store.tip(op, session);
    expect(tip).toMatchObject({
      commit: id,
      cause: "shim",
      atMs: 1770000000123,
      parents: [first.commit],
      base: first.base,
    });
    expect(
      (await store.diffSnapshots(op, first.commit, id)).map(
        ({ path, op: what }) => `${what} ${path}`,
      ),
    ).toEqual(["modify d/b.txt", "delete gone.txt", "create new file.txt", 'create odd"\n.txt']);
    const skipped = tip?.skipped ?? [];
    const engines = await store.take(op, {
      session: { harness: "claude-code", nativeId: "0the0the" },
      atMs: 1,
      cause: "session-start",
      paths: null,
    });
    const byPath = (a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : 1);
    expect(skipped.toSorted(byPath)).toEqual(engines.skipped.toSorted(byPath));
    expect(skipped.map(({ why, path }) => `${why} ${path}`).toSorted()).toEqual([
      "nested-repository nested",
      "over-limit big.bin",
      "secret-name .env",
      "secret-name caf\u00e9/id_rsa",
    ]);
    const next = await store.take(op, { session, atMs: 1770000001000, cause: "pre", paths: null });
    expect(next).toMatchObject({ commit: id, isNew: false });
    expect(shimSnapshot(repo)).toBe(id);
  });

  test("joins with snapshots that a dead engine left in the write-ahead file", async () => {
    using repo = new Repo();
    repo.commit("start", { "a.txt": "a\n" });
    using store = await openStore(repo);
    const ours = await store.take(op, { session, atMs: 1, cause: "session-start", paths: null });
    repo.write("a.txt", "a2\n");
    const theirs = shimSnapshot(repo);
    await store.flush(op);
    const chain = await store.chain(op, session);
    expect(chain.slice(0, 2).map((one) => one.commit)).toEqual([ours.commit, theirs]);
    expect(chain[2]?.parents).toEqual([ours.commit, theirs]);
    expect((await store.tip(op, session))?.tree).toBe(repo.treeOfWorkTree());
  });

  test("does not lean on what only the user's index keeps", async () => {
    using repo = new Repo();
    repo.commit("start", { "a.txt": "a\n" });
    using store = await openStore(repo);
    repo.write("a.txt", "staged\n");
    repo.git("add", "a.txt");
    const id = shimSnapshot(repo);
    repo.git("reset", "--quiet", "--hard");
    repo.git("gc", "--quiet", "--prune=now");
    const entry = await store.readTreePath(op, id, "a.txt");
    expect((await store.readBlob(op, entry?.oid ?? ""))?.toString()).toBe("staged\n");
  });

  test("takes none without a store, outside a repository, or for over 200 changes", async () => {
    using repo = new Repo();
    repo.commit("start", { "a.txt": "a\n" });
    repo.write("a.txt", "b\n");
    expect(shimSnapshot(repo)).toBe("");
    expect(shimSnapshot(repo, {}, repo.home)).toBe("");
    using _store = await openStore(repo);
    for (let i = 0; i < 201; i++) repo.write(`many/${i}`, "x");
    expect(shimSnapshot(repo)).toBe("");
  });

  test("gives up in time when git hangs", async () => {
    using repo = new Repo();
    repo.commit("start", { "a.txt": "a\n" });
    using _store = await openStore(repo);
    repo.write("bin/git", "#!/bin/sh\nsleep 20\n", 0o755);
    const startMs = performance.now();
    const id = shimSnapshot(repo, {
      PATH: `${repo.path("bin")}:${process.env["PATH"]}`,
      OT_SNAPSHOT_SECONDS: "1",
    });
    expect(id).toBe("");
    expect(performance.now() - startMs).toBeLessThan(5_000);
  });

  test("works before the first commit", async () => {
    using repo = new Repo();
    using store = await openStore(repo);
    repo.write("a.txt", "a\n");
    const id = shimSnapshot(repo);
    expect(await store.tip(op, session)).toMatchObject({
      commit: id,
      base: null,
      tree: repo.treeOfWorkTree(),
    });
  });
});
