import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { describe, expect, test } from "vitest";

import { quietOp } from "../../capture/base/op.ts";
import {
  blameFile,
  diffBlobs,
  listCommits,
  readCommit,
  readStatus,
} from "../../capture/git/history.ts";
import { changesOfCommits, listChangedCommits } from "../../capture/git/changed-commits.ts";
import {
  discover,
  readHead,
  requireRepository,
  resolveCommit,
  rootCommits,
} from "../../capture/git/repository.ts";
import { normaliseAddress, remoteAddresses } from "../../capture/git/remotes.ts";
import { ensureStore } from "../../capture/git/store-folder.ts";
import { StoreReader } from "../../capture/git/store-reader.ts";
import { fingerprint, Repo } from "../support/repo.ts";

const op = quietOp();

describe("finding the repository", () => {
  test("from a folder below, of the main and of a linked work tree", async () => {
    using repo = new Repo();
    repo.commit("start", { "deep/er/a.txt": "a\n" });
    repo.git("worktree", "add", "--quiet", "-b", "topic", "linked");
    expect(await requireRepository(op, repo.path("deep/er"))).toEqual({
      workTree: repo.dir,
      gitDir: repo.path(".git"),
      commonDir: repo.path(".git"),
      worktree: "main",
      objectFormat: "sha1",
    });
    expect(await requireRepository(op, repo.path("linked/deep"))).toEqual({
      workTree: repo.path("linked"),
      gitDir: repo.path(".git/worktrees/linked"),
      commonDir: repo.path(".git"),
      worktree: "linked",
      objectFormat: "sha1",
    });
  });

  test("none, bare, inside .git, and a folder that is gone each have an answer", async () => {
    const dir = mkdtempSync(path.join(os.tmpdir(), "ot-none-"));
    using repo = new Repo();
    repo.git("init", "--quiet", "--bare", "bare.git");
    try {
      expect(await discover(op, dir)).toMatchObject({ kind: "none" });
      expect(await discover(op, repo.path("bare.git"))).toMatchObject({ kind: "bare" });
      expect(await discover(op, repo.path(".git"))).toMatchObject({ kind: "none" });
      expect(await discover(op, path.join(dir, "gone"))).toMatchObject({ kind: "folder-missing" });
      await expect(requireRepository(op, dir)).rejects.toMatchObject({
        code: "no-repository",
        hint: expect.stringContaining("git init"),
      });
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  test("without git on PATH the answer is that git is missing", async () => {
    using repo = new Repo();
    const found = process.env["PATH"];
    process.env["PATH"] = "/nowhere";
    try {
      await expect(discover(op, repo.dir)).rejects.toMatchObject({ code: "git-missing" });
    } finally {
      process.env["PATH"] = found;
    }
  });

  test("HEAD is a branch, detached, or has no commit yet", async () => {
    using repo = new Repo();
    const repository = await requireRepository(op, repo.dir);
    expect(await readHead(op, repository)).toEqual({ commit: null, branch: "main" });
    expect(await rootCommits(op, repository)).toEqual([]);
    const first = repo.commit("first", { a: "a\n" });
    expect(await readHead(op, repository)).toEqual({ commit: first, branch: "main" });
    repo.git("switch", "--quiet", "--detach");
    expect(await readHead(op, repository)).toEqual({ commit: first, branch: null });
    expect(await rootCommits(op, repository)).toEqual([first]);
    expect(await resolveCommit(op, repository, "main")).toBe(first);
    expect(await resolveCommit(op, repository, "--all")).toBeNull();
    expect(await resolveCommit(op, repository, "nonsense")).toBeNull();
  });

  test.each([
    ["https://user:pass@Example.com:8443/a/b.git/", "example.com/a/b"],
    ["git@example.com:a/b.git", "example.com/a/b"],
    ["ssh://git@example.com/a/b", "example.com/a/b"],
    ["/srv/git/b.git", "/srv/git/b"],
  ])("the address %s is %s", (url, address) => expect(normaliseAddress(url)).toBe(address));

  test("remotes are named once, without user or password", async () => {
    using repo = new Repo();
    const repository = await requireRepository(op, repo.dir);
    expect(await remoteAddresses(op, repository)).toEqual([]);
    repo.git("remote", "add", "origin", "https://me:secret@example.com/a.git");
    repo.git("remote", "add", "ssh", "git@example.com:a.git");
    expect(await remoteAddresses(op, repository)).toEqual(["example.com/a"]);
  });
});

describe("history", () => {
  test("blame names commit, line and path of every run, through an odd name's rename", async () => {
    using repo = new Repo();
    const first = repo.commit("one", { "tab\t\u00e9.txt": "a\nb\nc\n" });
    repo.remove("tab\t\u00e9.txt");
    const second = repo.commit("two: subject", { "b.txt": "a\nB\nc\n" });
    const repository = await requireRepository(op, repo.dir);
    const blame = await blameFile(op, repository, { rev: "HEAD", path: "b.txt" });
    expect(blame?.runs).toEqual([
      { commit: first, line: 1, count: 1, originLine: 1, originPath: "tab\t\u00e9.txt" },
      { commit: second, line: 2, count: 1, originLine: 2, originPath: "b.txt" },
      { commit: first, line: 3, count: 1, originLine: 3, originPath: "tab\t\u00e9.txt" },
    ]);
    expect(blame?.commits.get(second)).toMatchObject({
      author: "A. Person",
      subject: "two: subject",
      boundary: false,
    });
    expect(blame?.commits.get(first)).toMatchObject({ boundary: true });
    const [only] =
      (await blameFile(op, repository, { rev: second, path: "b.txt", lines: [2, 2] }))?.runs ?? [];
    expect(only).toMatchObject({ commit: second, line: 2 });
    expect(await blameFile(op, repository, { rev: "HEAD", path: "none.txt" })).toBeNull();
    expect(
      await blameFile(op, repository, { rev: "HEAD", path: "b.txt", lines: [9, 9] }),
    ).toBeNull();
  });

  test("commits, their changes with renames, and hunks between blobs", async () => {
    using repo = new Repo();
    repo.commit("one", { "a.txt": "1\n2\n3\n4\n5\nsix is a longer line\n", "b.txt": "b\n" });
    repo.git("mv", "a.txt", "moved.txt");
    const sha = repo.commit("two", {
      "b.txt": null,
      "moved.txt": "1\n2\nthree\n4\n5\nsix is a longer line\n@@ -1 +1 @@\n",
    });
    const repository = await requireRepository(op, repo.dir);
    expect(
      (await listCommits(op, repository, { revs: ["HEAD"] })).map((one) => one.subject),
    ).toEqual(["two", "one"]);
    const commit = await readCommit(op, repository, sha);
    if (commit === null) throw new Error("the commit is there");
    const parent = repo.git("rev-parse", "HEAD~1");
    const found = await changesOfCommits(op, repository, [sha, parent]);
    const changes = found.get(commit.sha) ?? [];
    expect(found.get(parent)?.map(({ status, path: name }) => [status, name])).toEqual([
      ["A", "a.txt"],
      ["A", "b.txt"],
    ]);
    expect(changes.map(({ status, path: name, from }) => [status, name, from])).toEqual([
      ["D", "b.txt", null],
      ["R", "moved.txt", "a.txt"],
    ]);
    const moved = changes[1];
    expect(await diffBlobs(op, repository, [moved?.oldOid ?? "", moved?.newOid ?? ""])).toEqual([
      { oldStart: 3, oldLines: 1, newStart: 3, newLines: 1 },
      { oldStart: 6, oldLines: 0, newStart: 7, newLines: 1 },
    ]);
    expect(await readCommit(op, repository, "nonsense")).toBeNull();
    await expect(listCommits(op, repository, { revs: ["--output=x"] })).rejects.toMatchObject({
      code: "usage",
    });
  });

  test("a history tells what each commit did to each path, a merge what is its own", async () => {
    using repo = new Repo();
    const one = repo.commit("one", { "a.txt": "1\n", "t\tab \u00e9.txt": "2\n" });
    repo.git("checkout", "--quiet", "-b", "side");
    const side = repo.commit("side", { "a.txt": "side\n" });
    repo.git("checkout", "--quiet", "main");
    const two = repo.commit("two", { "a.txt": "two\n", "t\tab \u00e9.txt": null });
    repo.git("merge", "--quiet", "--no-commit", "--strategy=ours", "side");
    const merge = repo.commit("merge", { "a.txt": "both\n" });
    const repository = await requireRepository(op, repo.dir);
    const blob = (at: string): string => repo.git("rev-parse", at);
    const range = { tips: [merge], without: [one], limit: 10 };
    const commits = await listChangedCommits(op, repository, range);
    const told = Object.fromEntries((commits ?? []).map(({ sha, changes }) => [sha, changes]));
    const before = blob(`${one}:a.txt`);
    const gone = { path: "t\tab \u00e9.txt", before: blob(`${one}:t\tab \u00e9.txt`), after: null };
    expect(told).toEqual({
      [merge]: [{ path: "a.txt", before: null, after: blob(`${merge}:a.txt`) }],
      [two]: [{ path: "a.txt", before, after: blob(`${two}:a.txt`) }, gone],
      [side]: [{ path: "a.txt", before, after: blob(`${side}:a.txt`) }],
    });
    expect(commits?.[0]?.sha).toBe(merge);
  });

  test("a shallow clone ends at its boundary", async () => {
    using origin = new Repo();
    origin.commit("one", { a: "1\n" });
    const tip = origin.commit("two", { a: "1\n2\n" });
    origin.git("clone", "--quiet", "--depth=1", `file://${origin.dir}`, "shallow");
    const repository = await requireRepository(op, origin.path("shallow"));
    expect(await rootCommits(op, repository)).toEqual([tip]);
    expect(
      (await blameFile(op, repository, { rev: "HEAD", path: "a" }))?.commits.get(tip)?.boundary,
    ).toBe(true);
  });

  test("a missing object of a partial clone is missing, not fetched", async () => {
    using origin = new Repo();
    origin.commit("one", { a: "first\n" });
    const blob = origin.git("rev-parse", "HEAD:a");
    origin.commit("two", { a: "second\n" });
    origin.git("config", "uploadpack.allowFilter", "true");
    origin.git("clone", "--quiet", "--filter=blob:none", `file://${origin.dir}`, "partial");
    using reader = new StoreReader(await requireRepository(op, origin.path("partial")));
    expect((await reader.readBlob(op, origin.git("rev-parse", "HEAD:a")))?.toString()).toBe(
      "second\n",
    );
    await expect(reader.readBlob(op, blob).catch(() => null)).resolves.toBeNull();
  });
});

/** Puts programs into `repo` that leave `touched` behind if anything starts them; one of them. */
function layTraps(repo: Repo, touched: string): string {
  mkdirSync(repo.path(".git/evil"));
  const trap = repo.path(".git/evil/run");
  writeFileSync(trap, `#!/bin/sh\ntouch ${touched}\n`, { mode: 0o755 });
  for (const hook of ["post-index-change", "reference-transaction", "fsmonitor-watchman"]) {
    writeFileSync(repo.path(`.git/evil/${hook}`), `#!/bin/sh\ntouch ${touched}\n`, { mode: 0o755 });
  }
  writeFileSync(repo.path(".git/info/attributes"), "*.txt diff=evil\n");
  return trap;
}

/** Every setting that could start `trap`, or change what git prints. */
function hostileSettings(repo: Repo, trap: string, touched: string): Record<string, string> {
  return {
    "core.hooksPath": repo.path(".git/evil"),
    "core.fsmonitor": trap,
    "core.pager": trap,
    "core.editor": trap,
    "core.sshCommand": trap,
    "core.quotePath": "true",
    "core.untrackedCache": "true",
    "core.logAllRefUpdates": "always",
    "core.abbrev": "4",
    "diff.external": trap,
    "diff.evil.textconv": trap,
    "diff.evil.command": trap,
    "diff.noprefix": "true",
    "diff.mnemonicPrefix": "true",
    "diff.renames": "copies",
    "diff.orderFile": repo.path("nowhere"),
    "diff.algorithm": "patience",
    "diff.context": "9",
    "diff.interHunkContext": "50",
    "color.ui": "always",
    "color.diff": "always",
    "color.status": "always",
    "log.showSignature": "true",
    "log.decorate": "full",
    "log.follow": "true",
    "log.date": "raw",
    "format.pretty": "oneline",
    "blame.ignoreRevsFile": repo.path("nowhere"),
    "blame.coloring": "highlightRecent",
    "status.short": "true",
    "status.branch": "true",
    "status.showUntrackedFiles": "no",
    "status.relativePaths": "true",
    "alias.status": "!touch evil",
    "gpg.program": trap,
    "trace2.eventTarget": touched,
    "i18n.logOutputEncoding": "latin1",
  };
}

function hostileEnvironment(trap: string, touched: string): Record<string, string> {
  return {
    GIT_DIR: "/nowhere",
    GIT_INDEX_FILE: "/nowhere/index",
    GIT_EXTERNAL_DIFF: trap,
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: "core.bare",
    GIT_CONFIG_VALUE_0: "true",
    GIT_TRACE: touched,
    GIT_LITERAL_PATHSPECS: "1",
  };
}

test("hostile configuration and environment have no influence and start nothing", async () => {
  using repo = new Repo();
  repo.commit("one", { "a.txt": "1\n2\n", "b.txt": "b\n" });
  const sha = repo.commit("two", { "a.txt": "1\ntwo\n" });
  const repository = await requireRepository(op, repo.dir);
  await ensureStore(repository);
  const [old = "", now = ""] = ["HEAD~:a.txt", "HEAD:a.txt"].map((name) =>
    repo.git("rev-parse", name),
  );
  const look = async () => ({
    status: await readStatus(op, repository),
    blame: await blameFile(op, repository, { rev: "HEAD", path: "a.txt" }),
    log: await listCommits(op, repository, { revs: ["HEAD"] }),
    diff: await diffBlobs(op, repository, [old, now]),
  });
  repo.write("b.txt", "changed\n");
  repo.write("new/file", "n\n");
  const before = await look();
  expect(before.log).toHaveLength(2);

  const touched = repo.path(".git/evil/touched");
  const trap = layTraps(repo, touched);
  const settings = hostileSettings(repo, trap, touched);
  for (const [name, value] of Object.entries(settings)) repo.git("config", name, value);
  repo.git("replace", sha, `${sha}~1`);
  const env = hostileEnvironment(trap, touched);
  Object.assign(process.env, env);
  try {
    const print = fingerprint(repo);
    // The test's own git ran them; ours must not.
    rmSync(touched, { force: true });
    expect(await look()).toEqual(before);
    expect(existsSync(touched)).toBe(false);
    expect(fingerprint(repo).replaceAll(/^.*touched.*\n/gm, "")).toBe(
      print.replaceAll(/^.*touched.*\n/gm, ""),
    );
  } finally {
    for (const name of Object.keys(env)) delete process.env[name];
  }
});
