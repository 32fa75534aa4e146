import childProcess from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { describe, expect, test } from "vitest";

import { listPins } from "../../capture/git/pins.ts";
import { readWhole, rewriteAndCollect } from "../support/collected-garbage.ts";
import { fingerprint, Repo } from "../support/repo.ts";
import { changesOf, op, openStore, session, take } from "../support/snapshots.ts";
import "../support/slow-tests.ts";

const { spawn } = childProcess;

/** The git subcommands that are started while `work` runs. */
async function startedBy(work: () => Promise<unknown>): Promise<string[]> {
  const started: string[] = [];
  childProcess.spawn = ((command: string, args: string[], options: object) => {
    started.push(args.find((arg) => /^[a-z][a-z-]+$/.test(arg)) ?? command);
    return spawn(command, args, options);
    // Safe: the same function, in the only form in which it is called here.
  }) as typeof spawn;
  syncBuiltinESMExports();
  try {
    await work();
  } finally {
    childProcess.spawn = spawn;
    syncBuiltinESMExports();
  }
  return started;
}

function removePins(repo: Repo): void {
  for (const name of repo
    .git("for-each-ref", "--format=%(refname)", "refs/opentraces-*")
    .split("\n"))
    repo.git("update-ref", "-d", name);
}

describe("programs that are started", () => {
  test("none for known paths, over packing too; one status for unknown ones", async () => {
    using repo = new Repo();
    repo.commit("start", { "a.txt": "a\n", "lib/b.txt": "b\n" });
    using store = await openStore(repo.dir);
    await take(store);
    // Once warm: the pins were just made, and the first pack starts the long-lived update-ref.
    await new Promise((resolve) => setTimeout(resolve, 60));
    for (let i = 0; i < 26; i++) {
      repo.write("a.txt", `warm ${i}\n`);
      await take(store, ["a.txt"]);
    }
    const known = await startedBy(async () => {
      for (let i = 0; i < 60; i++) {
        repo.write("lib/b.txt", `${i}\n`);
        await take(store, ["lib/b.txt"]);
      }
    });
    expect(known).toEqual([]);
    repo.write("a.txt", "unknown\n");
    expect(await startedBy(() => take(store))).toEqual(["status"]);
    repo.git("add", "a.txt");
    expect(await startedBy(() => take(store))).toEqual(["status"]);
  });
});

describe("refs", () => {
  test("no push carries a pin, no log shows it, and gc and pack-refs keep it", async () => {
    using repo = new Repo();
    repo.commit("start", { "a.txt": "a\n" });
    using store = await openStore(repo.dir);
    await take(store);
    expect(await listPins(op, store.repository)).toHaveLength(1);
    for (const args of [["--mirror"], ["--all"], ["REMOTE", "refs/*:refs/*"]]) {
      using remote = new Repo({ initArgs: ["--bare"] });
      const place = args.map((arg) => (arg === "REMOTE" ? remote.dir : arg));
      repo.git("push", "--quiet", ...(args[0] === "REMOTE" ? place : [...place, remote.dir]));
      expect(remote.git("for-each-ref", "--format=%(refname)")).toBe("refs/heads/main");
    }
    using folder = new Repo();
    repo.git("clone", "--quiet", repo.dir, folder.path("clone"));
    expect(folder.git("-C", "clone", "for-each-ref", "--format=%(refname)")).not.toContain(
      "opentraces",
    );
    expect(repo.git("log", "--all", "--format=%D %s")).toBe("HEAD -> main start");
    repo.git("gc", "--quiet", "--prune=now");
    repo.write("a.txt", "b\n");
    await take(store, ["a.txt"]);
    expect(await listPins(op, store.repository)).toHaveLength(1);
  });

  test("pins that somebody removed are made again before anything is lost", async () => {
    using repo = new Repo();
    repo.commit("start", { "a.txt": "a\n", "deep/b.txt": "b\n" });
    using store = await openStore(repo.dir);
    await take(store);
    repo.commit("second", { "a.txt": "a2\n" });
    repo.write("deep/b.txt", "agent\n");
    await take(store);
    const before = await readWhole(store, session);
    removePins(repo);
    repo.write("deep/b.txt", "agent again\n");
    await take(store, ["deep/b.txt"]);
    expect(await listPins(op, store.repository)).toHaveLength(2);
    rewriteAndCollect(repo);
    expect((await readWhole(store, session)).slice(0, before.length)).toEqual(before);
  });

  test("a chain whose ref in the store was removed goes on where it was", async () => {
    using repo = new Repo();
    repo.commit("start", { "a.txt": "a\n" });
    using store = await openStore(repo.dir);
    const first = await take(store);
    await store.flush(op);
    rmSync(repo.path(".git/opentraces/refs/opentraces"), { recursive: true });
    repo.write("a.txt", "b\n");
    const second = await take(store, ["a.txt"]);
    expect(second.parent).toBe(first.commit);
    rmSync(repo.path(".git/opentraces/refs"), { recursive: true });
    repo.write(".git/opentraces/refs/keep", "");
    await store.flush(op);
    expect((await store.chain(op, session)).map(({ commit }) => commit)).toEqual([
      first.commit,
      second.commit,
    ]);
  });

  test("a lock that a dead git left on the next pin's name is gone around", async () => {
    using repo = new Repo();
    repo.commit("start", { "a.txt": "a\n" });
    writeFileSync(repo.path(".git/refs/opentraces-pin-1.lock"), "");
    using store = await openStore(repo.dir);
    await take(store);
    expect((await listPins(op, store.repository)).map(({ ref }) => ref)).toEqual([
      "refs/opentraces-pin-2",
    ]);
  });
});

