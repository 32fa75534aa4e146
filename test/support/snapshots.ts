import { expect } from "vitest";

import { quietOp } from "../../capture/base/op.ts";
import { requireRepository } from "../../capture/git/repository.ts";
import type { Snapshot } from "../../capture/git/snapshot.ts";
import { SnapshotStore } from "../../capture/git/snapshot-store.ts";
import type { ChangedPath } from "../../capture/git/tree-diff.ts";
import { fingerprint, type Repo } from "./repo.ts";

export const op = quietOp();
export const session = { harness: "claude-code", nativeId: "0aa0aa0a-trap" };
let clock = Date.parse("2026-02-01T00:00:00Z");

export async function openStore(dir: string, trusted = true): Promise<SnapshotStore> {
  return SnapshotStore.open(op, await requireRepository(op, dir), { trusted });
}

/** A snapshot of the one session that tests take, a second after the one before. */
export function take(
  store: SnapshotStore,
  paths: readonly string[] | null = null,
): Promise<Snapshot> {
  clock += 1000;
  return store.take(op, { session, atMs: clock, cause: "post", paths });
}

/** Takes a snapshot and checks that nothing of the user's changed by it. */
export async function takeQuietly(
  repo: Repo,
  paths: readonly string[] | null = null,
): Promise<Snapshot> {
  using store = await openStore(repo.dir);
  await store.flush(op);
  const before = fingerprint(repo);
  const snapshot = await take(store, paths);
  expect(fingerprint(repo)).toBe(before);
  return snapshot;
}

/** What a snapshot changed against the one before it; nothing for the first of a session. */
export async function changesOf(
  store: SnapshotStore,
  snapshot: Snapshot,
): Promise<readonly ChangedPath[]> {
  if (!snapshot.isNew || snapshot.parent === null) return [];
  return store.diffSnapshots(op, snapshot.parent, snapshot.tree);
}

/** A file's text in a snapshot; null if it is not in it. */
export async function contentOf(
  repo: Repo,
  snapshot: Snapshot,
  name: string,
): Promise<string | null> {
  using store = await openStore(repo.dir);
  const entry = await store.readTreePath(op, snapshot.commit, name);
  const bytes = entry === null ? null : await store.readBlob(op, entry.oid);
  return bytes?.toString("utf8") ?? null;
}

export function skippedOf(snapshot: Snapshot): string[] {
  return snapshot.skipped.map(({ path: name, why }) => `${why} ${name}`);
}
