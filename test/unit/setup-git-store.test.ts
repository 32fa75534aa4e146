import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { homeAt } from "../../capture/base/home.ts";
import { quietOp } from "../../capture/base/op.ts";
import { discover } from "../../capture/git/repository.ts";
import { SnapshotStore } from "../../capture/git/snapshot-store.ts";
import { writeConsent } from "../../capture/setup/consent.ts";
import { setUpStore } from "../../capture/setup/git-store.ts";
import { setup } from "../../capture/setup/setup.ts";
import { fingerprint, Repo } from "../support/repo.ts";

const op = quietOp();

/** A repository in which one snapshot was taken, of a state that the user then commits. */
async function recordedRepository(): Promise<Repo> {
  const repo = new Repo();
  repo.commit("start", { "a.txt": "one\n" });
  repo.write("a.txt", "one\ntwo\n");
  const found = await discover(op, repo.dir);
  if (found.kind !== "ok") throw new Error(found.message);
  const store = await SnapshotStore.open(op, found.repository);
  const session = { harness: "claude-code", nativeId: "11111111" };
  await store.take(op, { session, atMs: 1_000, cause: "prompt", paths: null });
  await store.flush(op);
  await store.close();
  repo.commit("what the snapshot holds", { "a.txt": "one\ntwo\n" });
  return repo;
}

test("after removal of the store and gc, the repository is whole and ours is gone", async () => {
  using repo = await recordedRepository();
  const { changes } = await setUpStore(op, { repo: repo.dir, remove: true, dryRun: false });
  expect(changes).toMatchObject([{ action: "remove" }]);
  repo.git("gc", "--quiet", "--prune=now");
  repo.git("fsck", "--full", "--strict");
  expect(repo.git("for-each-ref", "refs/opentraces*")).toBe("");
  expect(repo.git("show", "HEAD:a.txt")).toBe("one\ntwo");
});

test("the plan changes nothing, and a second removal has nothing to do", async () => {
  using repo = await recordedRepository();
  const before = fingerprint(repo);
  await setUpStore(op, { repo: repo.dir, remove: true, dryRun: true });
  expect(fingerprint(repo)).toEqual(before);
  await setUpStore(op, { repo: repo.dir, remove: true, dryRun: false });
  const { changes } = await setUpStore(op, { repo: repo.dir, remove: true, dryRun: false });
  expect(changes).toMatchObject([{ action: "keep" }]);
});

test("it is made once, and asks for a repository", async () => {
  using repo = new Repo();
  repo.commit("start", { "a.txt": "one\n" });
  const request = { repo: repo.dir, remove: false, dryRun: false };
  expect((await setUpStore(op, request)).changes).toMatchObject([{ action: "create" }]);
  expect((await setUpStore(op, request)).changes).toMatchObject([{ action: "keep" }]);
  await expect(setUpStore(op, { ...request, repo: "/" })).rejects.toMatchObject({
    code: "no-repository",
  });
});

test("the store of a recorded repository stays: the next hook would make it again", async () => {
  using repo = await recordedRepository();
  const home = homeAt(join(repo.dir, "..", `home-${process.pid}`));
  const context = { home, env: {} };
  const request = { target: "git", repo: repo.dir, remove: true, dryRun: false };
  try {
    await writeConsent(home, repo.dir, "on");
    const before = fingerprint(repo);
    for (const dryRun of [true, false]) {
      await expect(setup(op, context, { ...request, dryRun })).rejects.toMatchObject({
        code: "usage",
        hint: expect.stringContaining("ot capture pause"),
      });
    }
    expect(fingerprint(repo)).toEqual(before);
    await writeConsent(home, repo.dir, "paused");
    expect((await setup(op, context, request)).changes).toMatchObject([{ action: "remove" }]);
  } finally {
    rmSync(home.root, { recursive: true, force: true });
  }
});