describe("a repository in a bad state", () => {
  test("objects pruned under us: the next snapshot is whole and says what was not", async () => {
    using repo = new Repo();
    repo.commit("start", { "a.txt": "a\n", "deep/b.txt": "b\n" });
    using store = await openStore(repo.dir);
    await take(store);
    repo.write("a.txt", "agent\n");
    await take(store);
    await store.close();
    removePins(repo);
    rewriteAndCollect(repo);
    using again = await openStore(repo.dir);
    const before = fingerprint(repo);
    const next = await take(again);
    expect(fingerprint(repo)).toBe(before);
    expect(next.tree).toBe(repo.treeOfWorkTree());
    expect(next.skipped).toEqual([{ path: "", why: "unreadable" }]);
    repo.write("only.txt", "more\n");
    expect(
      (await changesOf(again, await take(again, ["only.txt"]))).map(({ path }) => path),
    ).toEqual(["only.txt"]);
  });

  test("locked by a git at work: snapshots need none of its locks, and leave them", async () => {
    using repo = new Repo();
    repo.commit("start", { "a.txt": "a\n" });
    const locks = [
      "index.lock",
      "HEAD.lock",
      "packed-refs.lock",
      "refs/heads/main.lock",
      "config.lock",
    ];
    for (const lock of locks) writeFileSync(repo.path(`.git/${lock}`), "");
    repo.write("a.txt", "b\n");
    using store = await openStore(repo.dir);
    const before = fingerprint(repo);
    expect((await take(store)).isNew).toBe(true);
    repo.write("a.txt", "c\n");
    await take(store, ["a.txt"]);
    await store.idle(op);
    for (const lock of locks) expect(existsSync(repo.path(`.git/${lock}`))).toBe(true);
    repo.write("a.txt", "b\n");
    expect(fingerprint(repo).replace(/a\.txt.*/g, "")).toBe(before.replace(/a\.txt.*/g, ""));
  });

  test.each([
    ["HEAD's commit", "HEAD"],
    ["HEAD's tree", "HEAD^{tree}"],
    ["a folder of HEAD's tree", "HEAD:deep"],
  ])("%s is missing: an error that says so, and nothing is touched", async (_, name) => {
    using repo = new Repo();
    repo.commit("start", { "a.txt": "a\n", "deep/b.txt": "b\n" });
    const oid = repo.git("rev-parse", name);
    repo.remove(`.git/objects/${oid.slice(0, 2)}/${oid.slice(2)}`);
    repo.write("deep/b.txt", "changed\n");
    using store = await openStore(repo.dir);
    const before = fingerprint(repo);
    await expect(take(store)).rejects.toMatchObject({
      code: expect.stringMatching(/^(data-damaged|git-failed)$/),
    });
    expect(fingerprint(repo)).toBe(before);
  });

  test("in the middle of a rebase with conflicts", async () => {
    using repo = new Repo();
    repo.commit("start", { "a.txt": "a\n" });
    repo.git("checkout", "--quiet", "-b", "topic");
    repo.commit("topic", { "a.txt": "topic\n" });
    repo.git("checkout", "--quiet", "main");
    repo.commit("main", { "a.txt": "main\n" });
    using store = await openStore(repo.dir);
    await take(store);
    expect(() => repo.git("rebase", "main", "topic")).toThrow();
    const before = fingerprint(repo);
    const during = await take(store);
    expect(fingerprint(repo)).toBe(before);
    expect(during.base).toBe(repo.git("rev-parse", "main"));
    repo.write("a.txt", "resolved\n");
    await take(store, ["a.txt"]);
    repo.git("add", "a.txt");
    repo.gitWith({ GIT_EDITOR: "true" }, "rebase", "--continue");
    const after = await take(store);
    expect(after.tree).toBe(repo.git("rev-parse", "HEAD^{tree}"));
    expect(after.base).toBe(repo.git("rev-parse", "topic"));
  });

  test("gone: no-repository each time, and nothing is made in its place", async () => {
    using repo = new Repo();
    repo.commit("start", { "a.txt": "a\n" });
    const store = await openStore(repo.dir);
    await take(store);
    repo.remove(".git");
    await expect(take(store)).rejects.toMatchObject({ code: "no-repository" });
    await store.idle(op);
    expect(existsSync(repo.path(".git"))).toBe(false);
    rmSync(repo.dir, { recursive: true });
    await expect(take(store, ["a.txt"])).rejects.toMatchObject({ code: "no-repository" });
    await store.close();
    expect(existsSync(repo.dir)).toBe(false);
  });
});

