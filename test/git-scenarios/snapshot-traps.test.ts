import { chmodSync, chownSync, existsSync, utimesSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

import { discover } from "../../capture/git/repository.ts";
import { Repo } from "../support/repo.ts";
import {
  changesOf,
  contentOf,
  op,
  openStore,
  session,
  skippedOf,
  take,
  takeQuietly,
} from "../support/snapshots.ts";

describe("trap 1: nested repositories", () => {
  test("with a commit or without: neither is captured, both are named, the rest is", async () => {
    using repo = new Repo();
    repo.commit("start", { "a.txt": "a\n" });
    repo.git("init", "--quiet", "empty");
    repo.git("init", "--quiet", "full");
    repo.write("full/inner.txt", "inner\n");
    repo.git("-C", "full", "add", "-A");
    repo.git("-C", "full", "commit", "--quiet", "-m", "inner");
    repo.write("empty/file.txt", "x\n");
    repo.write("b.txt", "b\n");

    const snapshot = await takeQuietly(repo);
    expect(skippedOf(snapshot)).toEqual(["nested-repository empty", "nested-repository full"]);
    expect(await contentOf(repo, snapshot, "b.txt")).toBe("b\n");
    expect(await contentOf(repo, snapshot, "full/inner.txt")).toBeNull();

    repo.write("full/inner.txt", "changed\n");
    const declared = await takeQuietly(repo, ["full/inner.txt", "full/new.txt"]);
    expect(declared.isNew).toBe(false);
    expect(skippedOf(declared)).toEqual(["nested-repository full/inner.txt"]);
  });

  test("a nested repository has a store of its own", async () => {
    using repo = new Repo();
    repo.commit("start", { "a.txt": "a\n" });
    repo.git("init", "--quiet", "sub");
    repo.write("sub/x.txt", "x\n");
    using store = await openStore(repo.path("sub"));
    const snapshot = await take(store);
    expect(store.repository.workTree).toBe(repo.path("sub"));
    expect((await store.readTreePath(op, snapshot.tree, "x.txt"))?.mode).toBe("100644");
    expect(existsSync(repo.path(".git/opentraces"))).toBe(false);
  });
});

test("trap 2: links are text, the executable bit a mode, a retargeted link a change", async () => {
  using repo = new Repo();
  repo.commit("start", { "a.txt": "a\n" });
  repo.write("run.sh", "#!/bin/sh\n", 0o755);
  repo.link("link", "a.txt");
  const first = await takeQuietly(repo);
  expect(first.tree).toBe(repo.treeOfWorkTree());
  chmodSync(repo.path("a.txt"), 0o755);
  repo.remove("link");
  repo.link("link", "run.sh");
  const second = await takeQuietly(repo, ["a.txt", "link"]);
  using store = await openStore(repo.dir);
  expect(second.tree).toBe(repo.treeOfWorkTree());
  expect(
    (await changesOf(store, second)).map(({ path: name, beforeMode, mode }) => [
      name,
      beforeMode,
      mode,
    ]),
  ).toEqual([
    ["a.txt", "100644", "100755"],
    ["link", "120000", "120000"],
  ]);
});

test("trap 2b: a folder turned link hides its files; a path through it is its target", async () => {
  using repo = new Repo();
  repo.commit("start", { "real/a.txt": "a\n", "dir/a.txt": "a\n" });
  using store = await openStore(repo.dir);
  await take(store);
  repo.remove("dir");
  repo.link("dir", "real");
  const all = await take(store);
  expect(all.tree).toBe(repo.treeOfWorkTree());
  repo.write("real/a.txt", "a2\n");
  const through = await take(store, ["dir/a.txt"]);
  expect((await changesOf(store, through)).map((change) => change.path)).toEqual(["real/a.txt"]);
  expect(through.tree).toBe(repo.treeOfWorkTree());
});

test("trap 3: an ignored file stays out, even named; ignored later or forced, in", async () => {
  using repo = new Repo();
  repo.commit("start", { ".gitignore": "*.log\n", "a.txt": "a\n" });
  repo.write("x.log", "log\n");
  repo.write("note.txt", "note\n");
  using store = await openStore(repo.dir);
  const first = await take(store);
  expect(await contentOf(repo, first, "x.log")).toBeNull();
  const named = await take(store, ["x.log"]);
  expect(named.isNew).toBe(false);
  repo.write(".gitignore", "*.log\nnote.txt\n");
  const ignoredLater = await take(store);
  expect((await changesOf(store, ignoredLater)).map((change) => change.path)).toEqual([
    ".gitignore",
  ]);
  repo.remove("note.txt");
  expect(
    (await changesOf(store, await take(store))).map(
      ({ path: name, op: what }) => `${what} ${name}`,
    ),
  ).toEqual(["delete note.txt"]);
  repo.git("add", "--force", "x.log");
  expect(await contentOf(repo, await take(store), "x.log")).toBe("log\n");
});

test("trap 6: what a sparse checkout left out is not deleted; writes there are seen", async () => {
  using repo = new Repo();
  repo.commit("start", { "in/a.txt": "a\n", "out/b.txt": "b\n" });
  repo.git("sparse-checkout", "set", "in");
  expect(existsSync(repo.path("out/b.txt"))).toBe(false);
  const first = await takeQuietly(repo);
  expect(first.tree).toBe(repo.git("rev-parse", "HEAD^{tree}"));
  repo.write("out/b.txt", "agent\n");
  expect(await contentOf(repo, await takeQuietly(repo), "out/b.txt")).toBe("agent\n");
});

test("trap 7: linked work trees share the store, each with a chain of its own", async () => {
  using repo = new Repo();
  repo.commit("start", { "a.txt": "a\n" });
  repo.git("worktree", "add", "--quiet", "-b", "topic", "wt/linked.1");
  using main = await openStore(repo.dir);
  using linked = await openStore(repo.path("wt/linked.1"));
  const a = await take(main);
  writeFileSync(repo.path("wt/linked.1/a.txt"), "topic\n");
  const b = await take(linked);
  const [m, l] = await Promise.all([take(main), take(linked)]);
  expect([m.commit, l.commit]).toEqual([a.commit, b.commit]);
  expect(linked.repository).toMatchObject({ worktree: "linked.1", commonDir: repo.path(".git") });
  expect((await main.reader.sessions(op)).map((one) => one.worktree)).toEqual(["linked.1", "main"]);
  expect(skippedOf(a)).toEqual(["nested-repository wt/linked.1"]);
});

test("trap 8: a repository with sha256 ids", async () => {
  using repo = new Repo({ objectFormat: "sha256" });
  repo.commit("start", { "a.txt": "a\n", "d/b.txt": "b\n" });
  using store = await openStore(repo.dir);
  repo.write("d/b.txt", "b2\n");
  const first = await take(store);
  expect(first.tree).toBe(repo.treeOfWorkTree());
  expect(first.commit).toHaveLength(64);
  repo.write("d/b.txt", "b3\n");
  const second = await take(store, ["d/b.txt"]);
  await store.idle(op);
  expect((await store.chain(op, session)).map((one) => one.commit)).toEqual([
    first.commit,
    second.commit,
  ]);
  expect(repo.git("--git-dir=.git/opentraces", "fsck", "--strict", "--no-dangling")).toBe("");
});

test("trap 9: reftable, where this git can make one", async () => {
  using plain = new Repo();
  const canReftable = (() => {
    try {
      plain.git("init", "--quiet", "--ref-format=reftable", "rt");
      return true;
    } catch {
      return false;
    }
  })();
  using repo = canReftable ? new Repo({ initArgs: ["--ref-format=reftable"] }) : new Repo();
  repo.commit("start", { "a.txt": "a\n" });
  const snapshot = await takeQuietly(repo);
  // The pin went through git, so it is a ref in either format.
  expect(repo.git("for-each-ref", "--format=%(objectname)", "refs/opentraces-pin-*")).toBe(
    snapshot.tree,
  );
});

test("trap 10: an unreadable file costs itself only", async () => {
  using repo = new Repo();
  repo.commit("start", { "a.txt": "a\n", "b.txt": "b\n" });
  using store = await openStore(repo.dir);
  await take(store);
  repo.write("a.txt", "a2\n");
  repo.write("b.txt", "b2\n");
  chmodSync(repo.path("a.txt"), 0o000);
  const snapshot = await take(store, ["a.txt", "b.txt"]);
  // Root reads everything; then there is nothing unreadable about it.
  const isRoot = process.getuid?.() === 0;
  expect(skippedOf(snapshot)).toEqual(isRoot ? [] : ["unreadable a.txt"]);
  expect(await contentOf(repo, snapshot, "b.txt")).toBe("b2\n");
});

test("trap 11: a repository of another owner is refused with reason and remedy", async () => {
  using repo = new Repo();
  repo.commit("start", { "a.txt": "a\n" });
  if (process.getuid?.() !== 0) {
    // Only root can give a folder away; others see what a foreign folder of the system says.
    expect(await discover(op, repo.dir)).toMatchObject({ kind: "ok" });
    return;
  }
  repo.git("config", "core.bare", "false");
  chownSync(repo.dir, 12345, 12345);
  chownSync(repo.path(".git"), 12345, 12345);
  expect(await discover(op, repo.dir)).toMatchObject({
    kind: "foreign-owner",
    hint: expect.stringContaining("safe.directory"),
  });
});

test("trap 12: no log, clone or bundle of the user's carries a snapshot", async () => {
  using repo = new Repo();
  repo.commit("start", { "a.txt": "a\n" });
  using store = await openStore(repo.dir);
  repo.write("a.txt", "secret work\n");
  const snapshot = await take(store);
  await store.flush(op);
  expect(repo.git("log", "--all", "--format=%s")).toBe("start");
  repo.git("clone", "--quiet", "--mirror", ".", "mirror.git");
  expect(
    repo.git("-C", "mirror.git", "cat-file", "--batch-all-objects", "--batch-check"),
  ).not.toContain(snapshot.commit);
  expect(existsSync(repo.path("mirror.git/opentraces"))).toBe(false);
});

test("trap 14 and 15: two stores of one repository at once lose nothing", async () => {
  using repo = new Repo();
  repo.commit("start", { "a.txt": "a\n" });
  using one = await openStore(repo.dir);
  using two = await openStore(repo.dir);
  const names = Array.from({ length: 12 }, (_, i) => `f${i}.txt`);
  await take(one);
  await Promise.all(
    names.map((name, i) => {
      repo.write(name, name);
      return take(i % 2 === 0 ? one : two, [name]);
    }),
  );
  const chain = await one.chain(op, session);
  expect(chain).toHaveLength(13);
  expect(chain.at(-1)?.tree).toBe(repo.treeOfWorkTree());
});

test("trap 17: a repository that borrows objects itself", async () => {
  using origin = new Repo();
  origin.commit("start", { "a.txt": "a\n", "d/b.txt": "b\n" });
  origin.git("clone", "--quiet", "--shared", ".", "borrower");
  using repo = new Repo({ dir: origin.path("borrower") });
  repo.write("d/b.txt", "b2\n");
  const snapshot = await takeQuietly(repo);
  expect(await contentOf(repo, snapshot, "a.txt")).toBe("a\n");
  expect(await contentOf(repo, snapshot, "d/b.txt")).toBe("b2\n");
});

test("trap 18: an edit of the same size in the same moment is seen", async () => {
  using repo = new Repo();
  repo.commit("start", { "a.txt": "aaaa\n" });
  using store = await openStore(repo.dir);
  await take(store);
  repo.write("a.txt", "bbbb\n");
  const first = await take(store, ["a.txt"]);
  const when = new Date("2026-01-01T00:00:00Z");
  repo.write("a.txt", "cccc\n");
  utimesSync(repo.path("a.txt"), when, when);
  const second = await take(store, ["a.txt"]);
  repo.write("a.txt", "dddd\n");
  utimesSync(repo.path("a.txt"), when, when);
  const third = await take(store, ["a.txt"]);
  expect(new Set([first.tree, second.tree, third.tree]).size).toBe(3);
});

test("trap 19: before the first commit, and when it comes", async () => {
  using repo = new Repo();
  using store = await openStore(repo.dir);
  const nothing = await take(store);
  expect(nothing).toMatchObject({ base: null, tree: "4b825dc642cb6eb9a060e54bf8d69288fbee4904" });
  repo.write("a.txt", "a\n");
  const first = await take(store, ["a.txt"]);
  expect(first.tree).toBe(repo.treeOfWorkTree());
  const head = repo.commit("first");
  repo.write("a.txt", "b\n");
  expect(await take(store, ["a.txt"])).toMatchObject({ base: head, parent: first.commit });
});

test("trap 20: in the middle of a merge the conflicted file is taken as it stands", async () => {
  using repo = new Repo();
  repo.commit("start", { "a.txt": "a\n", "b.txt": "b\n" });
  repo.git("switch", "--quiet", "--create", "topic");
  repo.commit("theirs", { "a.txt": "theirs\n" });
  repo.git("switch", "--quiet", "main");
  repo.commit("ours", { "a.txt": "ours\n" });
  expect(() => repo.git("merge", "--quiet", "topic")).toThrow();
  const snapshot = await takeQuietly(repo);
  expect(await contentOf(repo, snapshot, "a.txt")).toContain("<<<<<<<");
  expect(repo.git("ls-files", "--unmerged").split("\n")).toHaveLength(3);
});

test("trap 23: a submodule is its commit here, and a repository of its own", async () => {
  using library = new Repo();
  library.commit("library", { "lib.txt": "one\n" });
  using repo = new Repo();
  repo.commit("start", { "a.txt": "a\n" });
  repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", library.dir, "sub");
  const added = await takeQuietly(repo);
  expect(added.tree).toBe(repo.treeOfWorkTree());
  repo.commit("with submodule");
  repo.write("sub/lib.txt", "dirty\n");
  expect((await takeQuietly(repo)).tree).toBe(repo.git("rev-parse", "HEAD^{tree}"));
  repo.git("-C", "sub", "commit", "--quiet", "--all", "-m", "inside");
  const moved = await takeQuietly(repo);
  expect(moved.tree).toBe(repo.treeOfWorkTree());
  using outer = await openStore(repo.dir);
  expect(await changesOf(outer, moved)).toMatchObject([{ path: "sub", mode: "160000" }]);
  using inner = await openStore(repo.path("sub"));
  expect(inner.repository.gitDir).toBe(repo.path(".git/modules/sub"));
  expect((await take(inner)).tree).toBe(repo.git("-C", "sub", "rev-parse", "HEAD^{tree}"));
});
