import { readdirSync } from "node:fs";
import { expect, test } from "vitest";

import { listPins } from "../../capture/git/pins.ts";
import { removeStore, type SnapshotStore } from "../../capture/git/snapshot-store.ts";
import { checkStore } from "../../capture/git/store-check.ts";
import type { SessionKey } from "../../capture/git/session-ref.ts";
import { readWhole, rewriteAndCollect } from "../support/collected-garbage.ts";
import { fingerprint, Repo } from "../support/repo.ts";
import { op, openStore } from "../support/snapshots.ts";
import "../support/slow-tests.ts";

const old = { harness: "claude-code", nativeId: "01d01d01-old" };
const young = { harness: "claude-code", nativeId: "90009000-new" };
const dayMs = 86_400_000;

/** Two sessions over three commits of the user's: one a hundred days old, one of today. */
async function recorded(repo: Repo): Promise<SnapshotStore> {
  repo.commit("start", { "a.txt": "a\n", "deep/b.txt": "b\n", "deep/c.txt": "c\n" });
  const store = await openStore(repo.dir);
  const take = (session: SessionKey, atMs: number) =>
    store.take(op, { session, atMs, cause: "post", paths: null });
  for (let i = 0; i < 3; i++) {
    repo.write("deep/b.txt", `by the old one ${i}\n`);
    await take(old, i);
  }
  await take(young, 100 * dayMs);
  for (let i = 0; i < 3; i++) {
    repo.write("deep/c.txt", `by the new one ${i}\n`);
    await take(young, 100 * dayMs + i);
    // The user commits the very content of a snapshot.
    if (i < 2) repo.commit(`user ${i}`);
  }
  return store;
}

test("what is older goes with its pins, what stays is whole in one pack, gc or not", async () => {
  using repo = new Repo();
  using store = await recorded(repo);
  const before = await readWhole(store, young);
  expect(before).toHaveLength(4 * 3);
  const quiet = fingerprint(repo);
  const plan = await store.collect(op, { expireBeforeMs: 50 * dayMs, dryRun: true });
  expect(plan.expired).toEqual(["claude-code:01d01d01-old"].slice(0, plan.expired.length));
  await store.flush(op);

  const { expired, after } = await store.collect(op, {
    expireBeforeMs: 50 * dayMs,
    dryRun: false,
  });

  expect(fingerprint(repo)).toBe(quiet);
  expect(expired).toEqual(["claude-code:01d01d01-old"]);
  expect(after).toMatchObject({ sessions: 1, pins: 1 });
  expect(await store.chain(op, old)).toEqual([]);
  expect(await readWhole(store, young)).toEqual(before);
  const packs = readdirSync(repo.path(".git/opentraces/objects/pack"));
  expect(packs.filter((name) => name.endsWith(".pack"))).toHaveLength(1);
  rewriteAndCollect(repo);
  using again = await openStore(repo.dir);
  expect(await readWhole(again, young)).toEqual(before);
  expect(await checkStore(op, again.repository)).toMatchObject({ missing: 0, unpinned: 0 });
  expect(repo.git("--git-dir=.git/opentraces", "fsck", "--strict", "--no-dangling")).toBe("");
  expect(repo.git("fsck", "--strict", "--full")).toBe("");
  repo.write("only.txt", "and on\n");
  const next = { session: young, atMs: 101 * dayMs, cause: "post", paths: null };
  expect((await again.take(op, next)).tree).toBe(repo.treeOfWorkTree());
});

test("with nothing left, the store is empty, and removal leaves no trace", async () => {
  using repo = new Repo();
  using store = await recorded(repo);
  const { after } = await store.collect(op, { expireBeforeMs: 500 * dayMs, dryRun: false });
  expect(after).toMatchObject({ sessions: 0, pins: 0 });
  await store.close();
  await removeStore(op, store.repository);
  expect(readdirSync(repo.path(".git"))).not.toContain("opentraces");
  expect(repo.git("for-each-ref", "refs/opentraces*")).toBe("");
  expect(readdirSync(repo.path(".git/refs")).toSorted()).toEqual(["heads", "tags"]);
  expect(repo.git("fsck", "--strict", "--full")).toBe("");
});

test("the check counts pins and objects that are gone", async () => {
  using repo = new Repo();
  using store = await recorded(repo);
  await store.flush(op);
  expect(await checkStore(op, store.repository)).toMatchObject({
    sessions: 2,
    unpinned: 0,
    missing: 0,
  });
  for (const { ref } of await listPins(op, store.repository)) repo.git("update-ref", "-d", ref);
  expect(await checkStore(op, store.repository)).toMatchObject({ unpinned: 3, missing: 0 });
  await store.close();
  rewriteAndCollect(repo);
  const { missing } = await checkStore(op, store.repository);
  expect(missing).toBeGreaterThan(0);
});