test("a clock that goes back changes no order", async () => {
  using repo = new Repo();
  repo.commit("start", { "a.txt": "a\n" });
  using store = await openStore(repo.dir);
  const ids: string[] = [];
  for (const atMs of [5_000_000, 4_000_000, -1, 4_500_000]) {
    repo.write("a.txt", `${atMs}\n`);
    ids.push((await store.take(op, { session, atMs, cause: "post", paths: ["a.txt"] })).commit);
  }
  await store.idle(op);
  expect((await store.chain(op, session)).map(({ commit }) => commit)).toEqual(ids);
  expect(repo.git("--git-dir=.git/opentraces", "fsck", "--strict", "--no-dangling")).toBe("");
});

test("two sessions in one work tree, through two stores, have a whole chain each", async () => {
  using repo = new Repo();
  repo.commit("start", { "a.txt": "a\n", "b.txt": "b\n" });
  using one = await openStore(repo.dir);
  using two = await openStore(repo.dir);
  const other = { harness: "claude-code", nativeId: "22222222-two" };
  for (let i = 0; i < 30; i++) {
    repo.write("a.txt", `one ${i}\n`);
    repo.write("b.txt", `two ${i}\n`);
    await Promise.all([
      one.take(op, { session, atMs: i, cause: "post", paths: ["a.txt"] }),
      two.take(op, { session: other, atMs: i, cause: "post", paths: ["b.txt"] }),
    ]);
  }
  await one.idle(op);
  for (const key of [session, other]) {
    const chain = await two.chain(op, key);
    expect(chain).toHaveLength(30);
    for (const { tree } of chain) expect(await two.diffSnapshots(op, null, tree)).toHaveLength(2);
  }
  expect(repo.git("--git-dir=.git/opentraces", "fsck", "--strict", "--no-dangling")).toBe("");
});
