import { readdirSync } from "node:fs";
import { expect, test } from "vitest";

import { removeStore } from "../../capture/git/snapshot-store.ts";
import { checkStore } from "../../capture/git/store-check.ts";
import { Repo } from "../support/repo.ts";
import { op, openStore, session, take } from "../support/snapshots.ts";
import "../support/slow-tests.ts";

const fileCount = 10_000;

test("10,000 files: shared content, new history, gc, removal: both sides stay whole", async () => {
  using repo = new Repo();
  const files = Array.from(
    { length: fileCount },
    (_, at) => `d${at % 20}/e${Math.floor(at / 20) % 25}/f${at}.txt`,
  );
  for (const [at, file] of files.entries()) repo.write(file, `${at}\n`);
  repo.commit("start");
  using store = await openStore(repo.dir);
  await take(store);
  const packs = () =>
    readdirSync(repo.path(".git/opentraces/objects/pack")).filter((name) => name.endsWith(".pack"));
  const contents: string[] = [];
  for (let i = 0; i < 24; i++) {
    const file = files[(i * 997) % fileCount] ?? "";
    repo.write(file, `by agent ${i}\n`);
    const snapshot = await take(store, [file]);
    contents.push(`${snapshot.commit} ${file}`);
    // Each its own pack, so that there are enough to make fewer of.
    await store.flush(op);
    // The user takes over what the snapshot holds, as it is and staged only.
    if (i % 8 === 3) repo.commit(`user ${i}`);
    if (i % 8 === 5) repo.git("add", file);
  }
  expect(packs().length).toBeGreaterThan(20);
  await store.idle(op);
  expect(packs().length).toBeLessThan(5);

  repo.git("checkout", "--quiet", "--orphan", "fresh");
  repo.commit("rewritten", { [files[1] ?? ""]: null });
  repo.git("branch", "--quiet", "-D", "main");
  repo.git("reflog", "expire", "--expire=now", "--all");
  repo.git("gc", "--quiet", "--prune=now");

  const fsck = ["fsck", "--strict", "--full", "--no-dangling"];
  expect(repo.git("--git-dir=.git/opentraces", ...fsck)).toBe("");
  expect(repo.git(...fsck)).toBe("");
  expect(await checkStore(op, store.repository)).toMatchObject({ missing: 0, unpinned: 0 });
  expect(await store.chain(op, session)).toHaveLength(contents.length + 1);
  for (const [i, line] of contents.entries()) {
    const [commit = "", file = ""] = line.split(" ");
    const entry = await store.readTreePath(op, commit, file);
    expect((await store.readBlob(op, entry?.oid ?? ""))?.toString()).toBe(`by agent ${i}\n`);
  }

  await store.close();
  await removeStore(op, store.repository);
  repo.git("gc", "--quiet", "--prune=now");
  expect(repo.git(...fsck)).toBe("");
  expect(repo.git("rev-list", "--objects", "--all", "--missing=print")).not.toContain("?");
  expect(repo.git("status", "--porcelain")).toBe("");
  expect(readdirSync(repo.path(".git"))).not.toContain("opentraces");
});
